"""The records of a sheet as graphs, one a row, to be written as files."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, Literal, URIRef
from rdflib.term import Node

from kb import files, terms
from kb.check.base import Base
from kb.check.inputs import FORMS, LARGEST_BYTES, Input
from kb.check.sheets.statements import sheet


def graphs(path: Path) -> dict[str, Graph]:
    """Return the records of a sheet by the end of their address, as that of their files."""
    one = sheet(
        Input(path.as_posix(), FORMS.get(path.suffix.lower(), "csv"), path),
        LARGEST_BYTES,
        Base(files.root()),
    )
    names = {id(row): iri.rpartition("/")[2] for iri, row in reversed(one.rows.items())}
    made: dict[str, Graph] = {}
    for subject, predicate, object_ in one.triples:
        name = names[id(one.rows[str(getattr(subject, "value", ""))])]
        graph = made.setdefault(name, terms.bound_graph())
        graph.add((_node(subject), URIRef(predicate.value), _node(object_)))
    return made


def _node(term: ox.NamedNode | ox.BlankNode | ox.Literal) -> Node:
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        plain = term.datatype.value == terms.STRING
        return Literal(term.value, datatype=None if plain else URIRef(term.datatype.value))
    return URIRef(term.value)
