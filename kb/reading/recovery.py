"""How reading goes on after a mistake: tokens are looked at again, ahead, or skipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kb.reading.page import replacing, shown
from kb.reading.tokens import TOKEN

if TYPE_CHECKING:
    from kb.reading.making import Match
    from kb.reading.turtle import Reader, Step

LITERALS = frozenset(("text", "quote", "number", "curly", "badnumber"))
TERMS = LITERALS | {"name", "iri", "blank", "anon", "nil", "escaped", "angle", "a", "badname",
                    "word", "open"}  # fmt: skip
NAMED = frozenset(("name", "iri", "escaped", "badname", "angle"))


class Recovery:
    """Finds where a reader can go on."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.page = reader, reader.page

    def again(self, found: Match, step: Step) -> Step:
        """Read the token at hand again, by another step."""
        self.page.pos = found.start(found.lastgroup or 0)
        return step

    def odd(self, found: Match, step: Step) -> Step:
        """A sign that cannot be seen stands between terms; it is read as a space."""
        start, end = found.span("odd")
        sign = found["odd"][0]
        if start == 0 and sign == "\ufeff":
            fixes = replacing("remove-bom", 0, 1, "", is_safe=True)
            self.page.problem("S003", 0, 1, {}, fixes)
            return step
        fixes = replacing("remove-odd", start, end, " ", is_safe=True)
        self.page.problem("S004", start, end, {"sign": f"U+{ord(sign):04X}"}, fixes)
        return step

    def unexpected(self, kind: str, found: Match) -> Step | None:
        """Nothing explains this token: note it, and skip to where reading can go on."""
        start, end = found.span(kind)
        text = shown(found[kind], 30)
        if self.page.text.startswith(("{|", "~", "<<"), start):
            self.page.problem("S072", start, end, {"text": text})
        else:
            self.page.problem("S027", start, end, {"text": text})
        return self.skip(kind, found)

    def skip(self, kind: str, found: Match) -> Step | None:
        """Go on to the next `;`, `.` or closing bracket of the statement at hand."""
        reader, depth = self.reader, 0
        while kind != "end":
            if not depth and self._stops(kind, found):
                return self.again(found, reader.after)
            if kind in ("open", "close"):
                depth = max(0, depth + (1 if kind == "open" else -1))
            elif kind in LITERALS or kind == "angle":
                self._quietly(kind, found)
            kind, found = reader.token()
        return None

    def _stops(self, kind: str, found: Match) -> bool:
        if kind == "close":
            return bool(self.reader.frames)
        return kind == "sign" and found["sign"] != ","

    def _quietly(self, kind: str, found: Match) -> None:
        before = len(self.page.problems)
        self.reader.makers[kind](found)
        del self.page.problems[before:]

    def ahead(self, kind: str, found: Match) -> int:
        """Return how many terms follow one another from this token on, up to 4."""
        count, at = 0, found
        last = ""
        while count < 4:
            if kind == "at" and last in LITERALS and at["at"] not in ("@prefix", "@base"):
                pass
            elif kind == "junk" and last in LITERALS:
                kind = "carets"
            elif kind not in TERMS:
                break
            elif last != "carets":
                count += 1
                if kind == "open" and count > 1:
                    break
            last = kind
            more = TOKEN.match(self.page.text, at.end())
            if more is None:
                break
            kind, at = more.lastgroup or "", more
        return count

    def is_at_margin(self, start: int) -> bool:
        """Tell whether a token begins its line, no further right than the subject does."""
        column = self.page.lines.position(start)[1]
        own = self.page.lines.position(self.reader.s_mark >> 32)[1]
        return column <= min(own, 200) and not self.page.text[start - column + 1 : start].strip()

    def is_directive(self, kind: str, found: Match) -> bool:
        """Tell whether a token begins a prefix or base line."""
        return kind in ("at", "word") and found[kind].lstrip("@").lower() in ("prefix", "base")
