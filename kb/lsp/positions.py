"""Places as editors count them: lines from 0, characters in the units that both sides agreed on.

LSP 3.17 §Position: UTF-16 unless negotiated otherwise, so that a character outside the basic plane
counts twice. Lines end at LF, CR or both only; `str.splitlines` would see more of them.
"""

from __future__ import annotations

from lsprotocol import types as lsp

from kb.reading.places import Lines

# By encoding: a codec and the bytes of one unit
UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Positions:
    """The two ways to count in one text: offsets of characters, and positions of an editor."""

    def __init__(self, text: str, encoding: str = "utf-16") -> None:
        self.text, self.lines = text, Lines(text)
        self.codec, self.size = UNITS.get(encoding, UNITS["utf-16"])

    def units(self, text: str) -> int:
        """Return how many units a text has; a lone surrogate counts like any character."""
        return len(text.encode(self.codec, "surrogatepass")) // self.size

    def offset(self, position: lsp.Position) -> int:
        """Return the offset at a position; one beyond its line or the text is at their end."""
        starts = self.lines.starts
        if position.line >= len(starts):
            return len(self.text)
        start = starts[position.line]
        line = self.lines.line(position.line + 1)
        if self.size == 4 or line.isascii():
            return start + min(position.character, len(line))
        left = position.character
        for at, letter in enumerate(line):
            if left <= 0:
                return start + at
            left -= self.units(letter)
        return start + len(line)

    def position(self, offset: int) -> lsp.Position:
        """Return the position of an offset."""
        line, column = self.lines.position(min(max(offset, 0), len(self.text)))
        start = self.lines.starts[line - 1]
        before = self.text[start : start + column - 1]
        return lsp.Position(line - 1, len(before) if before.isascii() else self.units(before))

    def range(self, start: int, end: int) -> lsp.Range:
        """Return the range from one offset to another (excluded)."""
        return lsp.Range(self.position(start), self.position(end))
