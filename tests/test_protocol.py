"""SPARQL 1.1 Protocol, query operation, as behaviours of `/sparql`.

The list is that of what public endpoints get wrong; each test says what a client may rely on.
"""

from __future__ import annotations

import gzip
import json
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Namespace, URIRef

SELECT = (
    "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> } ORDER BY ?s LIMIT 2"
)
CONSTRUCT = "CONSTRUCT { <s> <p> 1 } WHERE { }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
RESULTS_JSON = "application/sparql-results+json"
RECORD = "https://w3id.org/essaim/graph/contrib/innovations/tzcld-pipriac"
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
SOLUTIONS = (
    RESULTS_JSON,
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")


def asked(client: FlaskClient, query: str, accept: str = RESULTS_JSON, **more: str):
    return client.get("/sparql?" + urlencode({"query": query, **more}), headers={"Accept": accept})


def rows(response) -> list[dict]:
    assert response.status_code == 200, response.get_data(as_text=True)
    return json.loads(response.data)["results"]["bindings"]


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


@pytest.mark.parametrize("kind", SOLUTIONS)
def test_rows_come_in_the_type_asked_for(client: FlaskClient, kind: str) -> None:
    answer = asked(client, SELECT, kind)
    assert (answer.status_code, answer.mimetype) == (200, kind)


@pytest.mark.parametrize("kind", GRAPHS)
def test_graphs_come_in_the_type_asked_for(client: FlaskClient, kind: str) -> None:
    answer = asked(client, CONSTRUCT, kind)
    assert (answer.status_code, answer.mimetype) == (200, kind)


@pytest.mark.parametrize("form", ["CONSTRUCT WHERE { ?s a ?o } LIMIT 1", f"DESCRIBE <{RECORD}>"])
def test_a_graph_is_turtle_unless_said_otherwise(client: FlaskClient, form: str) -> None:
    assert asked(client, form, "*/*").mimetype == "text/turtle"


@pytest.mark.parametrize("kind", ["text/csv", "text/tab-separated-values"])
def test_text_types_say_their_charset(client: FlaskClient, kind: str) -> None:
    assert asked(client, SELECT, kind).content_type == f"{kind}; charset=utf-8"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv;q=0.2, application/sparql-results+xml;q=0.9", "application/sparql-results+xml"),
        ("text/turtle, text/csv;q=0.1", "text/csv"),
        ("application/*, application/sparql-results+json;q=0", "application/sparql-results+xml"),
        ("application/json", RESULTS_JSON),
        ("TEXT/CSV", "text/csv"),
    ],
)
def test_weights_decide(client: FlaskClient, accept: str, kind: str) -> None:
    assert asked(client, SELECT, accept).mimetype == kind


@pytest.mark.parametrize(
    ("query", "accept"),
    [(SELECT, "image/png"), (SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), (SELECT, "*/*;q=0")],
)
def test_what_cannot_be_served_is_406(client: FlaskClient, query: str, accept: str) -> None:
    assert asked(client, query, accept).status_code == 406


def test_the_answer_varies_by_accept(client: FlaskClient) -> None:
    assert "Accept" in asked(client, SELECT).headers["Vary"]


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


@pytest.mark.parametrize("kind", SOLUTIONS)
def test_ask_is_answered_in_every_type(client: FlaskClient, kind: str) -> None:
    """CSV and TSV have no truth of their own in the standard: one word, as other servers do."""
    answer = asked(client, "ASK {}", kind)
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert b"true" in answer.data
    assert answer.data == b"true" or "json" in kind or "xml" in kind


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


MANY = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 3000"


@pytest.mark.parametrize("again", [False, True])
def test_large_answers_are_zipped_for_who_can_unzip(client: FlaskClient, again: bool) -> None:
    if again:  # the second answer is a kept one
        asked(client, MANY)
    address = "/sparql?" + urlencode({"query": MANY})
    plain = client.get(address, headers={"Accept": RESULTS_JSON})
    headers = {"Accept": RESULTS_JSON, "Accept-Encoding": "br;q=1, gzip;q=0.5"}
    zipped = client.get(address, headers=headers)
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert {"Accept", "Accept-Encoding"} <= set(zipped.headers["Vary"].split(", "))
    assert len(zipped.data) < len(plain.data) / 5
    assert sorted(map(str, json.loads(gzip.decompress(zipped.data))["results"]["bindings"])) == (
        sorted(map(str, rows(plain)))
    )


@pytest.mark.parametrize(
    ("query", "accepted"), [("ASK {}", "gzip"), (MANY, "gzip;q=0"), (MANY, "br"), (MANY, "")]
)
def test_tiny_answers_and_other_clients_get_plain_bytes(
    client: FlaskClient, query: str, accepted: str
) -> None:
    headers = {"Accept": RESULTS_JSON, "Accept-Encoding": accepted}
    answer = client.get("/sparql?" + urlencode({"query": query}), headers=headers)
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.data)


