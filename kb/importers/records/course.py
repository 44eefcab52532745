"""The course of a case: its dated stages and the money noted for it."""

from __future__ import annotations

from rdflib import Graph, Literal, URIRef

from kb.importers.records.assessments import STAGES
from kb.importers.records.making import (
    Making,
    add,
    decimal,
    integer,
    kind,
    own,
    string,
    term,
)
from kb.importers.records.reading import Node
from kb.terms import concept


def write(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    """Write the stages and the funding of a case."""
    for n, item in enumerate(case.children("stages"), start=1):
        _stage(graph, iri, item, own("stage", case.peek("id"), n), making)
    for n, item in enumerate(case.children("funding"), start=1):
        _funding(graph, iri, item, own("funding", case.peek("id"), n), case, making)


def _stage(graph: Graph, iri: URIRef, item: Node, made: URIRef, making: Making) -> None:
    kind(graph, made, "StagePeriod")
    add(graph, iri, "hasStage", made)
    written = item.text("stage")
    add(graph, made, "stage", term("stage", item, "stage", STAGES["first"].get(written, written)))
    add(graph, made, "startYear", integer(item.whole("start")))
    add(graph, made, "endYear", integer(item.whole("end")))
    making.note(graph, made, item.text("note"))
    making.cite(graph, made, item, "source")


def _funding(
    graph: Graph, iri: URIRef, item: Node, made: URIRef, case: Node, making: Making
) -> None:
    kind(graph, made, "Funding")
    add(graph, iri, "hasInvolvement", made)
    add(graph, made, "involvementRole", concept("involvement-role", "funder"))
    name = item.text("funder")
    add(graph, made, "nameInSource", string(name))
    body = making.registry.near(name, case)
    add(graph, made, "involvedActor", body.iri if body else None)
    euros, other = item.number("amount_eur"), item.number("amount")
    currency = item.text("currency")
    if euros is not None:
        add(graph, made, "amount", decimal(euros))
        add(graph, made, "currency", Literal("EUR"))
    if other is not None and euros is None:
        add(graph, made, "amount", decimal(other))
        add(graph, made, "currency", string(currency))
    elif other is not None:
        item.refuse("amount", "a second amount beside the one in euros")
    add(graph, made, "startYear", integer(item.whole("year")))
    making.note(graph, made, item.text("note"))
    making.cite(graph, made, item, "source")
