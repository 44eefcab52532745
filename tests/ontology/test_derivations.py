"""What the rules of `queries/derive/` conclude, and what they refuse to conclude.

Each case is a few statements and the value expected, or none: a derived value a reader cannot
trust is worse than no value.
"""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kb import files
from kb.terms import ESSAIM

HEAD = """
PREFIX : <https://w3id.org/essaim/ns#>
PREFIX agent: <https://w3id.org/essaim/id/agent/>
PREFIX b: <https://w3id.org/essaim/scheme/basis/>
PREFIX c: <https://w3id.org/essaim/scheme/criterion/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ex: <https://example.org/>
PREFIX fate: <https://w3id.org/essaim/scheme/fate/>
PREFIX p: <https://w3id.org/essaim/scheme/posture/>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX s: <https://w3id.org/essaim/scheme/stage/>
PREFIX v: <https://w3id.org/essaim/scheme/verdict/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
ex:case a :SocialInnovation ; :hasInvolvement ex:role .
"""


def judged(
    criterion: str, verdict: str, coder: str, basis: str = "observed", more: str = ""
) -> str:
    about = "ex:role" if criterion == "posture" else "ex:case"
    return (
        f"[] a :Assessment ; :assesses {about} ; :criterion c:{criterion} ; :verdict {verdict} ; "
        f":coder agent:{coder}-reading ; :basis b:{basis} {more}.\n"
    )


def period(stage: str, dates: str = "") -> str:
    return f"ex:case :hasStage [ a :StagePeriod ; :stage s:{stage} ; {dates} ] .\n"


@pytest.fixture(scope="module")
def schemes_text() -> list[bytes]:
    return [f.read_bytes() for f in sorted((files.root() / "ontology" / "schemes").glob("*.ttl"))]