def test_a_kept_answer_is_the_same_answer(client: FlaskClient) -> None:
    query = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> } ORDER BY ?s"
    first, second = asked(client, query), asked(client, query)
    assert (first.data, first.content_type) == (second.data, second.content_type)
    assert first.headers["ETag"] == second.headers["ETag"]
    assert asked(client, query, "text/csv").mimetype == "text/csv"


def test_an_ask_with_a_false_filter_is_false(client: FlaskClient) -> None:
    assert json.loads(asked(client, "ASK { FILTER(false) }").data)["boolean"] is False


def test_a_datatype_is_kept(client: FlaskClient) -> None:
    row = rows(asked(client, "SELECT (40 AS ?n) WHERE {}"))[0]
    assert row["n"]["datatype"].endswith("#integer")


def test_the_same_question_is_304(client: FlaskClient) -> None:
    first = asked(client, SELECT)
    headers = {"Accept": RESULTS_JSON, "If-None-Match": first.headers["ETag"]}
    again = client.get("/sparql?" + urlencode({"query": SELECT}), headers=headers)
    assert (again.status_code, again.data) == (304, b"")
    headers["Accept"] = "text/csv"
    other = client.get("/sparql?" + urlencode({"query": SELECT}), headers=headers)
    assert other.status_code == 200, "another media type is another entity"


def test_an_answer_that_changes_has_no_tag(client: FlaskClient) -> None:
    assert "ETag" not in asked(client, "SELECT (RAND() AS ?x) WHERE {}").headers


def test_browsers_must_not_guess_types(client: FlaskClient) -> None:
    assert asked(client, SELECT).headers["X-Content-Type-Options"] == "nosniff"


def test_syntax_errors_say_where(client: FlaskClient) -> None:
    answer = asked(client, "SELECT ?s\nWHERE { ?s unknown:p ?o }")
    problem = json.loads(answer.data)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert problem["line"] == 2


@pytest.mark.parametrize("kind", ["text/turtle", "application/n-triples", "application/ld+json",
                                  "application/rdf+xml"])  # fmt: skip
def test_without_a_query_the_service_is_described(client: FlaskClient, kind: str) -> None:
    answer = client.get("/sparql", headers={"Accept": kind})
    assert answer.mimetype == kind
    graph = Graph().parse(data=answer.data, format=kind)
    service = URIRef("http://localhost/sparql")
    assert (service, RDF.type, SD.Service) in graph
    assert (service, SD.endpoint, service) in graph
    assert len(list(graph.objects(service, SD.resultFormat))) >= 8
    assert (None, URIRef("http://rdfs.org/ns/void#triples"), None) in graph


def test_curl_gets_the_service_description(client: FlaskClient) -> None:
    assert client.get("/sparql", headers={"Accept": "*/*"}).mimetype == "text/turtle"


def test_a_browser_gets_a_form(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.mimetype == "text/html"
    assert b"<textarea" in page.data


def test_a_browser_gets_its_answer_in_the_page(client: FlaskClient) -> None:
    page = asked(client, SELECT, "text/html,*/*;q=0.8")
    assert page.status_code == 200
    assert b"/doc/id/innovation/" in page.data


def test_a_browser_sees_what_is_wrong_beside_its_query(client: FlaskClient) -> None:
    page = asked(client, 'SELEC "<b>" {}', "text/html")
    assert page.status_code == 400
    assert b"SELEC" in page.data
    assert b"<b>" not in page.data


def test_a_format_can_be_chosen_by_a_link(client: FlaskClient) -> None:
    assert asked(client, SELECT, "text/html", format="csv").mimetype == "text/csv"
    assert asked(client, SELECT, "text/html", format="doc").status_code == 400


def test_every_example_of_the_form_is_a_link_that_runs(client: FlaskClient) -> None:
    page = client.get("/sparql", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert page.count('href="/sparql?query=') >= 20


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


@pytest.mark.parametrize(
    ("query", "name", "kind"),
    [
        (SELECT, "json", RESULTS_JSON),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "xml", "application/rdf+xml"),
        (SELECT, "xml", "application/sparql-results+xml"),
        (CONSTRUCT, "n3", "text/turtle"),
        (CONSTRUCT, "rdf+xml", "application/rdf+xml"),
        (CONSTRUCT, "nquads", "application/n-quads"),
    ],
)
def test_a_short_name_fits_the_form_of_the_query(
    client: FlaskClient, query: str, name: str, kind: str
) -> None:
    assert asked(client, query, "image/png", format=name).mimetype == kind


def test_a_short_name_that_does_not_fit_is_406(client: FlaskClient) -> None:
    assert asked(client, SELECT, "*/*", format="turtle").status_code == 406
    assert asked(client, CONSTRUCT, "*/*", format="csv").status_code == 406
