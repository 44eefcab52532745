"""The query files: what every one must be, what the questions answer, and safe binding."""

from __future__ import annotations

import importlib.util
import re
import time
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from kb import files, terms
from kb.engine import LocalEngine
from kb.lexer import tokens
from kb.notebook import Base
from kb.problems import QueryFileProblem
from kb.queries import Query, read, registry
from kb.release import Release
from kb.rows import Row, Table, select

QUERIES = files.root() / "queries"
ALL = sorted(QUERIES.glob("*/*.rq"))
EXAMPLES = registry(QUERIES / "examples")
UNANSWERED = {
    "18-changes-of-posture",
    "20-diagnoses-without-answer",
    "21-ended-with-the-call",
    "24-dossier-against-records",
    "25-actors-elsewhere",
}
LIMIT_S = 1.0


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


# The competency questions


def test_there_are_twenty_five_questions() -> None:
    assert [stem[:2] for stem in EXAMPLES] == [f"{n:02}" for n in range(1, 26)]


@pytest.fixture(scope="module")
def answers(shipped: Release) -> Callable[[str], Table]:
    known: dict[str, Table] = {}

    def answer(stem: str) -> Table:
        if stem not in known:
            known[stem] = select(shipped.engine, EXAMPLES[stem].text)
        return known[stem]

    return answer


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_question_needs_no_value_and_says_its_caveats(stem: str) -> None:
    query = EXAMPLES[stem]
    assert not query.parameters, f"{stem}: an example runs as it stands, without parameters"
    for language in ("fr", "en"):
        assert query.description(language), f"{stem}: say in {language} what is counted"


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_question_has_rows_or_says_what_is_missing(
    stem: str, answers: Callable[[str], Table]
) -> None:
    count = len(answers(stem))
    if stem in UNANSWERED:
        assert not count, f"{stem}: it has rows now; take it out of UNANSWERED and of #+ missing"
        assert EXAMPLES[stem].missing("fr") != EXAMPLES[stem].missing("en") != ""
    else:
        assert count, f"{stem}: no rows; say what is missing, or repair the data or the query"


def test_at_least_sixteen_questions_have_rows() -> None:
    assert len(set(EXAMPLES) - UNANSWERED) >= 16


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_question_is_answered_within_a_second(stem: str, shipped: Release) -> None:
    start = time.perf_counter()
    select(shipped.engine, EXAMPLES[stem].text)
    taken = time.perf_counter() - start
    assert taken < LIMIT_S, f"{stem}: {taken:.1f} s; begin at the bound side"


@pytest.mark.parametrize("stem", EXAMPLES)
def test_no_row_of_a_question_comes_twice(stem: str, answers: Callable[[str], Table]) -> None:
    rows = answers(stem).texts()
    assert len({tuple(row) for row in rows}) == len(rows), f"{stem}: write SELECT DISTINCT"


@pytest.mark.parametrize("stem", EXAMPLES)
def test_names_are_shown_as_labels(stem: str, answers: Callable[[str], Table]) -> None:
    for row in answers(stem):
        for column, value in row.items():
            if column.endswith(("Label", "label")):
                assert not str(value).startswith("http"), f"{stem}: {value} has no French label"


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_question_has_the_same_rows_through_rdflib(
    stem: str, shipped: Release, answers: Callable[[str], Table]
) -> None:
    found = Base(shipped).graph().query(EXAMPLES[stem].text)
    texts = [["" if term is None else str(term) for term in row] for row in found]  # type: ignore[union-attr]
    assert texts == answers(stem).texts()


