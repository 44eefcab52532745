"""CSV read cell by cell with offsets, on past every mistake (RFC 4180 §2).

The separator is the one the heading row has most of, or that of a line `sep=;` before it. A quote
that is opened and not closed ends its cell at the next separator of its line: the rest is read.
"""

from __future__ import annotations

import re

from kb.check.sheets.table import LONGEST_CELL, Cell, Table, Trouble

SEPARATORS = ";,\t|"
QUOTED = re.compile(r'[ ]*"((?:[^"]++|"")*+)"[ ]*')
END = re.compile(r"\r\n?|\n")


def table(text: str) -> Table:
    """Return the sheet of a CSV text."""
    made = _Reader(text).read()
    empty_rows(made)
    _ragged(made)
    return made


class _Reader:
    """A CSV text being read: `at` is the offset of what comes next."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.row = text, 0, 1
        self.made = Table(text)
        if text.startswith("\ufeff"):
            self.at = 1
        self.separator = self.made.separator = self._separator()
        self.bare = re.compile(rf"[^{re.escape(self.separator)}\r\n]*+")

    def _separator(self) -> str:
        if found := re.compile(r"sep=([;,\t|])(\r\n?|\n)", re.IGNORECASE).match(self.text, self.at):
            self.at = found.end()
            return found[1]
        head = re.compile(r"\s*([^\r\n]*)").match(self.text, self.at)
        line = re.sub(r'"[^"]*"', "", head[1] if head else "")
        return max(SEPARATORS, key=lambda sign: (line.count(sign), -SEPARATORS.index(sign)))

    def read(self) -> Table:
        while self.at < len(self.text):
            cells = self._cells()
            if any(cell.text.strip() for cell in cells):
                self.made.rows.append(cells)
            self.row += 1
        return self.made

    def _cells(self) -> list[Cell]:
        cells = [self._cell(1)]
        while self.text[self.at : self.at + 1] == self.separator:
            self.at += 1
            cells.append(self._cell(len(cells) + 1))
        if end := END.match(self.text, self.at):
            self.at = end.end()
        return cells

    def _cell(self, column: int) -> Cell:
        start = self.at
        if self._is_quoted(start):
            quoted = QUOTED.match(self.text, start)
            if quoted and self._is_end(quoted.end()):
                return self._quoted(quoted, column)
            at = self.text.index('"', start)
            self.made.troubles.append(Trouble("S081", at, at + 1, {"row": str(self.row)}))
            return self._bare(start, at + 1, column)
        return self._bare(start, start, column)

    def _is_quoted(self, at: int) -> bool:
        while self.text[at : at + 1] == " ":
            at += 1
        return self.text[at : at + 1] == '"'

    def _is_end(self, at: int) -> bool:
        return at >= len(self.text) or self.text[at] in self.separator + "\r\n"

    def _quoted(self, found: re.Match[str], column: int) -> Cell:
        self.at = found.end()
        raw = found[1]
        inner = -1 if '""' in raw else found.start(1)
        cell = Cell(raw.replace('""', '"'), found.start(), found.end(), self.row, column, inner)
        return self._short(cell)

    def _bare(self, start: int, inner: int, column: int) -> Cell:
        found = self.bare.match(self.text, inner)
        self.at = found.end() if found else inner
        raw = self.text[inner : self.at]
        return self._short(Cell(raw, start, self.at, self.row, column, inner))

    def _short(self, cell: Cell) -> Cell:
        """Return a cell without its text when no cell can be that long."""
        if len(cell.text) <= LONGEST_CELL:
            return cell
        values = {"length": str(len(cell.text)), "most": str(LONGEST_CELL)}
        self.made.troubles.append(Trouble("S082", cell.start, cell.start + 1, values))
        return Cell("", cell.start, cell.end, cell.row, cell.column)


def empty_rows(made: Table) -> None:
    """Tell of empty rows between others: people take them for the end."""
    for before, after in zip(made.rows, made.rows[1:], strict=False):
        count = after[0].row - before[0].row - 1
        if count:
            at = after[0].start
            values = {"row": str(before[0].row + 1), "count": str(count)}
            made.troubles.append(Trouble("S084", at, at, values, "info"))


def _ragged(made: Table) -> None:
    """Tell of rows with more cells than headings, or fewer."""
    width = len(made.headings)
    for row in made.records:
        values = {"row": str(row[0].row), "cells": str(len(row)), "headings": str(width)}
        beyond = [cell for cell in row[width:] if cell.text.strip()]
        if beyond:
            made.troubles.append(Trouble("S083", beyond[0].start, beyond[-1].end, values))
        elif len(row) < width:
            last = row[-1]
            made.troubles.append(Trouble("S085", last.start, last.end, values, "warning"))
