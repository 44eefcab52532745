"""Findings of all stages shown in a sheet: at the cell to fill or to change, with its name.

A rule of shapes says what is missing at the subject of a record; in a sheet there is a cell for
it. What was already told of a cell is not told again by the rules that its value breaks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kb.check.contribution import Contribution
from kb.check.finding import Finding
from kb.check.sheets.fields import ADDRESSES_NEED, NEED_CONCEPT, fields
from kb.check.sheets.headings import Column
from kb.check.sheets.statements import SheetContribution
from kb.check.sheets.table import Cell
from kb.reading.places import Fix, Place

CLOSED = "http://www.w3.org/ns/shacl#ClosedConstraintComponent"
# The file of a sheet holds many records: none has to be named like it.
MEANT_FOR_FILES = ("V015",)


def shown(found: Iterable[Finding], contributions: Sequence[Contribution]) -> list[Finding]:
    """Return findings, those of sheets moved to their cells."""
    found = list(found)
    for one in contributions:
        if isinstance(one, SheetContribution):
            found = [*_Sheet(one, found).findings()]
    return found


class _Sheet:
    """One sheet, and the findings of all files."""

    def __init__(self, one: SheetContribution, found: list[Finding]) -> None:
        self.one, self.found = one, found
        cells = [cell for row in one.table.rows for cell in row]
        self.cells = sorted(cells, key=lambda cell: cell.start)
        self.starts = [cell.start for cell in self.cells]
        own = {id(f) for f in one.problems}
        told = [f for f in found if id(f) in own and f.place and f.severity == "error"]
        self.told = {self._cell(f.place) for f in told if f.place}

    def findings(self) -> Iterator[Finding]:
        """Yield all findings, those of this sheet as a reader of the sheet needs them."""
        for finding in self.found:
            if finding.file != self.one.name:
                yield finding
            elif finding.code not in MEANT_FOR_FILES:
                yield from self._moved(finding)

    def _moved(self, finding: Finding) -> Iterator[Finding]:
        place, values = finding.place, dict(finding.values)
        fixes, cell = finding.fixes, None
        if finding.code.startswith("C-"):
            cell = self._wanted(finding)
            if cell:
                place = self.one.lines.place(cell.start, cell.end)
            if place and self._cell(place) in self.told:
                return
            fixes = self._help(finding)
        elif self.one.form == "xlsx":
            fixes = tuple(replace(fix, edits=(), is_safe=False) for fix in fixes)
        if cell := cell or self._cell(place):
            name = self.one.table.name
            values["cell"] = f"{name}!{cell.name}" if name else cell.name
        yield replace(finding, place=place, values=values, fixes=fixes)

    def _wanted(self, finding: Finding) -> Cell | None:
        """Return the cell where the value that a rule misses, or counts, is to be written."""
        if finding.component == CLOSED or (finding.value and finding.value != finding.focus):
            return None
        row = self.one.rows.get(finding.focus[1:-1])
        column = self._column(finding)
        if not row or not column:
            return None
        at = column.cell.column - 1
        if at < len(row):
            return row[at]
        end = row[-1].end
        return Cell("", end, end, row[-1].row, column.cell.column)

    def _column(self, finding: Finding) -> Column | None:
        """Return the column of the property of a finding, and of its language where it has one.

        The needs of a record are those of the column of need concepts.
        """
        path, language = _path(finding), _language(finding)
        wanted = (path, NEED_CONCEPT) if path == ADDRESSES_NEED else (path,)
        fitting = [column for column in self.one.columns if column.field.iri in wanted]
        return next((c for c in fitting if language in ("", c.language)), None)

    def _help(self, finding: Finding) -> tuple[Fix, ...]:
        """Return what to do in the sheet: fill a column that is there, or add it."""
        path, language = _path(finding), _language(finding)
        if finding.component == CLOSED or not path or finding.value not in ("", finding.focus):
            return ()
        if column := self._column(finding):
            return (Fix("fill-column", (), False, {"column": column.cell.text.strip()}),)
        known = fields()
        one = known.all.get(NEED_CONCEPT if path == ADDRESSES_NEED else path)
        if one is None or not known.fits_cell(one):
            return ()
        tag = f" ({language})" if language else ""
        names = {f"column.{lang}": one.heading(lang) + tag for lang in ("fr", "en")}
        return (Fix("add-column", (), False, names),)

    def _cell(self, place: Place | None) -> Cell | None:
        """Return the cell in which a place begins."""
        if place is None:
            return None
        at = bisect_right(self.starts, place.start) - 1
        while at > 0 and self.starts[at - 1] == place.start and not self.cells[at].text:
            at -= 1
        found = self.cells[at] if at >= 0 else None
        return found if found and place.start <= found.end else None


def _path(finding: Finding) -> str:
    return finding.path[1:-1] if finding.path.startswith("<") else finding.path


def _language(finding: Finding) -> str:
    """Return the language that a rule of names asks for, by the name of the rule, or ''."""
    return {"french": "fr", "english": "en"}.get(finding.code.rpartition("-")[2], "")
