"""Mending: the standard's meaning where it is certain, the query untouched where it is not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import rows
from kb.engine import LocalEngine, rewrite
from kb.queries import Query, registry
from kb.release import Release

ROOT = Path(__file__).parent.parent
QUERIES = [q for folder in sorted((ROOT / "queries").iterdir()) for q in registry(folder).values()]
DATA = "<x:a> <x:p> <x:b> . <x:b> <x:p> <x:c> ."


def mended(text: str) -> str:
    return rewrite.mended(text, lambda prologue, term: term == "<x:a>")


def plain(engine: LocalEngine, text: str) -> list[bytes]:
    """Return the rows of an answer as CSV, which says no language and no type, in one order."""
    answer = engine.query(text, accept=["text/csv", "application/n-triples"])
    return sorted(answer.read().splitlines())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { FILTER(TRUE) }", "ASK { FILTER(true) }"),
        ("SELECT * { ?s <x:p>* <x:z> }", "SELECT * { VALUES ?s { <x:z> } }"),
        ("SELECT * { <x:z> <x:p>? ?o . }", "SELECT * { VALUES ?o { <x:z> } . }"),
        ("SELECT * { ?s (a|^<x:p>/<x:q>)* <x:z> }", "SELECT * { VALUES ?s { <x:z> } }"),
        ("ASK { ?a ?b ?c . ?s ^<x:p>* <x:z> . }", "ASK { ?a ?b ?c . VALUES ?s { <x:z> } . }"),
        ("SELECT ?a { ?a ?b ?c MINUS { ?d ?e ?f } }", "SELECT ?a { ?a ?b ?c { } }"),
        ("SELECT * { GRAPH ?g { VALUES ?x { 1 } } }",
         "SELECT * { { GRAPH ?g { }  VALUES ?x { 1 } } }"),
    ],
)  # fmt: skip
def test_what_is_certain_is_mended(text: str, expected: str) -> None:
    assert mended(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?s ?p \"TRUE\", 'MINUS {}' } # FALSE",
        "ASK { ?s TRUE:FALSE ?TRUE }",
        "SELECT * { ?s <x:p>* <x:a> }",
        "SELECT * { ?s <x:q>/<x:p>* <x:z> }",
        "SELECT * { ?s <x:p>*/<x:q> <x:z> }",
        "SELECT * { ?s <x:q> 1 ; <x:p>* <x:z> }",
        "SELECT * { ?s <x:p>* <x:z> , <x:y> }",
        "SELECT * { ?s <x:p>+ <x:z> }",
        "SELECT * { GRAPH ?g { ?s <x:p>* <x:z> } }",
        "SELECT * { _:b <x:q> ?o . ?s <x:p>* <x:z> . _:b <x:r> ?o }",
        "SELECT * { ?s <x:p>* ?o }",
        "SELECT (COUNT(*) AS ?n) (?a*?b AS ?c) { ?a ?p ?b }",
        "SELECT ?a { ?a ?b ?c MINUS { ?a ?e ?f } }",
        "SELECT ?d { ?a ?b ?c MINUS { ?d ?e ?f } }",
        "SELECT ?a { ?a ?b ?c MINUS { ?d ?e ?f ",
        "SELECT (GROUP_CONCAT(DISTINCT ?x) AS ?y) { ?s ?p ?x }",
        "SELECT * { GRAPH ?g { VALUES ?x { 1 } ?s ?p ?x } }",
    ],
)
def test_what_is_not_certain_is_left_alone(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize("step", ["<x:p>*", "<x:p>?", "^<x:p>*", "(<x:p>|<x:q>)*"])
@pytest.mark.parametrize("term", ["<x:a>", "<x:b>", "<x:nowhere>"])
def test_the_shortest_path_leads_from_a_term_to_itself(step: str, term: str) -> None:
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TURTLE)
    engine = LocalEngine(store)
    for pattern in (f"?x {step} {term}", f"{term} {step} ?x"):
        found = rows.select(engine, f"SELECT ?x {{ {pattern} }}")
        assert [str(row["x"]) for row in found].count(term[1:-1]) == 1


@pytest.mark.parametrize(
    "values", ['"a"@fr "b"@fr', '"a" "b"', '"a"@fr "b"', "1 2", "<x:a>", "", '"a"@fr']
)
def test_joined_texts_change_in_nothing_but_their_language(
    values: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"SELECT (GROUP_CONCAT(?x) AS ?y) {{ VALUES ?x {{ {values} }} }}"
    found = plain(LocalEngine(ox.Store()), text)
    monkeypatch.setattr(rewrite, "mended", lambda text, _: text)
    assert found == plain(LocalEngine(ox.Store()), text)


def test_an_error_is_shown_where_it_was_written() -> None:
    text = "SELECT (GROUP_CONCAT(?x) AS ?y) { ?x ?p } # MINUS"
    with pytest.raises(Exception, match=r"line 1, column 4\d"):
        LocalEngine(ox.Store()).query(text)


@pytest.mark.parametrize("query", QUERIES, ids=lambda q: q.name)
def test_no_query_of_ours_is_answered_otherwise(
    query: Query, shipped: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = query.text
    if rewrite.mended(text, lambda prologue, term: False) == text:
        return
    engine = shipped.local
    found = plain(engine, text)
    monkeypatch.setattr(rewrite, "mended", lambda text, _: text)
    assert found == plain(engine, text)


@pytest.mark.parametrize(
    ("prologue", "term"),
    [
        ("PREFIX x: <x:>", "x:nowhere"),
        ("prefix x:<x:>#c\nBASE <x:>", "x:nowhere"),
        ("BASE <http://a.example/b/>", "<nowhere>"),
        ("", "<nowhere>"),
    ],
)
def test_a_term_is_read_under_the_prologue_of_its_query(prologue: str, term: str) -> None:
    store = ox.Store()
    store.load(DATA.encode(), ox.RdfFormat.TURTLE)
    text = f"{prologue}\nSELECT ?s {{ ?s <x:p>* {term} }}"
    assert b"nowhere" in LocalEngine(store).query(text, base="http://h.example/").read()
