"""The competency questions: rows or a reason, the caveats, and answers checked by hand."""

from __future__ import annotations

import csv
import importlib.util
import time
from collections.abc import Callable

import pyoxigraph as ox
import pytest

from kb import files, terms
from kb.engine import LocalEngine
from kb.notebook import Base
from kb.queries import registry
from kb.release import Release
from kb.rows import Row, Table, select

EXAMPLES = registry(files.root() / "queries" / "examples")
CHECKED = files.root() / "tests" / "checked"
UNANSWERED = {
    "20-diagnoses-without-answer",
    "24-dossier-against-records",
    "25-actors-elsewhere",
}
FEW = {"21-ended-with-the-call": 1}
LIMIT_S = 1.0


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


def test_at_least_twenty_one_questions_have_rows() -> None:
    assert len(set(EXAMPLES) - UNANSWERED) >= 21


@pytest.mark.parametrize("stem", sorted(stem for stem in EXAMPLES if EXAMPLES[stem].missing("en")))
def test_a_question_says_who_could_supply_what_is_missing(stem: str) -> None:
    assert "Who could supply" in EXAMPLES[stem].missing("en"), f"{stem}: name who could"
    assert "fournir" in EXAMPLES[stem].missing("fr"), f"{stem}: dites qui peut fournir"


@pytest.mark.parametrize("stem", sorted(set(EXAMPLES) - UNANSWERED))
def test_the_answers_checked_by_hand_are_still_given(
    stem: str, answers: Callable[[str], Table]
) -> None:
    path = CHECKED / f"{stem}.csv"
    assert path.exists(), f"check three answers of {stem} against the records; write {path}"
    with path.open(encoding="utf-8", newline="") as lines:
        wanted = list(csv.DictReader(lines))
    assert len(wanted) == FEW.get(stem, 3), f"{path}: three rows, or FEW says how many"
    for row in wanted:
        read = row.pop("read")
        for file in read.split():
            assert (files.root() / file).exists(), f"{path}: {file} is no longer there"
        found = [one for one in answers(stem) if _agrees(one, row)]
        assert found, f"{path}: {row} is not answered now; read {read} again, then correct one"


def _agrees(answer: Row, wanted: dict[str, str]) -> bool:
    return all(str(answer.get(column, "")) == value for column, value in wanted.items())


@pytest.mark.parametrize("stem", EXAMPLES)
def test_a_question_is_answered_within_a_second(stem: str, shipped: Release) -> None:
    start = time.process_time()
    select(shipped.engine, EXAMPLES[stem].text)
    taken = time.process_time() - start
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
    assert module.page(shipped.engine) == written, "run `python docs/generate.py`"


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
          ?x essaim:hasInvolvement ?i ; essaim:addressesNeed/essaim:needConcept need:emploi ;
            essaim:unitOfObservation <https://w3id.org/essaim/scheme/unit/occurrence>
          FILTER %s EXISTS { ?a essaim:assesses ?i ; essaim:verdict posture:funder ;
            essaim:basis basis:observed } }"""
    (row,) = rows("01-postures-by-need", answers, needLabel="Emploi", postureLabel="Financeur")
    assert str(row["observed"]) == str(len(select(shipped.engine, text % "")))
    others = int(str(row["statedOnly"])) + int(str(row["unverified"]))
    assert others == len(select(shipped.engine, text % "NOT"))


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


def test_every_occurrence_is_in_a_country(
    answers: Callable[[str], Table], shipped: Release
) -> None:
    countries = rows("09-distribution-by-territory", answers, levelLabel="Pays")
    text = """PREFIX essaim: <https://w3id.org/essaim/ns#>
        SELECT ?x { ?x a essaim:SocialInnovation ;
          essaim:unitOfObservation <https://w3id.org/essaim/scheme/unit/occurrence> }"""
    innovations = len(select(shipped.engine, text))
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


def test_every_line_of_money_is_counted_once_or_said_to_be_left_out(
    answers: Callable[[str], Table], shipped: Release
) -> None:
    counted = rows("22-public-money", answers, by="échelon")
    left_out = rows("22-public-money", answers, by="hors du compte")
    lines = select(
        shipped.engine,
        "PREFIX essaim: <https://w3id.org/essaim/ns#> "
        "SELECT ?line { ?line a essaim:Funding ; essaim:amount ?amount }",
    )
    assert sum(int(str(row["lines"])) for row in [*counted, *left_out]) == len(lines)


def test_a_change_of_posture_comes_after_another_posture(
    answers: Callable[[str], Table],
) -> None:
    seen = set()
    for row in answers("18-changes-of-posture"):
        assert int(str(row["earlierYear"])) < int(str(row["laterYear"]))
        assert str(row["newPostureLabel"]) not in str(row["earlierPostures"]).split(" ; ")
        key = tuple(str(row[name]) for name in ("innovation", "authority", "newPostureLabel"))
        assert key not in seen, f"{key}: one change, not every pair of years"
        seen.add(key)


# The smallest data that answer each question the base can hardly answer, or not yet

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
        :funder skos:inScheme sc:posture ; skos:prefLabel "financeur"@fr .
        :animator skos:inScheme sc:posture ; skos:prefLabel "animateur"@fr .""",
    "20-diagnoses-without-answer": """x:n e:identifiedIn x:d ; e:needConcept x:food , x:home ;
          e:needTerritory x:county .
        x:i e:addressesNeed x:m ; e:implementedIn x:town . x:m e:needConcept x:food .
        x:town e:withinTerritory x:county .""",
    "21-ended-with-the-call": """x:i e:hasEnding x:s ; e:supportedBy x:p .
        x:s e:fate fate:stopped ; e:endReason why:term-reached ; e:latestYear 2015 .
        x:p e:endYear 2014 ; e:policyInstrument ins:call-for-projects .
        ins:call-for-projects skos:broader ins:call .""",
    "24-dossier-against-records": """x:f a e:Dossier ; e:itemListKnown true ;
          dcterms:hasPart x:one , x:two .
        x:one a e:CaseStudy ; e:documents x:i . x:two a e:CaseStudy . x:i a e:SocialInnovation .""",
    "25-actors-elsewhere": """c:here { x:a e:siren "123456782" ; e:legalForm x:association }
        c:too { x:b e:siren "999999998" ; e:legalForm x:association }
        x:elsewhere { x:z e:siren "123456782" ; e:legalForm x:cooperative }""",
}


@pytest.mark.parametrize("stem", sorted(WOULD_ANSWER))
def test_a_question_answers_with_the_least_data(stem: str) -> None:
    store = ox.Store()
    store.load((HEAD + WOULD_ANSWER[stem]).encode(), format=ox.RdfFormat.TRIG)
    assert len(select(LocalEngine(store), EXAMPLES[stem].text)) == 1
