"""The text being read, how far it was read, and what was found in it so far."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyoxigraph as ox

from kb.reading.document import Document, Graph, PrefixLine, Statements, Term
from kb.reading.places import Edit, Fix, Lines
from kb.reading.problems import SyntaxProblem

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = ox.NamedNode(RDF + "type")
FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
DEFAULT = ox.DefaultGraph()
MOST_PROBLEMS = 1000  # beyond, nobody reads them and the file is something else


class TooManyProblems(Exception):
    """The text has so many mistakes that reading on helps nobody."""


class Page:
    """One text while it is read; `pos` is the offset up to which it was read."""

    def __init__(self, text: str, form: str, base: str, known: Mapping[str, str]) -> None:
        self.text, self.form, self.base, self.known = text, form, base, known
        self.pos = 0
        self.lines = Lines(text)
        self.statements = Statements(self.lines)
        self.problems: list[SyntaxProblem] = []
        self.prefixes: dict[str, PrefixLine] = {}
        self.namespaces: dict[str, str] = {}
        self.xsd: str | None = None  # the prefix of XML Schema's datatypes
        self.graph: Graph = DEFAULT
        self.graph_mark = 0
        self.is_cut = False  # whether a string that nothing closes ate the rest
        self.futile: dict[str, int] = {}  # up to where no such quote closes a string
        self._anonymous = ""
        self._terms, self._marks = self.statements.terms, self.statements.marks

    def emit(
        self, subject: Term | None, predicate: Term | None, object_: Term | None,
        marks: tuple[int, int, int],
    ) -> None:  # fmt: skip
        """Add a statement, unless one of its terms could not be read."""
        if subject is not None and predicate is not None and object_ is not None:
            self._terms += (subject, predicate, object_, self.graph)
            self._marks.extend((*marks, self.graph_mark))

    def retract(self, mark: int) -> None:
        """Take the last statement back when its object stands at a mark."""
        if self._marks[-2:-1].tolist() == [mark]:
            del self._terms[-4:], self._marks[-4:]

    def problem(
        self, code: str, start: int, end: int, values: Mapping[str, str] | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> None:  # fmt: skip
        """Note a mistake from one offset to another."""
        place = self.lines.place(start, end)
        self.problems.append(SyntaxProblem(code, place, values or {}, fixes))
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems

    def blank(self, start: int, more: str = "") -> ox.BlankNode:
        """Return the node of what opens at an offset, named after its place: `_:l42c7`."""
        if not self._anonymous:
            self._anonymous = "l"
            while re.search(rf"_:{self._anonymous}[0-9]+c", self.text):
                self._anonymous += "l"
        line, column = self.lines.position(start)
        return ox.BlankNode(f"{self._anonymous}{line}c{column}{more}")

    def datatype(self, name: str) -> str:
        """Return how a datatype of XML Schema is written here: `xsd:date` or the whole IRI."""
        return f"<{XSD}{name}>" if self.xsd is None else f"{self.xsd}:{name}"

    def give_up(self) -> None:
        """Note that reading ended here, as there were too many mistakes before."""
        place = self.lines.place(self.pos, self.pos)
        self.problems.append(SyntaxProblem("S074", place, {"most": str(MOST_PROBLEMS)}))

    def document(self) -> Document:
        """Return what was read."""
        self.problems.sort(key=lambda problem: problem.place)
        return Document(
            self.text, self.statements, self.problems, self.prefixes, self.base, self.lines
        )


def replacing(
    title: str, start: int, end: int, text: str, is_safe: bool = False, **values: str
) -> tuple[Fix]:
    """Return the fix that writes a text from one offset to another; its title gets the text."""
    return (Fix(title, (Edit(start, end, text),), is_safe, {"text": text.strip(), **values}),)


def shown(text: str, most: int = 60) -> str:
    """Return a text short enough for a message, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
