"""Lists as they come: CSV, TSV, JSON, spreadsheets; every row kept, every fault told by its line.

Encodings are looked at line by line, since lists are glued together; a quote that never closes
stays a character of its line; a row too short or too long is read as far as it goes. Only a file
that cannot be a list at all is refused.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import python_calamine as calamine

from kb.linking import LinkProblem
from kb.linking.normalize import mend

LONGEST_CELL = 10_000
LONGEST_RECORD = 200
SEPARATORS = "\t;,|"
SHEETS = {".xlsx", ".xls", ".ods", ".xlsb"}
BREAKS = re.compile("\r\n|\n|\r")
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


def read(path: Path) -> Sheet:
    """Read a list by the kind its name tells: spreadsheet, JSON, else text with separators.

    Raises LinkProblem when the file is missing, empty, or no list.
    """
    sheet = Sheet(path)
    try:
        if path.suffix.lower() in SHEETS:
            _take(sheet, list(_spreadsheet(path)))
        elif path.suffix.lower() in (".json", ".jsonl", ".geojson"):
            _objects(sheet, _text(sheet, path.read_bytes()))
        else:
            _take(sheet, list(_records(sheet, _text(sheet, path.read_bytes()))))
    except OSError as error:
        raise LinkProblem(f"{path}: cannot be read: {error.strerror or error}") from error
    if not sheet.columns:
        raise LinkProblem(f"{path}: no row in it; give a list with a line of column names")
    return sheet


def _text(sheet: Sheet, octets: bytes) -> str:
    """Return the text of a file; each line that is not UTF-8 is read as Windows-1252."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if octets.startswith(mark):
            sheet.note(0, "read as UTF-16")
            return octets.decode(encoding, "replace")
    octets = octets.removeprefix(b"\xef\xbb\xbf")
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lines = octets.split(b"\n")
    beyond = [line for line in lines if not line.isascii()]
    wrong = [_is_foreign(line) for line in lines]
    if sum(wrong) == len(beyond):
        sheet.note(0, "not UTF-8: read as Windows-1252")
    else:
        for number, foreign in enumerate(wrong, start=1):
            if foreign:
                sheet.note(number, "not UTF-8 like the rest: read as Windows-1252")
    decoded = (
        line.decode("cp1252", "replace") if foreign else line.decode("utf-8")
        for line, foreign in zip(lines, wrong, strict=True)
    )
    return "\n".join(decoded)


def _is_foreign(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _records(sheet: Sheet, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each record with the line where it begins."""
    lines = BREAKS.split(text)
    header = next((line for line in lines if line.strip()), "")
    separator = max(SEPARATORS, key=lambda sign: (_outside(header, sign), -SEPARATORS.index(sign)))
    width, at = 0, 0
    while at < len(lines):
        taken, cells = _record(lines, at, separator, width)
        if taken < 0:
            sheet.note(at + 1, "a quote that does not close: read as a character of the line")
            taken = 1
        if any(cell.strip() for cell in cells):
            width = width or len(cells)
            yield at + 1, cells
        at += taken


def _outside(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _record(lines: Sequence[str], at: int, separator: str, width: int) -> tuple[int, list[str]]:
    """Return how many lines a record takes, and its cells; -1 lines for a quote left open."""
    quotes = lines[at].count('"')
    if quotes % 2 == 0:
        return 1, _cells(lines[at], separator)
    end = at
    while quotes % 2 and end + 1 < min(len(lines), at + LONGEST_RECORD):
        end += 1
        quotes += lines[end].count('"')
    joined = [] if quotes % 2 else _cells("\n".join(lines[at : end + 1]), separator)
    if joined and (not width or len(joined) == width):
        return end - at + 1, joined
    return -1, [cell.strip().strip('"') for cell in lines[at].split(separator)]


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


def _take(sheet: Sheet, records: list[tuple[int, list[str]]]) -> None:
    """Take the first record as the names of columns, the others as rows."""
    if not records:
        return
    sheet.columns = _columns([mend(cell).strip() for cell in records[0][1]])
    width = len(sheet.columns)
    for line, cells in records[1:]:
        if len(cells) < width:
            sheet.note(line, f"{len(cells)} cells of {width}: the others are taken as empty")
        elif any(cell.strip() for cell in cells[width:]):
            sheet.note(line, f"{len(cells)} cells where {width} are named: the last are left out")
        _add(sheet, line, dict(zip(sheet.columns, cells, strict=False)))


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


def _add(sheet: Sheet, line: int, cells: dict[str, str]) -> None:
    kept = {}
    for column in sheet.columns:
        cell = cells.get(column, "")
        if len(cell) > LONGEST_CELL:
            sheet.note(line, f"{column}: {len(cell)} characters: the cell is left out")
            cell = ""
        kept[column] = mend(cell.replace("\0", "")).strip()
    sheet.rows.append(Row(line, kept))


def _objects(sheet: Sheet, text: str) -> None:
    """Read a list of objects, a list within an object, or an object a line; rows are counted."""
    found = _parsed(sheet.path, text)
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if lists else [found]
    if not isinstance(found, list):
        raise LinkProblem(f"{sheet.path}: no list of objects in it")
    rows = []
    for number, each in enumerate(found, start=1):
        inner = each.get("properties", each) if isinstance(each, dict) else None
        if isinstance(inner, dict):
            rows.append((number, {str(key): _cell(value) for key, value in inner.items()}))
        else:
            sheet.note(number, "is no object: left out")
    sheet.columns = list(dict.fromkeys(key for _, row in rows for key in row))
    for number, row in rows:
        _add(sheet, number, row)


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
