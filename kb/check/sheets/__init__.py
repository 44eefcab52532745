"""Spreadsheets checked like records: one row a record, one column a property, findings at cells.

    table        a sheet as rows of cells that know where they stand
    separated    CSV with commas, semicolons or tabs (RFC 4180), read on after a mistake
    workbook     xlsx (ECMA-376), with limits on what it unfolds to
    fields       the properties a column can be, with their French and English names
    headings     what each column is
    meaning      what a cell says: concepts, territories, records, dates, numbers, texts
    statements   rows as statements, each with its cell
    showing      findings of the other stages moved to the cell where the remedy is written
    template     an empty sheet for a kind of record
    cli          `essaim import sheet`

The statements go through all stages of a check, so that a row follows the rules of a record.
"""

from __future__ import annotations

from kb.check.sheets.showing import shown
from kb.check.sheets.statements import SheetContribution, sheet

__all__ = ["FORMS", "SheetContribution", "sheet", "shown"]

FORMS = ("csv", "xlsx")
