"""Where something stands in a text, and the edits that repair it; shared by all that judge files.

Offsets count Unicode code points from 0. Lines and columns count from 1 as editors show them: a
tab is one column, and a line ends at a line feed, a carriage return, or both together.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

_BREAK = re.compile(r"\r\n?|\n")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of a text: offsets `start` to `end` (excluded), and its line and column ends."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace what stands from offset `start` to `end` (excluded) by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: the code of its title, its edits, whether it can be made without asking.

    `values` fill the title's message. The edits of one fix are made together or not at all.
    """

    title_code: str
    edits: tuple[Edit, ...]
    is_safe: bool = False
    values: Mapping[str, str] = field(default_factory=dict, hash=False)


class Lines:
    """The lines of a text; made on the first question, so that it costs nothing when none is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] = []

    @property
    def starts(self) -> list[int]:
        """Return the offset of the first character of each line."""
        if not self._starts:
            self._starts = [0, *(found.end() for found in _BREAK.finditer(self.text))]
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and the column, from 1, of the character at an offset."""
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def place(self, start: int, end: int) -> Place:
        """Return the place from one offset to another (excluded)."""
        return Place(start, end, *self.position(start), *self.position(end))

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1, without its end."""
        start = self.starts[number - 1]
        stop = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:stop].rstrip("\r\n")


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return a text after edits, whose offsets all count in the text as given.

    Raises ValueError when two edits overlap.

    >>> edited("a b", [Edit(1, 2, "_"), Edit(3, 3, ".")])
    'a_b.'
    """
    parts, at = [], 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            raise ValueError(f"the edits overlap at offset {edit.start}; make them one by one")
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def repaired(text: str, fixes: Iterable[Fix]) -> tuple[str, list[Fix]]:
    """Return a text after as many fixes as do not touch each other, and those that were made.

    The earlier in the text wins; what is left can be made after reading the new text again.
    """
    made: list[Fix] = []
    taken: list[Edit] = []  # sorted
    for fix in sorted(fixes, key=lambda fix: min(fix.edits)):
        if all(_is_free(edit, taken) for edit in fix.edits):
            for edit in fix.edits:
                if edit not in taken[-1:]:
                    insort(taken, edit)
            made.append(fix)
    return edited(text, taken), made


def _is_free(edit: Edit, taken: list[Edit]) -> bool:
    at = bisect_left(taken, edit)
    if taken[at : at + 1] == [edit]:  # the same line asked for twice is inserted once
        return True
    before, after = taken[at - 1 : at] if at else [], taken[at : at + 1]
    return all(near.end < edit.start or edit.end < near.start for near in before + after)
