"""SPARQL 1.1 Protocol, query operation, as behaviours of `/sparql`: how a question is asked.

The list is that of what public endpoints get wrong; each test says what a client may rely on.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from questions import CONSTRUCT, QUERY, RECORD, RESULTS_JSON, SELECT, asked, rows

FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"


def test_get_answers(client: FlaskClient) -> None:
    assert len(rows(asked(client, SELECT))) == 2


def test_a_posted_form_answers(client: FlaskClient) -> None:
    assert len(rows(client.post("/sparql", data={"query": SELECT}))) == 2


def test_a_posted_query_answers(client: FlaskClient) -> None:
    assert len(rows(client.post("/sparql", data=SELECT, content_type=QUERY))) == 2


def test_a_posted_query_may_say_its_charset(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=SELECT, content_type=QUERY + "; charset=UTF-8")
    assert len(rows(answer)) == 2


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    answer = client.head("/sparql?query=" + quote(SELECT), headers={"Accept": RESULTS_JSON})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.content_type == RESULTS_JSON


def test_options_is_a_complete_preflight(client: FlaskClient) -> None:
    answer = client.options("/sparql", headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert int(answer.headers["Access-Control-Max-Age"]) > 0
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_every_answer_is_open_to_other_origins(client: FlaskClient) -> None:
    for answer in (asked(client, SELECT), asked(client, "SELEC")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_405_with_allow(client: FlaskClient, method: str) -> None:
    answer = getattr(client, method)("/sparql")
    assert answer.status_code == 405
    assert {"GET", "HEAD", "POST", "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data", ""])
def test_an_unknown_content_type_is_415(client: FlaskClient, kind: str) -> None:
    assert client.post("/sparql", data=SELECT, content_type=kind).status_code == 415


def test_a_query_in_another_charset_is_415(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=SELECT, content_type=QUERY + "; charset=latin-1")
    assert answer.status_code == 415


def test_a_default_graph_is_the_only_one_read(client: FlaskClient) -> None:
    count = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { ?s a ?t . GRAPH ?g { ?s a ?t } }"
    assert rows(asked(client, count, **{"default-graph-uri": RECORD}))[0]["n"]["value"] == "0"
    some = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
    assert len(rows(asked(client, some, **{"default-graph-uri": RECORD}))) == 1


def test_named_graphs_alone_leave_the_default_graph_empty(client: FlaskClient) -> None:
    assert rows(asked(client, "SELECT * { ?s ?p ?o } LIMIT 1", **{"named-graph-uri": RECORD})) == []
    inside = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"
    found = rows(asked(client, inside, **{"named-graph-uri": RECORD}))
    assert [row["g"]["value"] for row in found] == [RECORD]


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_the_data_set_is_named_in_every_way_of_asking(client: FlaskClient, way: str) -> None:
    query = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
    given = {"default-graph-uri": RECORD}
    if way == "get":
        answer = asked(client, query, **given)
    elif way == "form":
        answer = client.post("/sparql", data={"query": query, **given})
    else:
        answer = client.post("/sparql?" + urlencode(given), data=query, content_type=QUERY)
    assert len(rows(answer)) == 1


def test_the_request_overrides_from(client: FlaskClient) -> None:
    query = (
        "SELECT ?s FROM <urn:nothing> WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
    )
    assert asked(client, query).status_code == 400, "a graph that is not here is refused"
    assert len(rows(asked(client, query, **{"default-graph-uri": RECORD}))) == 1


def test_several_default_graphs_merge(client: FlaskClient) -> None:
    other = RECORD.replace("tzcld-pipriac", "riace-accoglienza")
    query = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
    pairs = [("query", query), ("default-graph-uri", RECORD), ("default-graph-uri", other)]
    answer = client.get("/sparql?" + urlencode(pairs), headers={"Accept": RESULTS_JSON})
    assert len(rows(answer)) == 2


@pytest.mark.parametrize("text", ["100%25 bio", "a+b c", "épicerie ☃", "50% & plus"])
@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_text_is_decoded_once(client: FlaskClient, text: str, way: str) -> None:
    query = f'SELECT ("{text}" AS ?x) WHERE {{}}'
    if way == "get":
        answer = asked(client, query)
    elif way == "form":
        answer = client.post("/sparql", data=urlencode({"query": query}), content_type=FORM)
    else:
        answer = client.post("/sparql", data=query.encode(), content_type=QUERY)
    assert rows(answer)[0]["x"]["value"] == text


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/sparql?query=ASK%20%7B%7D%20%23%E9", None, None),
        ("/sparql", b"query=ASK%7B%7D%23%FF", FORM),
        ("/sparql", b"ASK {} # \xe9", QUERY),
    ],
)
def test_what_is_not_utf8_is_400(
    client: FlaskClient, path: str, body: bytes | None, kind: str | None
) -> None:
    answer = client.post(path, data=body, content_type=kind) if kind else client.get(path)
    assert answer.status_code == 400
    assert "UTF-8" in answer.get_data(as_text=True)


@pytest.mark.parametrize("count", [0, 2])
def test_exactly_one_query_is_asked(client: FlaskClient, count: int) -> None:
    body = "&".join(["query=ASK%20%7B%7D"] * count) or "other=1"
    assert client.post("/sparql", data=body, content_type=FORM).status_code == 400


def test_two_queries_in_the_address_are_400(client: FlaskClient) -> None:
    assert client.get("/sparql?query=ASK{}&query=ASK{}").status_code == 400


def test_a_query_in_address_and_body_is_400(client: FlaskClient) -> None:
    assert client.post("/sparql?query=ASK{}", data="ASK {}", content_type=QUERY).status_code == 400


INSERT = "INSERT DATA { <urn:a> <urn:b> <urn:c> }"


@pytest.mark.parametrize("way", ["query", "get", "form", "direct", "store"])
def test_updates_are_refused(client: FlaskClient, way: str) -> None:
    answers = {
        "query": lambda: asked(client, INSERT),
        "get": lambda: client.get("/sparql?" + urlencode({"update": INSERT})),
        "form": lambda: client.post("/sparql", data={"update": INSERT}),
        "direct": lambda: client.post("/sparql", data=INSERT, content_type=UPDATE),
        "store": lambda: client.put("/sparql?graph=urn:g", data="", content_type="text/turtle"),
    }
    assert 400 <= answers[way]().status_code < 500
    assert json.loads(asked(client, "ASK { <urn:a> ?p ?o }").data)["boolean"] is False


def test_calls_to_other_servers_are_refused(client: FlaskClient) -> None:
    answer = asked(client, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    assert answer.status_code == 400
    assert "SERVICE" in answer.get_data(as_text=True)


def test_a_query_too_long_is_413(client: FlaskClient) -> None:
    query = "ASK { } #" + "x" * 100_001
    assert client.post("/sparql", data=query, content_type=QUERY).status_code == 413


def test_a_body_too_large_is_413(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=b"x" * 1_000_001, content_type=QUERY)
    assert answer.status_code == 413


def test_relative_addresses_start_from_the_endpoint(client: FlaskClient) -> None:
    """SPARQL 1.1 Query §4.1.1.2: without BASE, from where the query was asked."""
    answer = asked(client, CONSTRUCT, "application/n-triples").data
    assert answer.startswith(b"<http://localhost/s> <http://localhost/p> ")
    based = asked(client, "BASE <https://other.example/x/> " + CONSTRUCT, "application/n-triples")
    assert based.data.startswith(b"<https://other.example/x/s> ")


@pytest.mark.parametrize(
    "query", [SELECT, "ASK {}", CONSTRUCT, "SELECT (RAND() AS ?x) {}", "SELEC"]
)
@pytest.mark.parametrize("packing", ["", "gzip"])
def test_head_has_the_headers_of_get(client: FlaskClient, query: str, packing: str) -> None:
    address, headers = "/sparql?" + urlencode({"query": query}), {"Accept-Encoding": packing}
    got, head = client.get(address, headers=headers), client.head(address, headers=headers)
    assert (head.status_code, head.data) == (got.status_code, b"")
    kept = {"Date", "Content-Length"}
    assert {k: v for k, v in head.headers if k not in kept} == {
        k: v for k, v in got.headers if k not in kept
    }


@pytest.mark.parametrize("origin", ["https://a.example", "null", "http://localhost:3000"])
@pytest.mark.parametrize("method", ["get", "post", "options"])
def test_any_origin_may_read_and_no_credentials_travel(
    client: FlaskClient, origin: str, method: str
) -> None:
    data = {"data": SELECT, "content_type": QUERY} if method == "post" else {}
    answer = getattr(client, method)("/sparql", headers={"Origin": origin}, **data)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_an_ask_with_a_false_filter_is_false(client: FlaskClient) -> None:
    assert json.loads(asked(client, "ASK { FILTER(false) }").data)["boolean"] is False


def test_syntax_errors_say_where(client: FlaskClient) -> None:
    answer = asked(client, "SELECT ?s\nWHERE { ?s unknown:p ?o }")
    problem = json.loads(answer.data)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert problem["line"] == 2


def test_an_unknown_function_is_refused_by_name(client: FlaskClient) -> None:
    """SPARQL 1.1 §17.6 would leave each row unbound; a name that nobody knows is a mistake."""
    answer = asked(client, "SELECT (<https://a.example/f>(1) AS ?x) {}")
    assert answer.status_code == 400
    assert "https://a.example/f" in answer.get_data(as_text=True)


def test_the_limits_in_force_are_told_to_every_origin(client: FlaskClient) -> None:
    answer = asked(client, SELECT)
    told = dict(pair.split("=") for pair in answer.headers["Essaim-Limits"].split(", "))
    assert set(told) == {"rows", "bytes", "seconds"}
    assert all(float(value) > 0 for value in told.values())
    assert "Essaim-Truncated" in answer.headers["Access-Control-Expose-Headers"]
