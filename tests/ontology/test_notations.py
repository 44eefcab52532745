"""Concept IRIs are frozen: records, links and other bases point to them.

`notations.txt` lists every concept ever published. A concept that is given up stays in its
scheme with owl:deprecated and dcterms:isReplacedBy; a new one is added to the list.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import RDF, SKOS, Graph

from kb.terms import BASE

RECORDS = os.environ.get("ESSAIM_TESTDATA")
# What the records write otherwise: both = two values; undecidable = a verdict of any criterion.
RENAMED = {("poorly-met-by", "both"), ("stage", "undecidable"), ("ambition", "undecidable")}


def published() -> set[str]:
    return set((Path(__file__).parent / "notations.txt").read_text("utf-8").split())


def defined(schemes: Graph) -> set[str]:
    return {str(c).removeprefix(BASE + "scheme/") for c in schemes.subjects(RDF.type, SKOS.Concept)}


def test_no_published_concept_disappears(schemes: Graph) -> None:
    lost = sorted(published() - defined(schemes))
    assert not lost, f"put the concept back and deprecate it: {lost}"


def test_each_concept_is_in_the_published_list(schemes: Graph) -> None:
    new = sorted(defined(schemes) - published())
    assert not new, f"add the new concepts to tests/ontology/notations.txt: {new}"


def values(cases: list[dict], policies: list[dict], second: list[dict]) -> Iterator[tuple]:
    for case in cases:
        yield from (("need", n) for n in case["needs"])
        yield from (("involvement-role", a["role"]) for a in case["actors"])
        yield "poorly-met-by", case.get("need_poorly_met_by")
        yield "ambition", case["coding"]["ambition"]
        yield "stage", case["coding"]["stage"]
        yield from (("stage", s["stage"]) for s in case.get("stages", ()))
        yield "basis", case["coding"].get("basis")
        yield from (("basis", case.get(key)) for key in ("need_basis", "needs_basis"))
        for authority in case["public_authorities"]:
            yield "level", authority["level"]
            yield from (("posture", role) for role in authority["roles"])
    for policy in policies:
        yield "level", policy["level"]
        yield "instrument", policy["instrument"]
        yield from (("need", n) for n in policy["needs"])
        yield from (("posture", role) for role in policy["authority_roles"])
    for reading in second:
        yield "ambition", reading["ambition"]["value"]
        yield "stage", reading["stage"]["value"]
        for key in ("postures", "postures_outside_record"):
            for judged in reading.get(key, ()):
                yield "posture", judged["posture"]
                yield "confidence", judged["confidence"]


@pytest.mark.skipif(not RECORDS, reason="ESSAIM_TESTDATA does not name the research records")
def test_each_value_of_the_research_records_is_a_concept(schemes: Graph) -> None:
    folder = Path(str(RECORDS))
    if (folder / "records").is_dir():
        folder = folder / "records"
    if not (folder / "cases.json").is_file():
        pytest.skip(f"no cases.json in {folder}")
    files = [folder / n for n in ("cases.json", "policies.json", "second-reading.json")]
    read = [json.loads(f.read_text("utf-8")) for f in files]
    used = {pair for pair in values(*read) if pair[1]} - RENAMED
    unknown = sorted(pair for pair in used if "/".join(pair) not in defined(schemes))
    assert not unknown, f"define the concept, or map the value in the converter: {unknown}"
    types = {r["seed_type"] for r in json.loads((folder / "resources.json").read_text("utf-8"))}
    missing = sorted(t for t in types if f"document-type/{t}" not in defined(schemes))
    assert not missing, f"define the document type: {missing}"
