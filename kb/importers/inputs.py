"""Source files opened and checked, so that a wrong folder fails with one clear sentence."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from kb.importers import ImportProblem

Row = Mapping[str, object]


def package_version(package: Path, name: str) -> str:
    """Return the version of an unpacked npm package, checking that it is the one wanted."""
    found = rows_of(package / "package.json", single=True)[0]
    if found.get("name") != name:
        raise ImportProblem(
            f"{package}: this is the package {found.get('name')!r}; "
            f"give the folder of the unpacked npm package {name}"
        )
    return text(found, "version", package / "package.json")


def rows_of(path: Path, *, single: bool = False) -> list[Row]:
    """Return the objects of a JSON list, or the one object of a file where `single` is set."""
    try:
        read: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ImportProblem(
            f"{path}: the file is missing; give the folder that contains it"
        ) from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ImportProblem(f"{path}: it is not readable JSON ({error}); fetch it again") from error
    rows = [read] if single else read
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ImportProblem(f"{path}: it is not a list of objects; give the package's own file")
    return rows


def text(row: Row, key: str, where: Path) -> str:
    """Return a text field that must be there and not be empty."""
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        name = row.get("code") or row.get("id") or row.get("name") or "a row"
        raise ImportProblem(
            f"{where}: {name!r} has no {key!r}; use the package version the documentation names"
        )
    return value.strip()


def table(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Return the rows of a comma-separated file with a header line naming those columns."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = sorted(set(columns) - set(reader.fieldnames or ()))
            if missing:
                raise ImportProblem(
                    f"{path}:1: no column {', '.join(missing)}; name it in the first line"
                )
            return [{key: (value or "").strip() for key, value in row.items()} for row in reader]
    except FileNotFoundError:
        raise ImportProblem(
            f"{path}: the file is missing; give the folder that contains it"
        ) from None
