"""The rows of a SELECT as plain values, whichever engine answered.

Read from SPARQL 1.1 Query Results JSON Format, so that a remote engine gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.engine import JSON, Engine
from kb.terms import LANG_STRING, STRING, Blank, Iri, Literal, Term

Row = dict[str, Term]
BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
# Virtuoso 7.2 keeps truth values as 1 and 0; both spellings are right (XML Schema 1.1 §3.3.2).
TRUTHS = {(BOOLEAN, "1"): "true", (BOOLEAN, "0"): "false"}


@dataclass(frozen=True)
class Table:
    """The variables of a SELECT in their order, and its rows; an unbound variable has no key."""

    variables: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self) -> list[list[str]]:
        """Return the rows as text, '' for an unbound variable."""
        return [[str(row.get(name, "")) for name in self.variables] for row in self.rows]

    def frame(self) -> object:
        """Return a pandas DataFrame of Python values: numbers as numbers, the rest as text.

        Raises ImportError when pandas is not installed.
        """
        import pandas

        rows = [[_python(row.get(name)) for name in self.variables] for row in self.rows]
        return pandas.DataFrame(rows, columns=list(self.variables))


def select(
    engine: Engine, text: str, *, default_graphs: Sequence[str] = (), deadline_s: float = 30.0
) -> Table:
    """Return the rows of a SELECT query.

    Raises what the engine raises; an ASK gives one row with the variable `answer`.
    """
    answer = engine.query(text, accept=[JSON], default_graphs=default_graphs, deadline_s=deadline_s)
    return parse(answer.read())


def parse(document: bytes) -> Table:
    """Return the rows of a SPARQL results document in JSON."""
    data = json.loads(document)
    if "boolean" in data:
        value = Literal(str(data["boolean"]).lower(), BOOLEAN)
        return Table(("answer",), ({"answer": value},))
    rows = tuple(
        {name: _term(value) for name, value in binding.items()}
        for binding in data["results"]["bindings"]
    )
    return Table(tuple(data["head"]["vars"]), rows)


def _term(value: dict[str, str]) -> Term:
    if value["type"] == "uri":
        return Iri(value["value"])
    if value["type"] == "bnode":
        return Blank(value["value"])
    language = value.get("xml:lang", "")
    datatype = value.get("datatype", LANG_STRING if language else STRING)
    return Literal(TRUTHS.get((datatype, value["value"]), value["value"]), datatype, language)


NUMBERS = {"integer": int, "decimal": float, "double": float, "float": float}


def _python(term: Term | None) -> object:
    if term is None:
        return None
    if isinstance(term, Literal):
        kind = term.datatype.rpartition("#")[2]
        return NUMBERS[kind](term.value) if kind in NUMBERS else term.value
    return str(term)
