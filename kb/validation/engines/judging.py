"""Which engine judges: the fast one where it is known to agree with pySHACL, else pySHACL.

Whatever goes wrong in the fast engine, pySHACL decides over everything; when it cannot either,
ShapesProblem says that nothing was checked. No failure ends as "conforms".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import pyoxigraph as ox

from kb.context import SUBJECT, Context
from kb.problems import ShapesProblem
from kb.validation.engines import constraints, support
from kb.validation.engines.forms import Unsafe
from kb.validation.engines.results import Result, written
from kb.validation.engines.shapes import Shapes

Engine = Literal["auto", "fast", "pyshacl"]
ENGINES: tuple[Engine, ...] = ("auto", "fast", "pyshacl")
# Triples and quads of pyoxigraph, or anything with subject, predicate, object; or N-Triples.
Data = bytes | Iterable[Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found, by which engine, and why it was not the fast one ('' when it was)."""

    results: list[Result]
    engine: str
    reason: str = ""


def validate(
    data: Data, shapes: Shapes, engine: Engine = "auto", context: Context | None = None
) -> list[Result]:
    """Return what data breaks of shapes, in a fixed order; no result means that it conforms.

    `data` is one graph: statements of named graphs count as one with the others. With a context,
    it is judged beside what a release says of the things it names, and only what it describes
    itself has results. Raises ShapesProblem when the shapes are not what SHACL allows or the
    engine asked for fails.
    """
    return judge(data, shapes, engine, context).results


def judge(
    data: Data, shapes: Shapes, engine: Engine = "auto", context: Context | None = None
) -> Judgement:
    """Do as `validate` does, and tell which engine decided."""
    text = n_triples(data)
    constraints_allowed(shapes)
    if context is None:
        return _judged(text, shapes, engine)
    beside = context.beside(text)
    found = _judged(text + beside, shapes, engine)
    others = set(SUBJECT.findall(beside)) - set(SUBJECT.findall(text)) if found.results else set()
    kept = [result for result in found.results if str(result.focus).encode() not in others]
    return replace(found, results=kept)


def _judged(text: bytes, shapes: Shapes, engine: Engine) -> Judgement:
    if engine == "pyshacl":
        return _by_reference(text, shapes, "asked for")
    reason = support.reason(shapes)
    if not reason:
        try:
            with shapes.core.asked(text) as found:
                others = list(constraints.results(text, shapes))
            return Judgement(sorted([*found, *others], key=Result.key), "fast")
        except (ShapesProblem, Unsafe) as problem:
            reason = str(problem)
    if engine == "fast":
        raise ShapesProblem(f"the fast engine cannot judge by these shapes: {reason}")
    return _by_reference(text, shapes, reason)


def constraints_allowed(shapes: Shapes) -> None:
    """Raise ShapesProblem for a SPARQL constraint that SHACL forbids, whichever engine judges."""
    try:
        _ = shapes.constraints
    except Unsafe:
        return  # allowed, only not to be asked once


def _by_reference(text: bytes, shapes: Shapes, reason: str) -> Judgement:
    from kb.validation.engines import reference  # takes half a second to import

    return Judgement(sorted(reference.results(text, shapes), key=Result.key), "pyshacl", reason)


def n_triples(data: Data) -> bytes:
    """Return data as N-Triples in one graph; bytes are N-Triples already.

    Raises ShapesProblem for statements about statements, which SHACL does not know.
    """
    if isinstance(data, bytes):
        return data
    try:
        return written(map(_triple, data))
    except (ValueError, TypeError) as error:
        raise ShapesProblem(f"a statement cannot be judged: {error}; use RDF 1.1") from error


def _triple(statement: Any) -> ox.Triple:
    if isinstance(statement, ox.Triple):
        return statement
    if isinstance(statement, ox.Quad):
        return statement.triple
    return ox.Triple(statement.subject, statement.predicate, cast(Any, statement.object))
