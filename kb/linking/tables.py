"""A row of somebody's table as values with a role: by its description, or by titles of columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from kb.linking import LinkProblem
from kb.linking.normalize import fold
from kb.linking.reader import Row, Sheet, rows

TITLES = Path(__file__).with_name("columns.yaml")
PART = re.compile(r"\{([^}]+)\}")
Values = dict[str, list[str]]


def described_rows(
    described: Mapping[str, Any], path: Path, roles: Mapping[str, str]
) -> Iterator[tuple[str, Values]]:
    """Yield the address and values of each row of a file, as its CSVW description says.

    Raises LinkProblem when a column that the description requires is not in the file.
    """
    for _, address, values in told_rows(described, Sheet(path), roles):
        yield address, values


def told_rows(
    described: Mapping[str, Any], sheet: Sheet, roles: Mapping[str, str]
) -> Iterator[tuple[Row, str, Values]]:
    """Yield each row of a file with its address and values; the sheet keeps what was noticed.

    The address is '' where the row lacks what its address is made of.
    """
    schema = described.get("tableSchema", {})
    columns = [column for column in schema.get("columns", ()) if "titles" in column]
    fixed, is_checked = _fixed(schema, roles), False
    for row in rows(sheet, [title for column in columns for title in _titles(column)]):
        if not is_checked:
            _check(columns, sheet)
            is_checked = True
        values: Values = {role: list(said) for role, said in fixed.items()}
        for column in columns:
            role, cell = roles.get(column.get("propertyUrl", "")), _said(row, column)
            cell = _yes_or_no(column, cell)
            said = cell.split(column["separator"]) if "separator" in column else [cell]
            if role and cell:
                values.setdefault(role, []).extend(part.strip() for part in said if part.strip())
        yield row, _address(schema, columns, row), values


def _titles(column: Mapping[str, Any]) -> list[str]:
    """Return the titles of a column: several are alternatives, the first that is filled holds."""
    titles = column["titles"]
    return [titles] if isinstance(titles, str) else list(titles)


def _said(row: Row, column: Mapping[str, Any]) -> str:
    return next(filter(None, (row.cells.get(title, "") for title in _titles(column))), "")


def _yes_or_no(column: Mapping[str, Any], cell: str) -> str:
    """Return true or false for a cell of a boolean column, as its `format` (`Y|N`) writes them."""
    datatype = column.get("datatype")
    if not isinstance(datatype, dict) or datatype.get("base") != "boolean":
        return cell
    written = str(datatype.get("format", "true|false")).split("|")
    return {written[0]: "true", written[-1]: "false"}.get(cell, "")


def _check(columns: list[Mapping[str, Any]], sheet: Sheet) -> None:
    for column in columns:
        if column.get("required") and not set(_titles(column)) & set(sheet.columns):
            title = _titles(column)[0]
            raise LinkProblem(f"{sheet.path}: no column {title!r}; is it the right file?")


def _fixed(schema: Mapping[str, Any], roles: Mapping[str, str]) -> Values:
    """Return the values that every row has: the virtual columns of CSVW with a default."""
    return {
        roles[column["propertyUrl"]]: [str(column["default"])]
        for column in schema.get("columns", ())
        if column.get("virtual") and column.get("propertyUrl") in roles
    }


def _address(schema: Mapping[str, Any], columns: list[Mapping[str, Any]], row: Row) -> str:
    """Return the address of a row: its `aboutUrl` filled (RFC 6570 level 1), `_row` its line."""
    cells = {column["name"]: _said(row, column) for column in columns if "name" in column}
    cells["_row"] = str(row.line)
    template = str(schema["aboutUrl"])
    if not all(cells.get(part) for part in PART.findall(template)):
        return ""
    return PART.sub(lambda part: _safe(cells[part[1]]), template)


def _safe(text: str) -> str:
    return quote(text.strip(), safe="-._~")


@cache
def titles() -> dict[str, str]:
    """Return the role of each known title of a column, folded."""
    known = yaml.safe_load(TITLES.read_text(encoding="utf-8"))
    return {fold(title): role for role, said in known.items() for title in said}


def roles_of(sheet: Sheet, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each role in a list: those chosen, then those whose title is known.

    A list with towns and no names is a list of towns. Raises LinkProblem when it has neither.
    """
    allowed = set(titles().values())
    for role, column in chosen.items():
        if role not in allowed:
            raise LinkProblem(f"{role!r}: no such role; there are {', '.join(sorted(allowed))}")
        if column not in sheet.columns:
            raise LinkProblem(
                f"{sheet.path}: no column {column!r}; there are {', '.join(sheet.columns)}"
            )
    found = dict(chosen)
    order = list(titles())
    for column in sorted(sheet.columns, key=lambda title: _rank(order, title)):
        role = titles().get(fold(column), "")
        if role and role not in found and column not in found.values():
            found[role] = column
    if "name" not in found and "town" in found:
        found["name"] = found["town"]
    if "name" not in found:
        raise LinkProblem(
            f"{sheet.path}: no column of names among {', '.join(sheet.columns)}; "
            "say which with --column name=TITLE"
        )
    return found


def _rank(order: list[str], column: str) -> int:
    folded = fold(column)
    return order.index(folded) if folded in order else len(order)
