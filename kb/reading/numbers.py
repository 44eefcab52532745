"""What begins with a digit and is no number: dates without quotes, units, decimal commas."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kb.reading.page import XSD, replacing, shown

if TYPE_CHECKING:
    from kb.reading.making import Maker, Match
    from kb.reading.page import Page

_FORMS = {
    "date": re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"),
    "gYearMonth": re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])"),
    "dateTime": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9:]{5})?"
    ),
}
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_DIGITS = re.compile(r"[0-9]++(?![\w.,:/-]*[\w,:/])")
_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:[\u00a0\u202f][0-9]{3})+")


def bad(maker: Maker, found: Match) -> ox.Literal | None:
    """Return the literal that was meant; what stays unclear is quoted as text."""
    page, start = maker.page, found.start("badnumber")
    text = found["badnumber"].rstrip(".,:/")
    page.pos = end = start + len(text)
    for name, form in _FORMS.items():
        if form.fullmatch(text):
            written = f'"{text}"^^{page.datatype(name)}'
            fixes = replacing("write", start, end, written, is_safe=True)
            page.problem("S062", start, end, {"text": text}, fixes)
            return ox.Literal(text, datatype=ox.NamedNode(XSD + name))
    if _GROUPS.fullmatch(text):
        return grouped(maker, start, end)
    day = _DAY_FIRST.fullmatch(text)
    if day:
        written = f'"{day[3]}-{day[2]:0>2}-{day[1]:0>2}"^^{page.datatype("date")}'
        fixes = replacing("write", start, end, written)
        page.problem("S062", start, end, {"text": text}, fixes)
        return None
    fixes = replacing("quote", start, end, f'"{text}"')
    page.problem("S063", start, end, {"text": shown(text)}, fixes)
    return None


def grouped(maker: Maker, start: int, end: int) -> ox.Literal:
    """Return the number that was written in groups of digits, as `1 000`."""
    page = maker.page
    text = page.text[start:end]
    number = re.sub(r"\s", "", text)
    fixes = replacing("write", start, end, number, is_safe=True)
    page.problem("S061", start, end, {"text": text}, fixes)
    return ox.Literal(number, datatype=ox.NamedNode(XSD + "integer"))


def comma(page: Page, start: int, at: int) -> None:
    """Warn of `12,5`, which is read as two numbers; `at` is the offset of its comma."""
    whole = page.text[start:at]
    part = _DIGITS.match(page.text, at + 1)
    is_third = page.text[start - 1 : start] == ","  # of 1,2,3: a list of values
    if part and whole.lstrip("+-").isdigit() and not is_third:
        number = f"{whole}.{part.group()}"
        values = {"text": page.text[start : part.end()], "number": number}
        page.problem("S060", start, part.end(), values, replacing("write", at, at + 1, "."))
