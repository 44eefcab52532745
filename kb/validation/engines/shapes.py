"""Shapes read once: their triples, their paths and prefixes, ready for either engine.

Any SHACL shapes will do, in Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD without remote
context. Nothing is fetched: `owl:imports` only says whose prefixes a constraint may use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kb import files
from kb.problems import ShapesProblem
from kb.validation.engines.results import RDF, SH, Term

if TYPE_CHECKING:
    from kb.validation.engines.core import Core
    from kb.validation.engines.forms import Constraint

IMPORTS = "http://www.w3.org/2002/07/owl#imports"
NIL = ox.NamedNode(RDF + "nil")
TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")
REPEATS = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}


@dataclass(frozen=True, eq=False)
class Shapes:
    """A shapes graph; blank nodes are called `s1`, `s2`, … in the order of the files."""

    triples: tuple[ox.Triple, ...]

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Shapes:
        """Return the shapes of some files as one graph.

        Raises ShapesProblem for a file that cannot be read or is no RDF.
        """
        return cls.of(triple for path in paths for triple in _parsed(path))

    @classmethod
    def of(cls, triples: Iterable[ox.Triple]) -> Shapes:
        """Return the shapes of some triples.

        Raises ShapesProblem for triples of RDF 1.2 that contain triples.
        """
        labels: dict[ox.BlankNode, ox.BlankNode] = {}

        def named(term: Any) -> Any:
            if isinstance(term, ox.BlankNode):
                return labels.setdefault(term, ox.BlankNode(f"s{len(labels) + 1}"))
            return term

        found = (ox.Triple(named(t.subject), t.predicate, named(t.object)) for t in triples)
        made = cls(tuple(dict.fromkeys(found)))
        if any(isinstance(t.object, ox.Triple) for t in made.triples):
            raise ShapesProblem("SHACL knows no statements about statements; leave them out")
        return made

    @cached_property
    def statements(self) -> tuple[tuple[Term, str, Term], ...]:
        """The triples as subject, IRI of the predicate, object."""
        return tuple(
            (cast(Term, t.subject), t.predicate.value, cast(Term, t.object)) for t in self.triples
        )

    @cached_property
    def _by_subject(self) -> dict[tuple[Term, str], list[Term]]:
        found: dict[tuple[Term, str], list[Term]] = {}
        for subject, predicate, value in self.statements:
            found.setdefault((subject, predicate), []).append(value)
        return found

    def objects(self, subject: Term, predicate: str) -> list[Term]:
        """Return the values of a property of a node, in the order of the files."""
        return self._by_subject.get((subject, predicate), [])

    def pairs(self, predicate: str) -> Iterator[tuple[Term, Term]]:
        """Yield subject and object of every triple with a predicate."""
        return ((s, o) for s, p, o in self.statements if p == predicate)

    def is_true(self, subject: Term, predicate: str) -> bool:
        """Tell whether a flag such as sh:deactivated stands at a node."""
        return any(isinstance(o, ox.Literal) and o.value == "true"
                   for o in self.objects(subject, predicate))  # fmt: skip

    def members(self, head: Term) -> list[Term]:
        """Return the members of an RDF list; a list that runs in a circle ends."""
        found: list[Term] = []
        seen: set[Term] = {NIL}
        while head not in seen:
            seen.add(head)
            found += self.objects(head, RDF + "first")[:1]
            head = next(iter(self.objects(head, RDF + "rest")), NIL)
        return found

    def path(self, node: Term | None, depth: int = 50) -> str:
        """Return a SHACL path (§2.3.1) as a SPARQL property path; '' for none or no path."""
        if node is None or isinstance(node, ox.Literal) or not depth:
            return ""
        if isinstance(node, ox.NamedNode):
            return f"<{node.value}>"
        steps = self.members(node)  # a list is a sequence, whatever else it says
        if not steps:
            for kind, sign in REPEATS.items():
                for inner in self.objects(node, SH + kind):
                    return f"({self.path(inner, depth - 1)}){sign}"
            for inner in self.objects(node, SH + "inversePath"):
                return f"^({self.path(inner, depth - 1)})"
        either = [
            m for head in self.objects(node, SH + "alternativePath") for m in self.members(head)
        ]
        written = [self.path(step, depth - 1) for step in steps or either]
        return "(" + ("/" if steps else "|").join(written) + ")"

    def path_of(self, shape: Term) -> str:
        """Return the path of a property shape, '' for a node shape."""
        return self.path(next(iter(self.objects(shape, SH + "path")), None))

    def severity(self, shape: Term) -> str:
        """Return the severity of a shape as an IRI; a violation unless it says otherwise."""
        stated = self.objects(shape, SH + "severity")
        return stated[0].value if stated else SH + "Violation"

    def prefixes(self, constraint: Term) -> dict[str, str]:
        """Return the prefixes a SPARQL constraint may use (SHACL §5.2.1)."""
        found: dict[str, str] = {}
        for head in self.objects(constraint, SH + "prefixes"):
            for one in self.declarations(head):
                prefix = self.objects(one, SH + "prefix")
                namespace = self.objects(one, SH + "namespace")
                if prefix and namespace:
                    found[prefix[0].value] = namespace[0].value
        return found

    def declarations(self, head: Term) -> list[Term]:
        """Return the prefix declarations of a node and of what it imports, imports first."""
        waiting, seen = [head], list[Term]()
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.append(node)
                waiting += self.objects(node, IMPORTS)
        return [one for node in reversed(seen) for one in self.objects(node, SH + "declare")]

    @cached_property
    def core(self) -> Core:
        """What the fast engine has compiled from these shapes, without the SPARQL constraints."""
        from kb.validation.engines.core import Core  # the engine is loaded when it is used

        return Core(self)

    @cached_property
    def constraints(self) -> list[Constraint]:
        """The SPARQL constraints of these shapes."""
        from kb.validation.engines.forms import constraints

        return constraints(self)


def project(root: Path | None = None) -> Shapes:
    """Return the shapes of the project, read once for each state of their files."""
    paths = sorted(((root or files.root()) / "shapes").glob("*.ttl"))
    return _kept(tuple((path, path.stat().st_mtime_ns) for path in paths))


def loaded(paths: Iterable[Path]) -> Shapes:
    """Return the shapes of some files, read once for each state of the files."""
    return _kept(tuple((path, path.stat().st_mtime_ns) for path in paths))


@lru_cache(maxsize=8)
def _kept(stamped: tuple[tuple[Path, int], ...]) -> Shapes:
    return Shapes.read(path for path, _ in stamped)


def _parsed(path: Path) -> Iterator[ox.Triple]:
    form = ox.RdfFormat.from_extension(path.suffix.removeprefix("."))
    if form is None:
        raise ShapesProblem(f"{path}: no form of RDF has this ending; write .ttl, .nt or .rdf")
    try:
        base = path.resolve().as_uri()
        for quad in ox.parse(path=str(path), format=form, base_iri=base, rename_blank_nodes=True):
            yield quad.triple
    except (OSError, SyntaxError, ValueError) as error:
        raise ShapesProblem(f"{path}: the shapes cannot be read: {error}; correct them") from error
