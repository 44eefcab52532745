"""A checked text as its page shows it: the lines that matter, what is wrong in them marked.

The findings come from the report in JSON that the child process wrote; nothing is judged here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from kb import terms
from kb.reading.places import Edit, Lines, edited

ALL_LINES, AROUND, WIDEST, SHOWN = 600, 3, 400, 200


@dataclass(frozen=True)
class Repair:
    """One repair that can be made by a click: its title, and what its button sends."""

    title: str
    value: str


@dataclass(frozen=True)
class Found:
    """One finding as the page tells it; offsets count characters, `line` is 0 without a place."""

    code: str
    severity: str
    message: str
    guide: str
    start: int = 0
    end: int = 0
    line: int = 0
    column: int = 0
    repairs: tuple[Repair, ...] = ()
    cell: str = ""


@dataclass(frozen=True)
class Row:
    """One line of the text: its number, its parts with the severity of each ('' for none)."""

    number: int
    parts: tuple[tuple[str, str], ...]
    severity: str = ""
    follows: bool = True  # the line before it is shown too


@dataclass(frozen=True)
class Sheet:
    """What the page shows of a check."""

    found: tuple[Found, ...]
    hidden: int
    counts: dict[str, int]
    rows: tuple[Row, ...]
    is_checked: bool


def sheet(report: bytes, text: str) -> Sheet:
    """Return a report in JSON, and the text it is about, as the page shows them."""
    told = json.loads(report)
    all_found = [*told["obstacles"], *told["findings"]]
    mark = mark_of(text)
    found = tuple(_found(one, mark) for one in all_found[:SHOWN])
    hidden = len(all_found) - len(found)
    rows = tuple(_rows(text, [one for one in found if one.line]))
    return Sheet(found, hidden, told["counts"], rows, not told["obstacles"])


def mark_of(text: str) -> str:
    """Return what tells whether a text is still the one that repairs were proposed for."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def made(text: str, value: str) -> str | None:
    """Return a text after the repair of a button; None when it was meant for another text."""
    try:
        of, edits = json.loads(value)
        wanted = [Edit(int(start), int(end), str(new)) for start, end, new in edits]
        if of == mark_of(text) and all(0 <= e.start <= e.end <= len(text) for e in wanted):
            return edited(text, wanted)
    except (ValueError, TypeError, RecursionError):
        pass
    return None


def _found(one: dict[str, object], mark: str) -> Found:
    place = one.get("place")
    spot = place if isinstance(place, dict) else {}
    fixes = one.get("fixes")
    repairs = tuple(
        Repair(fix["title"], json.dumps([mark, [list(edit.values()) for edit in fix["edits"]]]))
        for fix in (fixes if isinstance(fixes, list) else [])
        if fix["edits"]
    )
    return Found(
        str(one["code"]), str(one["severity"]), str(one["message"]),
        _here(str(one.get("guide", ""))),
        spot.get("start", 0), spot.get("end", 0), spot.get("line", 0), spot.get("column", 0),
        repairs, str(one.get("cell", "")),
    )  # fmt: skip


def _here(address: str) -> str:
    """Return the page of a code on this server, by its public address."""
    return address.replace(terms.BASE, "/", 1)


def _rows(text: str, found: list[Found]) -> Iterator[Row]:
    """Yield all lines of a short text, and of a long one those near a finding."""
    lines = Lines(text)
    by_line: dict[int, list[Found]] = {}
    for one in found:
        by_line.setdefault(one.line, []).append(one)
    count = len(lines.starts) - (1 if not lines.line(len(lines.starts)) else 0)
    near = {at for line in by_line for at in range(line - AROUND, line + AROUND + 1)}
    near = {at for at in near if 1 <= at <= count} | {at for at in by_line if at > count}
    before = 0
    for number in sorted(near) if count > ALL_LINES else sorted({*range(1, count + 1), *near}):
        here = by_line.get(number, [])
        severity = next((s for s in ("error", "warning", "info")
                         if any(one.severity == s for one in here)), "")  # fmt: skip
        parts = tuple(_parts(lines.line(number), lines.starts[number - 1], here))
        yield Row(number, parts, severity, number == before + 1)
        before = number


def _parts(line: str, offset: int, found: list[Found]) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a line; of a very long one, what surrounds its first mark."""
    spots = sorted((max(0, one.start - offset), one.end - offset, one.severity) for one in found)
    first = max(0, spots[0][0] - WIDEST // 2) if spots and len(line) > WIDEST else 0
    last = min(len(line), first + WIDEST) if len(line) > WIDEST else len(line)
    at = first
    if first:
        yield "…", ""
    for start, end, severity in spots:
        start, end = max(at, start), min(last, max(end, start + 1))
        if start < end or start >= last == len(line):
            yield line[at:start], ""
            yield line[start:end] or " ", severity
            at = max(at, end)
    yield line[at:last], ""
    if last < len(line):
        yield "…", ""
