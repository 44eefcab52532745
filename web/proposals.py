"""What the reconciliation service says of things, in the language of the reader.

Between `kb.reconcile`, which knows IRIs, and the documents of the API, which need names: types,
properties, candidates, suggestions and the cells of data extension.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any

from kb import terms
from kb.reconcile import Candidate, Entity, Facts, Known, Malformed, Matcher, known
from kb.reconcile.asked import Extension
from kb.reconcile.known import DEFAULT_TYPES, plain
from kb.reconcile.names import ENDING
from kb.release import Release
from kb.terms import Iri, Literal, Term
from web import i18n, labels
from web.site import Site, site

Document = dict[str, Any]

XSD = "http://www.w3.org/2001/XMLSchema#"
INTEGERS = frozenset(XSD + name for name in ("integer", "int", "nonNegativeInteger", "gYear"))
DECIMALS = frozenset(XSD + name for name in ("decimal", "double", "float"))
DATE = re.compile(
    r"[0-9]{4}-(1[0-2]|0[1-9])-(3[01]|0[1-9]|[12][0-9])"
    r"(T(2[0-3]|[01][0-9])(:[0-5][0-9]){2}(\.[0-9]+)?(Z|[+-](2[0-3]|[01][0-9]):[0-5][0-9])?)?"
)
SUGGESTED = 20


class Service:
    """All that the service knows of one release."""

    def __init__(self, release: Release) -> None:
        self.known: Known = known(release)
        self.facts = Facts(release)
        self.matcher = Matcher(
            self.known, self.facts.texts, release.path.with_name(release.id + ENDING)
        )
        self._named: dict[tuple[str, str], str] = {}

    def named(self, iri: str) -> str:
        """Return the name of a thing, a type or a property."""
        key = (iri, i18n.language())
        if iri in self.known.entities:
            return self.known.entities[iri].name(key[1])
        if key not in self._named:
            self._named[key] = str(labels.label(iri))
        return self._named[key]

    def typed(self, iris: Iterable[str]) -> list[Document]:
        """Return types with their names."""
        return [{"id": iri, "name": self.named(iri)} for iri in iris]

    def described(self, entity: Entity) -> str:
        """Return what tells a thing from its namesakes: its type and where it is."""
        places = [self.named(place) for place in sorted(self.known.places.get(entity.iri, ()))[:2]]
        return " · ".join([self.named(entity.types[0]), *places])

    def entity(self, text: str) -> Entity:
        """Return the thing that an id means. Raises Malformed when there is none."""
        found = self.known.identified(text)
        if len(found) != 1:
            raise Malformed("unknown-id", 404, given=ascii(text[:200]))
        return self.known.entities[found[0]]

    # Reconciliation

    def candidate(self, found: Candidate, is_named: bool) -> Document:
        """Return a candidate; version 1.0 wants its features to have names."""
        entity = self.known.entities[found.id]
        features: list[Document] = [{"id": k, "value": v} for k, v in found.features.items()]
        if is_named:
            features = [{**one, "name": self._feature(one["id"])} for one in features]
        return {
            "id": found.id,
            "name": entity.name(i18n.language()),
            "description": self.described(entity),
            "type": self.typed(self.known.types_of(found.id)),
            "score": found.score,
            "match": found.match,
            "features": features,
        }

    def _feature(self, name: str) -> str:
        own = {
            "name-similarity": i18n.t("reconcile.name-similarity"),
            "name-equal": i18n.t("reconcile.name-equal"),
            "type": i18n.t("reconcile.type"),
        }
        return own.get(name) or self.named(self.known.property(name) or name)

    # Suggestions

    def entities(self, prefix: str, cursor: int, kind: str | None) -> list[Document]:
        """Return the things whose names begin like a text, or that it identifies."""
        index, wanted = site().release.index, cursor + SUGGESTED
        hits = index.search(prefix, i18n.language(), limit=20 * wanted)
        same = self.known.by_name.get(plain(prefix), ())
        found = dict.fromkeys((*self.known.identified(prefix), *same, *(hit.iri for hit in hits)))
        fitting = [
            iri for iri in found
            if iri in self.known.entities and (not kind or kind in self.known.types_of(iri))
        ]  # fmt: skip
        return [self._suggested(self.known.entities[iri]) for iri in fitting[cursor:wanted]]

    def _suggested(self, entity: Entity) -> Document:
        return {
            "id": entity.iri,
            "name": entity.name(i18n.language()),
            "description": self.described(entity),
            "notable": self.typed(entity.types),
        }

    def types(self, prefix: str, cursor: int) -> list[Document]:
        """Return the types whose name has a word that begins like a text; all for an empty one."""
        every = dict.fromkeys((*DEFAULT_TYPES, *self.known.broader))
        found = [self.type(iri) for iri in every if self._begins(iri, prefix)]
        return found[cursor : cursor + SUGGESTED]

    def type(self, iri: str) -> Document:
        """Return a type with what it is a case of."""
        return {
            "id": iri,
            "name": self.named(iri),
            "description": terms.compact(iri),
            "broader": self.typed(self.known.broader[iri]),
        }

    def properties(self, prefix: str, cursor: int) -> list[Document]:
        """Return the properties whose name has a word that begins like a text."""
        every = dict.fromkeys(iri for kind in self.known.properties.values() for iri in kind)
        found = [self.property(iri) for iri in every if self._begins(iri, prefix)]
        return found[cursor : cursor + SUGGESTED]

    def property(self, iri: str) -> Document:
        """Return a property."""
        return {"id": iri, "name": self.named(iri), "description": terms.compact(iri)}

    def _begins(self, iri: str, prefix: str) -> bool:
        wanted, name = plain(prefix), plain(self.named(iri))
        short = terms.compact(iri).casefold()
        is_id = prefix.strip().casefold() in (iri.casefold(), short, short.rpartition(":")[2])
        return is_id or not prefix.strip() or bool(wanted and f" {wanted}" in f" {name}")

    # Data extension

    def extended(self, asked: Extension) -> tuple[list[Document], dict[str, list[list[Document]]]]:
        """Return the columns of an extension, and for each id its cells in their order.

        An id that means nothing has empty cells. Raises Malformed for an unknown property.
        """
        columns = []
        for text, _, _ in asked.properties:
            iri = self.known.property(text)
            if iri is None:
                raise Malformed("unknown-property", given=ascii(text[:80]))
            columns.append({"id": text, "name": self.named(iri)})
        return columns, {one: self._row(one, asked) for one in asked.ids}

    def _row(self, text: str, asked: Extension) -> list[list[Document]]:
        found = self.known.identified(text)
        facts = self.facts.of(found[0]) if len(found) == 1 else {}
        row = []
        for name, limit, is_iri in asked.properties:
            values = facts.get(self.known.property(name) or "", {})
            cells = [self._cell(one, values[one], is_iri) for one in _in_language(values)]
            row.append(cells[:limit] if limit else cells)
        return row

    def _cell(self, value: Term, names: tuple[Term, ...], is_iri: bool) -> Document:
        if isinstance(value, Iri):
            name = i18n.preferred(names, i18n.language())
            is_ours = str(value).startswith(terms.BASE)
            if is_iri or not (name or is_ours):
                return {"str": str(value)}
            return {"id": str(value), "name": str(name or self.named(str(value)))}
        return _literal(value) if isinstance(value, Literal) else {"str": str(value)}


def _in_language(values: Mapping[Term, tuple[Term, ...]]) -> list[Term]:
    """Return values without those whose twin in the language of the reader is there."""
    wanted = i18n.language()
    tags = {one.language for one in values if isinstance(one, Literal)}
    if wanted not in tags:
        return list(values)
    return [one for one in values if not isinstance(one, Literal) or one.language in (wanted, "")]


def _literal(value: Literal) -> Document:
    """Return a literal as a cell: a number, a moment (a day begins at midnight) or a text."""
    if value.datatype in INTEGERS and re.fullmatch(r"[+-]?\d{1,15}", value.value, re.ASCII):
        return {"int": int(value.value)}
    if value.datatype in DECIMALS and isfinite(number := float(value.value)):
        return {"float": number}
    if value.datatype in (XSD + "date", XSD + "dateTime") and DATE.fullmatch(value.value):
        return {"date": value.value if "T" in value.value else value.value + "T00:00:00Z"}
    return {"str": value.value}


def warm(ready: Site) -> None:
    """Read names and open their index before the first question comes."""
    ready.once(Service).matcher.names  # noqa: B018


def service() -> Service:
    """Return the service over the release that is served."""
    return site().once(Service)
