"""A sheet as rows of cells: the text of each, and where it stands in what the reader sees.

What the reader sees is the file itself for CSV, and for xlsx its rows as lines with tabs between
the cells, so that line 7 is row 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kb.check.finding import Finding
from kb.reading.places import Edit, Fix, Lines

LONGEST_CELL = 32_767  # characters, as in Excel


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, where it stands, its row and column from 1.

    `inner` is the offset of the text itself, -1 where the text is written otherwise (doubled
    quotes). `kind` is `formula` for the result of one, `number` for a number of a workbook.
    """

    text: str
    start: int
    end: int
    row: int
    column: int
    inner: int = -1
    kind: str = ""

    @property
    def name(self) -> str:
        """Its name in a spreadsheet: `B7`."""
        return f"{letters(self.column)}{self.row}"

    def part(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of its text stands; the whole cell where that cannot be said."""
        if self.inner < 0:
            return self.start, self.end
        return self.inner + start, self.inner + end


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong with a part of a sheet; `right` is what to write there instead."""

    code: str
    start: int
    end: int
    values: Mapping[str, str] = field(default_factory=dict)
    severity: str = "error"
    right: tuple[str, ...] = ()
    is_safe: bool = False

    def finding(self, file: str, lines: Lines, table: Table) -> Finding:
        """Return it as a finding; without edits where the text shown is not the file."""
        fixes = []
        for text in self.right:
            edits = table.edits(self.start, self.end, text)
            fixes.append(Fix("write", edits, self.is_safe and bool(edits), {"text": text}))
        values = dict(self.values) | ({"right": self.right[0]} if self.right else {})
        place = lines.place(self.start, self.end)
        return Finding(self.code, self.severity, file, place, values=values, fixes=tuple(fixes))


@dataclass(slots=True)
class Table:
    """One sheet: the text shown, its rows of cells, the troubles of its form.

    Rows that are empty are left out; cells keep the number they have in a spreadsheet.
    """

    text: str
    rows: list[list[Cell]] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    name: str = ""
    separator: str = ""

    def edits(self, start: int, end: int, text: str) -> tuple[Edit, ...]:
        """Return the edit that writes a text in a cell, quoted where it must be (RFC 4180 §2).

        None where the text shown is not the file, or where a part of a bare cell would need quotes.
        """
        if not self.separator:
            return ()
        if not any(sign in text for sign in self.separator + '"\r\n'):
            return (Edit(start, end, text),)
        doubled = text.replace('"', '""')
        for cell in (cell for row in self.rows for cell in row):
            if (cell.start, cell.end) == (start, end):
                return (Edit(start, end, f'"{doubled}"'),)
            if cell.start < start and end < cell.end and cell.inner > cell.start:
                return (Edit(start, end, doubled),)
        return ()

    @property
    def headings(self) -> list[Cell]:
        """The cells of the first row that is not empty."""
        return self.rows[0] if self.rows else []

    @property
    def records(self) -> list[list[Cell]]:
        """The rows below the headings."""
        return self.rows[1:]


def letters(column: int) -> str:
    """Return the name of a column, counted from 1.

    >>> letters(1), letters(26), letters(27)
    ('A', 'Z', 'AA')
    """
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
