"""Rows as comma-separated values, quoted as they must be.

SPARQL 1.1 Query Results CSV §3, RFC 4180. The engine's own writer leaves an address that holds a
comma unquoted, which shifts the columns of every reader.
"""

from __future__ import annotations

import csv
import io
from typing import IO

import pyoxigraph as ox


def write(results: ox.QuerySolutions, out: IO[bytes]) -> None:
    """Write the rows of a SELECT: a header of names, then addresses and literals as plain text."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(variable.value for variable in results.variables)
    for solution in results:
        rows.writerow("" if term is None else _plain(term) for term in solution)
    text.detach()


def _plain(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
