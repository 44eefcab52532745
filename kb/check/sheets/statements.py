"""The rows of a sheet as the statements of records, each with its cell.

A row is a record: its address comes from the column of identifiers, else from its name. What is
said of its need (concept, territory, population) becomes a need statement of the record.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyoxigraph as ox

from kb import terms
from kb.check.base import Base
from kb.check.contribution import Contribution, TooLarge, Triple
from kb.check.inputs import Input
from kb.check.sheets import separated
from kb.check.sheets.fields import ADDRESSES_NEED, INNOVATION, LABEL, NEED, ROW, TYPE, fields
from kb.check.sheets.headings import Column, Headings
from kb.check.sheets.meaning import Meaning, Value, class_named
from kb.check.sheets.table import Cell, Table, Trouble
from kb.reading.bytes import decoded
from kb.reading.document import Document, PrefixLine, Statements
from kb.reading.places import Lines

ID = terms.BASE + "id/"


@dataclass(slots=True)
class SheetContribution(Contribution):
    """A sheet that is checked: besides its statements, the cells of each record by property."""

    table: Table = field(default_factory=lambda: Table(""))
    columns: list[Column] = field(default_factory=list)
    rows: dict[str, list[Cell]] = field(default_factory=dict)


def sheet(source: Input, largest: int, base: Base | None) -> SheetContribution:
    """Return a sheet as a contribution; without a base only its form is looked at.

    Raises OSError when it cannot be read, TooLarge when it is larger than `largest` bytes.
    """
    data = source.read(largest)
    if len(data) > largest:
        raise TooLarge(source.name)
    table, encoding = _table(source, data, largest)
    lines = Lines(table.text)
    made = Statements(lines)
    document = Document(table.text, made, [], _prefixes(lines), "", lines)
    one = SheetContribution(source.name, source.form, table.text, encoding, [], document)
    one.table = table
    if not table.rows and not table.troubles:
        table.troubles.append(Trouble("S078", 0, 0))
    if base and table.rows:
        _Rows(one, made, base).read()
    one.problems = [trouble.finding(one.name, lines, table) for trouble in table.troubles]
    return one


def _table(source: Input, data: bytes, largest: int) -> tuple[Table, str]:
    """Return the table of a file; the encodings that spreadsheets write are read as they are."""
    if source.form == "xlsx":
        from kb.check.sheets import workbook

        return workbook.table(data), ""
    letters = decoded(data, largest)
    made = separated.table(letters.text)
    for one in letters.problems:
        # Spreadsheets write Windows-1252 or UTF-16: that is told, but is no mistake.
        if one.code in ("S001", "S003"):
            continue
        made.troubles.append(Trouble(one.code, one.place.start, one.place.end, one.values))
    return made, letters.encoding


def _prefixes(lines: Lines) -> dict[str, PrefixLine]:
    """Return the project's prefixes: a cell may use them all."""
    place = lines.place(0, 0)
    return {p: PrefixLine(p, iri, place, True) for p, iri in terms.prefixes().items()}


