"""The identifiers in a list: which column holds them, checked as `kb.linking.ids` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kb.enrich import EnrichProblem
from kb.linking import ids
from kb.linking.ids import Reading
from kb.linking.normalize import fold
from kb.linking.reader import Row, Sheet, read
from kb.linking.tables import titles

SCHEMES = ("siren", "rna", "wikidata", "insee")


@dataclass
class Listed:
    """A list that was read: its rows, the identifier of each (or ''), and what was noticed."""

    sheet: Sheet
    column: str
    scheme: str
    identifiers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def asked(self) -> list[str]:
        """The identifiers, each once, in the order of the list."""
        return [each for each in dict.fromkeys(self.identifiers) if each]

    def rows(self) -> list[tuple[Row, str]]:
        """Return the rows of the list, each with its identifier."""
        return list(zip(self.sheet.rows, self.identifiers, strict=True))


def listed(path: Path, scheme: str = "", column: str = "") -> Listed:
    """Return the identifiers of a list: of a kind and in a column that are named, else found.

    Raises EnrichProblem when no column holds identifiers, LinkProblem when the file is no list.
    """
    sheet = read(path)
    scheme, column = _chosen(sheet, scheme, column)
    made = Listed(sheet, column, scheme)
    made.notes = [f"{path}:{note.line}: {note.text}" for note in sheet.notes]
    for row in sheet.rows:
        reading = _reading(scheme, row.cells[column])
        value = next((f for f in reading.found if f.startswith(f"{scheme}:")), "")
        made.identifiers.append(value.partition(":")[2])
        made.notes += [f"{path}:{row.line}: {column}: {text}" for text in reading.notes]
        if not value and not reading.notes:
            made.notes.append(f"{path}:{row.line}: {column}: no identifier")
    return made


def _chosen(sheet: Sheet, scheme: str, column: str) -> tuple[str, str]:
    if column and column not in sheet.columns:
        raise EnrichProblem(
            f"{sheet.path}: no column {column!r}; there are {', '.join(sheet.columns)}"
        )
    for title in [column] if column else sheet.columns:
        role = scheme if column and scheme else titles().get(fold(title), "")
        if role in SCHEMES and (not scheme or role == scheme):
            return role, title
    raise EnrichProblem(
        f"{sheet.path}: no column of {scheme or 'identifiers'} among {', '.join(sheet.columns)}; "
        "say which with --column siren=TITLE"
    )


def _reading(scheme: str, cell: str) -> Reading:
    if scheme != "insee":
        return {"siren": ids.siren, "rna": ids.rna, "wikidata": ids.wikidata}[scheme](cell)
    code = ids.insee(cell)
    if code or not cell.strip():
        return Reading((f"insee:{code}",) if code else ())
    return Reading((), (f"{cell.strip()[:40]!r} is no code of a commune",))
