"""Rows drawn as a table for a terminal: prefixed names, columns as wide as they need."""

from __future__ import annotations

import unicodedata

from kb.rows import Table
from kb.terms import Iri, Term, compact

WIDEST = 60


def drawn(answer: Table) -> str:
    """Return a table as lines of text, with a last line that counts the rows."""
    shown = [[_cell(row.get(name)) for name in answer.variables] for row in answer.rows]
    lines = [list(answer.variables), *shown]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    text = [_line(cells, widths) for cells in lines]
    text.insert(1, "  ".join("─" * width for width in widths))
    count = len(answer)
    return "\n".join([*text, f"({count} row{'' if count == 1 else 's'})"])


def _cell(term: Term | None) -> str:
    if term is None:
        return ""
    text = compact(term.value) if isinstance(term, Iri) else " ".join(term.value.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _line(cells: list[str], widths: list[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    """Return the columns a text takes in a terminal: none for a combining mark, two if wide."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
