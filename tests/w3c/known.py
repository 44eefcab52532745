"""What is known to fail in the W3C's suites: `known-failures.tsv`, one case a line, with why."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import NamedTuple

PASS, FORM, WRONG = "pass", "form", "wrong"


class Known(NamedTuple):
    """A case that fails: `form` when only lexical forms differ, else `wrong`; and the reason."""

    case: str
    outcome: str
    reason: str


def known() -> dict[str, Known]:
    """Return the known failures of the SPARQL suites by case."""
    return listed("known-failures.tsv")


@cache
def listed(name: str) -> dict[str, Known]:
    """Return the known failures of a file beside this one, by case."""
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return {row[0]: Known(*row) for row in rows}
