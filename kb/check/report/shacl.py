"""A standard `sh:ValidationReport` (SHACL §3.6) in Turtle or JSON-LD, for machines.

Only what shapes found is in it, each result with its messages in all languages, and the place as
`prov:atLocation`: a text fragment of the file (RFC 5147 line positions).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import cast

import pyoxigraph as ox

from kb.check.finding import Finding, Report
from kb.check.words import LANGUAGES, message

Term = ox.NamedNode | ox.BlankNode | ox.Literal
SH, PROV = "http://www.w3.org/ns/shacl#", "http://www.w3.org/ns/prov#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
SEVERITIES = {"error": "Violation", "warning": "Warning", "info": "Info"}
PREFIXES = {"sh": SH, "prov": PROV, "xsd": "http://www.w3.org/2001/XMLSchema#"}


def turtle(report: Report, language: str) -> str:
    """Return the report in Turtle; its language is that of every message."""
    made = ox.serialize(_triples(report), format=ox.RdfFormat.TURTLE, prefixes=PREFIXES)
    return (made or b"").decode()


def jsonld(report: Report, language: str) -> str:
    """Return the report in JSON-LD."""
    made = ox.serialize(_triples(report), format=ox.RdfFormat.JSON_LD, prefixes=PREFIXES)
    return json.dumps(json.loads(made or b"[]"), ensure_ascii=False, indent=1) + "\n"


def _triples(report: Report) -> Iterator[ox.Triple]:
    node = ox.BlankNode("report")
    found = [one for one in report.findings if one.shape]
    yield ox.Triple(node, TYPE, ox.NamedNode(SH + "ValidationReport"))
    yield ox.Triple(node, ox.NamedNode(SH + "conforms"), ox.Literal(not found))
    results = [ox.BlankNode(f"result{number}") for number in range(1, len(found) + 1)]
    for result in results:
        yield ox.Triple(node, ox.NamedNode(SH + "result"), result)
    for result, one in zip(results, found, strict=True):
        yield from _result(result, one)


def _result(node: ox.BlankNode, one: Finding) -> Iterator[ox.Triple]:
    def says(name: str, value: Term) -> ox.Triple:
        return ox.Triple(node, ox.NamedNode(SH + name), value)

    yield ox.Triple(node, TYPE, ox.NamedNode(SH + "ValidationResult"))
    yield says("focusNode", _term(one.focus))
    yield says("resultSeverity", ox.NamedNode(SH + SEVERITIES[one.severity]))
    yield says("sourceConstraintComponent", ox.NamedNode(one.component))
    yield says("sourceShape", _term(one.shape))
    if one.value:
        yield says("value", _term(one.value))
    if one.path.startswith("<") and one.path.count("<") == 1 and one.path.endswith(">"):
        yield says("resultPath", ox.NamedNode(one.path[1:-1]))
    for language in LANGUAGES:
        yield says("resultMessage", ox.Literal(message(one, language), language=language))
    if one.place:
        where = f"{one.file}#line={one.place.line - 1},{one.place.end_line}"
        yield ox.Triple(node, ox.NamedNode(PROV + "atLocation"), ox.Literal(where))


@cache
def _term(text: str) -> Term:
    """Return the term of a text in N-Triples."""
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    if text.startswith("<"):
        return ox.NamedNode(text[1:-1])
    (quad,) = ox.parse(f"<x:> <x:> {text} .", format=ox.RdfFormat.N_TRIPLES)
    return cast(Term, quad.object)  # N-Triples has no other terms
