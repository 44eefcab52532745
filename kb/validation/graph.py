"""The graph to judge: record files, the vocabularies they use, and what they refer to.

Vocabularies belong to the data graph, for a rule asks whether a concept exists and is in its
scheme; subclass statements are closed beforehand, so that a rule on actors holds for associations.
The 250,000 statements of the territory layer stay out: only the types of the territories that
records name come in, and the whole description of those that records describe too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, RDFS, XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from kb import files, sources, terms
from kb.sources import Source

TERRITORY = terms.BASE + "id/territory/"
Triple = tuple[Node, Node, Node]

# rdflib logs a traceback for each impossible date; a finding says it better.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


@dataclass(slots=True)
class DataGraph:
    """A graph to judge, and the file in which each statement of a record stands."""

    graph: Graph = field(default_factory=Graph)
    _where: dict[Triple, str] = field(default_factory=dict)
    _subjects: dict[Node, str] = field(default_factory=dict)

    def file(self, focus: Node, path: Node | None, value: Node | None) -> str | None:
        """Return the record file of a statement, else of its subject, else None."""
        if path is not None and value is not None and (focus, path, value) in self._where:
            return self._where[focus, path, value]
        return self._subjects.get(focus)

    def add_record(self, source: Source) -> None:
        """Take in a record file, which findings will be about."""
        for triple in _triples(source):
            self.graph.add(triple)
            self._where.setdefault(triple, source.name)
            self._subjects.setdefault(triple[0], source.name)

    def add_context(self, source: Source) -> None:
        """Take in a file that records refer to, which no finding will be about."""
        for triple in _triples(source):
            self.graph.add(triple)

    def add_territories(self, references: Iterable[Source]) -> None:
        """Take in what the territory layer says of the territories that records name."""
        named = {str(o) for o in self.graph.objects() if str(o).startswith(TERRITORY)}
        described = {str(s) for s in self._subjects if str(s).startswith(TERRITORY)}
        for source in references:
            for quad in sources.quads(source):
                subject = str(getattr(quad.subject, "value", ""))
                if subject in described or (
                    subject in named and quad.predicate.value == str(RDF.type)
                ):
                    self.graph.add(_triple(quad))

    def close_subclasses(self) -> None:
        """Add the subclass statements that follow from those present."""
        for name in set(self.graph.subjects(RDFS.subClassOf)):
            for broader in list(self.graph.transitive_objects(name, RDFS.subClassOf)):
                if broader is not None and broader != name:
                    self.graph.add((name, RDFS.subClassOf, broader))


def whole(root: Path | None = None) -> DataGraph:
    """Return every record of the repository, ready to be judged."""
    found = sources.find(root or files.root())
    records = [source for source in found if source.space == "contrib"]
    references = [source for source in found if source.space == "ref"]
    return _assembled(found, records, (), references)


def beside(
    records: Iterable[Path], context: Iterable[Path] = (), root: Path | None = None
) -> DataGraph:
    """Return some record files with the vocabularies and the files they refer to."""
    found = sources.find(root or files.root())
    return _assembled(found, map(_loose, records), map(_loose, context), ())


def _assembled(
    found: Iterable[Source],
    records: Iterable[Source],
    context: Iterable[Source],
    references: Iterable[Source],
) -> DataGraph:
    made = DataGraph()
    for source in found:
        # Alignments name classes of others: no rule needs them.
        if source.space == "vocab" and source.path.stem != "alignments":
            made.add_context(source)
    made.close_subclasses()
    for source in context:
        made.add_context(source)
    for source in records:
        made.add_record(source)
    made.add_territories(references)
    return made


def _loose(path: Path) -> Source:
    return Source(path, str(terms.graph("contrib", "loose", path.stem)), path.as_posix())


def _triples(source: Source) -> Iterator[Triple]:
    return map(_triple, sources.quads(source))


def _triple(quad: ox.Quad) -> Triple:
    return _term(quad.subject), _term(quad.predicate), _term(quad.object)


@lru_cache(maxsize=100_000)
def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.Literal):
        if term.language:
            return Literal(term.value, lang=term.language)
        datatype = URIRef(term.datatype.value)
        # For rdflib a plain "x" and "x"^^xsd:string differ; for RDF 1.1 they do not.
        # A rule judges what is written: "01" stays "01".
        return Literal(
            term.value, datatype=None if datatype == XSD.string else datatype, normalize=False
        )
    return BNode(str(term))