def test_the_page_of_the_questions_is_true(shipped: Release) -> None:
    path = files.root() / "docs" / "questions.py"
    spec = importlib.util.spec_from_file_location("docs_questions", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = (path.parent / "questions.md").read_text(encoding="utf-8")
    assert module.page(shipped.engine) == written, "run `python docs/questions.py`"


def rows(stem: str, answers: Callable[[str], Table], **wanted: str) -> list[Row]:
    return [row for row in answers(stem) if all(str(row.get(k)) == v for k, v in wanted.items())]


def test_unverified_postures_are_never_mixed_with_evidenced_ones(
    answers: Callable[[str], Table], shipped: Release
) -> None:
    text = """PREFIX essaim: <https://w3id.org/essaim/ns#>
        PREFIX basis: <https://w3id.org/essaim/scheme/basis/>
        PREFIX need: <https://w3id.org/essaim/scheme/need/>
        PREFIX posture: <https://w3id.org/essaim/scheme/posture/>
        SELECT DISTINCT ?i { ?any essaim:assesses ?i ; essaim:verdict posture:funder .
          ?x essaim:hasInvolvement ?i ; essaim:addressesNeed/essaim:needConcept need:emploi
          FILTER %s EXISTS { ?a essaim:assesses ?i ; essaim:verdict posture:funder ;
            essaim:basis basis:observed } }"""
    (row,) = rows("01-postures-by-need", answers, needLabel="Emploi", postureLabel="Financeur")
    assert str(row["evidenced"]) == str(len(select(shipped.engine, text % "")))
    assert str(row["unverified"]) == str(len(select(shipped.engine, text % "NOT")))


def test_inherited_verdicts_are_left_out_of_the_share(answers: Callable[[str], Table]) -> None:
    for row in answers("03-transformative-share-by-model"):
        judged, transformative = int(str(row["judged"])), int(str(row["transformative"]))
        assert transformative <= judged
        assert ("share" in row) == (judged > 0)
    left_out = sum(int(str(row["notCoded"])) for row in answers("03-transformative-share-by-model"))
    assert left_out > 0


def test_the_law_rests_on_nothing_but_its_chain(answers: Callable[[str], Table]) -> None:
    policies = {str(row["policy"]) for row in answers("07-resting-on-law-2014")}
    assert str(terms.record("policy", "fr-loi-2014-856-art9")) in policies
    assert not any("2020-1577" in policy for policy in policies)


def test_every_innovation_is_in_a_country(answers: Callable[[str], Table]) -> None:
    countries = rows("09-distribution-by-territory", answers, levelLabel="Pays")
    innovations = len(list((files.root() / "data" / "innovations").glob("*.ttl")))
    assert sum(int(str(row["innovations"])) for row in countries) >= innovations


def test_a_delay_is_never_negative(answers: Callable[[str], Table]) -> None:
    for row in answers("16-policies-fed-by-innovations"):
        assert int(str(row.get("delayYears", "0"))) >= 0
    for row in answers("17-time-to-institution"):
        shortest, median, longest = (
            float(str(row[key])) for key in ("shortest", "medianYears", "longest")
        )
        assert 0 <= shortest <= median <= longest


def test_shares_of_money_by_level_add_up_to_one(answers: Callable[[str], Table]) -> None:
    by_level = rows("22-public-money", answers, by="échelon")
    assert sum(float(str(row["share"])) for row in by_level) == pytest.approx(1)


# What the unanswered questions would answer: the smallest data that answer each of them

HEAD = """
@prefix e: <https://w3id.org/essaim/ns#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix c: <https://w3id.org/essaim/graph/contrib/actors/> .
@prefix : <https://w3id.org/essaim/scheme/posture/> .
@prefix sc: <https://w3id.org/essaim/scheme/> .
@prefix basis: <https://w3id.org/essaim/scheme/basis/> .
@prefix crit: <https://w3id.org/essaim/scheme/criterion/> .
@prefix fate: <https://w3id.org/essaim/scheme/fate/> .
@prefix ins: <https://w3id.org/essaim/scheme/instrument/> .
@prefix why: <https://w3id.org/essaim/scheme/end-reason/> .
@prefix x: <http://example.org/> .
"""
WOULD_ANSWER = {
    "18-changes-of-posture": """x:i e:hasInvolvement x:a . x:a e:involvedActor x:city .
        x:one e:criterion crit:posture ; e:assesses x:a ; e:verdict :funder ;
          e:basis basis:observed ; e:startYear 2001 .
        x:two e:criterion crit:posture ; e:assesses x:a ; e:verdict :animator , :funder ;
          e:basis basis:observed ; e:startYear 2009 .
        :funder skos:inScheme sc:posture . :animator skos:inScheme sc:posture .""",
    "20-diagnoses-without-answer": """x:n e:identifiedIn x:d ; e:needConcept x:food , x:home ;
          e:needTerritory x:county .
        x:i e:addressesNeed x:m ; e:implementedIn x:town . x:m e:needConcept x:food .
        x:town e:withinTerritory x:county .""",
    "21-ended-with-the-call": """x:i e:hasEnding x:s ; e:supportedBy x:p .
        x:s e:fate fate:stopped ; e:endReason why:funding-ended ; e:latestYear 2015 .
        x:p e:endYear 2014 ; e:policyInstrument ins:call-for-projects .
        ins:call-for-projects skos:broader ins:call .""",
    "24-dossier-against-records": """x:f a e:Dossier ; e:itemListKnown true ;
          dcterms:hasPart x:one , x:two .
        x:one a e:CaseStudy ; e:documents x:i . x:two a e:CaseStudy . x:i a e:SocialInnovation .""",
    "25-actors-elsewhere": """c:here { x:a e:siren "123456782" ; e:legalForm x:association }
        c:too { x:b e:siren "999999998" ; e:legalForm x:association }
        x:elsewhere { x:z e:siren "123456782" ; e:legalForm x:cooperative }""",
}


@pytest.mark.parametrize("stem", sorted(UNANSWERED))
def test_an_unanswered_question_would_answer_with_its_data(stem: str) -> None:
    store = ox.Store()
    store.load((HEAD + WOULD_ANSWER[stem]).encode(), format=ox.RdfFormat.TRIG)
    assert len(select(LocalEngine(store), EXAMPLES[stem].text)) == 1


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
