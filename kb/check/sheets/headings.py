"""What each column is: a property by its name or label, with the language of its texts.

`essaim:startYear`, `startYear`, « Année de début », `start year`, `label@fr`, `Nom (fr)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb import terms
from kb.check import nearby
from kb.check.sheets.fields import ADDRESSES_NEED, LABEL, NEED_CONCEPT, ROW, Field, Fields
from kb.check.sheets.table import Cell, Table, Trouble

LANGUAGES = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en"}
TAGGED = re.compile(
    r"(.*?)\s*(?:@\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)|[(\[]\s*([^\W\d]+)\s*[)\]])"
)
ENDED = re.compile(r"(.*?)[\s_-]+(fr|en|français|anglais|french|english)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its property, and the language of its texts, '' for none."""

    cell: Cell
    field: Field
    language: str = ""


class Headings:
    """The names that headings of a sheet about records of a class can have."""

    def __init__(self, fields: Fields, class_: str) -> None:
        self.fields, self.class_ = fields, class_
        self.names: dict[str, tuple[str, str]] = {}
        self.shown: dict[str, str] = {}
        for iri in self._ordered():
            for folded, shown, language in _names(fields.all[iri]):
                self.names.setdefault(folded, (self._meant(iri), language))
                self.shown.setdefault(folded, shown)

    def _ordered(self) -> Iterator[str]:
        """Yield the properties, those a record of the class has before the others."""
        known = self.fields.of(self.class_).known
        parts = [iri for iri in self.fields.all if self.fields.part(iri, self.class_)]
        yield from (
            iri for iri in (ROW, *known, *parts, *self.fields.all) if iri in self.fields.all
        )

    def _meant(self, iri: str) -> str:
        """Return the property whose values a cell can hold: a need is named by its concept."""
        is_part = self.fields.part(NEED_CONCEPT, self.class_)
        return NEED_CONCEPT if iri == ADDRESSES_NEED and is_part else iri

    def columns(self, table: Table) -> Iterator[Column]:
        """Yield the columns that are understood; the table gets the troubles of the others."""
        seen: dict[tuple[str, str], Cell] = {}
        for cell in table.headings:
            found = self._column(cell, table)
            if found is None:
                continue
            key = found.field.iri, found.language
            if key in seen:
                values = {"name": cell.text.strip(), "cell_before": seen[key].name}
                table.troubles.append(Trouble("V021", cell.start, cell.end, values, "warning"))
            seen.setdefault(key, cell)
            yield found

    def _column(self, cell: Cell, table: Table) -> Column | None:
        text = cell.text.strip()
        if not text:
            below = [r[cell.column - 1] for r in table.records if len(r) >= cell.column]
            if any(one.text.strip() for one in below):
                name = cell.name.rstrip("0123456789")
                table.troubles.append(Trouble("V022", cell.start, cell.end, {"column": name}))
            return None
        name, tag = text, ""
        found = self._known(name)
        if found is None:
            name, tag = _untagged(text)
            found = self._known(name)
        if found is None:
            table.troubles.append(self._unknown(cell, name, text))
            return None
        iri, language = found
        one = self.fields.all[iri]
        if one.kind not in ("language", "plain"):
            return Column(cell, one)
        if one.kind == "language" and not tag and not language:
            right = (f"{text}@fr", f"{text}@en")
            table.troubles.append(
                Trouble("V023", cell.start, cell.end, {"name": text}, right=right)
            )
        default = "fr" if one.kind == "language" else ""
        return Column(cell, one, tag or language or default)

    def _known(self, name: str) -> tuple[str, str] | None:
        iri = _address(name)
        if iri in self.fields.all:
            return self._meant(iri), ""
        return self.names.get(terms.slug(name))

    def _unknown(self, cell: Cell, name: str, text: str) -> Trouble:
        near = nearby.closest(terms.slug(name), self.names)
        right = tuple(text.replace(name, self.shown[one], 1) for one in near[:1])
        least = self.fields.all[LABEL].heading("fr")
        values = {"name": text, "example": least}
        return Trouble("V020", cell.start, cell.end, values, right=right)


def _names(one: Field) -> Iterator[tuple[str, str, str]]:
    """Yield the names of a field: folded, as written, and the language they are in."""
    for language in ("fr", "en"):
        for name in one.names[language]:
            other = "en" if language == "fr" else "fr"
            shared = any(terms.slug(name) == terms.slug(there) for there in one.names[other])
            yield terms.slug(name), name, "" if shared else language
    local = nearby.split(one.iri)[1]
    yield terms.slug(local), local, ""


def _address(name: str) -> str:
    """Return the address that a prefixed name, or one in brackets, stands for."""
    if name.startswith("<") and name.endswith(">"):
        return name[1:-1]
    prefix, colon, local = name.partition(":")
    return terms.prefixes().get(prefix.strip(), "") + local.strip() if colon else ""


def _untagged(text: str) -> tuple[str, str]:
    """Return a heading without its language, and the language.

    >>> _untagged("Nom (fr)"), _untagged("label@en"), _untagged("nom anglais"), _untagged("Nom")
    (('Nom', 'fr'), ('label', 'en'), ('nom', 'en'), ('Nom', ''))
    """
    if found := TAGGED.fullmatch(text):
        given = found[2] or LANGUAGES.get(terms.slug(found[3]), found[3])
        if found[2] or re.fullmatch(r"[A-Za-z]{2,3}", given):
            return found[1], given.lower()
    elif found := ENDED.fullmatch(text):
        return found[1], LANGUAGES.get(terms.slug(found[2]), found[2].lower())
    return text, ""
