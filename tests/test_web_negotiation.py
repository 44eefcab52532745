"""Things lead to documents, documents come in the form asked for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from rdflib import Graph, URIRef

from web.negotiation import ranked

RECORD = "id/innovation/tzcld-pipriac"
IRI = "https://w3id.org/essaim/" + RECORD
FORMS = {
    "text/turtle": ".ttl",
    "application/ld+json": ".jsonld",
    "application/n-triples": ".nt",
}


@pytest.mark.parametrize(
    "path", [RECORD, "scheme/need", "scheme/need/emploi", "ns", "id/territory/region-53"]
)
@pytest.mark.parametrize("kind", [*FORMS, "text/html", "*/*"])
def test_a_thing_leads_to_a_document(client: FlaskClient, path: str, kind: str) -> None:
    answer = client.get("/" + path, headers={"Accept": kind})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/doc/{path}{FORMS.get(kind, '')}"
    assert "Accept" in answer.headers["Vary"]
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_suffix_decides_before_accept(client: FlaskClient) -> None:
    answer = client.get(f"/{RECORD}.ttl", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == f"/doc/{RECORD}.ttl"


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("by", ["suffix", "accept"])
def test_a_document_is_a_graph_about_the_thing(client: FlaskClient, kind: str, by: str) -> None:
    path = f"/doc/{RECORD}" + (FORMS[kind] if by == "suffix" else "")
    answer = client.get(path, headers={"Accept": kind if by == "accept" else "*/*"})
    assert answer.mimetype == kind
    graph = Graph().parse(data=answer.data, format=kind)
    assert (URIRef(IRI), None, None) in graph


def test_a_document_says_what_it_is_about_and_where_else_it_is(client: FlaskClient) -> None:
    answer = client.get(f"/doc/{RECORD}", headers={"Accept": "text/turtle"})
    assert f'<{IRI}>; rel="describes"' in answer.headers["Link"]
    assert 'rel="canonical"' in answer.headers["Link"]
    assert 'rel="alternate"; type="application/ld+json"' in answer.headers["Link"]
    assert answer.headers["Content-Location"] == f"/doc/{RECORD}.ttl"
    assert "Accept" in answer.headers["Vary"]


def test_a_public_address_replaces_that_of_the_request(shipped) -> None:  # type: ignore[no-untyped-def]
    from web import create_app

    behind = create_app(shipped, base_url="https://essaim.example/base").test_client()
    link = behind.get(f"/doc/{RECORD}", headers={"Accept": "text/turtle"}).headers["Link"]
    assert "<https://essaim.example/base/doc/" in link


@pytest.mark.parametrize("path", [f"/{RECORD}", f"/doc/{RECORD}"])
def test_a_form_that_does_not_exist_is_406(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.parametrize(
    "path", ["/id/innovation/nobody", "/doc/id/innovation/nobody", "/scheme/need/rien",
             "/doc/health", "/doc/id/innovation/a%20b", "/doc/id/x%22%3E%3Cscript%3E",
             "/doc/id/%3E%20%3Fp%20%3Fo%20%7D"],
)  # fmt: skip
def test_an_unknown_thing_is_404(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert b"<script>" not in answer.data


def test_an_unknown_page_suggests_what_is_near(client: FlaskClient) -> None:
    answer = client.get("/doc/id/innovation/tzcld-pipriak", headers={"Accept": "text/html"})
    page = client.get("/id/innovation/pipriac", headers={"Accept": "text/html"})
    assert answer.status_code == page.status_code == 404
    assert b"/doc/id/innovation/tzcld-pipriac" in page.data


def test_the_same_document_is_304(client: FlaskClient) -> None:
    for kind in ("text/turtle", "text/html"):
        headers = {"Accept": kind}
        first = client.get(f"/doc/{RECORD}", headers=headers)
        again = client.get(
            f"/doc/{RECORD}", headers={**headers, "If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")


def test_a_vocabulary_is_given_whole(client: FlaskClient) -> None:
    graph = Graph().parse(data=client.get("/doc/scheme/need.ttl").data, format="turtle")
    assert (URIRef("https://w3id.org/essaim/scheme/need/emploi"), None, None) in graph


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ["a/x", "a/y", "b/z"]),
        ("*/*", ["a/x", "a/y", "b/z"]),
        ("a/*;q=0.5, b/z", ["b/z", "a/x", "a/y"]),
        ("a/x;q=0, */*", ["a/y", "b/z"]),
        ("a/y;q=0.3, a/x;q=0.2", ["a/y", "a/x"]),
        ("c/c", []),
        ("a/x;q=high, b/z;q=", ["a/x", "a/y", "b/z"]),  # malformed is as if not sent
        ("a/x; charset=utf-8; q=0.4", ["a/x"]),
    ],
)
def test_ranking_follows_the_client_then_us(header: str, expected: list[str]) -> None:
    assert ranked(header, ("a/x", "a/y", "b/z")) == expected


def test_the_data_set_is_described(client: FlaskClient) -> None:
    assert client.get("/.well-known/void").headers["Location"] == "/dataset.ttl"
    answer = client.get("/dataset", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=answer.data, format="turtle")
    assert (None, URIRef("http://www.w3.org/ns/dcat#distribution"), None) in graph


def test_dumps_are_served_and_nothing_else(client: FlaskClient) -> None:
    assert client.get("/dump/essaim.nq.gz").data[:2] == b"\x1f\x8b"
    for name in ("kb.nq", "..%2Fmanifest.json", "../manifest.json", "manifest.json"):
        assert client.get(f"/dump/{name}").status_code == 404


def test_health_and_robots(client: FlaskClient) -> None:
    assert client.get("/healthz").get_json()["status"] == "ok"
    assert b"Disallow: /sparql" in client.get("/robots.txt").data
