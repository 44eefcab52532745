"""The query files: what every one must be, and safe binding."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from kb import files, terms
from kb.engine import LocalEngine
from kb.lexer import tokens
from kb.problems import QueryFileProblem
from kb.queries import Query, read, registry
from kb.release import Release
from kb.rows import select

QUERIES = files.root() / "queries"
ALL = sorted(QUERIES.glob("*/*.rq"))


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


# Every query file


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_query_file_says_what_it_answers_in_two_languages(path: Path) -> None:
    query = read(path)
    for language in ("fr", "en"):
        assert query.summary(language), f"{path}: write #+ summary: {{fr: …, en: …}}"
    assert query.tags, f"{path}: write #+ tags: […]"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_query_file_declares_the_prefixes_it_uses_and_no_other(path: Path) -> None:
    text = read(path).text
    declared = re.findall(r"(?im)^PREFIX\s+([\w-]*):", text)
    body = re.sub(r"(?im)^PREFIX.*$", "", text)
    used = {t.text.partition(":")[0] for t in tokens(body) if t.kind == "name"}
    assert sorted(declared) == sorted(used), f"{path}: keep only the prefixes that are used"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_query_file_runs_unbound_in_another_engine(path: Path) -> None:
    prepareQuery(read(path).text)


@pytest.mark.parametrize("path", ALL, ids=name)
def test_a_query_file_selects_named_columns_in_a_fixed_order(path: Path) -> None:
    words = [t.text.upper() for t in tokens(read(path).text) if t.kind in ("word", "sign")]
    outer = words[words.index("SELECT") :] if "SELECT" in words else []
    assert "*" not in outer[1:2], f"{path}: name the columns"
    if "LIMIT" in words or path.parent.name == "examples":
        assert "ORDER" in words, f"{path}: write ORDER BY"


@pytest.mark.parametrize("path", ALL, ids=name)
def test_the_terms_of_a_query_exist(path: Path, shipped: Release) -> None:
    text = read(path).text
    prefixes = dict(re.findall(r"(?im)^PREFIX\s+([\w-]*):\s*<([^>]*)>", text))
    for token in tokens(text):
        prefix, colon, local = token.text.partition(":")
        iri = prefixes.get(prefix, "") + local
        if token.kind == "name" and colon and local and iri.startswith(terms.BASE):
            known = select(shipped.engine, f"ASK {{ <{iri}> ?p ?o }}").rows[0]["answer"]
            assert str(known) == "true", f"{path}: nothing is said of {token.text}; is it misspelt?"


def test_the_project_prefixes_are_used_the_same_everywhere() -> None:
    ours = terms.prefixes()
    for path in ALL:
        found = re.findall(r"(?im)^PREFIX\s+([\w-]*):\s*<([^>]*)>", read(path).text)
        for prefix, namespace in found:
            assert ours.get(prefix, namespace) == namespace, f"{path}: {prefix} is another prefix"


# Binding


def made(text: str, **metadata: object) -> Query:
    return Query("made", Path("made.rq"), text, metadata)


ECHO = "SELECT (?_value_literal AS ?x) WHERE { }"
ENGINE = LocalEngine(ox.Store())


@given(st.text())
def test_a_value_never_becomes_query_text(value: str) -> None:
    bound = made(ECHO).bound({"value": value})
    assert [t.kind for t in tokens(bound)] == [
        "string" if t.kind == "variable" and t.text.startswith("?_") else t.kind
        for t in tokens(ECHO)
    ]
    (row,) = select(ENGINE, bound)
    assert str(row["x"]) == value


@given(st.text())
def test_an_address_is_an_address_or_refused(value: str) -> None:
    query = made("SELECT (?_value_iri AS ?x) WHERE { }")
    try:
        bound = query.bound({"value": value})
    except QueryFileProblem:
        return
    (row,) = select(ENGINE, bound)
    assert str(row["x"]) == value


@given(st.text(), st.sampled_from(["integer", "decimal", "date"]))
def test_a_typed_value_is_of_its_type_or_refused(value: str, kind: str) -> None:
    query = made(f"SELECT (DATATYPE(?_value_{kind}) AS ?t) (?_value_{kind} AS ?x) WHERE {{ }}")
    try:
        bound = query.bound({"value": value})
    except QueryFileProblem:
        return
    (row,) = select(ENGINE, bound)
    assert str(row["t"]).endswith(kind)
    assert value.isascii()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("iri", "not an address"),
        ("iri", "http://x/> } #"),
        ("iri", "relative/path"),
        ("iri", "http://x/\n"),
        ("iri", ""),
        ("integer", "12.5"),
        ("integer", "١٢"),
        ("integer", "1\n"),
        ("integer", ""),
        ("decimal", "1,5"),
        ("date", "2014-13-01"),
        ("date", "2014-02-30"),
        ("date", "20140731"),
        ("literal", "\ud800"),
        ("fr", "\ud800"),
    ],
)
def test_a_wrong_value_is_refused_and_its_parameter_named(kind: str, value: str) -> None:
    query = made(f"SELECT (?_thing_{kind} AS ?x) WHERE {{ }}")
    with pytest.raises(QueryFileProblem, match=r"^parameter thing: "):
        query.bound({"thing": value})


def test_a_hostile_value_changes_no_rows() -> None:
    text = "SELECT ?s WHERE { ?s ?p ?o FILTER(STR(?o) = ?_q_literal) }"
    hostile = 'x") } UNION { ?s ?p ?o } #'
    assert not select(ENGINE, made(text).bound({"q": hostile})).rows


def test_a_parameter_is_replaced_everywhere_but_in_strings_and_longer_names() -> None:
    query = made(
        'SELECT ?_n_literal WHERE { ?_n_literal ?_name_iri "?_n_literal" . $_n_literal ?p 1 }'
    )
    bound = query.bound({"n": "v", "name": "http://x/"})
    assert bound == 'SELECT "v" WHERE { "v" <http://x/> "?_n_literal" . "v" ?p 1 }'


def test_a_missing_required_value_is_named() -> None:
    with pytest.raises(QueryFileProblem, match="made: parameter 'need' is missing"):
        made("ASK { ?_need_iri ?p ?o }").bound({})


def test_an_unknown_parameter_is_named_with_the_known_ones() -> None:
    with pytest.raises(QueryFileProblem, match="no parameter 'nead'; it has need"):
        made("ASK { ?_need_iri ?p ?o }").bound({"nead": "http://x/"})


def test_an_optional_value_left_out_stays_a_variable() -> None:
    query = made("ASK { ?s ?p ?__word_literal }")
    assert query.bound({}) == query.text
    assert query.bound({"word": "a"}) == 'ASK { ?s ?p "a" }'


def test_a_default_is_used_and_can_be_overruled() -> None:
    query = made("ASK { ?s ?p ?_lang_literal }", defaults=[{"lang": "fr"}])
    assert query.bound({}) == 'ASK { ?s ?p "fr" }'
    assert query.bound({"lang": "en"}) == 'ASK { ?s ?p "en" }'


def test_a_language_parameter_gives_a_tagged_text() -> None:
    assert made("ASK { ?s ?p ?_name_fr }").bound({"name": "été"}) == 'ASK { ?s ?p "été"@fr }'


# Headers


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("#+ summary: {fr: 'a'\n", "no YAML"),
        ("#+ - a\n", "no YAML keys"),
        ("#+ sumary: a\n", "unknown #[+] key 'sumary'"),
        ("#+ tags: a\n", "tags is no list"),
        ("#+ defaults: {a: b}\n", "defaults is no list"),
        ("#+ defaults: [a]\n", "defaults: write lines such as"),
    ],
)
def test_a_malformed_header_is_refused(header: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.rq"
    path.write_text(header + "ASK {}", encoding="utf-8")
    with pytest.raises(QueryFileProblem, match=reason):
        read(path)


@pytest.mark.parametrize("content", [b"# \xe9t\xe9\nASK {}", None])
def test_an_unreadable_file_is_a_problem_that_names_it(
    content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "bad.rq"
    if content:
        path.write_bytes(content)
    with pytest.raises(QueryFileProblem, match=r"bad\.rq: cannot be read"):
        read(path)


def test_the_folder_is_the_registry(tmp_path: Path) -> None:
    for stem in ("b", "a"):
        (tmp_path / f"{stem}.rq").write_text(f"#+ summary: {stem}\nASK {{}}", encoding="utf-8")
    (tmp_path / "note.txt").write_text("no query", encoding="utf-8")
    assert {key: query.summary() for key, query in registry(tmp_path).items()} == {
        "a": "a",
        "b": "b",
    }
