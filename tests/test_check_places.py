"""The places of findings, held to rdflib: what stands there is the term that the rule is about.

The tables of places are read by eye; here each stretch of text is read again by a reader that is
not ours, as the object of a statement with the prefixes of its file.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from check import positions
from rdflib import Graph
from rdflib.term import BNode, Node

from kb.check import check
from kb.check.finding import Finding

INVALID = sorted((positions.EXAMPLES / "invalid").glob("*.ttl"))
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
CLOSED = "http://www.w3.org/ns/shacl#ClosedConstraintComponent"


@cache
def told() -> dict[str, list[Finding]]:
    report = positions.report("invalid")
    return {Path(file.name).stem: report.of(file.name) for file in report.files}


def term(token: str, prefixes: str = "") -> Node:
    """Return what a stretch of Turtle names."""
    made = Graph().parse(data=f"{prefixes}\n<x:s> <x:p> {token} .", format="turtle")
    return next(made.objects())


def meant(one: Finding, text: str, prefixes: str) -> set[str]:
    """Return the terms that may stand at a place: the value, or else the property or the node."""
    if one.component == CLOSED:
        return {one.path}
    if one.value and one.value != one.focus:
        return {one.value}
    written = {term(name, prefixes).n3() for name in re.findall(r"(?<=\s)\w+:[\w-]+(?=\s)", text)}
    written |= {TYPE} if re.search(r"\sa\s", text) else set()
    return {one.path} if one.path in written else {one.focus}


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_what_stands_at_a_place_is_what_the_rule_is_about(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    prefixes = "\n".join(line for line in text.splitlines() if line.startswith("@prefix"))
    body = "\n".join(line for line in text.splitlines() if not line.startswith("@prefix"))
    for one in told()[path.stem]:
        assert one.place
        line = text.splitlines()[one.place.line - 1]
        token = text[one.place.start : one.place.end]
        assert line[one.place.column - 1 :].startswith(token.splitlines()[0])
        found = term(TYPE if token == "a" else token, prefixes)
        right = {term(name) for name in meant(one, body, prefixes)}
        assert isinstance(found, BNode) or found in right, (
            f"{path.name}:{one.place} is {found.n3()}, {one.code} is about {right}"
        )


@pytest.mark.parametrize("form", ["json-ld", "rdf-xml"])
def test_other_forms_of_a_record_are_told_at_a_line_that_names_it(form: str) -> None:
    path = positions.HERE / "mistakes" / "year-in-words.ttl"
    text = Graph().parse(path).serialize(format="pretty-xml" if form == "rdf-xml" else form)
    report = check((), text, form)
    (one,) = [one for one in report.told if one.code == "C-dated-start-year"]
    assert one.place
    assert "vers 2014" in text.splitlines()[one.place.line - 1]
    assert not [edit for fix in one.fixes for edit in fix.edits]
    assert all(one.place for one in report.told)
