"""SHACL Core by the `shacl` wheel: the fast engine, kept to what it does as pySHACL does.

The wheel never sees a SPARQL constraint: its `<` on xsd:date finds nothing, without a word.
It calls the blank nodes of the shapes `_:1_b0`, `_:1_b1`, … and those of the data `_:0_bN`, where
N goes on counting, each in order of first appearance; a test holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kb.problems import ShapesProblem
from kb.validation.engines.groups import Group, groups
from kb.validation.engines.results import SH, Result, Term, written
from kb.validation.engines.wheel import WHEEL, Row

if TYPE_CHECKING:
    from kb.validation.engines.shapes import Shapes

# A blank node stands first or last in a line of N-Triples; elsewhere "_:" is inside a text.
BLANK = re.compile(rb"^(_:\S+) |(?<= )(_:\S+) \.$", re.MULTILINE)


NUMBERS = count()


class Core:
    """The shapes as the wheel judges by them."""

    def __init__(self, shapes: Shapes) -> None:
        """Write shapes as the wheel reads them, without the SPARQL constraints."""
        self.shapes = shapes
        self.number = next(NUMBERS)
        self.text = written(t for t in shapes.triples if t.predicate.value != SH + "sparql")
        self.labels = blank_labels(self.text)

    @contextmanager
    def asked(self, data: bytes) -> Iterator[list[Result]]:
        """Ask what breaks SHACL Core in N-Triples; the list is filled when the block ends.

        Raises ShapesProblem when the wheel does not answer: never "conforms" by accident.
        """
        found: list[Result] = []
        parts = groups(data, self.shapes)
        with self._asked(next(parts), found):
            yield found
        for part in parts:
            with self._asked(part, found):
                pass

    @contextmanager
    def _asked(self, part: Group, found: list[Result]) -> Iterator[None]:
        """Ask about a group, and add what it decides when the block ends."""
        with WHEEL.asked(self.number, self.text, part.text) as answer:
            yield
        terms = _Terms(part.text, self.labels)
        results = (self._result(row, terms) for row in answer.rows)
        known = set() if part.nodes is None else set(found)
        found += (one for one in results if part.decides(one) and one not in known)

    def _result(self, row: Row, terms: _Terms) -> Result:
        focus, path, value, component, source, severity = row
        shape = terms.term(source or "")
        if path and not _is_plain(path):
            path = self.shapes.path_of(shape)
        return Result(
            focus=terms.term(focus),
            path=path or "",
            value=None if value is None else terms.term(value),
            component=component,
            shape=shape,
            severity=severity,
        )


class _Terms:
    """The terms of a report, with the labels that blank nodes had before the wheel."""

    def __init__(self, data: bytes, shapes: list[str]) -> None:
        self._data, self._shapes = data, shapes
        self._labels: list[str] | None = None
        self._known: dict[str, Term] = {}

    def term(self, text: str) -> Term:
        """Return the term of a text in N-Triples."""
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._blank(text) if text[:2] == "_:" else _parsed(text)
        return known

    def _blank(self, text: str) -> ox.BlankNode:
        space, _, number = text[2:].partition("_b")
        try:
            if space == "1":
                return ox.BlankNode(self._shapes[int(number)])
            if self._labels is None:
                self._labels = blank_labels(self._data)
            return ox.BlankNode(self._labels[int(number) - len(self._shapes)])
        except (ValueError, IndexError) as error:
            raise ShapesProblem(f"the fast engine names an unknown blank node {text}") from error


def blank_labels(text: bytes) -> list[str]:
    """Return the labels of blank nodes in N-Triples in order of first appearance."""
    found = (match[1] or match[2] for match in BLANK.finditer(text))
    return [label[2:].decode() for label in dict.fromkeys(found)]


def _is_plain(path: str) -> bool:
    return path.startswith("<") and path.count("<") == 1 and path.endswith(">")


def _parsed(text: str) -> Term:
    try:
        (quad,) = ox.parse(f"<x:> <x:> {text} .", format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise ShapesProblem(f"the fast engine answers {text!r}, which is no term") from error
    return cast(Term, quad.object)  # the wheel knows no triple terms
