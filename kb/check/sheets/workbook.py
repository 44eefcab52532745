"""A workbook (xlsx, ECMA-376 part 1) read row by row, with limits on what it unfolds to.

An xlsx file is a zip of XML: its unfolded size and its declarations are looked at before anything
is read. The first sheet with rows is the one that counts; the others are named.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from kb.check.sheets.separated import empty_rows
from kb.check.sheets.table import LONGEST_CELL, Cell, Table, Trouble

MB = 1_000_000
UNFOLDED, RATIO = 200 * MB, 200
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 100_000, 500, 5_000_000
# What the zip and XML readers raise for files that are cut, made up, or of another kind.
UNREADABLE = (
    ValueError, LookupError, TypeError, AttributeError, EOFError, SyntaxError, RuntimeError,
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error,
)  # fmt: skip
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*?\bref="([A-Z]{1,3}[0-9]{1,7}:[A-Z0-9]{2,10})"')
BREAKS = str.maketrans("\t\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029", " " * 11)


def table(data: bytes) -> Table:
    """Return the first sheet of a workbook that has rows; a refused file gives one trouble."""
    try:
        refused = _refused(data)
        return refused or _first(data)
    except UNREADABLE as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        return Table("", troubles=[Trouble("S086", 0, 0, {"reason": reason})])


def _refused(data: bytes) -> Table | None:
    """Return a table with the trouble for which a workbook is not opened."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        size = sum(part.file_size for part in parts)
        if size > UNFOLDED or (size > MB and size > RATIO * len(data)) or len(parts) > 10_000:
            values = {"size": str(size // MB), "most": str(UNFOLDED // MB)}
            return Table("", troubles=[Trouble("S087", 0, 0, values)])
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with packed.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(4000).replace(b"\x00", b""):
                        return Table("", troubles=[Trouble("S080", 0, 0)])
    return None


def _first(data: bytes) -> Table:
    import openpyxl  # only where a workbook is read

    values = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    written = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False)
    made, others = Table(""), []
    try:
        for sheet in values.worksheets:
            found = _Sheet(sheet, written[sheet.title]).read()
            if not found.rows:
                continue
            if made.rows:
                others.append(sheet.title)
            else:
                made = found
                made.troubles += _merged(data, sheet, made)
    finally:
        values.close()
        written.close()
    if others:
        values_ = {"others": ", ".join(others), "sheet": made.name}
        made.troubles.append(Trouble("S088", 0, 0, values_, "warning"))
    return made


class _Sheet:
    """One sheet being written out as lines, with its cells."""

    def __init__(self, values: Any, written: Any) -> None:
        self.values, self.written = values, written
        self.parts: list[str] = []
        self.at = 0
        self.made = Table("", name=values.title)

    def read(self) -> Table:
        for sheet in (self.values, self.written):
            # What a file says of its own size may be wrong, and is made up by some programs.
            sheet.reset_dimensions()
        number = seen = 0
        for number, pair in enumerate(self._rows(), 1):
            written = [*zip(*pair, strict=False)][:MOST_COLUMNS]
            while written and written[-1] == (None, None):
                written.pop()
            cells = [self._cell(number, *cell) for cell in enumerate(written, 1)]
            if any(cell.text.strip() or cell.kind for cell in cells):
                for column in range(len(cells) + 1, len(self.made.headings) + 1):
                    cells.append(Cell("", self.at, self.at, number, column))
                self.made.rows.append(cells)
            self._add("\n")
            seen += max(map(len, pair))
            if seen > MOST_CELLS:
                break
        if number >= MOST_ROWS or seen > MOST_CELLS:
            values = {"most": str(MOST_ROWS)}
            self.made.troubles.append(Trouble("S089", 0, 0, values))
        self.made.text = "".join(self.parts)
        empty_rows(self.made)
        return self.made

    def _rows(self) -> Iterator[tuple[Any, Any]]:
        limits = {"max_row": MOST_ROWS, "values_only": True}
        yield from zip(
            self.values.iter_rows(**limits), self.written.iter_rows(**limits), strict=False
        )

    def _add(self, text: str) -> int:
        start, self.at = self.at, self.at + len(text)
        self.parts.append(text)
        return start

    def _cell(self, row: int, column: int, pair: tuple[Any, Any]) -> Cell:
        value, written = pair
        if column > 1:
            self._add("\t")
        text = _text(value)
        if len(text) > LONGEST_CELL:
            values = {"length": str(len(text)), "most": str(LONGEST_CELL)}
            self.made.troubles.append(Trouble("S082", self.at, self.at, values))
            text = ""
        start = self._add(text.translate(BREAKS))
        # A formula and its last result differ; a text that only looks like one does not.
        kind = "formula" if written != value else "number" if isinstance(value, int | float) else ""
        return Cell(text, start, self.at, row, column, start, kind)


def _text(value: object) -> str:
    """Return the value of a cell as people would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else str(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _merged(data: bytes, sheet: Any, made: Table) -> Iterator[Trouble]:
    """Yield the merged cells of a sheet: all but the first of them are empty."""
    path = str(getattr(sheet, "_worksheet_path", ""))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if path not in packed.namelist():
            return
        found = [match.decode() for match in MERGED.findall(packed.read(path))][:1000]
    cells = {cell.name: cell for row in made.rows for cell in row} if found else {}
    for area in found:
        cell = cells.get(area.partition(":")[0])
        if cell:
            yield Trouble("S079", cell.start, cell.end, {"area": area}, "warning")
