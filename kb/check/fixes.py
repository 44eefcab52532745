"""Repairs as edits of the text: what can be written instead, and whether it may be done unasked.

A fix is safe when it writes in the right form what the file surely means; one that chooses for the
author is not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pyoxigraph as ox

from kb import terms
from kb.check import values
from kb.check.base import Base
from kb.check.contribution import Contribution
from kb.check.rulebook import Rule
from kb.reading.places import Edit, Fix, Place

XSD = "http://www.w3.org/2001/XMLSchema#"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def replaced(one: Contribution, place: Place | None, iri: str) -> tuple[Fix, ...]:
    """Return the fix that writes another address at a place, as the file writes addresses."""
    if place is None or not iri or one.document is None:  # a place that is sought is not exact
        return ()
    from kb.check.nearby import written

    text = written(one, iri)
    prefix = text.partition(":")[0]
    declared = one.document.prefixes if one.document else {}
    # A prefix that the place itself uses gets its line by another repair.
    used = one.text.startswith(f"{prefix}:", place.start)
    if not text.startswith("<") and prefix not in declared and not used:
        text = f"<{iri}>"
    return (_write(place, text, False),)


def of_value(
    one: Contribution, place: Place | None, value: object, rule: Rule | None, base: Base | None
) -> tuple[Fix, ...]:
    """Return the fixes of a value that breaks a rule, the likeliest first."""
    if place is None or rule is None or one.document is None or not isinstance(value, ox.Literal):
        return ()
    source = one.text[place.start : place.end]
    if source[:1] not in "\"'+-.0123456789":  # a name, the value of which stands elsewhere
        return ()
    found = _Value(one, place, value, source, rule, base).fixes()
    return tuple(dict.fromkeys(fix for fix in found if fix.values["text"] != source))


def _write(place: Place, text: str, is_safe: bool) -> Fix:
    return Fix("write", (Edit(place.start, place.end, text),), is_safe, {"text": text})


class _Value:
    """A literal that breaks a rule, and what stands in the file for it."""

    def __init__(
        self, one: Contribution, place: Place, value: ox.Literal, source: str, rule: Rule,
        base: Base | None,
    ) -> None:  # fmt: skip
        self.one, self.place, self.value, self.source = one, place, value, source
        self.rule, self.base = rule, base
        self.text = value.value
        quoted = re.match(r"(\"\"\"|'''|\"|')(?:\\.|(?!\1).)*\1", source, re.DOTALL)
        self.quoted = quoted[0] if quoted else f'"{self.text}"'

    def fixes(self) -> Iterator[Fix]:
        """Yield the fixes that fit the rule."""
        name = self.rule.path.rpartition("#")[2]
        if length := values.length(name):
            yield from self._number(length)
        elif self.rule.datatype == LANG_STRING and not self.value.language:
            taken = other_languages(self.one, self.value)
            yield self._write(f"{self.quoted}@{majority(self.one, taken)}", False)
        elif self.rule.datatype == XSD + "integer":
            if number := values.integer(self.text):
                yield self._write(number, True)
        elif self.rule.datatype == XSD + "date":
            found = values.dates(self.text)
            for iso in found:
                yield self._write(f'"{iso}"^^{self._name(XSD + "date")}', len(found) == 1)
        elif self.rule.datatype == XSD + "string":
            yield from self._plain()
        elif self.rule.scheme:
            yield from self._concept()
        elif self.rule.kind == terms.NS + "Territory":
            yield from self._territory()
        elif not self.rule.datatype and ADDRESS.fullmatch(self.text.strip()):
            yield self._write(f"<{self.text.strip()}>", True)

    def _write(self, text: str, is_safe: bool) -> Fix:
        return _write(self.place, text, is_safe)

    def _name(self, iri: str) -> str:
        """Return a datatype as the file can write it."""
        declared = self.one.document.prefixes if self.one.document else {}
        for prefix, line in declared.items():
            if iri.startswith(line.iri):
                return f"{prefix}:{iri.removeprefix(line.iri)}"
        return f"<{iri}>"

    def _number(self, length: int) -> Iterator[Fix]:
        """Yield an official number as its digits in quotes; one that does not check is unsafe."""
        found = values.digits(self.text, length)
        if found and (found != self.text or self.source != f'"{found}"'):
            yield self._write(f'"{found}"', values.is_luhn(found))

    def _plain(self) -> Iterator[Fix]:
        """Yield the text without language or datatype: an untyped number surely means its text."""
        if self.value.language:
            yield self._write(self.quoted, False)
        elif self.source[:1] not in "\"'":
            yield self._write(f'"{self.source}"', True)

    def _territory(self) -> Iterator[Fix]:
        """Yield the territories of just this name; many communes share one, so three at most."""
        found = self.base.having("label", self.text.strip()) if self.base else []
        for iri in [one for one in found if one.startswith(terms.BASE + "id/territory/")][:3]:
            yield from replaced(self.one, self.place, iri)

    def _concept(self) -> Iterator[Fix]:
        """Yield the concepts of the list that have this label in some language."""
        space = f"{terms.BASE}scheme/{self.rule.scheme}/"
        if not self.base:
            return
        for iri in (*self.base.called(self.text), space + terms.slug(self.text)):
            if iri.startswith(space) and self.base.knows(iri):
                yield from replaced(self.one, self.place, iri)


def majority(one: Contribution, taken: set[str]) -> str:
    """Return the language that most texts of a file have, of those not taken; else French."""
    found = Counter({"fr": 0, "en": 0})
    for _, _, object_ in one.triples:
        if isinstance(object_, ox.Literal) and object_.language:
            found[object_.language] += 1
    free = [tag for tag in found if tag not in taken] or ["fr"]
    return max(free, key=lambda tag: found[tag])


def other_languages(one: Contribution, value: ox.Literal) -> set[str]:
    """Return the languages that the nodes with a value have for the property it is given by."""
    given = {(s, p) for s, p, o in one.triples if o == value}
    return {
        o.language
        for s, p, o in one.triples
        if (s, p) in given and isinstance(o, ox.Literal) and o.language
    }
