"""The models, apart from their occurrences: one file for each row target of `models.tsv`."""

from __future__ import annotations

from rdflib import SKOS, Graph, Literal, URIRef

from kb.importers.records import spread, tables
from kb.importers.records.making import Making, kind
from kb.importers.records.reading import Node
from kb.terms import record, slug


def write(making: Making, models: list[Node]) -> None:
    """Write every model the tables know, and what `models.json` says of one of them."""
    for row in tables.rows(making.tables / "models.tsv", ("name", "model", "note")):
        if not row["model"]:
            continue
        graph = _model(making, row["model"])
        iri = record("model", row["model"])
        graph.add((iri, SKOS.altLabel, Literal(row["name"])))
    for node in models:
        ident = node.text("id")
        found = making.models.get(slug(ident))
        if found is None or node.text("kind") != "model":
            node.refuse("id", "no model in data/making/models.tsv")
            continue
        graph = _model(making, str(found).rpartition("/")[2])
        spread.influences(graph, found, node, making)
        spread.transfers(graph, found, node, making)


def _model(making: Making, stem: str) -> Graph:
    graph = making.files.open("models", stem)
    iri: URIRef = record("model", stem)
    if not len(graph):
        kind(graph, iri, "InnovationModel")
        tables.label(graph, iri, *making.labels["models"].pair(stem, stem))
    return graph
