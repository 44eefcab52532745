"""Lists as they come: CSV, TSV, JSON, spreadsheets; every row kept, every fault told by its line.

Encodings are looked at line by line, since lists are glued together; a quote that never closes
stays a character of its line; a row too short or too long is read as far as it goes. Only a file
that cannot be a list at all is refused.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import python_calamine as calamine

from kb.linking import LinkProblem
from kb.linking.lines import lines
from kb.linking.normalize import mend

LONGEST_CELL = 10_000
LONGEST_RECORD = 200
SEPARATORS = "\t;,|"
SHEETS = {".xlsx", ".xls", ".ods", ".xlsb"}
csv.field_size_limit(1 << 28)  # a cell of any length is read, then left out with a word about it


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about a line of a list (0: about the whole of it)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line where it begins, its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass
class Sheet:
    """A list that was read: its columns, its rows, and what was noticed."""

    path: Path
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def note(self, line: int, text: str) -> None:
        """Keep a remark about a line."""
        self.notes.append(Note(line, text))


def read(path: Path, wanted: Collection[str] = ()) -> Sheet:
    """Read a list by the kind its name tells: spreadsheet, JSON, else text with separators.

    `wanted` are columns inside the objects of a JSON list, as `tags/name`, besides its keys.
    Raises LinkProblem when the file is missing, empty, or no list.
    """
    sheet = Sheet(path)
    sheet.rows.extend(rows(sheet, wanted))
    return sheet


def rows(sheet: Sheet, wanted: Collection[str] = ()) -> Iterator[Row]:
    """Yield the rows of a list one by one: the sheet gets its columns before the first of them.

    A text with separators is never in memory as a whole; JSON and spreadsheets are. See `read`.
    """
    suffix = sheet.path.suffix.lower()
    try:
        if suffix in SHEETS:
            yield from _take(sheet, _spreadsheet(sheet.path))
        elif suffix in (".json", ".jsonl", ".geojson"):
            yield from _objects(sheet, "\n".join(lines(sheet.path, sheet.note)), wanted)
        else:
            yield from _take(sheet, _records(sheet, lines(sheet.path, sheet.note)))
    except OSError as error:
        raise LinkProblem(f"{sheet.path}: cannot be read: {error.strerror or error}") from error
    if not sheet.columns:
        raise LinkProblem(f"{sheet.path}: no row in it; give a list with a line of column names")


def _records(sheet: Sheet, text: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each record with the line where it begins."""
    ahead: deque[str] = deque()
    separator, width, number = "", 0, 1
    while _filled(ahead, text, 1):
        if not separator and ahead[0].strip():
            separator = _separator(ahead[0])
        if ahead[0].count('"') % 2:
            _filled(ahead, text, LONGEST_RECORD)
        taken, cells = _record(ahead, separator or SEPARATORS[0], width)
        if taken < 0:
            sheet.note(number, "a quote that does not close: read as a character of the line")
            taken = 1
        if any(cell.strip() for cell in cells):
            width = width or len(cells)
            yield number, cells
        for _ in range(taken):
            ahead.popleft()
        number += taken


def _filled(ahead: deque[str], text: Iterator[str], count: int) -> int:
    """Read on until `count` lines are ahead, or none is left; return how many there are."""
    while len(ahead) < count:
        line = next(text, None)
        if line is None:
            break
        ahead.append(line)
    return len(ahead)


def _separator(header: str) -> str:
    return max(SEPARATORS, key=lambda sign: (_outside(header, sign), -SEPARATORS.index(sign)))


