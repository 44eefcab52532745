"""What an engine found: one result is one node that breaks one constraint of one shape.

The fields are those of a `sh:ValidationResult` (SHACL §3.6.2) that a machine compares; messages
are the business of whoever tells a reader.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"

Term = ox.NamedNode | ox.BlankNode | ox.Literal


def written(triples: Iterable[ox.Triple]) -> bytes:
    """Return triples as N-Triples. Raises ValueError for what N-Triples cannot say."""
    return cast(bytes, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES))


@dataclass(frozen=True, slots=True)
class Result:
    """One result: terms as they stand in the data and the shapes, IRIs and paths as texts.

    `path` is a SPARQL property path, `<iri>` for a plain property, empty where there is none.
    `component` and `severity` are IRIs. Blank nodes have the labels of the data and the shapes.
    """

    focus: Term
    path: str
    value: Term | None
    component: str
    shape: Term
    severity: str

    @property
    def predicate(self) -> str:
        """The IRI of the property when the path is one property, else an empty text."""
        plain = self.path.startswith("<") and self.path.endswith(">") and " " not in self.path
        return self.path[1:-1] if plain and self.path.count("<") == 1 else ""

    def key(self) -> tuple[str, ...]:
        """Return the result as texts that sort and compare."""
        value = "" if self.value is None else str(self.value)
        shape = str(self.shape)
        return str(self.focus), self.path, value, self.component, shape, self.severity
