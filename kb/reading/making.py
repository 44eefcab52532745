"""Terms made of tokens: IRIs, prefixed names, blank nodes, literals (RDF 1.1 Turtle §6.4, §7).

A token that is no term because of a mistake gives the term that was meant, with a problem; the
grammar then goes on as if it had been written, so that one mistake is told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pyoxigraph as ox

from kb.reading import addresses, numbers, strings
from kb.reading.iris import resolved
from kb.reading.page import NIL, TYPE, XSD, Page
from kb.reading.tokens import TOKEN

Match = re.Match[str]
Made = ox.NamedNode | ox.BlankNode | ox.Literal | None
BOOLEAN, INTEGER, DECIMAL, DOUBLE = (
    ox.NamedNode(XSD + name) for name in ("boolean", "integer", "decimal", "double")
)
_ESCAPE = re.compile(r"\\(.)")
_CODE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


class Maker:
    """Makes the term of a token; `page.pos` stands after the token, and after the term at last."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.names: dict[str, ox.NamedNode] = {"a": TYPE}
        self.iris: dict[str, ox.NamedNode] = {}
        self.unknown: dict[str, list[tuple[int, int]]] = {}
        self.of: dict[str, Callable[[Match], Made]] = {
            "name": self.name, "iri": self.iri, "blank": self.blank, "nil": lambda _: NIL,
            "anon": lambda found: page.blank(found.start("anon")),
            "number": self.number, "escaped": self.iri,
            "text": partial(strings.short, self), "quote": partial(strings.opened, self),
            "curly": partial(strings.curly, self), "word": partial(strings.word, self),
            "badnumber": partial(numbers.bad, self),
            "angle": partial(addresses.unclosed, self), "badname": partial(addresses.name, self),
        }  # fmt: skip

    def forget(self) -> None:
        """Forget what names and addresses meant, as a prefix or the base changed."""
        self.names = {"a": TYPE}
        self.iris = {}

    def name(self, found: Match) -> ox.NamedNode | None:
        """Return the IRI of a prefixed name; nothing when its prefix is not declared."""
        text = found["name"]
        return self.names.get(text) or self.name_at(text, *found.span("name"))

    def name_at(self, text: str, start: int, end: int) -> ox.NamedNode | None:
        """Return the IRI of the prefixed name that stands from one offset to another."""
        prefix, _, local = text.partition(":")
        namespace = self.page.namespaces.get(prefix)
        if namespace is None:
            self.unknown.setdefault(prefix, []).append((start, end))
            namespace = self.page.known.get(prefix)
            if namespace is None:
                return None
        if "\\" in local:
            local = _ESCAPE.sub(r"\1", local)
        made = self.checked(namespace + local, start, end)
        if made and prefix in self.page.namespaces:
            self.names[text] = made
        return made

    def iri(self, found: Match) -> ox.NamedNode | None:
        """Return the IRI between angle brackets."""
        kind = found.lastgroup or ""
        text = found[kind]
        return self.iris.get(text) or self.iri_at(text, *found.span(kind))

    def iri_at(self, text: str, start: int, end: int) -> ox.NamedNode | None:
        """Return the IRI written between angle brackets from one offset to another."""
        inner = text[1:-1]
        if "\\" in inner:
            try:
                inner = _CODE.sub(lambda code: chr(int(code[1] or code[2], 16)), inner)
            except (ValueError, OverflowError):
                self.page.problem("S042", start, end, {"iri": inner, "reason": "\\U"})
                return None
        made = self.checked(resolved(inner, self.page.base), start, end)
        if made:
            self.iris[text] = made
        return made

    def checked(self, iri: str, start: int, end: int) -> ox.NamedNode | None:
        """Return an IRI as a term; notes what is wrong when it is none (RFC 3987)."""
        try:
            return ox.NamedNode(iri)
        except ValueError as error:
            addresses.refused(self, iri, start, end, str(error))
            return None

    def blank(self, found: Match) -> ox.BlankNode:
        """Return the blank node of a label."""
        return ox.BlankNode(found["blank"][2:])

    def number(self, found: Match) -> ox.Literal:
        """Return a number as it is written (RDF 1.1 Turtle §2.5.2)."""
        text = found["number"]
        if text.isdigit():
            return ox.Literal(text, datatype=INTEGER)
        if "e" in text or "E" in text:
            return ox.Literal(text, datatype=DOUBLE)
        return ox.Literal(text, datatype=DECIMAL if "." in text else INTEGER)

    def next(self) -> tuple[str, Match]:
        """Return the token after `page.pos` and its kind, without going on."""
        found = TOKEN.match(self.page.text, self.page.pos)
        if found is None:  # the pattern matches every text
            raise ValueError(f"no token at {self.page.pos}; correct the pattern")
        return found.lastgroup or "", found
