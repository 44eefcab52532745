"""Prefix and base lines (RDF 1.1 Turtle §2.4), and the names whose prefix no line declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kb.reading.document import PrefixLine
from kb.reading.page import XSD, replacing
from kb.reading.tokens import DECLARED, DECLARED_BASE, DOT

if TYPE_CHECKING:
    from kb.reading.making import Match
    from kb.reading.turtle import Reader


class Directives:
    """Reads the lines that say what names mean."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.page, self.maker = reader, reader.page, reader.maker

    def read(self, kind: str, found: Match) -> Any:
        """Read a directive and return the next step; nothing when the token begins none."""
        start, written = found.start(kind), found[kind]
        name = written.lstrip("@").lower()
        if name == "graph" and kind == "word":
            return self._graph(start)
        if name not in ("prefix", "base"):
            return None
        if kind == "at" and written != written.lower():
            fixes = replacing("write", start, found.end(), written.lower(), is_safe=True)
            self.page.problem("S033", start, found.end(), {"text": written}, fixes)
        if self.reader.frames:
            return self.reader.trouble.directive(start)
        body = (DECLARED if name == "prefix" else DECLARED_BASE).match(
            self.page.text, self.page.pos
        )
        if not body:
            return self.reader.trouble.declaration(start, found)
        self.page.pos = body.end()
        iri = self.maker.iri_at(body["iri"], *body.span("iri"))
        self._dot(kind == "at", body.end())
        if iri and name == "prefix":
            self.declare(body["prefix"], iri.value, start, kind == "at")
        elif iri:
            self.page.base = iri.value
            self.maker.forget()
        return self.reader.statement

    def declare(self, prefix: str, iri: str, start: int, has_at: bool) -> None:
        """Take a prefix for the rest of the text."""
        place = self.page.lines.place(start, self.page.pos)
        self.page.prefixes[prefix] = PrefixLine(prefix, iri, place, has_at)
        if self.page.namespaces.get(prefix, iri) != iri:
            self.maker.forget()
        self.page.namespaces[prefix] = iri
        if iri == XSD:
            self.page.xsd = prefix

    def _dot(self, is_due: bool, end: int) -> None:
        found = DOT.match(self.page.text, end)
        if found:
            self.page.pos = found.end()
        if found and not is_due:
            at = found.start("dot")
            fixes = replacing("remove", end if at == end + 1 else at, at + 1, "", is_safe=True)
            self.page.problem("S032", at, at + 1, {}, fixes)
        elif is_due and not found:
            fixes = replacing("add", end, end, " .", is_safe=True)
            self.page.problem("S031", end - 1, end, {}, fixes)

    def _graph(self, start: int) -> Any:
        reader = self.reader
        if not reader.has_graphs or reader.frames:
            return reader.trouble.graph(start, keyword=True)
        kind, found = reader.token()
        if kind not in ("name", "iri", "blank", "anon", "escaped"):
            return reader.trouble.subject(kind, found)
        name = self.maker.of[kind](found)
        mark = found.start(kind) << 32 | self.page.pos
        kind, found = reader.token()
        if kind != "open" or found[kind] != "{":
            return reader.trouble.subject(kind, found)
        return reader.enter_graph(found.start(kind), name, mark)

    def tell_unknown(self) -> None:
        """Note each prefix that no line declares before its use, with all its places."""
        for prefix, places in self.maker.unknown.items():
            self.reader.trouble.declaring.unknown(prefix, places)
