"""A file repaired as its bytes: all that no repair touches stays as it was, its encoding too.

RDF is UTF-8 and is written so; a sheet of text keeps the encoding its spreadsheet chose. A workbook
is never written: the program that made it keeps styles and formulas in it that would be lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kb.check.apply import Repaired, repair
from kb.check.finding import Finding
from kb.check.inputs import Input
from kb.check.pipeline import Options, check_inputs
from kb.reading import FORMS
from kb.reading.bytes import decoded

MENDABLE = (*FORMS, "csv")
CODECS = {"Windows-1252": "cp1252", "ISO 8859-1": "latin-1"}
MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True)
class Mended:
    """A text repaired, and the bytes to write for it."""

    done: Repaired
    data: bytes


def mended(one: Input, text: str, options: Options, unsafe: bool = False) -> Mended:
    """Return a file of a form in `MENDABLE` repaired; `text` is what was read from it."""

    def again(content: str) -> Iterable[Finding]:
        inside = replace(one, path=None, data=content.encode())
        return check_inputs([inside], options).told

    done = repair(text, again, one.form, unsafe)
    is_sheet = one.form not in FORMS
    before = one.read(options.largest) if is_sheet else b""
    return Mended(done, encoded(done.after, before) if is_sheet else done.after.encode())


def encoded(text: str, before: bytes) -> bytes:
    """Return a text in the encoding of the bytes it was read from.

    What that encoding lacks is written in UTF-8 with the mark that spreadsheets know it by.

    >>> encoded("né", "ne".encode("utf-16")).decode("utf-16")
    'né'
    """
    if codec := MARKS.get(before[:2]):
        return before[:2] + text.encode(codec)
    codec = CODECS.get(decoded(before).encoding, "utf-8") if before else "utf-8"
    try:
        return text.encode(codec)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")
