"""What a cell says, as RDF terms: concepts, territories, records, addresses, dates, numbers, texts.

What a spreadsheet damaged (`3.5E+13`, `2014.0`, a zero lost in front) is told with what to write;
where it can be read in one way only, that reading is taken, so that the rules judge it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from kb import terms
from kb.check import nearby, values
from kb.check.base import Base
from kb.check.sheets.fields import XSD, Field, Fields
from kb.check.sheets.headings import Column
from kb.check.sheets.table import Cell, Trouble

ID, SCHEME = terms.BASE + "id/", terms.BASE + "scheme/"
TERRITORY = ID + "territory/"
SPREAD = {"concept": r"[;|\n]", "territory": r"[;|\n]", "record": r"[;|\n]", "integer": r"[;|\n]",
          "decimal": r"[;|\n]", "date": r"[;|\n]", "string": r"[|\n]", "type": r"[;|\n]",
          "address": r"[;|]\s*(?=https?:|<|www\.|[a-z-]+:[^/])|[|\n]|;\s*$", "language": r"\|",
          "plain": r"\|"}  # fmt: skip
ONE = frozenset((terms.NS + "statementText", "http://purl.org/dc/terms/description",
                 "http://purl.org/dc/terms/abstract"))  # fmt: skip
ERRORS = re.compile(
    r"#(?:REF|N/A|NAME|NOM|VALUE|VALEUR|DIV/0|NULL|NUL|NUM|NOMBRE|ERROR)[!?]?|#{3,}.*", re.I
)
FORMULA = re.compile(r"=\s*[A-Za-z+\-(\"$].*", re.DOTALL)
SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+")
YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets
SHORT = 12  # a list of so many concepts is told in full
SIZES = {"siren": 9, "siret": 14}
Term = ox.NamedNode | ox.Literal


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a cell, and from where to where it stands."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a cell being read: its text, and where it stands."""

    text: str
    start: int
    end: int


