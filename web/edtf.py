"""Dates of the records in words: EDTF as people say it, in the language of the request.

Level 1 of ISO 8601-2 as the ontology asks (`2015~`, `201X`, `2014-21`, `2014/..`), and the one-of
sets of level 2. What is not understood is shown as it is written: a date is never guessed.
"""

from __future__ import annotations

import re

from web import i18n

SEASONS = ("21", "22", "23", "24")
POINT = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?([~?%])?")
OPEN = ("", "..")


def words(text: object, is_moment: bool = False) -> str:
    """Return a date in words; an interval is a period, or bounds when it dates one moment."""
    written = str(text).strip()
    if written.startswith("[") and written.endswith("]"):
        return _one_of([_point(part.strip()) for part in written[1:-1].split(",")])
    first, slash, last = written.partition("/")
    return _interval(first, last, is_moment) if slash else _point(written)


def _interval(first: str, last: str, is_moment: bool) -> str:
    if last in OPEN:
        return i18n.t("date.since", when=_point(first))
    if first in OPEN:
        return i18n.t("date.until", when=_point(last))
    start, end = _point(first), _point(last)
    if is_moment and first.isdigit() and last.isdigit() and int(last) - int(first) == 1:
        return _one_of([start, end])
    if is_moment:
        return i18n.t("date.between", first=start, last=end)
    return f"{start}–{end}" if first.isdigit() and last.isdigit() else f"{start} – {end}"


def _one_of(points: list[str]) -> str:
    return f" {i18n.t('date.or')} ".join(points)


def _point(text: str) -> str:
    """Return a year, month, day, season or decade in words, with its doubt."""
    if decade := re.fullmatch(r"(\d{3})X([~?%])?", text):
        return _doubted(i18n.t("date.decade", year=decade[1] + "0"), decade[2])
    found = POINT.fullmatch(text)
    if not found:
        return text
    year, month, day, doubt = found.groups()
    return _doubted(_named(year, month, day), doubt) or text


def _named(year: str, month: str | None, day: str | None) -> str:
    if not month:
        return year
    if month in SEASONS:
        return f"{i18n.t('date.seasons').split(' ')[SEASONS.index(month)]} {year}"
    months = i18n.t("months").split(" ")
    if not 1 <= int(month) <= len(months):
        return ""
    named = f"{months[int(month) - 1]} {year}"
    if not day:
        return named
    return f"{'1er' if day == '01' and i18n.language() == 'fr' else int(day)} {named}"


def _doubted(when: str, doubt: str | None) -> str:
    """Add what `~` (about), `?` (unsure) and `%` (both) say."""
    if when and doubt in ("~", "%"):
        when = i18n.t("date.about", when=when)
    return i18n.t("date.unsure", when=when) if when and doubt in ("?", "%") else when
