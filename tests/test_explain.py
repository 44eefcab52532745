"""Explanations: each file of `explanations/` is a mistake people make, and what is said about it.

A file begins with `#= key: value` lines (YAML): the `mistake` found, its `line` and `column` in
the query below those lines, the `advice` given first, and whether the engine accepts the query
once that advice is followed (`repaired`). `problem` is the code of the problem where it is not
`syntax`; `accepted` marks what our engine lets pass and others refuse.
"""

from __future__ import annotations

import importlib.util
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kb import explain, files, slips
from kb.engine import LocalEngine
from kb.explain import Explanation, grammar
from kb.explain.document import MOST_CHARACTERS, TOO_HEAVY
from kb.explain.explanation import LANGUAGES, messages, place
from kb.explain.patterns import unjoined
from kb.problems import EngineProblem, EngineUnavailable, QueryRefused, QuerySyntax, QueryTooBig

FOLDER = Path(__file__).parent / "explanations"
CASES = sorted(FOLDER.glob("*.rq"))
SHIPPED = sorted((files.root() / "queries").rglob("*.rq"))
LONGEST_S = 5.0  # of CPU: an explosion takes minutes, a loaded machine at most doubles
NBSP = "\u00a0"


@dataclass(frozen=True)
class Case:
    query: str
    said: Mapping[str, Any]


def read(path: Path) -> Case:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    header = [line[3:] for line in lines if line.startswith("#= ")]
    return Case("".join(lines[len(header) :]).removesuffix("\n"), yaml.safe_load("".join(header)))


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    store = ox.Store()
    store.load(path=FOLDER / "data.ttl", to_graph=ox.NamedNode("http://example.org/g"))
    return LocalEngine(store, "explanations")


def refusal(engine: LocalEngine, query: str) -> QuerySyntax | None:
    try:
        engine.query(query).read()
    except QuerySyntax as problem:
        return problem
    return None


def explained(engine: LocalEngine, case: Case, language: str) -> Explanation:
    code = case.said.get("problem", "syntax")
    if code in ("no-rows", "has-rows"):
        return explain.no_rows(engine, case.query, language)
    if code in TOO_HEAVY:
        problem = QueryTooBig("it was stopped", code, seconds=30, most=1000)
        return explain.document(problem, case.query, language)
    refused = refusal(engine, case.query)
    assert bool(refused) != bool(case.said.get("accepted")), "is the query still a mistake?"
    return explain.document(refused or QuerySyntax("line 1"), case.query, language)