class Meaning:
    """What the cells of one sheet mean; `here` has the addresses of its rows by folded name."""

    def __init__(self, base: Base, fields: Fields, here: dict[str, str]) -> None:
        self.base, self.fields, self.here = base, fields, here
        self.troubles: list[Trouble] = []
        self.known: dict[tuple[str, str, str], str] = {}
        self.readers: dict[str, Callable[[Column, _Part], Term | None]] = {
            "concept": self._concept, "territory": self._territory, "record": self._record,
            "address": self._address, "integer": self._integer, "decimal": self._decimal,
            "date": self._date, "string": self._string, "type": self._class,
            "language": self._text, "plain": self._text,
        }  # fmt: skip

    def values(self, column: Column, cell: Cell) -> Iterator[Value]:
        """Yield what a cell says; what it fails to say becomes a trouble."""
        if not self._is_sound(cell):
            return
        read = self.readers[column.field.kind]
        for part in _parts(column.field, cell):
            term = read(column, part)
            if term is not None:
                yield Value(term, part.start, part.end)

    def _tell(
        self, code: str, part: _Part | Cell, right: tuple[str, ...] = (), is_safe: bool = False,
        severity: str = "error", **given: str,
    ) -> None:  # fmt: skip
        told = {"value": part.text.strip()[:80], **given}
        self.troubles.append(Trouble(code, part.start, part.end, told, severity, right, is_safe))

    def _is_sound(self, cell: Cell) -> bool:
        """Tell of formulas and of errors of a spreadsheet; False when nothing can be read."""
        text = cell.text.strip()
        if ERRORS.fullmatch(text):
            self._tell("V026", cell)
            return False
        if cell.kind == "formula":
            self._tell("V027" if text else "V028", cell, severity="warning" if text else "error")
        elif FORMULA.fullmatch(text):
            self._tell("V028", cell)
            return False
        return bool(text)

    def _text(self, column: Column, part: _Part) -> Term:
        return ox.Literal(part.text, language=column.language) if column.language else (
            ox.Literal(part.text))  # fmt: skip

    def _string(self, column: Column, part: _Part) -> Term:
        """Read a text; official numbers lose digits in spreadsheets."""
        size = SIZES.get(nearby.split(column.field.iri)[1])
        text = part.text
        if SCIENTIFIC.fullmatch(text):
            self._tell("V032", part)
        elif size and (found := values.digits(text, size)) and found != text:
            self._tell("V024", part, (found,), values.is_luhn(found))
            return ox.Literal(found)
        elif size and re.fullmatch(r"\d+", text) and len(text) < size:
            full = text.zfill(size)
            self._tell("V033", part, (full,) if values.is_luhn(full) else (), size=str(size))
        return ox.Literal(text)

    def _integer(self, column: Column, part: _Part) -> Term | None:
        text = part.text
        if re.fullmatch(r"[+-]?\d+", text):
            return ox.Literal(text, datatype=ox.NamedNode(XSD + "integer"))
        whole = values.integer(text)
        if found := whole or _unfolded(text):
            self._tell("V024", part, (found,), bool(whole))
            return ox.Literal(found, datatype=ox.NamedNode(XSD + "integer"))
        years = YEAR.findall(text) if column.field.iri.endswith("Year") else []
        self._tell("V024", part, (years[0],) if len(years) == 1 else ())
        return None

    def _decimal(self, column: Column, part: _Part) -> Term | None:
        plain = re.sub(r"[\s\u00a0\u202f€]", "", part.text)
        found = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
        if not re.fullmatch(r"[+-]?\d+(\.\d+)?", found):
            self._tell("V024", part)
            return None
        if found != part.text:
            self._tell("V024", part, (found,), True)
        return ox.Literal(found, datatype=ox.NamedNode(XSD + "decimal"))

    def _date(self, column: Column, part: _Part) -> Term | None:
        text, found = part.text, values.dates(part.text)
        if not found and re.fullmatch(r"\d{5}", text):
            found = [(EPOCH + timedelta(days=int(text))).isoformat()]
        if found != [text]:
            is_only = len(found) == 1
            self._tell("V025", part, tuple(found), is_only and not text.isdigit())
        if len(found) != 1:
            return None
        return ox.Literal(found[0], datatype=ox.NamedNode(XSD + "date"))

    def _address(self, column: Column, part: _Part) -> Term | None:
        iri = _iri(part.text)
        if iri:
            return self._node(iri, part)
        right = (
            ("https://" + part.text,)
            if re.fullmatch(r"(?:www\.)?[\w-]+(\.[\w-]+)+(/\S*)?", part.text)
            else ()
        )
        self._tell("V034", part, right)
        return None

    def _node(self, iri: str, part: _Part) -> Term | None:
        """Return an address as a term; characters that no address has are written as such."""
        quoted = re.sub(r"[\x00-\x20<>\"{}|\\^`]", lambda sign: f"%{ord(sign[0]):02X}", iri)
        try:
            return ox.NamedNode(quoted)
        except ValueError:
            self._tell("V034", part)
            return None

    def _class(self, column: Column, part: _Part) -> Term | None:
        found = class_named(self.fields, part.text)
        if found:
            return ox.NamedNode(found)
        names = {labels["fr"]: iri for iri, labels in self.fields.classes.items()
                 if self.fields.space(iri) and "fr" in labels}  # fmt: skip
        self._tell("V037", part, tuple(nearby.closest(part.text, names)[:1]))
        return None

    def _concept(self, column: Column, part: _Part) -> Term | None:
        if iri := _iri(part.text):
            return self._node(iri, part)
        for scheme in column.field.schemes:
            found = self._called(part.text, scheme + "/")
            if len(found) == 1:
                return ox.NamedNode(found[0])
            if found:
                right = tuple(nearby.split(iri)[1] for iri in found)
                self._tell("V036", part, right, list=", ".join(right))
                return None
        near = self._near_concepts(column.field, part.text)
        scheme = ", ".join(nearby.split(one)[1] for one in column.field.schemes)
        known = [
            nearby.split(i)[1] for one in column.field.schemes for i in self.base.inside(one + "/")
        ]
        shown = ", ".join(sorted(known)) if len(known) <= SHORT and not near else ""
        self._tell("V029", part, near, scheme=scheme, known=shown)
        return None

    def _called(self, text: str, space: str) -> list[str]:
        """Return what has a notation, an address or a name in a namespace."""
        name = terms.slug(text)
        if self.base.knows(space + name):
            return [space + name]
        return [iri for iri in self.base.called(text) if iri.startswith(space)]

    def _near_concepts(self, one: Field, text: str) -> tuple[str, ...]:
        """Return the notations of the concepts that resemble a text by notation or label."""
        names: dict[str, str] = {}
        for scheme in one.schemes:
            for iri in self.base.inside(scheme + "/"):
                local = nearby.split(iri)[1]
                names[local] = local
                for key in ("label", "other-label"):
                    names |= {terms.slug(name): local for name in self.base.values(iri, key)}
        found = nearby.closest(terms.slug(text), names)
        return tuple(dict.fromkeys(names[name] for name in found))

    def _territory(self, column: Column, part: _Part) -> Term | None:
        if iri := _iri(part.text):
            return self._node(iri, part)
        text = part.text.strip()
        number = re.sub(r"[\s\u00a0\u202f.]", "", text).upper()
        if found := next((i for i in _numbered(number) if self.base.knows(i)), ""):
            return ox.NamedNode(found)
        if self.base.knows(TERRITORY + text.lower()):
            return ox.NamedNode(TERRITORY + text.lower())
        if SCIENTIFIC.fullmatch(text):
            self._tell("V032", part)
            return None
        if re.fullmatch(r"\d{4}|[1-9]", text) and self.base.knows(_commune("0" + text)):
            self._tell("V033", part, ("0" + text,), size="5")
            return ox.NamedNode(_commune("0" + text))
        self._no_territory(part, text)
        return None

    def _no_territory(self, part: _Part, text: str) -> None:
        named = [iri for iri in self.base.having("label", text) if iri.startswith(TERRITORY)]
        right = tuple(nearby.split(iri)[1].removeprefix("commune-") for iri in named[:3])
        found = re.match(r"(\d[\dAB]\d{3})\b", text)
        if not right and found and self.base.knows(_commune(found[1])):
            right = (found[1],)
        self._tell("V030", part, right)

    def _record(self, column: Column, part: _Part) -> Term | None:
        if iri := _iri(part.text):
            return self._node(iri, part)
        slug = terms.slug(part.text)
        spaces = [ID + s + "/" for r in column.field.ranges if (s := self.fields.space(r))]
        for space in spaces:
            if self.base.knows(space + part.text) or space + part.text in self.here.values():
                return ox.NamedNode(space + part.text)
        if slug in self.here:
            return ox.NamedNode(self.here[slug])
        found = [
            i for i in self.base.called(part.text) if not spaces or i.startswith(tuple(spaces))
        ]
        found = [i for i in found if i.startswith(ID)]
        if len(found) == 1:
            return ox.NamedNode(found[0])
        if found:
            right = tuple(terms.compact(iri) for iri in found[:3])
            self._tell("V036", part, right, list=", ".join(right))
        else:
            names = [i.removeprefix(s) for s in spaces for i in self.base.inside(s)]
            self._tell("V031", part, tuple(nearby.closest(slug, names)[:1]))
        return None


