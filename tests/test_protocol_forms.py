"""The forms in which `/sparql` answers: media types, packing, entity tags, descriptions, pages.

SPARQL 1.1 Protocol §2.1, RFC 9110 §12 (negotiation) and §13 (conditional requests).
"""

from __future__ import annotations

import gzip
import json
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from questions import CONSTRUCT, GRAPHS, RECORD, RESULTS_JSON, SELECT, SOLUTIONS, asked, rows
from rdflib import RDF, Graph, Namespace, URIRef

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")


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


@pytest.mark.parametrize("kind", SOLUTIONS)
def test_ask_is_answered_in_every_type(client: FlaskClient, kind: str) -> None:
    """CSV and TSV have no truth of their own in the standard: one word, as other servers do."""
    answer = asked(client, "ASK {}", kind)
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert b"true" in answer.data
    assert answer.data == b"true" or "json" in kind or "xml" in kind


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
