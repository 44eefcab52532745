"""What is asked to be checked, as files: paths, folders, patterns, and `-` for the standard input.

The form of a file comes from its name; of a text without a name, from its first letters.
"""

from __future__ import annotations

import glob
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.problems import Problem

FORMS = {
    ".ttl": "turtle",
    ".trig": "trig",
    ".nt": "n-triples",
    ".nq": "n-quads",
    ".jsonld": "json-ld",
    ".json": "json-ld",
    ".rdf": "rdf-xml",
    ".owl": "rdf-xml",
    ".xml": "rdf-xml",
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xls": "xlsx",
    ".ods": "xlsx",
}
SHEETS = ("csv", "xlsx")
# Endings that other files have too: such files are checked when they are named.
AMBIGUOUS = (".xml", ".json", *(ending for ending, form in FORMS.items() if form in SHEETS))
STANDARD_INPUT = "-"
LARGEST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Input:
    """One thing to check: its name in messages, its form, and where its bytes are."""

    name: str
    form: str
    path: Path | None = None
    data: bytes = b""

    def read(self, most: int = LARGEST_BYTES) -> bytes:
        """Return the bytes, one more than `most` at the utmost; raises OSError."""
        if self.path is None:
            return self.data
        with self.path.open("rb") as stream:
            return stream.read(most + 1)


def found(asked: Iterable[str], form: str | None = None) -> list[Input]:
    """Return the files meant by paths, folders and patterns, each once, in a fixed order.

    Folders give the files whose names end as those of `FORMS` do, hidden ones left out. Raises
    Problem for a path that does not exist and for a pattern that nothing fits.
    """
    made: dict[str, Input] = {}
    for one in asked:
        for input_ in _meant(one, form):
            made.setdefault(input_.name, input_)
    return list(made.values())


def _meant(one: str, form: str | None) -> Iterator[Input]:
    if one == STANDARD_INPUT:
        data = sys.stdin.buffer.read(LARGEST_BYTES + 1)
        yield Input("<stdin>", form or guessed(data), None, data)
        return
    path = Path(one)
    if path.is_dir():
        yield from (_file(inside, form) for inside in _inside(path))
    elif path.exists():
        yield _file(path, form)
    else:
        fitting = sorted(glob.glob(one, recursive=True))
        if not fitting:
            raise Problem(f"{one}: no such file; give a file, a folder, a pattern or -")
        yield from (_file(Path(name), form) for name in fitting if Path(name).is_file())


def _inside(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in FORMS
        and path.suffix not in AMBIGUOUS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def _file(path: Path, form: str | None) -> Input:
    return Input(path.as_posix(), form or FORMS.get(path.suffix.lower(), "turtle"), path)


def guessed(data: bytes) -> str:
    """Return the form of a text without a name.

    >>> guessed(b'{"@id": "http://example.org/"}'), guessed(b"@prefix a: <b> .")
    ('json-ld', 'turtle')
    """
    if data.startswith(b"PK\x03\x04"):
        return "xlsx"
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if re.match(rb"\{\s*\"|\[\s*\{\s*\"@", start):
        return "json-ld"
    if start.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE")):
        return "rdf-xml"
    return "turtle"
