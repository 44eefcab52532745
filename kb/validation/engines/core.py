"""SHACL Core by the `shacl` wheel: the fast engine, kept to what it does as pySHACL does.

The wheel never sees a SPARQL constraint: its `<` on xsd:date finds nothing, without a word.
It calls the blank nodes of the shapes `_:1_b0`, `_:1_b1`, … and those of the data `_:0_bN`, where
N goes on counting, each in order of first appearance; a test holds it to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kb.problems import ShapesProblem
from kb.validation.engines.results import SH, Result, Term, written

if TYPE_CHECKING:
    import shacl

    from kb.validation.engines.shapes import Shapes

# A blank node stands first or last in a line of N-Triples; elsewhere "_:" is inside a text.
BLANK = re.compile(rb"^(_:\S+) |(?<= )(_:\S+) \.$", re.MULTILINE)
PROCESS = (KeyboardInterrupt, SystemExit, GeneratorExit)


class Core:
    """The shapes as the wheel compiled them."""

    def __init__(self, shapes: Shapes) -> None:
        """Compile shapes. Raises ShapesProblem where the wheel is missing or refuses them."""
        try:
            import shacl
        except ImportError as error:
            raise ShapesProblem(f"the fast engine is not installed: {error}") from error
        self.shapes = shapes
        plain = [t for t in shapes.triples if t.predicate.value != SH + "sparql"]
        text = written(plain)
        self.labels = blank_labels(text)
        try:
            self.compiled = shacl.Shapes.from_text(text.decode(), format="ntriples")
        except BaseException as error:  # a panic of Rust is no Exception
            raise _failed(error) from error

    def results(self, data: bytes) -> Iterator[Result]:
        """Yield what breaks SHACL Core in N-Triples. Raises ShapesProblem when the wheel fails."""
        try:
            report = self.compiled.validate_text(data.decode(), format="ntriples")
            found = report.results
            if report.conforms != (not found):
                raise ShapesProblem("the fast engine contradicts itself")
        except BaseException as error:  # as above: never "conforms" by accident
            raise _failed(error) from error
        terms = _Terms(data, self.labels)
        return (self._result(one, terms) for one in found)

    def _result(self, one: shacl.Result, terms: _Terms) -> Result:
        shape = terms.term(one.source_shape or "")
        path = one.path or ""
        if path and not _is_plain(path):
            path = self.shapes.path_of(shape)
        return Result(
            focus=terms.term(one.focus_node),
            path=path,
            value=None if one.value is None else terms.term(one.value),
            component=one.component_iri,
            shape=shape,
            severity=one.severity_iri,
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


def _failed(error: BaseException) -> BaseException:
    if isinstance(error, (ShapesProblem, *PROCESS)):
        return error
    return ShapesProblem(f"the fast engine failed: {type(error).__name__}: {error}")
