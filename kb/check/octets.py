"""Bytes as text: what kind of file it is, its encoding, its byte order mark, its size.

A file in another encoding is decoded all the same, so that the other stages can speak of it.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from kb.check.finding import Finding
from kb.reading.places import Edit, Fix, Lines

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What UTF-8 looks like when it was read as Windows-1252 and written as UTF-8 again: é → Ã©.
TWICE = re.compile("[ÂÃÅ][\u0080-\u00bf\u0152-\u0192\u2013-\u203a\u20ac\u2122]|â€[\u0080-\u2122]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was read with, and what was wrong with its bytes."""

    text: str
    encoding: str
    findings: tuple[Finding, ...] = ()


def decoded(data: bytes, name: str) -> Decoded:
    """Return the bytes of a file as text, never failing."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            code = "S003" if encoding == "utf-8" else "S001"
            fix = Fix("remove-mark" if code == "S003" else "recode", (Edit(0, 0, ""),), True)
            severity = "warning" if code == "S003" else "error"
            place = Lines(text).place(0, 0)
            found = Finding(
                code, severity, name, place, values={"encoding": encoding.upper()}, fixes=(fix,)
            )
            return Decoded(text, encoding, (found, *_twice(text, name)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _other(data, error, name)
    return Decoded(text, "utf-8", _twice(text, name))


def _other(data: bytes, error: UnicodeDecodeError, name: str) -> Decoded:
    """Read as Windows-1252, what French office software writes that is not UTF-8."""
    text = data.decode("cp1252", errors="replace")
    at = error.start
    fix = Fix("recode", (Edit(0, 0, ""),), is_safe=True)
    values = {"encoding": "Windows-1252", "found": text[at : at + 1]}
    place = Lines(text).place(at, at + 1)
    return Decoded(
        text, "cp1252", (Finding("S001", "error", name, place, values=values, fixes=(fix,)),)
    )


def _twice(text: str, name: str) -> tuple[Finding, ...]:
    """Find UTF-8 that was encoded twice; each such stretch can be decoded once."""
    edits = []
    for found in TWICE.finditer(text):
        once = _once(found[0])
        if once:
            edits.append(Edit(found.start(), found.end(), once))
    if not edits:
        return ()
    first = edits[0]
    values = {"found": text[first.start : first.end], "right": first.text, "count": str(len(edits))}
    place = Lines(text).place(first.start, first.end)
    fix = Fix("decode-twice", tuple(edits), False, values)
    return (Finding("S002", "warning", name, place, values=values, fixes=(fix,)),)


def _once(text: str) -> str:
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return ""
