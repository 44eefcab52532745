"""The mapping and label tables of `data/making`: judgements kept as data, one row each.

A table is tab-separated with a header line; the rows are read as they stand, without quoting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rdflib import RDFS, Graph, Literal, URIRef

from kb.importers import ImportProblem


def rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of a table, none where the file is missing.

    Raises ImportProblem when a column is missing or a row has too many cells.
    """
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].split("\t") if lines else []
    if missing := [name for name in columns if name not in header]:
        raise ImportProblem(f"{path}: no column {missing[0]!r}; add it to the header line")
    made: list[dict[str, str]] = []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) > len(header):
            raise ImportProblem(
                f"{path}:{number}: {len(cells)} cells under {len(header)} columns; "
                "take the extra tab out"
            )
        if line.strip():
            cells += [""] * (len(header) - len(cells))
            made.append(dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    return made


@dataclass(slots=True)
class Labels:
    """French and English labels by identifier, with the list of those that were missing."""

    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Labels:
        """Read a label table."""
        return cls({row["id"]: (row["fr"], row["en"]) for row in rows(path, ("id", "fr", "en"))})

    def pair(self, key: str, fallback: str) -> tuple[str, str]:
        """Return both labels of a record; the fallback stands in and is reported."""
        french, english = self.known.get(key, ("", ""))
        if not english:
            self.lacking.append(f"{key}: no English label, {fallback!r} stands in")
        return french or fallback, english or french or fallback


def label(graph: Graph, iri: URIRef, french: str, english: str) -> None:
    """Give a node its two labels."""
    graph.add((iri, RDFS.label, Literal(french, lang="fr")))
    graph.add((iri, RDFS.label, Literal(english, lang="en")))