def derived(rule: str, facts: str, schemes: list[bytes]) -> set[str]:
    store = ox.Store()
    for text in [*schemes, (HEAD + facts).encode()]:
        store.load(input=text, format=ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:x"))
    query = (files.root() / "queries" / "derive" / f"{rule}.rq").read_text("utf-8")
    made = store.query(query, use_default_graph_as_union=True)
    assert isinstance(made, ox.QueryTriples)
    triples = list(made)
    assert all(t.predicate.value.startswith(str(ESSAIM)) for t in triples)
    return {getattr(t.object, "value", "").rsplit("/", 1)[-1] for t in triples}


SECOND_SAYS = judged("stage", "s:implementation", "second")
STAGES: list[tuple[str, str, set[str]]] = [
    ("an observed judgement over dates", SECOND_SAYS + period("ended", ":startYear 2019"),
     {"implementation"}),
    ("a later reading over the first",
     SECOND_SAYS + judged("stage", "s:diffusion", "first"), {"implementation"}),
    ("the evidence reading over the second",
     SECOND_SAYS + judged("stage", "s:ended", "evidence"), {"ended"}),
    ("the later date within a rank",
     judged("stage", "s:ended", "new", more="; :readingDate '2027-01-02'^^xsd:date ")
     + judged("stage", "s:scaling", "other", more="; :partOfReading [ :readingDate "
              "'2027-03-01'^^xsd:date ] "), {"scaling"}),
    ("nothing from an unverified judgement",
     judged("stage", "s:diffusion", "first", "unverified"), set()),
    ("nothing from a family",
     judged("stage", "s:diffusion", "first", "inherited-from-family"), set()),
    ("nothing where the latest reader could not decide",
     judged("stage", "v:undecidable", "second") + period("development", ":startYear 2015"), set()),
    ("dates where the reader did not code",
     judged("stage", "v:not-coded", "second") + period("development", ":startYear 2015"),
     {"development"}),
    ("an earlier judgement where the later reader did not code",
     SECOND_SAYS + judged("stage", "v:not-coded", "evidence"), {"implementation"}),
    ("nothing where one reading contradicts itself",
     SECOND_SAYS + judged("stage", "s:ended", "second"), set()),
    ("the last dated period", period("emergence", ":startYear 2014")
     + period("development", ":earliestYear 2016") + period("diffusion"), {"development"}),
    ("nothing from two periods of one year", period("emergence", ":startYear 2014")
     + period("development", ":startYear 2014"), set()),
    ("an end after what began in its year", period("emergence", ":startYear 2014")
     + period("ended", ":startYear 2014"), {"ended"}),
    ("a new start after an end", period("ended", ":startYear 2018")
     + period("emergence", ":startYear 2024"), {"emergence"}),
    ("nothing beside an undated end", period("development", ":startYear 2018") + period("ended"),
     set()),
    ("a dated ending of the record", period("development", ":startYear 2018")
     + "ex:case :hasEnding [ :fate fate:stopped ; :earliestYear 2019 ] .", {"ended"}),
    ("no end from a move", period("development", ":startYear 2018")
     + "ex:case :hasEnding [ :fate fate:moved ; :earliestYear 2019 ] .", {"development"}),
    ("nothing from an undated period", period("development"), set()),
    ("nothing from a last period that closed",
     period("institutionalisation", ":startYear 2010 ; :endYear 2021"), set()),
    ("nothing before a last period that closed", period("emergence", ":startYear 2014")
     + period("development", ":startYear 2016 ; :endYear 2018"), set()),
    ("a period whose announced end is to come",
     judged("posture", "p:funder", "evidence", more="; :readingDate '2026-11-23'^^xsd:date ")
     + period("experimentation", ":startYear 2022 ; :endYear 2026"), {"experimentation"}),
    ("nothing from an emergence that the opening followed",
     "ex:case :startYear 2023 .\n" + period("emergence", ":startYear 2022"), set()),
    ("a later stage whose start is the opening",
     "ex:case :startYear 2023 .\n" + period("development", ":startYear 2023"), {"development"}),
    ("an emergence after a first opening and its end", "ex:case :startYear 2012 .\n"
     + period("ended", ":startYear 2018") + period("emergence", ":startYear 2024"), {"emergence"}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), [x[1:] for x in STAGES], ids=[x[0] for x in STAGES])
def test_the_current_stage_is(facts: str, expected: set[str], schemes_text: list[bytes]) -> None:
    found = derived("40-current-stage", facts, schemes_text)
    assert found == expected, "correct queries/derive/40-current-stage.rq, or its description"


MARKET = judged("law2014-1-market", "v:yes", "second")
WORK = judged("law2014-2-work", "v:yes", "second")
BRANCHES: list[tuple[str, str, set[str]]] = [
    ("branch 1 from the market", MARKET + judged("law2014-2-form", "v:undecidable", "second"),
     {"branch-1"}),
    ("branch 2 from work", WORK + judged("law2014-1-policy", "v:no", "second"), {"branch-2"}),
    ("both", MARKET + WORK, {"both-branches"}),
    ("undecidable, none being yes", judged("law2014-1-market", "v:undecidable", "second")
     + judged("law2014-2-work", "v:no", "second"), {"undecidable"}),
    ("nothing where all is no", judged("law2014-1-market", "v:no", "second"), set()),
    ("nothing where nothing is coded", judged("law2014-1-market", "v:not-coded", "second"), set()),
    ("nothing from a block noted without evidence",
     judged("law2014-1", "v:yes", "first", "unverified"), set()),
    ("what a later reading corrected",
     MARKET + WORK + judged("law2014-1-market", "v:no", "evidence"), {"branch-2"}),
    ("what a later reading left alone",
     MARKET + WORK + judged("law2014-1-market", "v:not-coded", "evidence"), {"both-branches"}),
    ("nothing outside the scope, where the criteria are only a grid",
     MARKET + WORK + judged("law2014-scope", "v:no", "evidence", "inferred"), set()),
    ("a branch within the scope",
     MARKET + judged("law2014-scope", "v:yes", "evidence"), {"branch-1"}),
    ("nothing from a criterion that is only inferred",
     judged("law2014-1-market", "v:yes", "second", "inferred"), set()),
    ("nothing from co-design alone", judged("law2014-codesign", "v:yes", "second"), set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"), [x[1:] for x in BRANCHES], ids=[x[0] for x in BRANCHES]
)
def test_the_branch_of_the_law_is(
    facts: str, expected: set[str], schemes_text: list[bytes]
) -> None:
    found = derived("50-law-branch", facts, schemes_text)
    assert found == expected, "correct queries/derive/50-law-branch.rq, or its description"


FUNDER = judged("posture", "p:funder", "second")
POSTURES: list[tuple[str, str, set[str]]] = [
    ("the observed one only",
     FUNDER + judged("posture", "p:planner", "first", "unverified"), {"funder"}),
    ("none from a family", judged("posture", "p:planner", "first", "inherited-from-family"), set()),
    ("none from undecidable or not coded", judged("posture", "v:undecidable", "second")
     + judged("posture", "v:not-coded", "evidence"), set()),
    ("those of all readings", FUNDER + judged("posture", "p:refuser", "evidence"),
     {"funder", "refuser"}),
    ("the child without its parent", judged("posture", "p:initiator", "second")
     + judged("posture", "p:co-initiator", "evidence"), {"co-initiator"}),
    ("the parent where the child is unverified", judged("posture", "p:initiator", "second")
     + judged("posture", "p:co-initiator", "first", "unverified"), {"initiator"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "expected"), [x[1:] for x in POSTURES], ids=[x[0] for x in POSTURES]
)
def test_the_postures_are(facts: str, expected: set[str], schemes_text: list[bytes]) -> None:
    found = derived("20-postures", facts, schemes_text)
    assert found == expected, "correct queries/derive/20-postures.rq, or its description"


NEED = "ex:case :addressesNeed [ :statementText 'Rien à louer.'@fr {} ] .\n"
TWO = "ex:case dcterms:source ex:one . ex:role dcterms:source ex:two .\n"
SOURCED = judged("posture", "p:funder", "second", more="; :partOfReading [ prov:used ex:one ] ")
SCORES: list[tuple[str, str, set[str]]] = [
    ("0 for an empty record", "", {"0"}),
    ("1 for a need in words", NEED.format(""), {"1"}),
    ("0 for a need guessed from the name", NEED.format("; :basis b:guessed-from-name"), {"0"}),
    ("1 for a dated stage", period("ended", ":startYear 2019"), {"1"}),
    ("0 for a stage without a date", period("ended"), {"0"}),
    ("1 for an observed and sourced posture", SOURCED, {"1"}),
    ("0 for an observed posture without source", FUNDER, {"0"}),
    ("1 for two sources", TWO, {"1"}),
    ("0 for a page and its copy", TWO + "ex:two :copyOf ex:one .", {"0"}),
    ("4 for all", NEED.format("") + period("ended", ":latestYear 2019") + SOURCED + TWO, {"4"}),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expected"), [x[1:] for x in SCORES], ids=[x[0] for x in SCORES])
def test_the_documentation_score_is(
    facts: str, expected: set[str], schemes_text: list[bytes]
) -> None:
    found = derived("60-documentation-score", facts, schemes_text)
    assert found == expected, "correct queries/derive/60-documentation-score.rq"
