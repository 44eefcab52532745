"""The territories that received a label: each a project territory, with its award."""

from __future__ import annotations

import re

from rdflib import XSD, Literal

from kb.importers.records import tables
from kb.importers.records.making import Making, add, integer, kind, string
from kb.importers.records.places import territory
from kb.importers.records.reading import Node
from kb.terms import record, slug

UNOFFICIAL = "Territoire de projet nommé par l'annonce du label ; son périmètre n'est pas donné."


def write(making: Making, labelled: list[Node]) -> None:
    """Write the file of every labelled territory."""
    for node in labelled:
        name = node.text("territory")
        stem = f"french-impact-{slug(name)}"
        graph = making.files.open("territories", stem)
        iri = kind(graph, territory(stem), "ProjectTerritory")
        tables.label(graph, iri, name, name)
        add(graph, iri, "placeName", Literal(name))
        making.note(graph, iri, UNOFFICIAL)
        award = kind(graph, record("label-award", stem), "LabelAward")
        add(graph, award, "awardedTo", iri)
        add(graph, award, "labelName", string(node.text("label")))
        add(graph, award, "wave", integer(node.whole("wave")))
        add(graph, award, "candidateSiren", string(node.text("siren_candidate")))
        date = node.text("announced")
        if re.fullmatch(r"\d{4}-\d\d-\d\d", date):
            add(graph, award, "awardDate", Literal(date, datatype=XSD.date))
        else:
            add(graph, award, "dateAsWritten", string(date))
        page = making.cite(graph, award, node, "source")
        if page is not None:
            making.source(graph, iri, str(page), "read-excerpt")
