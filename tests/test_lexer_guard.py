"""Tokens of SPARQL, and what the guard refuses or lets through because of them."""

from __future__ import annotations

import contextlib

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import guard
from kb.engine import LocalEngine
from kb.lexer import tokens
from kb.problems import QueryRefused, QuerySyntax

PIECES = st.sampled_from(
    ["SELECT", "?s", "$x", "<http://a/b>", '"a"', "'''b'c'''", '"\\""', "{", "}", "(", "#", "\n",
     "@fr", "^^", "ex:load", ":a", "_:b", "a.b:", "12.5e3", "<", ">", "'", '"', '"""', "\\", "é",
     " ", "?", "/", "|", "\r", "\x00", "&&", "=", "𝒳"]
)  # fmt: skip


def kinds(text: str) -> list[tuple[str, str]]:
    return [(t.kind, t.text) for t in tokens(text) if t.kind != "space"]


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_tokens_joined_are_the_text(text: str) -> None:
    found = list(tokens(text))
    assert "".join(token.text for token in found) == text
    assert all(text.startswith(token.text, token.start) for token in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("?service", [("variable", "?service")]),
        ("$load", [("variable", "$load")]),
        ("ex:load", [("name", "ex:load")]),
        (":insert", [("name", ":insert")]),
        ("<http://x/SERVICE>", [("iri", "<http://x/SERVICE>")]),
        ('"a # b"', [("string", '"a # b"')]),
        ('"a \\" SERVICE"', [("string", '"a \\" SERVICE"')]),
        ("'''it's\n\"SERVICE\"'''", [("string", "'''it's\n\"SERVICE\"'''")]),
        ('""', [("string", '""')]),
        ('""""""', [("string", '""""""')]),
        ('"chat"@fr-CA', [("string", '"chat"'), ("language", "@fr-CA")]),
        ("# SERVICE\nASK", [("comment", "# SERVICE"), ("word", "ASK")]),
        ("?a<?b", [("variable", "?a"), ("sign", "<"), ("variable", "?b")]),
        ("?a < 3", [("variable", "?a"), ("sign", "<"), ("sign", "3")]),
        ("?a<3 && ?b>4", [("variable", "?a"), ("sign", "<"), ("sign", "3"), ("sign", "&"),
                          ("sign", "&"), ("variable", "?b"), ("sign", ">"), ("sign", "4")]),
        ("<http://x#y>", [("iri", "<http://x#y>")]),
        ("ex:a\\#b", [("name", "ex:a\\#b")]),
    ],
)  # fmt: skip
def test_a_token_ends_where_sparql_says(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        'SELECT * WHERE { ?s ?p "SERVICE <http://x> {}" }',
        "SELECT * WHERE { ?s ?p '''\nSERVICE\n''' }",
        "# SERVICE <http://x>\nASK {}",
        "ASK { ?service ?load $insert }",
        "PREFIX ex: <http://x/> ASK { ?s ex:load ex:service }",
        "PREFIX service: <http://x/> ASK { ?s service:p ?o }",
        "ASK { <http://x/SERVICE> <#LOAD> <> }",
        'ASK { ?s ?p "\\"} INSERT DATA {" }',
        "SELECT (COUNT(*) AS ?add) WHERE { ?s ?p ?o }",
        "BASE <http://x/> PREFIX : <#> ASK { ?s :with ?o }",
    ],
)
def test_words_in_strings_names_and_comments_are_harmless(text: str) -> None:
    guard.check(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://x/> { ?s ?p ?o } }",
        "SELECT * WHERE { service silent ?x { ?s ?p ?o } }",
        'ASK { ?s ?p "a"SERVICE<http://x>{} }',
        "ASK { ?s ?p 'it''s' .SERVICE ?x {} }",
        "ASK { # comment\rSERVICE <http://x> {} }",
        "ASK { FILTER(?a<3) SERVICE <http://x> {} FILTER(?b>4) }",
        "ASK { ?s ex:p 1.SERVICE <http://x> {} }",
        "ASK { ?s a 2SERVICE <http://x> {} }",
        "ASK { ?s ?p '\\'' . SERVICE ?x {} }",
        "ASK { ?s ?p true.SERVICE ?x {} }",
        "ASK { ?s ?p ?o.SERVICE ?x {} }",
    ],
)
def test_a_call_to_another_server_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match="SERVICE is refused"):
        guard.check(text)


def test_a_keyword_spelt_with_escapes_is_no_keyword_to_the_engine() -> None:
    with pytest.raises(QuerySyntax):
        LocalEngine(ox.Store()).query("SELECT * WHERE { SERV\\u0049CE <http://x/> { ?s ?p ?o } }")


@pytest.mark.parametrize("word", sorted(guard.UPDATES))
def test_updates_are_refused_before_or_after_prefixes(word: str) -> None:
    for text in (
        f"{word} x",
        f"PREFIX a: <http://x/>\n{word.lower()} x",
        f"BASE <http://x/> {word}",
    ):
        with pytest.raises(QueryRefused, match=f"{word} is refused: the data are read-only"):
            guard.check(text)


def nested(depth: int) -> str:
    return "ASK " + "{" * depth + "}" * depth


def test_deep_nesting_is_refused_and_moderate_nesting_is_not() -> None:
    guard.check(nested(guard.MAX_DEPTH))
    with pytest.raises(QueryRefused, match="nested deeper"):
        guard.check(nested(guard.MAX_DEPTH + 1))


def test_brackets_in_strings_and_closed_brackets_do_not_nest() -> None:
    guard.check('ASK { ?s ?p "' + "(" * 5_000 + '" }')
    guard.check("ASK { " + "{} " * 1_900 + "}")


@pytest.mark.parametrize(
    "text",
    [
        "ASK { FILTER(" + "!" * 30_000 + "true) }",
        "ASK { ?s " + "^" * 30_000 + "<http://x> ?o }",
        "ASK { FILTER(1" + "+1" * 30_000 + ") }",
        "SELECT * WHERE { ?s ?p ?o } # " + "x" * guard.MAX_CHARACTERS,
    ],
)
def test_a_query_too_large_for_a_parser_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused):
        guard.check(text)


@given(st.text(max_size=200))
def test_any_text_is_accepted_or_refused_never_crashes(text: str) -> None:
    with contextlib.suppress(QueryRefused):
        guard.check(text)
