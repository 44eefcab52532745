"""Virtuoso 7.2: what it is told beside a query, and what of its answers is mended here."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pyoxigraph as ox
import pytest
from remote import answer, listening

from kb.engine import JSON
from kb.engine.contract import GRAPHS
from kb.engine.remote import RemoteEngine
from kb.problems import EngineUnavailable
from kb.rows import select

ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://a"}}]}}'
TYPE = f"Content-Type: {JSON}\r\n"
OK = answer("200 OK", TYPE, ROWS)
ASK = "SELECT ?s { ?s ?p ?o }"
GRAPH = "https://w3id.org/essaim/graph/"
XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.fixture(autouse=True)
def _virtuoso(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "virtuoso")


def told(got: list[bytes]) -> dict[str, list[str]]:
    return parse_qs(got[-1].partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("SELECT * { ?s ?p ?o }", None),
        ("SELECT * { GRAPH ?g { ?s ?p ?o } }", None),
        (f"SELECT * {{ GRAPH <{GRAPH}a> {{ ?s ?p ?o }} }}", [GRAPH + "a"]),
        (f"PREFIX g: <{GRAPH}> ASK {{ GRAPH g:a {{}} GRAPH <graph/b> {{}} }}", ["a", "b"]),
        ('SELECT * { ?s ?p "GRAPH <http://x/>" }', None),
        ("SELECT * { GRAPH nowhere:a { ?s ?p ?o } }", None),
    ],
)
def test_virtuoso_is_told_the_graphs_that_a_query_names(text: str, named: list[str] | None) -> None:
    with listening(OK) as (address, got):
        RemoteEngine(address).query(text)
    stated = told(got).get("named-graph-uri")
    assert stated == (named and [GRAPH + name.removeprefix(GRAPH) for name in named])


def test_virtuoso_hides_no_graph_where_a_query_asks_for_some_and_for_any() -> None:
    with listening(OK) as (address, got):
        RemoteEngine(address).query(
            f"SELECT * {{ GRAPH <{GRAPH}a> {{ ?s ?p ?o }} GRAPH ?g {{ ?s ?q ?v }} }}"
        )
    assert "named-graph-uri" not in told(got)
    assert told(got)["query"][0].startswith("BASE ")


TRIPLES = f"""<http://a>\t<http://b>\t"caf\\u00E9"@fr .
<http://a> <http://b> "2.50"^^<{XSD}decimal> .
""".encode()


@pytest.mark.parametrize("form", ["text/turtle", "application/ld+json", "application/trig"])
def test_graphs_of_virtuoso_are_written_here_and_lose_nothing(form: str) -> None:
    plain = answer("200 OK", "Content-Type: application/n-triples\r\n", TRIPLES)
    with listening(plain) as (address, got):
        found = RemoteEngine(address).query("CONSTRUCT WHERE { ?s ?p ?o }", accept=[form])
        body = found.read()
    assert b"accept: application/n-triples" in got[0].lower()
    assert found.media_type == form
    assert {str(q.object) for q in ox.parse(body, GRAPHS[form])} == {
        '"café"@fr', f'"2.50"^^<{XSD}decimal>'
    }  # fmt: skip


def test_a_graph_that_is_none_is_the_fault_of_the_engine() -> None:
    broken = answer("200 OK", "Content-Type: application/n-triples\r\n", b"<http://a> oops\n")
    with listening(broken) as (address, _), pytest.raises(EngineUnavailable, match="no correct"):
        RemoteEngine(address).query("CONSTRUCT WHERE { ?s ?p ?o }").read()


@pytest.mark.parametrize(("written", "read"), [("1", "true"), ("0", "false"), ("true", "true")])
def test_a_truth_value_has_one_spelling(written: str, read: str) -> None:
    term = {"type": "typed-literal", "datatype": XSD + "boolean", "value": written}
    document = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": term}]}}
    with listening(answer("200 OK", TYPE, json.dumps(document).encode())) as (address, _):
        assert [str(row["x"]) for row in select(RemoteEngine(address), ASK)] == [read]
