"""The graph to judge: record files, the vocabularies they use, and what they refer to.

Vocabularies belong to the data graph, for a rule asks whether a concept exists and is in its
scheme; subclass statements are closed beforehand, so that a rule on actors holds for associations.
The 250,000 statements of the territory layer stay out: only the types of the territories that
records name come in, and the whole description of those that records describe too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox
from rdflib import Graph

from kb import files, sources, terms
from kb.sources import Source
from kb.validation.engines.reference import graph
from kb.validation.engines.results import RDF, RDFS, Term

TERRITORY = terms.BASE + "id/territory/"
SUBCLASS = ox.NamedNode(RDFS + "subClassOf")


@dataclass
class DataGraph:
    """A graph to judge, and the file in which each statement of a record stands."""

    triples: dict[ox.Triple, None] = field(default_factory=dict)
    _where: dict[ox.Triple, str] = field(default_factory=dict)
    _subjects: dict[Term, str] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Graph:
        """The same graph for rdflib."""
        return graph(self.triples)

    def file(self, focus: Term, predicate: str, value: Term | None) -> str | None:
        """Return the record file of a statement, else of its subject, else None."""
        if predicate and value is not None and not isinstance(focus, ox.Literal):
            triple = ox.Triple(focus, ox.NamedNode(predicate), value)
            if triple in self._where:
                return self._where[triple]
        return self._subjects.get(focus)

    def add_record(self, source: Source) -> None:
        """Take in a record file, which findings will be about."""
        for quad in sources.quads(source):
            triple = quad.triple
            self.triples[triple] = None
            self._where.setdefault(triple, source.name)
            self._subjects.setdefault(cast(Term, triple.subject), source.name)

    def add_context(self, source: Source) -> None:
        """Take in a file that records refer to, which no finding will be about."""
        self.triples.update((quad.triple, None) for quad in sources.quads(source))

    def add_territories(self, references: Iterable[Source]) -> None:
        """Take in what the territory layer says of the territories that records name."""
        named = {o for o in (t.object for t in self.triples) if _is_territory(o)}
        described = {s for s in self._subjects if _is_territory(s)}
        for source in references:
            for quad in sources.quads(source):
                is_type = quad.predicate.value == RDF + "type"
                if quad.subject in described or (is_type and quad.subject in named):
                    self.triples[quad.triple] = None

    def close_subclasses(self) -> None:
        """Add the subclass statements that follow from those present."""
        broader: dict[Any, set[Any]] = {}
        for triple in self.triples:
            if triple.predicate == SUBCLASS:
                broader.setdefault(triple.subject, set()).add(triple.object)
        for name in broader:
            reached, waiting = {name}, [name]
            while waiting:
                fresh = broader.get(waiting.pop(), set()) - reached
                reached |= fresh
                waiting += fresh
            for other in sorted(reached - {name}, key=str):
                self.triples[ox.Triple(name, SUBCLASS, other)] = None


def _is_territory(term: object) -> bool:
    return isinstance(term, ox.NamedNode) and term.value.startswith(TERRITORY)


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
