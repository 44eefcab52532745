"""The lines of a text file whose encoding nobody told, one by one, each fault said with its line.

Lists are glued together from files of different hands, so each line is read by itself: as UTF-8,
and as Windows-1252 where it is none. A file is read twice, first to know whether that concerns all
of it or some lines; it is never in memory as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

BREAKS = re.compile("\r\n|\n|\r")
MARK, WIDE = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def lines(path: Path, note: Callable[[int, str], None]) -> Iterator[str]:
    """Yield the lines of a file without their ends; `note` gets what had to be guessed."""
    with path.open("rb") as octets:
        first = octets.read(2)
    if first in WIDE:
        note(0, "read as UTF-16")
        with path.open(encoding="utf-16", errors="replace") as text:
            yield from (line.rstrip("\n") for line in text)
        return
    is_foreign = _is_foreign_throughout(path)
    if is_foreign:
        note(0, "not UTF-8: read as Windows-1252")
    number = 0
    with path.open("rb") as octets:
        for at, line in enumerate(octets):
            text_, is_guessed = _decoded(line.removeprefix(MARK) if at == 0 else line)
            if is_guessed and not is_foreign:
                note(number + 1, "not UTF-8 like the rest: read as Windows-1252")
            for part in BREAKS.split(text_.removesuffix("\n").removesuffix("\r")):
                number += 1
                yield part


def _decoded(line: bytes) -> tuple[str, bool]:
    """Return a line as text, and whether its encoding was guessed."""
    try:
        return line.decode("utf-8"), False
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace"), True


def _is_foreign_throughout(path: Path) -> bool:
    """Tell whether every line beyond ASCII is not UTF-8, and there is one."""
    beyond = foreign = 0
    with path.open("rb") as octets:
        for at, line in enumerate(octets):
            line = line.removeprefix(MARK) if at == 0 else line
            if not line.isascii():
                beyond += 1
                foreign += _decoded(line)[1]
    return 0 < foreign == beyond
