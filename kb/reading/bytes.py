"""Bytes made into text: which encoding they are in, when it is not UTF-8 as Turtle wants (§6).

What is not UTF-8 is decoded as what it most probably is, with a problem; a fix without edits
means that writing the text out as UTF-8 is the whole repair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.reading.places import Edit, Fix, Lines
from kb.reading.problems import SyntaxProblem

LARGEST = 20_000_000  # bytes
_MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_NAMES = {"utf-32": "UTF-32", "utf-16": "UTF-16", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
          "cp1252": "Windows-1252", "latin-1": "ISO 8859-1"}  # fmt: skip
# UTF-8 read as Windows-1252: a lead byte's letter, then the letters of the bytes that follow
_FOLLOWS = "".join(bytes([b]).decode("cp1252", "ignore") for b in range(0x80, 0xC0))
_TWICE = re.compile(
    f"[ÂÃ][{re.escape(_FOLLOWS)}\u0081\u008d\u008f\u0090\u009d]|â[€‚„][{re.escape(_FOLLOWS)}\u009d]"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, the encoding its bytes are in, and what is wrong with them."""

    text: str
    encoding: str
    problems: tuple[SyntaxProblem, ...] = ()


def decoded(data: bytes, largest: int = LARGEST) -> Decoded:
    """Return the text of bytes; what cannot be text, or is larger than `largest`, gives none.

    A byte order mark stays in the text, where `read` reports it.

    >>> decoded("né".encode("cp1252")).encoding
    'Windows-1252'
    """
    if len(data) > largest:
        return _refused("S005", {"bytes": str(len(data)), "most": str(largest)})
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _guessed(data, error.start)
    if text.count("\x00") > max(8, len(text) // 10):
        return _guessed(data, text.index("\x00"))
    return Decoded(text, "UTF-8", _twice(text))


def _refused(code: str, values: dict[str, str]) -> Decoded:
    return Decoded("", "", (SyntaxProblem(code, Lines("").place(0, 0), values),))


def _guessed(data: bytes, wrong: int) -> Decoded:
    """Decode what is not UTF-8; `wrong` is the offset of the first byte that shows it."""
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _is_text(text):
            continue
        text = text.removeprefix("\ufeff")
        at = 0 if encoding.startswith("utf") else len(data[:wrong].decode("utf-8", "ignore"))
        values = {"encoding": _NAMES[encoding], "sign": text[at : at + 1]}
        fix = Fix("save-utf8", (), True, {"encoding": _NAMES[encoding]})
        place = Lines(text).place(at, min(at + 1, len(text)))
        return Decoded(text, _NAMES[encoding], (SyntaxProblem("S001", place, values, (fix,)),))
    return _refused("S006", {})


def _candidates(data: bytes) -> tuple[str, ...]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return (encoding,)
    head = data[:4000]
    if head[1::2].count(0) > len(head) // 4:
        return ("utf-16-le",)
    if head[::2].count(0) > len(head) // 4:
        return ("utf-16-be",)
    return ("cp1252", "latin-1")


def _is_text(text: str) -> bool:
    """Tell whether a text has hardly any control characters."""
    control = len(re.findall(r"[\x00-\x08\x0e-\x1f]", text[:10_000]))
    return control * 50 <= min(len(text), 10_000)


def _twice(text: str) -> tuple[SyntaxProblem, ...]:
    """Return one problem when a text was encoded in UTF-8 twice: `Ã©` for `é`."""
    edits, shown = [], ("", "")
    for found in _TWICE.finditer(text):
        raw = b"".join(
            sign.encode("latin-1") if ord(sign) < 0xA0 else sign.encode("cp1252")
            for sign in found.group()
        )
        try:
            right = raw.decode("utf-8")
        except UnicodeDecodeError:
            continue
        edits.append(Edit(found.start(), found.end(), right))
        shown = shown if shown[0] else (found.group(), right)
    if not edits:
        return ()
    place = Lines(text).place(edits[0].start, edits[0].end)
    values = {"found": shown[0], "right": shown[1], "more": str(len(edits) - 1 or "")}
    return (SyntaxProblem("S002", place, values, (Fix("decode-twice", tuple(edits), False),)),)