def _outside(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _record(ahead: Sequence[str], separator: str, width: int) -> tuple[int, list[str]]:
    """Return how many lines a record takes, and its cells; -1 lines for a quote left open."""
    quotes, end = ahead[0].count('"'), 0
    if quotes % 2 == 0:
        return 1, _cells(ahead[0], separator)
    while quotes % 2 and end + 1 < len(ahead):
        end += 1
        quotes += ahead[end].count('"')
    text = "\n".join(ahead[at] for at in range(end + 1))
    joined = [] if quotes % 2 else _cells(text, separator)
    if joined and (not width or len(joined) == width):
        return end + 1, joined
    return -1, [cell.strip().strip('"') for cell in ahead[0].split(separator)]


def _cells(record: str, separator: str) -> list[str]:
    return next(csv.reader([record], delimiter=separator), [])


def _spreadsheet(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (calamine.CalamineError, IndexError) as error:
        raise LinkProblem(f"{path}: is no spreadsheet: {error}; save it as CSV") from error
    for number, row in enumerate(rows, start=1):
        cells = [_written(value) for value in row]
        if any(cells):
            yield number, cells


def _written(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _take(sheet: Sheet, records: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """Take the first record as the names of columns, the others as rows."""
    _, named = next(records, (0, []))
    sheet.columns = _columns([mend(cell).strip() for cell in named])
    width = len(sheet.columns)
    for line, cells in records:
        if len(cells) < width:
            sheet.note(line, f"{len(cells)} cells of {width}: the others are taken as empty")
        elif any(cell.strip() for cell in cells[width:]):
            sheet.note(line, f"{len(cells)} cells where {width} are named: the last are left out")
        yield _row(sheet, line, dict(zip(sheet.columns, cells, strict=False)))


def _columns(named: list[str]) -> list[str]:
    while named and not named[-1]:
        named.pop()
    seen: dict[str, int] = {}
    made = []
    for number, title in enumerate(named, start=1):
        title = title or f"column {number}"
        seen[title] = seen.get(title, 0) + 1
        made.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return made


def _row(sheet: Sheet, line: int, cells: dict[str, str]) -> Row:
    kept = {}
    for column in sheet.columns:
        cell = cells.get(column, "")
        if len(cell) > LONGEST_CELL:
            sheet.note(line, f"{column}: {len(cell)} characters: the cell is left out")
            cell = ""
        kept[column] = mend(cell.replace("\0", "")).strip()
    return Row(line, kept)


def _objects(sheet: Sheet, text: str, wanted: Collection[str]) -> Iterator[Row]:
    """Read a list of objects, the lists within an object, or an object a line; rows are counted."""
    found = _parsed(sheet.path, text)
    if isinstance(found, dict):
        found = list(_lists(found)) or [found]
    if not isinstance(found, list):
        raise LinkProblem(f"{sheet.path}: no list of objects in it")
    made = []
    for number, each in enumerate(found, start=1):
        inner = each.get("properties", each) if isinstance(each, dict) else None
        if isinstance(inner, dict):
            inside = {title: _inside(inner, title.split("/")) for title in wanted if "/" in title}
            made.append((number, {str(key): _cell(value) for key, value in inner.items()} | inside))
        else:
            sheet.note(number, "is no object: left out")
    sheet.columns = list(dict.fromkeys(key for _, row in made for key in row))
    for number, row in made:
        yield _row(sheet, number, row)


def _lists(found: dict[str, Any]) -> Iterator[Any]:
    """Yield what the lists of objects inside an object hold, in their order."""
    for value in found.values():
        if isinstance(value, list) and any(isinstance(each, dict) for each in value):
            yield from value
        elif isinstance(value, dict):
            yield from _lists(value)


def _inside(found: Any, path: list[str]) -> str:
    for key in path:
        found = found.get(key, "") if isinstance(found, dict) else ""
    return _cell(found)


def _parsed(path: Path, text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].rstrip().endswith("}"):
            raise LinkProblem(f"{path}: is not JSON: {error}") from error
    parsed = []
    for number, line in enumerate(lines, start=1):
        try:
            parsed.append(json.loads(line))
        except ValueError:
            parsed.append(f"line {number}")
    return parsed


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_cell(each) for each in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return _written(value)
