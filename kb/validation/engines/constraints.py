"""SPARQL constraints asked once of the statements they can depend on.

They are asked of a pyoxigraph store, unless it would rewrite a literal ("01" to "1"): then of an
rdflib graph, which keeps literals as they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pyoxigraph as ox

from kb.problems import ShapesProblem
from kb.validation.engines.forms import SHAPES_GRAPH, Constraint, Unsafe
from kb.validation.engines.results import RDF, RDFS, SH, Result, Term, written
from kb.validation.engines.shapes import TARGETS, Shapes

Row = Mapping[str, Term]
TYPE, SUBCLASS = ox.NamedNode(RDF + "type"), ox.NamedNode(RDFS + "subClassOf")
CLASS = ox.NamedNode(RDFS + "Class")


def results(data: bytes, shapes: Shapes) -> Iterator[Result]:
    """Yield what the SPARQL constraints of shapes find in N-Triples.

    Raises ShapesProblem for a query that is not SPARQL, Unsafe for one not to be asked once.
    """
    found = shapes.constraints
    if not found:
        return
    graph = _Graph(_selected(data, shapes, found), shapes)
    for constraint in found:
        targets = graph.targets(constraint.shape)
        if targets:
            yield from _results(graph, constraint, targets)


def _results(graph: _Graph, constraint: Constraint, targets: set[Term]) -> Iterator[Result]:
    shape, shapes = constraint.shape, graph.shapes
    path, severity = shapes.path_of(shape), shapes.severity(shape)
    for row in {
        tuple(sorted(row.items(), key=str)): row for row in graph.rows(constraint)
    }.values():
        for focus in [row["this"]] if constraint.names_focus else targets:
            if focus not in targets:
                continue
            # SHACL §5.3.2: without ?value, a node shape gives the focus node itself.
            value = row.get("value", None if path else focus)
            stated = row.get("path")
            where = f"<{stated.value}>" if isinstance(stated, ox.NamedNode) else path
            component = SH + "SPARQLConstraintComponent"
            yield Result(focus, where, value, component, shape, severity)


def _selected(data: bytes, shapes: Shapes, found: list[Constraint]) -> list[bytes]:
    """Return the distinct lines that targets and constraints can depend on."""
    wanted, classes = {RDFS + "subClassOf"}, set[str]()
    for constraint in found:
        if constraint.predicates is None:
            return sorted(set(data.splitlines()))
        wanted |= constraint.predicates
        for node in (constraint.shape, *_owners(shapes, constraint.shape)):
            for kind in ("targetSubjectsOf", "targetObjectsOf"):
                wanted.update(target.value for target in shapes.objects(node, SH + kind))
            classes.update(target.value for target in shapes.objects(node, SH + "targetClass"))
            if CLASS in shapes.objects(node, RDF + "type"):
                classes.add(node.value)
    lines = set(_lines(data, wanted, rb".*"))
    if RDF + "type" not in wanted:  # most of large data, and no constraint reads it
        classes = _classes(lines, classes)
        lines.update(_lines(data, {RDF + "type"}, rb"(?:" + _either(classes) + rb") \."))
    return sorted(lines)


def _lines(data: bytes, predicates: Iterable[str], rest: bytes) -> list[bytes]:
    names = _either(predicates)
    return re.findall(rb"^\S+ (?:" + names + rb") " + rest + rb"$", data, re.MULTILINE)


def _either(iris: Iterable[str]) -> bytes:
    return b"|".join(b"<" + re.escape(iri.encode()) + b">" for iri in sorted(iris))


def _classes(lines: Iterable[bytes], targets: set[str]) -> set[str]:
    """Return classes with all their subclasses, whose statements are among the lines."""
    narrower: dict[str, set[str]] = {}
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if predicate == str(SUBCLASS).encode():
            broader = rest.removesuffix(b" .").decode()[1:-1]
            narrower.setdefault(broader, set()).add(subject.decode()[1:-1])
    found, waiting = set(targets), list(targets)
    while waiting:
        fresh = narrower.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def _owners(shapes: Shapes, shape: Term) -> list[Term]:
    """Return the shapes whose property shape this is: their targets are its targets."""
    return [owner for owner, part in shapes.pairs(SH + "property") if part == shape]


class _Graph:
    """The statements to ask, in the store and, when it would rewrite some, in rdflib."""

    def __init__(self, lines: list[bytes], shapes: Shapes) -> None:
        self.shapes = shapes
        self._text = b"\n".join(lines) + b"\n" if lines else b""
        self._store = ox.Store()
        self._store.extend(ox.parse(self._text, format=ox.RdfFormat.N_TRIPLES))
        kept = written(quad.triple for quad in self._quads(None, None, None))
        changed = set(kept.splitlines()).symmetric_difference(lines)
        self._rewritten = {line.split(b" ", 2)[1][1:-1].decode() for line in changed}
        if any(c.reads_shapes for c in shapes.constraints):
            self._store.extend(
                ox.Quad(t.subject, t.predicate, t.object, SHAPES_GRAPH) for t in shapes.triples
            )

    def rows(self, constraint: Constraint) -> Iterator[Row]:
        """Yield the solutions of a constraint as terms by variable."""
        predicates = constraint.predicates
        is_rewritten = self._rewritten if predicates is None else self._rewritten & predicates
        if is_rewritten and not constraint.reads_shapes:
            if not constraint.names_focus:  # rdflib drops solutions that bind nothing
                raise Unsafe(f"{constraint.shape}: a literal would be rewritten")
            from kb.validation.engines.reference import solutions

            yield from solutions(self._rdflib, constraint.query)
            return
        try:
            found: Any = self._store.query(constraint.query)
            names = [variable.value for variable in found.variables]
            for row in found:
                yield {n: row[n] for n in names if row[n] is not None}
        except (SyntaxError, ValueError, RuntimeError) as error:
            raise ShapesProblem(f"{constraint.shape}: {error}; correct the query") from error

    @cached_property
    def _rdflib(self) -> Any:
        from kb.validation.engines.reference import graph

        return graph(self._text)

    def targets(self, shape: Term) -> set[Term]:
        """Return the focus nodes of a shape (SHACL §2.1.3), its own or its owner's."""
        shapes = self.shapes
        owners = _owners(shapes, shape)
        if any(shapes.is_true(owner, SH + "deactivated") for owner in owners):
            return set()
        found: set[Term] = set()
        for node in [shape, *owners]:
            for kind in TARGETS:
                for target in shapes.objects(node, SH + kind):
                    found |= self._targeted(kind, target)
            if CLASS in shapes.objects(node, RDF + "type"):
                found |= self._targeted("targetClass", node)
        return found

    def _targeted(self, kind: str, target: Term) -> set[Term]:
        if kind == "targetNode":
            return {target}
        if kind == "targetSubjectsOf":
            return {q.subject for q in self._quads(None, target, None)}
        if kind == "targetObjectsOf":
            return {q.object for q in self._quads(None, target, None)}
        classes, waiting = {target}, [target]
        while waiting:
            for quad in self._quads(None, SUBCLASS, waiting.pop()):
                if quad.subject not in classes:
                    classes.add(quad.subject)
                    waiting.append(quad.subject)
        return {q.subject for c in classes for q in self._quads(None, TYPE, c)}

    def _quads(self, subject: Any, predicate: Any, value: Any) -> Iterator[Any]:
        return self._store.quads_for_pattern(subject, predicate, value, ox.DefaultGraph())
