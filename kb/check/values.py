"""Dates, years and numbers as people write them, as XML Schema writes them.

Only what can be read in one way is returned alone; `12/03/2014` has two readings, the French one
first.
"""

from __future__ import annotations

import re
from datetime import date

from kb import terms

MONTHS = {
    name: number
    for names in (
        "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
        "january february march april may june july august september october november december",
        "janv fevr mars avr mai juin juil aout sept oct nov dec",
    )
    for number, name in enumerate(names.split(), 1)
}
NUMERIC = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})(?:[T ].*)?")
IN_WORDS = re.compile(
    r"(?:(?:le|the)\s+)?(\d{1,2})(?:er|st|nd|rd|th)?\s+(?:of\s+)?([^\W\d]+)\.?,?\s+(\d{4})"
)


def dates(text: str) -> list[str]:
    """Return the dates a text may mean, in ISO 8601, the likeliest first.

    >>> dates("25/03/2014"), dates("12/03/2014"), dates("1er mars 2014"), dates("2014-13-40")
    (['2014-03-25'], ['2014-03-12', '2014-12-03'], ['2014-03-01'], [])
    """
    text = text.strip()
    if found := YEAR_FIRST.fullmatch(text):
        return _real([(found[1], found[2], found[3])])
    if found := NUMERIC.fullmatch(text):
        day, month, year = found.groups()
        return _real([(year, month, day), (year, day, month)])
    if found := IN_WORDS.fullmatch(text.casefold()):
        month_number = MONTHS.get(terms.slug(found[2]))
        return _real([(found[3], str(month_number), found[1])]) if month_number else []
    return []


def _real(tried: list[tuple[str, str, str]]) -> list[str]:
    found = []
    for year, month, day in tried:
        try:
            found.append(date(int(year), int(month), int(day)).isoformat())
        except ValueError:  # no such day
            continue
    return list(dict.fromkeys(found))


def integer(text: str) -> str:
    """Return the whole number that a text is, or '': spaces between digits do not count.

    >>> integer("2 014"), integer("2014.0"), integer("vers 2014")
    ('2014', '2014', '')
    """
    plain = re.sub(r"[\s\u00a0\u202f]", "", text)
    found = re.fullmatch(r"([+-]?\d+)(?:[.,]0+)?", plain)
    return found[1] if found else ""


def digits(text: str, length: int) -> str:
    """Return the digits of an official number written with spaces or points, or ''.

    >>> digits("213 502 198", 9), digits("21350219", 9)
    ('213502198', '')
    """
    plain = re.sub(r"[\s\u00a0\u202f.\-]", "", text)
    return plain if re.fullmatch(rf"\d{{{length}}}", plain) else ""


def length(name: str) -> int:
    """Return how many digits the official number of a property has; 0 for other properties.

    >>> length("governingSiren"), length("siret"), length("label")
    (9, 14, 0)
    """
    return next((n for end, n in (("iren", 9), ("iret", 14)) if name.endswith(end)), 0)


def is_luhn(number: str) -> bool:
    """Tell whether the last digit checks the others (ISO/IEC 7812-1, annex B), as of a SIREN."""
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(number)))
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
