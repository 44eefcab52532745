"""Mistakes of grammar: what a token that no step expects tells, and how reading goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.reading.turtle import Reader


class Trouble:
    def __init__(self, reader: Reader) -> None:
        self.reader, self.page = reader, reader.page

    def unexpected(self, kind, found, *more) -> Any:
        start, end = found.span(kind)
        self.page.problem("S027", start, max(end, start), {"text": found[kind]})
        return self.skip(found)

    def skip(self, found):
        self.page.pos = found.end()
        depth = 0
        r = self.reader
        while True:
            kind, found = r.token()
            if kind == "end":
                return None
            if kind == "open":
                depth += 1
            if kind == "close":
                depth -= 1
            if kind == "sign" and found["sign"] == "." and depth <= 0:
                while r.frames and r.frames[-1].sign != "{":
                    r.frames.pop()
                return r.statement

    subject = verb = object = item = after = unexpected

    def comma(self, found):
        return self.unexpected("sign", found)

    def closed(self, found):
        return self.unexpected("close", found)

    def finish(self, at):
        self.page.problem("S017", self.reader.frames[-1].start, self.reader.frames[-1].start + 1)
        return None

    def unclosed(self, at):
        self.page.problem("S017", self.reader.frames[-1].start, self.reader.frames[-1].start + 1)
        while self.reader.frames and self.reader.frames[-1].sign != "{":
            self.reader.frames.pop()
        return self.reader.statement

    def graph(self, start):
        self.page.problem("S073", start, start + 1)
        return None

    def too_deep(self, start):
        self.page.problem("S070", start, start + 1)
        return None

    def directive(self, start):
        self.page.problem("S027", start, start + 1)
        return None

    def declaration(self, start, found):
        self.page.problem("S033", start, start + 1)
        return self.skip(found)

    def unknown(self, prefix, places):
        self.page.problem("S030", *places[0], {"prefix": prefix})
