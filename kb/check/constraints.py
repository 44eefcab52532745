"""The stage of the shapes: contributions judged with what they refer to, results as findings.

The context of the project's own shapes is the vocabularies and the source files of the nodes that
contributions name; results about its nodes are left out, for it is only a part of the base. Other
shapes judge the contributions alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import pyoxigraph as ox

from kb import sources, terms
from kb.check.base import Base
from kb.check.contribution import Contribution, Triple
from kb.check.finding import Finding
from kb.check.fixes import of_value
from kb.check.locate import located
from kb.check.rulebook import SEVERITIES, SHAPE, ours
from kb.check.telling import told
from kb.validation.engines import Engine, Result, Shapes, judge
from kb.validation.engines.judging import n_triples

SH = "http://www.w3.org/ns/shacl#"
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
TERRITORY = terms.BASE + "id/territory/"
Judged = tuple[list[Finding], str]


def constraints(
    contributions: Sequence[Contribution], base: Base | None, shapes: Shapes, engine: str = "auto"
) -> Judged:
    """Return what the contributions break, each at its place, and the name of the engine.

    Without a base the contributions are judged alone. Raises ShapesProblem when nothing could be
    checked.
    """
    data = dict.fromkeys(triple for one in contributions for triple in one.triples)
    if base:
        data.update(dict.fromkeys(_context(contributions, base)))
    text = n_triples(ox.Triple(*triple) for triple in data)
    judged = judge(text + (base.vocabularies() if base else b""), shapes, cast(Engine, engine))
    found = _Found(contributions, is_alone=base is None) if judged.results else None
    made = []
    for result in judged.results:
        about = found and found.about(result)
        if about:
            made.append(_finding(result, about, shapes, base))
    return made, judged.engine


class _Found:
    """Which contributions describe or mention a node."""

    def __init__(self, contributions: Sequence[Contribution], is_alone: bool) -> None:
        self.described: dict[object, list[Contribution]] = {}
        self.mentioned: dict[object, Contribution] = {}
        for one in contributions:
            for subject in one.subjects():
                self.described.setdefault(subject, []).append(one)
            if is_alone:
                for _, _, object_ in one.triples:
                    self.mentioned.setdefault(object_, one)

    def about(self, result: Result) -> Contribution | None:
        """Return the contribution a result is about: the one with its statement, else its node."""
        predicate = ox.NamedNode(result.predicate) if result.predicate else None
        described = self.described.get(result.focus, [])
        for one in described:
            if one.find(result.focus, predicate, result.value) is not None:
                return one
        return described[0] if described else self.mentioned.get(result.focus)


def _finding(result: Result, one: Contribution, shapes: Shapes, base: Base | None) -> Finding:
    messages = {
        text.language or "": text.value
        for text in shapes.objects(result.shape, SH + "message")
        if isinstance(text, ox.Literal)
    }
    place = located(one, result)
    values = {} if messages else _values(result, shapes)
    if base and isinstance(result.value, ox.NamedNode) and base.label(result.value.value, "fr"):
        values |= base.labels("value", result.value.value)
    rule = ours(base.root).get(str(result.shape)[1:-1]) if base else None
    values |= told(one, result, rule, base) if base else {}
    return Finding(
        code=_code(result),
        severity=SEVERITIES.get(result.severity, "error"),
        file=one.name,
        place=place,
        focus=str(result.focus),
        path=result.path,
        value="" if result.value is None else str(result.value),
        shape=str(result.shape),
        component=result.component,
        values=values,
        messages=messages,
        fixes=of_value(one, place, result.value, rule, base),
    )


def _code(result: Result) -> str:
    """Return the code of a result: the name of its shape, or the kind of constraint."""
    if isinstance(result.shape, ox.NamedNode):
        name = result.shape.value.removeprefix(SHAPE)
        return "C-" + name.rpartition("#")[2].rpartition("/")[2]
    return "C-" + kind(result.component)


def kind(component: str) -> str:
    """Return the short name of a constraint component.

    >>> kind("http://www.w3.org/ns/shacl#MinCountConstraintComponent")
    'MinCount'
    """
    return component.rpartition("#")[2].removesuffix("ConstraintComponent")


def _values(result: Result, shapes: Shapes) -> dict[str, str]:
    """Return what the message of a kind of constraint tells: value, property, what is expected."""
    name = kind(result.component)
    expected = shapes.objects(result.shape, SH + name[:1].lower() + name[1:])
    found = {"kind": name, "path": result.path}
    if expected and not isinstance(expected[0], ox.BlankNode):
        found["expected"] = expected[0].value
    if result.value is not None and not isinstance(result.value, ox.BlankNode):
        found["value"] = result.value.value
    return found


def _context(contributions: Sequence[Contribution], base: Base) -> Iterator[Triple]:
    named = {
        term.value
        for one in contributions
        for triple in one.triples
        for term in (triple[0], triple[2])
        if isinstance(term, ox.NamedNode)
    }
    described = {
        subject.value
        for one in contributions
        for subject in one.subjects()
        if isinstance(subject, ox.NamedNode)
    }
    files = {name for iri in named for name in base.files_of(iri) if name.endswith(".ttl")}
    near = [base.root / name for name in sorted(files) if name.startswith("data/")]
    for path in (*near, *base.more):
        for quad in ox.parse(path=str(path)):
            yield cast(Triple, (quad.subject, quad.predicate, quad.object))
    for iri in sorted(named):
        if iri.startswith(TERRITORY):
            for name in base.values(iri, "type"):
                yield ox.NamedNode(iri), TYPE, ox.NamedNode(name)
    yield from _territories({iri for iri in described if iri.startswith(TERRITORY)}, base)


def _territories(described: set[str], base: Base) -> Iterator[Triple]:
    """Yield what the reference layer says of territories that contributions describe."""
    if not described:
        return
    for source in sources.references(base.root):
        for quad in sources.quads(source):
            if getattr(quad.subject, "value", "") in described:
                yield cast(Triple, (quad.subject, quad.predicate, quad.object))
