"""Brackets that are not closed, closed twice, or closed by another sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.reading.document import Term
from kb.reading.page import replacing
from kb.reading.places import Edit, Fix
from kb.reading.tokens import TOKEN

if TYPE_CHECKING:
    from kb.reading.making import Match
    from kb.reading.turtle import Reader, Step

RIGHT = {"[": "]", "(": ")", "{": "}"}


class Closing:
    """Explains what is wrong with the brackets of a reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.page = reader, reader.page
        self._commas: set[int] = set()

    def tell(self, at: int, more: str, only: int = 0) -> None:
        """Note the innermost bracket as open; what closes it belongs at an offset.

        All open brackets are closed there, or the `only` innermost ones, then `more` is written.
        """
        frames, page = self.reader.frames, self.page
        count = only or len(frames)
        text = "".join(f" {RIGHT[f.sign]}" for f in reversed(frames[-count:]))
        start, sign = frames[-1].start, frames[-1].sign
        fixes = replacing("add", at, at, text + more)
        end = self._indented(start, at) if count == 1 and sign == "[" else at
        if end != at:
            edits = (Edit(end, end, text), *([Edit(at, at, more)] if more.strip() else ()))
            fixes = (Fix("add", edits, False, {"text": text.strip()}),)
        line, column = page.lines.position(end)
        values = {"sign": sign, "right": RIGHT[sign], "line": str(line), "column": str(column)}
        page.problem("S017", start, start + 1, values, fixes)

    def _indented(self, start: int, at: int) -> int:
        """Return where a bracket ends by its indentation: before a line that stands no deeper.

        `at` where none does: there the reader could go on no further.
        """
        text = self.page.text
        first = text.rfind("\n", 0, start) + 1
        deep = len(text[first:start]) - len(text[first:start].lstrip())
        end = text.find("\n", start, at)
        while 0 <= end < at:
            after = text.find("\n", end + 1, at)
            line = text[end + 1 : after if after >= 0 else at]
            if line.strip() and len(line) - len(line.lstrip()) <= deep:
                return end - len(text[:end]) + len(text[:end].rstrip(" \t\r;,"))
            end = after
        return at

    def leave_all(self) -> None:
        """Close all brackets but the braces of a graph, as they should have been."""
        while self.reader.frames and self.reader.frames[-1].sign != "{":
            self.reader.leave(RIGHT[self.reader.frames[-1].sign], self.page.pos)

    def _inner(self) -> int:
        return sum(frame.sign != "{" for frame in self.reader.frames)

    def finish(self, at: int) -> Step | None:
        """The text ends inside a statement or a bracket."""
        if self.page.is_cut:
            return None
        if self.reader.frames:
            self.tell(at, " ." if self.reader.frames[0].sign != "{" else "")
        else:
            fixes = replacing("add", at, at, " .", is_safe=True)
            self.page.problem("S010", at, at, {"found": ""}, fixes)
        return None

    def dot(self, at: int) -> Step:
        """A dot stands inside a bracket: it is too many, or the bracket is not closed."""
        reader, page = self.reader, self.page
        after = TOKEN.match(page.text, page.pos)
        sign = reader.frames[-1].sign
        if after and after.lastgroup == "close" and after["close"] == RIGHT[sign]:
            fixes = replacing("remove", at, at + 1, "", is_safe=True)
            page.problem("S029", at, at + 1, {"sign": "."}, fixes)
            return reader.after
        self.tell(at, " " if page.text[at - 1 : at].strip() else "", self._inner())
        self.leave_all()
        reader.dot_at, reader.sign = at, "."
        reader.last = (reader.subject, reader.s_mark)
        return reader.statement

    def list_ends(self, found: Match) -> Step:
        """A semicolon or a dot stands among the members of a list: its `)` lacks."""
        at = found.start("sign")
        if found["sign"] == ".":
            return self.dot(at)
        self.tell(found.start(), "", 1)
        self.page.pos = at
        return self.reader.leave(")", at) or self.reader.after

    def closed(self, found: Match) -> Step | None:
        """A bracket closes that is not the innermost open one."""
        reader, page = self.reader, self.page
        sign, start = found["close"], found.start("close")
        opening = next(left for left, right in RIGHT.items() if right == sign)
        page.pos = start
        if any(frame.sign == opening for frame in reader.frames):
            self.tell(found.start(), "", 1)
            inner = reader.frames[-1]
            if inner.sign == "{":
                reader.leave_graph()
                return reader.statement
            return reader.leave(RIGHT[inner.sign], start) and reader.after
        page.pos = start + 1
        inner_sign = reader.frames[-1].sign if reader.frames else "{"
        if inner_sign != "{":
            right = RIGHT[inner_sign]
            fixes = replacing("write", start, start + 1, right)
            page.problem("S018", start, start + 1, {"sign": sign, "right": right}, fixes)
            return reader.leave(right, start)
        fixes = replacing("remove", start, start + 1, "")
        page.problem("S018", start, start + 1, {"sign": sign, "right": ""}, fixes)
        return reader.after if reader.sign != "." else self._after_stray()

    def _after_stray(self) -> Step:
        """After a stray bracket at the beginning of a statement, its subject may go on."""
        reader = self.reader
        found = TOKEN.match(self.page.text, self.page.pos)
        if found and found.lastgroup == "sign" and reader.dot_at >= 0:
            reader.subject, reader.s_mark = reader.last
            return reader.after
        return reader.statement

    def commas(self, found: Match) -> Step:
        """Commas stand between the members of a list; they are told together."""
        at = found.start("sign")
        if at in self._commas:
            return self.reader.item
        places, depth, pos = [at], 0, found.end()
        while token := TOKEN.match(self.page.text, pos):
            pos, kind = token.end(), token.lastgroup
            if kind == "open":
                depth += 1
            elif kind == "close":
                depth -= 1
            if depth < 0 or kind == "end" or (kind == "sign" and token["sign"] == "."):
                break
            if kind == "sign" and token["sign"] == "," and not depth:
                places.append(token.start("sign"))
        self._commas.update(places)
        edits = tuple(Edit(place, place + 1, " ") for place in places)
        fix = Fix("remove-commas", edits, True)
        self.page.problem("S019", at, at + 1, {"count": str(len(places))}, (fix,))
        return self.reader.item

    def graph(self, start: int, name: Term | None, mark: int, keyword: bool = False) -> Step:
        """A graph begins in Turtle, or inside another graph."""
        reader, page = self.reader, self.page
        if reader.has_graphs and not reader.frames:  # its name is a list or has properties
            page.problem("S027", start, start + 1, {"text": "{"})
        elif not reader.has_graphs:
            page.problem("S073", start, start + 1, {"form": "TriG", "text": page.text[start]})
            reader.has_graphs = True
        else:
            self.tell(mark >> 32 or start, "")
            self.leave_all()
            reader.leave_graph()
        if keyword:
            page.pos = start
            return reader.statement
        page.pos = start + 1
        return reader.enter_graph(start, name, mark)