def test_there_are_enough_mistakes_and_all_are_different() -> None:
    assert len(CASES) >= 45
    assert len({read(path).query for path in CASES}) == len(CASES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_mistake_is_named_at_its_place_with_what_mends_it(
    path: Path, language: str, engine: LocalEngine
) -> None:
    case = read(path)
    found = explained(engine, case, language)
    assert found.code == case.said.get("problem", "syntax")
    assert found.mistake == case.said["mistake"].replace("none", "")
    assert (found.line, found.column) == (case.said["line"], case.said["column"])
    first = found.suggestions[0] if found.suggestions else None
    assert (first.code if first else "none") == case.said["advice"]
    assert len(found.unjoined) == case.said.get("unjoined", 0)
    assert len(found.hints) == case.said.get("hints", 0)
    if "repaired" in case.said:
        assert first
        assert (refusal(engine, first.query) is None) == case.said["repaired"], first.query


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_an_explanation_reads_well_on_a_terminal_and_in_a_program(
    path: Path, engine: LocalEngine
) -> None:
    for language in LANGUAGES:
        found = explained(engine, read(path), language)
        lines = found.to_text().splitlines()
        if found.line:
            at = next(number for number, line in enumerate(lines) if line == "  " + found.caret)
            assert lines[at - 1].strip() == "".join(found.shown).strip()
            assert len(found.caret) <= len("".join(found.shown)) + 1
        document = json.loads(json.dumps(found.to_json()))
        assert document["code"] == found.code
        for suggestion in document.get("suggestions", []):
            for edit in suggestion.get("edits", []):
                assert 0 <= edit["offset"] <= edit["offset"] + edit["length"] <= 100_000


@pytest.mark.parametrize(
    "path", [p for p in CASES if p.stem.startswith("rows-")], ids=lambda p: p.stem
)
def test_a_query_said_to_have_no_rows_has_none_and_a_repaired_one_has_some(
    path: Path, engine: LocalEngine
) -> None:
    case = read(path)
    found = explain.no_rows(engine, case.query)
    count = json.loads(engine.query(case.query).read())["results"]["bindings"]
    assert bool(count) == (case.said["problem"] == "has-rows")
    if found.suggestions and found.suggestions[0].query:
        assert json.loads(engine.query(found.suggestions[0].query).read())["results"]["bindings"]


PROBLEMS = [
    QueryRefused("", "refused-service"),
    QueryRefused("", "refused-update", word="INSERT"),
    QueryRefused("", "refused-characters", count=2, most=1),
    QueryRefused("", "refused-depth", most=1),
    QueryRefused("", "refused-operators", most=1),
    QueryRefused("", "refused-patterns", count=2, most=1),
    QueryRefused("", "refused-graph", address="a b"),
    QueryRefused("", "refused-function", address="https://example.org/f"),
    EngineProblem("", "not-acceptable", forms="text/csv"),
    QueryTooBig("", "too-long", seconds=30),
    QueryTooBig("", "too-many-bytes", most=1),
    QueryTooBig("", "too-many-rows", most=1),
    QueryTooBig("", "too-much-memory", most=1),
    EngineUnavailable("", "crashed"),
    EngineUnavailable("", "busy", seconds=1),
    EngineUnavailable("", "unavailable"),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.code)
def test_every_code_has_words(problem: EngineProblem, language: str) -> None:
    found = explain.document(problem, "ASK {}", language)
    said = messages(language)[f"{problem.code}.title"].format(**problem.values)
    assert found.title == said, "has the code its words and its values?"
    assert found.detail, f"write {problem.code}.detail in kb/explain/messages/{language}.json"
    assert found.code == problem.code


def test_no_code_is_raised_without_words() -> None:
    codes: set[str] = set()
    for path in files.root().glob("kb/**/*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r'"((?:refused|too)-[a-z-]+)"', text))
    lacking = {code for code in codes if f"{code}.title" not in messages("en")}
    assert not lacking, f"add {lacking} to kb/explain/messages/*.json"


def test_a_code_without_words_is_told_by_its_own_sentence() -> None:
    found = explain.document(QueryRefused("say it so", "refused-new"), "ASK {}", "en")
    assert (found.code, found.detail) == ("refused-new", "say it so")


def test_messages_are_the_same_in_both_languages() -> None:
    french, english = messages("fr"), messages("en")
    assert set(french) == set(english)
    for key, text in french.items():
        fields = set(re.findall(r"\{(\w+)\}", text))
        assert fields == set(re.findall(r"\{(\w+)\}", english[key])), key
        assert not re.search(r"[^ \u00a0\u202f(«][!?;»]", text) or key.startswith("token."), key


def test_every_terminal_has_a_name_or_is_a_keyword() -> None:
    declared = {terminal.name for terminal in grammar.terminals()}
    mistaken = {"WORD", "BAD_IRI", "BAD_STRING", "BAD_OPERATOR", "QUOTE", "JUNK", "COMMENT"}
    named = {key.removeprefix("token.") for key in messages("en") if key.startswith("token.")}
    lacking = declared - named - set(grammar.KEYWORDS) - mistaken
    assert not {name for name in lacking if not name.startswith("__")}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_grammar_reads_every_shipped_query(path: Path) -> None:
    reading = grammar.read(path.read_text(encoding="utf-8"))
    assert reading.tree is not None, (reading.tokens[reading.failed], reading.expected)
    assert explain.syntax_document(reading.text).mistake == "engine-refused"  # nothing of ours


# Patterns that are unjoined on purpose: a FILTER or constant names chooses one row of few.
APART = {"40-current-stage", "13-badly-met-by-policy"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_queries_join_their_patterns(path: Path) -> None:
    reading = grammar.read(path.read_text(encoding="utf-8"))
    assert reading.tree
    parts = unjoined(reading.tree, reading.text)
    assert bool(parts) == (path.stem in APART), [[one.text for one in part] for part in parts]


def check(text: str) -> None:
    """Hold what must be true of every explanation of a text."""
    begun = time.process_time()
    found = explain.syntax_document(text, "en")
    assert time.process_time() - begun < LONGEST_S, "too slow"
    lines = text.splitlines() or [""]
    assert 1 <= found.line <= len(lines) + 1
    shown = lines[found.line - 1] if found.line <= len(lines) else ""
    assert 1 <= found.column <= len(shown) + 1
    assert found.to_text()
    for suggestion in found.suggestions:
        assert suggestion.query != text


def without_each_token(text: str, step: int, first: int) -> None:
    for token in grammar.lex(text)[first::step]:
        check(text[: token.start_pos] + text[token.end_pos :])


@pytest.mark.parametrize("path", SHIPPED[::6], ids=lambda path: path.stem)
def test_a_token_left_out_is_explained(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    without_each_token(text, 23, len(path.stem) % 23)


@pytest.mark.full
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_any_token_left_out_is_explained(path: Path) -> None:
    without_each_token(path.read_text(encoding="utf-8"), 1, 0)


PIECES = [*"?sa:<>{}()[].;,\"'«»\\^@#=|&!*+-/0 \n", "SELECT ", "WHERE ", "FILTER", "?s ?p ?o "]


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_any_text_is_explained(text: str) -> None:
    check(text)


LARGE = [
    "SELECT * WHERE { " + "?s ?p 'abcdefgh' . " * 1_000 + " FILTR(?s) }",
    "SELECT * WHERE { " + "?s ?p “x” . " * 1_600 + "}",
    "SELECT * { FILTER(" + "1+" * 9_000,
    "SELECT * {" + "}\n" * 9_000,
    "SELECT * WHERE { " + "?s ?p 'abcdefgh' . " * 5_000 + " ?s ?p }",
    "{" * 99_000,
]


@pytest.mark.parametrize("text", LARGE, ids=lambda text: f"{text[:20]} {len(text)}")
def test_a_large_query_does_not_stall(text: str) -> None:
    begun = time.process_time()
    found = explain.syntax_document(text, "en", QuerySyntax("error at 1:18: expected x", 1, 18))
    assert (found.mistake == "engine-refused-long") == (len(text) > MOST_CHARACTERS)
    assert time.process_time() - begun < 4


def test_no_rows_asks_few_questions_and_keeps_its_time(engine: LocalEngine) -> None:
    patterns = " ".join(f"?s{n} ?p{n} ?o{n} ." for n in range(60))
    begun = time.monotonic()
    found = explain.no_rows(engine, f"ASK {{ {patterns} ?s <http://example.org/x> 1 }}")
    assert time.monotonic() - begun < 6
    assert found.code == "no-rows"


def test_the_page_of_mistakes_says_what_the_endpoint_says(engine: LocalEngine) -> None:
    path = files.root() / "docs" / "mistakes.py"
    spec = importlib.util.spec_from_file_location("docs_mistakes", path)
    assert spec
    assert spec.loader
    mistakes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mistakes)
    assert mistakes.PAGE.read_text(encoding="utf-8") == mistakes.page(), "run `make docs`"


def test_the_nearest_word_is_found_whatever_its_case() -> None:
    assert slips.nearest("strlne", ["STRLEN", "STR", "STRENDS"])[0] == "STRLEN"
    assert slips.distance("ab", "ba", 2) == 1
    assert slips.distance("abc", "xyz", 2) == 3


def test_places_count_lines_and_columns_from_one() -> None:
    assert place("", 0) == (1, 1)
    assert place("a\nbc", 3) == (2, 2)
    assert place("a\r\nbc", 4) == (2, 2)
    assert place("ab\n", 3) == (2, 1)
