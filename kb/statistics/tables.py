"""The rows of the tables as text, checked and in a fixed order, and the files they become.

CSV as in RFC 4180: UTF-8 without a mark, commas, quotes doubled where needed, a header; lines end
with LF. An empty cell is a missing value. White space inside a text is one space, so that a row
is a line.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence

from kb.problems import Problem
from kb.release import Release
from kb.rows import Row, select
from kb.statistics.schema import Column, TableSchema

Rows = list[list[str]]
DEADLINE_S = 120.0


class TableProblem(Problem):
    """A table does not hold what its schema says; the message names the table and the row."""


def rows(release: Release, table: TableSchema) -> Rows:
    """Return the rows of a table, sorted by key, as text.

    Raises TableProblem when two rows have the same key or a key is not complete.
    """
    answer = select(release.engine, table.query.bound({}), deadline_s=DEADLINE_S)
    names = [column.name for column in table.columns]
    found = [[_cell(row, column) for column in table.columns] for row in answer]
    places = [names.index(name) for name in table.key]

    def key(row: Sequence[str]) -> tuple[str, ...]:
        return tuple(row[place] for place in places)

    _check_keys(table, [key(row) for row in found])
    return sorted(found, key=key)


def _cell(row: Row, column: Column) -> str:
    """Return a value as text; TRUE and FALSE are what R, pandas and Frictionless all read.

    Virtuoso 7.2 answers 1 and 0 where a query computes a truth value.
    """
    text = " ".join(str(row.get(column.name, "")).split())
    if column.type != "boolean":
        return text
    return {"1": "TRUE", "0": "FALSE"}.get(text, text.upper())


def _check_keys(table: TableSchema, keys: Iterable[tuple[str, ...]]) -> None:
    for key, times in Counter(keys).items():
        shown = ", ".join(f"{n}={v!r}" for n, v in zip(table.key, key, strict=True))
        if not all(key):
            raise TableProblem(f"table {table.name}: a row without a key: {shown}")
        if times > 1:
            raise TableProblem(
                f"table {table.name}: {times} rows for {shown}; a column of {table.query.path.name}"
                " has several values for one item: give it a table of its own"
            )


def csv_text(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return out.getvalue()


def table_text(table: TableSchema, found: Rows) -> str:
    """Return the rows of a table as the CSV file that is exported."""
    return csv_text([column.name for column in table.columns], found)