def class_named(fields: Fields, text: str) -> str:
    """Return the class of records with a name or a label in either language, or ''."""
    iri, slug = _iri(text), terms.slug(text)
    for name, labels in fields.classes.items():
        if not fields.space(name):
            continue
        folded = {terms.slug(label) for label in labels.values()}
        local = nearby.split(name)[1].lower()
        if iri == name or local == text.lower() or slug in folded:
            return name
    return next((name for name in fields.classes if fields.space(name) == slug
                 and fields.space(name) and name in fields.kinds), "")  # fmt: skip


def _parts(one: Field, cell: Cell) -> Iterator[_Part]:
    """Yield the pieces of a cell that holds several values, without the spaces around them."""
    text, at = cell.text, 0
    pattern = None if one.iri in ONE else SPREAD.get(one.kind)
    ends = [*re.finditer(pattern, text)] if pattern else []
    for start, stop in zip(
        [at, *(e.end() for e in ends)], [*(e.start() for e in ends), len(text)], strict=True
    ):
        piece = text[start:stop]
        bare = piece.strip()
        if bare:
            left = start + len(piece) - len(piece.lstrip())
            yield _Part(bare, *cell.part(left, left + len(bare)))


def _iri(text: str) -> str:
    """Return the address that a text is: in brackets, with a prefix of ours, or in full."""
    text = text.strip()
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1].strip()
    if re.match(r"https?://", text, re.IGNORECASE):
        return text
    prefix, colon, local = text.partition(":")
    space = terms.prefixes().get(prefix) if colon and prefix else None
    return space + local if space and re.fullmatch(r"[\w.-]+", local) else ""


def _unfolded(text: str) -> str:
    """Return the whole number that a scientific notation stands for, or ''.

    >>> _unfolded("2.014E+03"), _unfolded("1E-3")
    ('2014', '')
    """
    if not SCIENTIFIC.fullmatch(text):
        return ""
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return ""
    return str(int(found)) if abs(found) < 10**18 and found == int(found) else ""


def _commune(number: str) -> str:
    return f"{TERRITORY}commune-{number.lower()}"


def _numbered(number: str) -> list[str]:
    """Return the addresses that a number of a territory can have: commune or grouping."""
    if re.fullmatch(r"\d[\dAB]\d{3}", number):
        return [_commune(number)]
    return [f"{TERRITORY}epci-{number}"] if re.fullmatch(r"\d{9}", number) else []
