"""Answers as the suites write them: read from any results format, and judged equal or not.

Rows are a multiset, a sequence only under ORDER BY; blank nodes match by isomorphism. Two literals
match when they are one term, or when the expected one is computed (it stands in no data file) and
both are one value: SPARQL 1.1 §17.1 defines operators on values and leaves lexical forms open.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from w3c.suite import RDF, Term

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
XSD = "http://www.w3.org/2001/XMLSchema#"
EXACT = {f"{XSD}integer", f"{XSD}decimal"}
FLOATING = {f"{XSD}double", f"{XSD}float"}
BOOLEAN, DATE_TIME = f"{XSD}boolean", f"{XSD}dateTime"
BITS = {"1": "true", "0": "false"}
FORMATS = {
    "srx": ("application/sparql-results+xml", ox.QueryResultsFormat.XML),
    "srj": ("application/sparql-results+json", ox.QueryResultsFormat.JSON),
    "tsv": ("text/tab-separated-values", ox.QueryResultsFormat.TSV),
}
Row = dict[str, Term]
Names = dict[str, str]


@dataclass(frozen=True)
class Rows:
    """The rows of a SELECT, and the names of its columns."""

    columns: frozenset[str]
    rows: list[Row]
    is_ordered: bool = False


@dataclass(frozen=True)
class Found:
    """One answer: rows, a truth or a graph."""

    rows: Rows | None = None
    truth: bool | None = None
    graph: frozenset[ox.Triple] | None = field(default=None)


def parse(data: bytes, ending: str, base: str = "") -> Found:
    """Return what a file of results, or an answer in the same format, says."""
    if ending in FORMATS:
        return _parsed(ox.parse_query_results(data, FORMATS[ending][1]))
    if ending == "csv":
        return Found(rows=_plain(data))
    form = ox.RdfFormat.from_extension(ending)
    triples = [q.triple for q in ox.parse(data, form, base_iri=base or None)]
    return _described(triples) or Found(graph=frozenset(triples))


def _parsed(results: ox.QuerySolutions | ox.QueryBoolean) -> Found:
    if isinstance(results, ox.QueryBoolean):
        return Found(truth=bool(results))
    columns = [variable.value for variable in results.variables]
    rows = [{c: row[c] for c in columns if row[c] is not None} for row in results]
    return Found(rows=Rows(frozenset(columns), rows))


def _plain(data: bytes) -> Rows:
    head, *lines = csv.reader(io.StringIO(data.decode()))
    rows: list[Row] = []
    for line in lines:
        row: Row = {}
        for column, text in zip(head, line or [""], strict=True):
            row[column] = ox.BlankNode(text[2:]) if text.startswith("_:") else ox.Literal(text)
        rows.append(row)
    return Rows(frozenset(head), rows)


def _described(triples: Sequence[ox.Triple]) -> Found | None:
    """Return the answer that RDF describes in the result set vocabulary of SPARQL 1.0."""
    by: dict[tuple[Term, str], list[Term]] = {}
    for triple in triples:
        by.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)
    kind = ox.NamedNode(RS + "ResultSet")
    head = next((t.subject for t in triples if t.object == kind), None)
    if head is None:
        return None
    if truth := by.get((head, RS + "boolean")):
        return Found(truth=str(truth[0].value) == "true")  # type: ignore[union-attr]
    columns = frozenset(str(t.value) for t in by.get((head, RS + "resultVariable"), []))  # type: ignore[union-attr]
    rows, places = [], []
    for solution in by.get((head, RS + "solution"), []):
        bindings = by.get((solution, RS + "binding"), [])
        rows.append({by[b, RS + "variable"][0].value: by[b, RS + "value"][0] for b in bindings})  # type: ignore[union-attr]
        places += [int(t.value) for t in by.get((solution, RS + "index"), [])]  # type: ignore[union-attr]
    if len(places) == len(rows):
        rows = [row for _, row in sorted(zip(places, rows, strict=True), key=lambda p: p[0])]
    return Found(rows=Rows(columns, rows, is_ordered=bool(places)))


class Judge:
    """Compares an expected answer with a given one; `written` are the literals of the data."""

    def __init__(self, written: frozenset[Term]) -> None:
        self.written = written

    def equal(self, expected: Found, given: Found, *, ordered: bool, lax: bool) -> bool:
        """Tell whether both are the same answer; `lax` lets duplicates differ (REDUCED)."""
        if expected.rows is None or given.rows is None:
            if expected.graph is None or given.graph is None:
                return expected == given
            return _canonical(expected.graph) == _canonical(given.graph)
        if expected.rows.columns != given.rows.columns:
            return False
        wanted, got = expected.rows.rows, given.rows.rows
        if lax:
            within = len(_distinct(wanted)) <= len(got) <= len(wanted)
            return within and self._matched(_distinct(wanted), _distinct(got), {}, False)
        return len(wanted) == len(got) and self._matched(wanted, got, {}, ordered)

    def _matched(self, wanted: list[Row], got: list[Row], names: Names, ordered: bool) -> bool:
        """Pair every wanted row with its own row; goes back when a blank node was misnamed."""
        if not wanted:
            return not got
        first, rest = wanted[0], wanted[1:]
        for place in range(1 if ordered else len(got)):
            tried = dict(names)
            if self._same_row(first, got[place], tried):
                left = got[:place] + got[place + 1 :]
                if self._matched(rest, left, tried, ordered):
                    return True
                if tried == names:  # no blank node was named: another choice changes nothing
                    return False
        return False

    def _same_row(self, wanted: Row, got: Row, names: Names) -> bool:
        return wanted.keys() == got.keys() and all(
            self._same(term, got[name], names) for name, term in wanted.items()
        )

    def _same(self, wanted: Term, got: Term, names: Names) -> bool:
        if isinstance(wanted, ox.BlankNode) and isinstance(got, ox.BlankNode):
            if wanted.value in names:
                return names[wanted.value] == got.value
            if got.value in names.values():
                return False
            names[wanted.value] = got.value
            return True
        if isinstance(wanted, ox.Triple) and isinstance(got, ox.Triple):
            return all(self._same(w, g, names) for w, g in zip(wanted, got, strict=True))
        if wanted == got:
            return True
        if not isinstance(wanted, ox.Literal) or not isinstance(got, ox.Literal):
            return False
        return wanted not in self.written and _same_value(wanted, got)


def _same_value(a: ox.Literal, b: ox.Literal) -> bool:
    kind = a.datatype.value
    if kind != b.datatype.value:
        return False
    try:
        if kind in EXACT:
            return Decimal(a.value) == Decimal(b.value)
        if kind == BOOLEAN:
            return BITS.get(a.value, a.value) == BITS.get(b.value, b.value)
        if kind == DATE_TIME:
            return _instant(a.value) == _instant(b.value)
        return kind in FLOATING and math.isclose(float(a.value), float(b.value), rel_tol=1e-6)
    except (InvalidOperation, ValueError):
        return False


def _instant(text: str) -> str:
    """Return a date and time without what may be left out: the zeros of a fraction, `+00:00`."""
    return re.sub(r"\.0+(?=\D|$)", "", text).replace("+00:00", "Z")


def _distinct(rows: list[Row]) -> list[Row]:
    return list({frozenset(row.items()): row for row in rows}.values())


def _canonical(graph: frozenset[ox.Triple]) -> ox.Dataset:
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in graph)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def literals(data: bytes, ending: str, base: str) -> frozenset[Term]:
    """Return the literals a data file writes, in the very form it writes them."""
    quads = ox.parse(data, ox.RdfFormat.from_extension(ending), base_iri=base)
    return frozenset(q.object for q in quads if isinstance(q.object, ox.Literal))


__all__ = ["FORMATS", "RDF", "Found", "Judge", "Rows", "literals", "parse"]
