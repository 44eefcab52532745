"""The properties a column can be: their names in French and English, and what their cells hold.

They come from the ontology (labels, ranges, schemes of values) and from the shapes (which
properties a kind of record has, which it must have); `names.json` adds the words that people put
above columns, and the names of properties of other vocabularies.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kb import files, terms

ESSAIM, SH = terms.NS, "http://www.w3.org/ns/shacl#"
RDF, RDFS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://www.w3.org/2000/01/rdf-schema#"
XSD, DCTERMS = "http://www.w3.org/2001/XMLSchema#", "http://purl.org/dc/terms/"
TYPE, ROW, LABEL = RDF + "type", ESSAIM + "row", RDFS + "label"
NEED, NEED_CONCEPT = ESSAIM + "NeedStatement", ESSAIM + "needConcept"
ADDRESSES_NEED = ESSAIM + "addressesNeed"
INNOVATION = ESSAIM + "SocialInnovation"
# Where the records of a class have their addresses; a class has the space of its nearest parent.
SPACES = {
    INNOVATION: "innovation", ESSAIM + "InnovationModel": "model",
    ESSAIM + "PublicPolicy": "policy", ESSAIM + "PublicActor": "authority",
    ESSAIM + "Actor": "actor",
}  # fmt: skip
OTHERS = {
    LABEL: "language", "http://www.w3.org/2004/02/skos/core#altLabel": "language",
    "http://www.w3.org/2004/02/skos/core#editorialNote": "language",
    DCTERMS + "description": "language", DCTERMS + "abstract": "language",
    DCTERMS + "identifier": "string", TYPE: "type", ROW: "row",
}  # fmt: skip
RANGES = {
    XSD + "integer": "integer", XSD + "decimal": "decimal", XSD + "double": "decimal",
    XSD + "date": "date", XSD + "string": "string", XSD + "anyURI": "address",
    RDF + "PlainLiteral": "plain", RDF + "langString": "language",
    ESSAIM + "Territory": "territory",
}  # fmt: skip


@dataclass(slots=True)
class Field:
    """One property: what its cells hold, and its names by language, that of headings first.

    `kind` is language, plain, string, integer, decimal, date, concept, territory, record, address,
    type or row.
    """

    iri: str
    kind: str = "address"
    schemes: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    names: dict[str, list[str]] = field(default_factory=lambda: {"fr": [], "en": []})

    def heading(self, language: str) -> str:
        """Return what to write above the column in a language."""
        return next(iter(self.names[language]), terms.compact(self.iri))


@dataclass(frozen=True, slots=True)
class Kind:
    """What the shapes say of a class: the properties it may have, in their order, or must have."""

    known: tuple[str, ...]
    required: frozenset[str]


class Fields:
    """The fields of a knowledge base, by address and by class."""

    def __init__(self, root: Path) -> None:
        self.all: dict[str, Field] = {iri: Field(iri, kind) for iri, kind in OTHERS.items()}
        self.classes: dict[str, dict[str, str]] = {}
        self.parents: dict[str, str] = {}
        self._ontology(root)
        self._names()
        self.kinds = dict(_kinds(root))

    def of(self, class_: str) -> Kind:
        """Return what the shapes say of a class, or of the nearest class above it."""
        for name in self.above(class_):
            if name in self.kinds:
                return self.kinds[name]
        return Kind((), frozenset())

    def above(self, class_: str) -> Iterator[str]:
        """Yield a class and those above it."""
        seen: set[str] = set()
        while class_ and class_ not in seen:
            seen.add(class_)
            yield class_
            class_ = self.parents.get(class_, "")

    def space(self, class_: str) -> str:
        """Return where the records of a class have their addresses: `innovation`; or ''."""
        return next((SPACES[name] for name in self.above(class_) if name in SPACES), "")

    def fits_cell(self, one: Field) -> bool:
        """Tell whether a cell can hold a value: what has to be described in a file, cannot."""
        return one.kind != "record" or any(self.space(name) for name in one.ranges)

    def part(self, iri: str, class_: str) -> bool:
        """Tell whether a property is said of the need of a record, not of the record."""
        if ADDRESSES_NEED not in self.of(class_).known or iri in self.of(class_).known:
            return False
        return NEED in self.all[iri].domains

    def _ontology(self, root: Path) -> None:
        for quad in ox.parse(path=str(root / "ontology" / "essaim.ttl")):
            subject, name, value = quad.subject, quad.predicate.value, quad.object
            if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(ESSAIM):
                continue
            local = subject.value.removeprefix(ESSAIM)
            if local[:1].isupper():
                self._class(subject.value, name, value)
            else:
                self._property(subject.value, name, value)

    def _class(self, iri: str, name: str, value: object) -> None:
        labels = self.classes.setdefault(iri, {})
        if name == RDFS + "label" and isinstance(value, ox.Literal):
            labels[value.language or ""] = value.value
        elif name == RDFS + "subClassOf" and isinstance(value, ox.NamedNode):
            self.parents.setdefault(iri, value.value)

    def _property(self, iri: str, name: str, value: object) -> None:
        one = self.all.setdefault(iri, Field(iri))
        if name == RDFS + "label" and isinstance(value, ox.Literal) and value.language:
            one.names.setdefault(value.language, []).append(value.value)
        elif not isinstance(value, ox.NamedNode):
            return
        elif name.endswith(("#range", "/rangeIncludes")):
            one.ranges += (value.value,)
            if one.kind == "address":
                ours = value.value.startswith(ESSAIM)
                one.kind = RANGES.get(value.value, "record" if ours else "address")
        elif name.endswith(("#domain", "/domainIncludes")):
            one.domains += (value.value,)
        elif name == ESSAIM + "valueScheme":
            one.schemes += (value.value,)
            one.kind = "concept"

    def _names(self) -> None:
        path = Path(__file__).parent / "names.json"
        for name, words in json.loads(path.read_text(encoding="utf-8")).items():
            prefix, _, local = name.partition(":")
            iri = terms.prefixes()[prefix] + local
            one = self.all.setdefault(iri, Field(iri, OTHERS.get(iri, "address")))
            for language, given in words.items():
                one.names[language] = [*given, *one.names[language]]


@cache
def fields(root: Path | None = None) -> Fields:
    """Return the fields of a knowledge base."""
    return Fields(root or files.root())


def _kinds(root: Path) -> Iterator[tuple[str, Kind]]:
    """Yield the classes of the closed shapes, with the properties they know and demand."""
    store = ox.Store()
    for path in sorted((root / "shapes").glob("*.ttl")):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    required: dict[str, set[str]] = {}
    for class_, shape in _targets(store):
        for rule in _values(store, shape, "property"):
            demands = [
                *_values(store, rule, "minCount"),
                *_values(store, rule, "qualifiedMinCount"),
            ]
            severity = [str(one) for one in _values(store, rule, "severity")]
            if any(getattr(one, "value", "0") != "0" for one in demands) and (
                severity != [f"<{SH}Info>"]
            ):
                paths = [
                    one.value
                    for one in _values(store, rule, "path")
                    if isinstance(one, ox.NamedNode)
                ]
                required.setdefault(class_, set()).update(paths)
    for class_, shape in _targets(store):
        for ignored in _values(store, shape, "ignoredProperties"):
            known = tuple(
                one.value for one in _list(store, ignored) if isinstance(one, ox.NamedNode)
            )
            yield class_, Kind(known, frozenset(required.get(class_, ())))


def _targets(store: ox.Store) -> Iterator[tuple[str, ox.NamedNode | ox.BlankNode]]:
    for quad in store.quads_for_pattern(None, ox.NamedNode(SH + "targetClass"), None):
        if isinstance(quad.object, ox.NamedNode) and not isinstance(quad.subject, ox.Triple):
            yield quad.object.value, quad.subject


def _values(
    store: ox.Store, subject: object, name: str
) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
    if not isinstance(subject, ox.NamedNode | ox.BlankNode):
        return []
    found = store.quads_for_pattern(subject, ox.NamedNode(SH + name), None)
    return [quad.object for quad in found if not isinstance(quad.object, ox.Triple)]


def _list(store: ox.Store, head: object) -> Iterator[ox.NamedNode | ox.BlankNode | ox.Literal]:
    """Yield the members of an RDF list."""
    while isinstance(head, ox.BlankNode):
        cells = {q.predicate.value: q.object for q in store.quads_for_pattern(head, None, None)}
        first = cells.get(RDF + "first")
        if first is not None and not isinstance(first, ox.Triple):
            yield first
        head = cells.get(RDF + "rest")