class _Rows:
    """The rows of a sheet becoming statements."""

    def __init__(self, one: SheetContribution, made: Statements, base: Base) -> None:
        self.one, self.made, self.table = one, made, one.table
        self.fields = fields(base.root)
        self.class_ = self._usual_class()
        one.columns = list(Headings(self.fields, self.class_).columns(self.table))
        self.meaning = Meaning(base, self.fields, self._addresses())

    def read(self) -> None:
        """Add the statements of all rows, and the troubles of their cells."""
        for iri, row in list(self.one.rows.items()):
            self._row(ox.NamedNode(iri), row)
        self.table.troubles += self.meaning.troubles

    def _usual_class(self) -> str:
        """Return the class that most rows say in their column of types; else an innovation."""
        column = next(
            (c for c in Headings(self.fields, INNOVATION).columns(Table("", self.table.rows[:1]))
             if c.field.kind == "type"), None,
        )  # fmt: skip
        said = Counter(
            class_named(self.fields, cell.text)
            for row in (self.table.records if column else ())
            if column and (cell := _at(row, column)) is not None
        )
        del said[""]
        return said.most_common(1)[0][0] if said else INNOVATION

    def _addresses(self) -> dict[str, str]:
        """Give each row its address; return them by folded name and by the end of the address."""
        here: dict[str, str] = {}
        taken: dict[str, Cell] = {}
        for row in self.table.records:
            class_ = self._class(row)
            space = f"{ID}{self.fields.space(class_) or 'innovation'}/"
            cell, slug = self._naming(row), self._slug(row)
            if not slug:
                self.table.troubles.append(
                    Trouble("V035", cell.start, cell.end, {"row": str(cell.row)})
                )
                slug = f"row-{cell.row}"
            iri = slug if slug.startswith(ID) else space + slug
            if iri in taken:
                values = {"slug": iri.rpartition("/")[2], "row": str(taken[iri].row)}
                self.table.troubles.append(Trouble("V038", cell.start, cell.end, values))
                iri = f"{iri}-row-{cell.row}"
            taken[iri] = cell
            here.setdefault(iri.rpartition("/")[2], iri)
            for name in self._labels(row):
                here.setdefault(terms.slug(name.text), iri)
            self.one.rows[iri] = row
        return here

    def _naming(self, row: list[Cell]) -> Cell:
        """Return the cell that names a record: its identifier, its name, or the first one."""
        for column in self.one.columns:
            cell = _at(row, column)
            if column.field.iri == ROW and cell and cell.text.strip():
                return cell
        return next(iter(self._labels(row)), next(c for c in row if c.text.strip()))

    def _slug(self, row: list[Cell]) -> str:
        """Return the end of the address of a record, or all of it; '' when nothing names it."""
        cell = self._naming(row)
        if any(c.field.iri == ROW and _at(row, c) is cell for c in self.one.columns):
            return self._written(cell)
        return terms.slug(cell.text) if cell in self._labels(row) else ""

    def _written(self, cell: Cell) -> str:
        """Return the end of the address that a cell gives: as such, or in a whole address."""
        text = cell.text.strip().strip("<>")
        prefix, colon, local = text.partition(":")
        space = terms.prefixes().get(prefix, "") if colon else ""
        iri = space + local if space.startswith(ID) else text
        end = iri.rpartition("/")[2] if iri.startswith(ID) else text
        right = terms.slug(end)
        if terms.SLUG.fullmatch(end):
            return iri if iri.startswith(ID) else end
        rights = (right,) if right else ()
        self.table.troubles.append(
            Trouble("V012", cell.start, cell.end, {"slug": end[:80]}, right=rights)
        )
        return right

    def _labels(self, row: list[Cell]) -> list[Cell]:
        """Return the cells with the name of a record, the French one first."""
        columns = [c for c in self.one.columns if c.field.iri == LABEL]
        columns.sort(key=lambda column: column.language != "fr")
        found = [_at(row, column) for column in columns]
        return [cell for cell in found if cell and terms.slug(cell.text)]

    def _class(self, row: list[Cell]) -> str:
        for column in self.one.columns:
            if column.field.kind == "type" and (cell := _at(row, column)):
                return class_named(self.fields, cell.text.strip()) or self.class_
        return self.class_

    def _row(self, subject: ox.NamedNode, row: list[Cell]) -> None:
        class_, naming = self._class(row), self._naming(row)
        self._add(subject, TYPE, Value(ox.NamedNode(class_), naming.start, naming.end), naming)
        need = ""
        for column in self.one.columns:
            cell = _at(row, column)
            if cell is None or column.field.kind == "row":
                continue
            for value in self.meaning.values(column, cell):
                if column.field.kind == "type":
                    if value.term != ox.NamedNode(class_):
                        self._add(subject, TYPE, value, naming, column)
                elif self.fields.part(column.field.iri, class_):
                    need = need or self._need(subject, value, naming)
                    self._add(ox.NamedNode(need), column.field.iri, value, naming, column)
                else:
                    self._add(subject, column.field.iri, value, naming, column)

    def _need(self, subject: ox.NamedNode, value: Value, naming: Cell) -> str:
        """Make the need statement of a record, where its first value stands."""
        iri = f"{ID}need/{subject.value.rpartition('/')[2]}-1"
        where = Value(ox.NamedNode(iri), value.start, value.end)
        self._add(subject, ADDRESSES_NEED, where, naming)
        self._add(
            ox.NamedNode(iri), TYPE, Value(ox.NamedNode(NEED), value.start, value.end), naming
        )
        self.one.rows[iri] = self.one.rows[subject.value]
        return iri

    def _add(
        self, subject: ox.NamedNode, iri: str, value: Value, naming: Cell,
        column: Column | None = None,
    ) -> None:  # fmt: skip
        """Add a statement: subject at the cell that names the row, predicate at the heading."""
        predicate = ox.NamedNode(iri)
        triple: Triple = (subject, predicate, value.term)
        heading = column.cell if column else naming
        self.one.triples.append(triple)
        self.made.terms += [*triple, ox.DefaultGraph()]
        for start, end in ((naming.start, naming.end), (heading.start, heading.end),
                           (value.start, value.end)):  # fmt: skip
            self.made.marks.append(start << 32 | end)
        self.made.marks.append(0)


def _at(row: list[Cell], column: Column) -> Cell | None:
    """Return the cell of a row in a column."""
    at = column.cell.column - 1
    return row[at] if at < len(row) else None
