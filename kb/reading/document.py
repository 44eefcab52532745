"""What reading gives: the statements with their places, the problems, the prefixes.

Statements are kept as columns (terms in one list, offsets in one array) and made one by one when
asked for, so that a file of 20 MB is read in little more memory than its terms take.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

import pyoxigraph as ox

from kb.reading.places import Lines, Place
from kb.reading.problems import SyntaxProblem

Term = ox.NamedNode | ox.BlankNode | ox.Literal
Node = ox.NamedNode | ox.BlankNode
Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
LOW = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class PrefixLine:
    """A declared prefix: its namespace, where its line stands, and whether it begins with @."""

    prefix: str
    iri: str
    place: Place
    has_at: bool


class Statement:
    """One triple or quad, and where its terms stand; places are computed when asked for."""

    __slots__ = ("_lines", "_marks", "graph", "object", "predicate", "subject")

    subject: Node
    predicate: ox.NamedNode
    object: Term
    graph: Graph

    def __init__(
        self,
        terms: Sequence[Node | ox.NamedNode | Term | Graph],
        marks: Sequence[int],
        lines: Lines,
    ) -> None:
        self.subject, self.predicate, self.object, self.graph = terms  # type: ignore[assignment]
        self._marks, self._lines = marks, lines

    @property
    def places(self) -> tuple[Place, Place, Place, Place | None]:
        """Where subject, predicate, object and graph stand; no place for the default graph.

        A node made by brackets stands at its opening bracket, or at the whole of `[]`; the `rdf:`
        predicates of a list stand where the member stands.
        """
        subject, predicate, object_, graph = (
            self._lines.place(mark >> 32, mark & LOW) if mark else None for mark in self._marks
        )
        nowhere = self._lines.place(0, 0)
        return subject or nowhere, predicate or nowhere, object_ or nowhere, graph

    @property
    def offsets(self) -> tuple[int, int, int]:
        """The offsets at which subject, predicate and object begin."""
        marks = self._marks
        return marks[0] >> 32, marks[1] >> 32, marks[2] >> 32

    @property
    def quad(self) -> ox.Quad:
        """The statement as a quad of pyoxigraph."""
        return ox.Quad(self.subject, self.predicate, self.object, self.graph)

    def __repr__(self) -> str:
        return f"<Statement {self.quad} at {self.places[0]}>"


class Statements(Sequence[Statement]):
    """The statements in the order of the text."""

    def __init__(self, lines: Lines) -> None:
        self.terms: list[Term | Graph] = []
        self.marks = array("Q")
        self.lines = lines

    def __len__(self) -> int:
        return len(self.terms) // 4

    @overload
    def __getitem__(self, index: int) -> Statement: ...
    @overload
    def __getitem__(self, index: slice) -> list[Statement]: ...
    def __getitem__(self, index: int | slice) -> Statement | list[Statement]:
        if isinstance(index, slice):
            return [self._at(4 * at) for at in range(*index.indices(len(self)))]
        return self._at(4 * range(len(self))[index])

    def __iter__(self) -> Iterator[Statement]:
        return (self._at(at) for at in range(0, len(self.terms), 4))

    def _at(self, at: int) -> Statement:
        return Statement(self.terms[at : at + 4], self.marks[at : at + 4], self.lines)

    def quads(self) -> Iterator[ox.Quad]:
        """Yield the statements as quads, without their places."""
        terms = iter(self.terms)
        for subject, predicate, object_, graph in zip(terms, terms, terms, terms, strict=True):
            yield ox.Quad(subject, predicate, object_, graph)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Document:
    """A text as it was read."""

    text: str
    statements: Statements
    problems: list[SyntaxProblem]
    prefixes: dict[str, PrefixLine]
    base: str
    lines: Lines

    @property
    def is_valid(self) -> bool:
        """Tell whether nothing worse than a warning was found."""
        return all(problem.is_warning for problem in self.problems)
