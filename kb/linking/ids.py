"""Identifiers of organisations and places: read from a cell, checked, never trusted alone.

SIREN and SIRET carry a Luhn key (ISO/IEC 7812-1 annex B, as INSEE uses it); the establishments of
La Poste (SIREN 356000000) are numbered without it, the sum of their digits is a multiple of five.
A spreadsheet eats leading zeros and turns fourteen digits into `3.5E+13`; the first is undone, the
second is refused, since digits are lost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LA_POSTE = "356000000"
SPACES = re.compile(r"[\s\u00a0\u202f.]+")
FLOAT = re.compile(r"(\d+)\.0+")
EXPONENT = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")
QID = re.compile(r"(?:https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/)?(Q[1-9]\d*)")
RNA = re.compile(r"W\d[0-9A-Z]\d{7}")  # W2A… in Corsica, W9G… overseas
DEPARTEMENT = re.compile(r"0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-9]|98[4-9]")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell gave: the identifiers in it, as `scheme:value`, and what was wrong or undone."""

    found: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def luhn(digits: str) -> bool:
    """Tell whether a string of digits ends in its Luhn key."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return digits.isdigit() and total % 10 == 0


def is_siren(digits: str) -> bool:
    """Tell whether nine digits are a SIREN number."""
    return len(digits) == 9 and digits.isascii() and digits.isdigit() and luhn(digits)


def is_siret(digits: str) -> bool:
    """Tell whether fourteen digits are a SIRET number."""
    if len(digits) != 14 or not (digits.isascii() and digits.isdigit()):
        return False
    if digits.startswith(LA_POSTE) and sum(map(int, digits)) % 5 == 0:
        return True
    return luhn(digits)


def swapped(siren: str) -> list[str]:
    """Return the valid SIREN numbers that differ by two adjacent digits exchanged."""
    exchanged = (
        siren[:i] + siren[i + 1] + siren[i] + siren[i + 2 :]
        for i in range(len(siren) - 1)
        if siren[i] != siren[i + 1]
    )
    return sorted(other for other in set(exchanged) if is_siren(other))


def _digits(cell: str) -> str:
    cell = cell.strip().lstrip("'")
    whole = FLOAT.fullmatch(cell)
    return whole[1] if whole else SPACES.sub("", cell)


def siren(cell: str) -> Reading:
    """Read a cell of SIREN or SIRET numbers: the SIREN, and the SIRET where there is one."""
    text = cell.strip()
    if not text:
        return Reading()
    if EXPONENT.fullmatch(text):
        return Reading((), (f"{text!r} has lost digits in a spreadsheet; not used",))
    digits = _digits(text)
    if not (digits.isascii() and digits.isdigit()):
        return Reading((), (f"{text[:40]!r} is no SIREN or SIRET; not used",))
    if len(digits) in (9, 14):
        return _checked(digits, ())
    length = 9 if len(digits) < 9 else 14
    padded = digits.zfill(length)
    if len(digits) >= length - 3 and (is_siren(padded) or is_siret(padded)):
        return _checked(padded, (f"{digits}: leading zeros restored",))
    return Reading((), (f"{digits[:40]} has {len(digits)} digits; a SIREN has 9, a SIRET 14",))


def _checked(digits: str, notes: tuple[str, ...]) -> Reading:
    if len(digits) == 9:
        if is_siren(digits):
            return Reading((f"siren:{digits}",), notes)
        return Reading((), (*notes, _wrong(digits)))
    if digits.endswith("00000000"):
        return Reading(
            (), (*notes, f"{digits} ends in zeros, as a spreadsheet leaves it; not used")
        )
    if is_siret(digits):
        return Reading((f"siret:{digits}", f"siren:{digits[:9]}"), notes)
    return Reading((), (*notes, f"SIRET {digits} fails its key; not used"))


def _wrong(digits: str) -> str:
    others = swapped(digits)
    hint = f"; with two digits exchanged it could be {' or '.join(others)}" if others else ""
    return f"SIREN {digits} fails its key; not used{hint}"


def rna(cell: str) -> Reading:
    """Read a number of the French register of associations: W, then nine characters."""
    text = SPACES.sub("", cell).upper()
    if not text:
        return Reading()
    if RNA.fullmatch(text):
        return Reading((f"rna:{text}",))
    return Reading((), (f"{cell.strip()[:40]!r} is no RNA number; write W and nine characters",))


def wikidata(cell: str) -> Reading:
    """Read a Wikidata item, alone or as its address."""
    text = cell.strip()
    found = QID.fullmatch(text)
    if found:
        return Reading((f"wikidata:{found[1]}",))
    return (
        Reading((), (f"{text[:40]!r} is no Wikidata item; write Q and digits",))
        if text
        else (Reading())
    )


def plain(scheme: str, cell: str) -> Reading:
    """Read an identifier that has no form of its own."""
    text = " ".join(cell.split())
    return Reading((f"{scheme}:{text}",)) if text else Reading()


def insee(cell: str) -> str:
    """Return the INSEE code of a commune in a cell, zero restored; '' where there is none."""
    text = _digits(cell).upper()
    text = text.zfill(5) if len(text) == 4 and text.isdigit() else text
    known = len(text) == 5 and DEPARTEMENT.fullmatch(departement_of(text))
    return text if known and text[2:].isdigit() else ""


def postcode(cell: str) -> str:
    """Return the French postal code in a cell, zero restored; '' where there is none."""
    text = _digits(cell)
    text = text.zfill(5) if len(text) == 4 else text
    return text if len(text) == 5 and text.isascii() and text.isdigit() else ""


def departement(cell: str) -> str:
    """Return the number of a département in a cell, zero restored; '' where there is none."""
    text = _digits(cell).upper()
    text = text.zfill(2) if text.isdigit() else text
    text = text[1:] if len(text) == 3 and text[0] == "0" else text
    return text if DEPARTEMENT.fullmatch(text) else ""


def departement_of(code: str) -> str:
    """Return the département of an INSEE or postal code (Corsica as `20` in postal codes)."""
    if code.startswith(("97", "98")):
        return code[:3]
    if code.startswith("20"):
        return "2A" if code[2:3] in "01" else "2B"
    return code[:2]
