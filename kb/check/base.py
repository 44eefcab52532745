"""What the knowledge base holds, looked up by address, name or number: a small SQLite file.

It is made from the source files and kept beside the releases; afterwards only the files that
changed are read again, so that a file is checked against what stands in the checkout now.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from kb import files, terms
from kb.check.gathering import Row, gathered, vocabulary
from kb.context import closure

VERSION = "2"  # raise it when the tables or what is gathered change
SCHEMA = """
CREATE TABLE IF NOT EXISTS file (name TEXT PRIMARY KEY, stamp TEXT);
CREATE TABLE IF NOT EXISTS fact (iri TEXT, key TEXT, value TEXT, lang TEXT, file TEXT);
CREATE TABLE IF NOT EXISTS kept (stamp TEXT PRIMARY KEY, text BLOB);
CREATE INDEX IF NOT EXISTS fact_iri ON fact(iri, key);
CREATE INDEX IF NOT EXISTS fact_value ON fact(key, value);
CREATE INDEX IF NOT EXISTS fact_file ON fact(file);
"""


class Base:
    """The knowledge base as a check sees it.

    `without` names files that are left out of it, `more` files that it has for this check only.
    """

    def __init__(self, root: Path, without: Iterable[str] = (), more: Iterable[Path] = ()) -> None:
        self.root, self.without, self.more = root, frozenset(without), tuple(more)
        self.rows = _opened(root)
        self._inside: dict[str, list[str]] = {}
        self.added: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for path in self.more:
            for iri, key, value, language in gathered(path):
                self.added.setdefault((iri, key), []).append((value, language))

    def facts(self, iri: str, key: str) -> list[tuple[str, str]]:
        """Return the values of a node under a key, each with its language."""
        found = self.rows.execute(
            "SELECT value, lang, file FROM fact WHERE iri = ? AND key = ?", (iri, key)
        )
        known = [(value, lang) for value, lang, file in found if file not in self.without]
        return known + self.added.get((iri, key), [])

    def values(self, iri: str, key: str) -> list[str]:
        """Return the values of a node under a key."""
        return [value for value, _ in self.facts(iri, key)]

    def having(self, key: str, value: str) -> list[str]:
        """Return the nodes that have a value under a key."""
        found = self.rows.execute(
            "SELECT iri, file FROM fact WHERE key = ? AND value = ? ORDER BY iri", (key, value)
        )
        return list(dict.fromkeys(iri for iri, file in found if file not in self.without))

    def knows(self, iri: str) -> bool:
        """Tell whether a node is described here."""
        return bool(self.facts(iri, "type"))

    def files_of(self, iri: str) -> list[str]:
        """Return the files that describe a node."""
        found = self.rows.execute("SELECT DISTINCT file FROM fact WHERE iri = ?", (iri,))
        return [file for (file,) in found if file not in self.without]

    def label(self, iri: str, language: str) -> str:
        """Return the label of a node in a language, else in another one, else ''."""
        found = {lang: value for value, lang in reversed(self.facts(iri, "label"))}
        for wanted in (language, "en", "fr", ""):
            if wanted in found:
                return str(found[wanted])
        return next(iter(found.values()), "")

    def labels(self, name: str, iri: str) -> dict[str, str]:
        """Return the label of a node as values of a message: `theirs_label.fr`, …"""
        return {f"{name}_label.{lang}": self.label(iri, lang) or iri for lang in ("fr", "en")}

    def inside(self, space: str) -> list[str]:
        """Return the described nodes whose address begins with a namespace."""
        if space not in self._inside:  # each misspelt address of a file asks for it
            found = self.rows.execute(  # by the addresses, not by the key, which all have
                "SELECT DISTINCT iri FROM fact INDEXED BY fact_iri "
                "WHERE iri >= ? AND iri < ? AND key = 'type'",
                (space, space + "\U0010ffff"),
            )
            self._inside[space] = [iri for (iri,) in found]
        return self._inside[space]

    def vocabularies(self) -> bytes:
        """Return ontology and schemes as N-Triples, subclass statements closed, parsed once."""
        stamps = self.rows.execute("SELECT * FROM file WHERE name LIKE 'ontology/%' ORDER BY name")
        stamp = hashlib.sha256(repr(list(stamps)).encode()).hexdigest()
        for (text,) in self.rows.execute("SELECT text FROM kept WHERE stamp = ?", (stamp,)):
            return bytes(text)
        lines = list(dict.fromkeys(vocabulary(self.root)))
        made = b"".join(dict.fromkeys((*lines, *closure(lines))))
        with suppress(sqlite3.Error), self.rows:
            self.rows.execute("DELETE FROM kept")
            self.rows.execute("INSERT INTO kept VALUES (?, ?)", (stamp, made))
        return made

    def called(self, name: str) -> list[str]:
        """Return the nodes with this name in any language, case and accents aside."""
        folded = terms.slug(name)
        return list(dict.fromkeys((*self.having("name", folded), *self.having("alias", folded))))


@cache
def _opened(root: Path) -> sqlite3.Connection:
    """Open the file of a root, made or brought up to date; in memory where none can be kept."""
    key = hashlib.sha256(f"{VERSION} {root.resolve()}".encode()).hexdigest()[:12]
    path = files.releases() / f".base-{key}.sqlite"
    with suppress(OSError, sqlite3.Error):
        path.parent.mkdir(parents=True, exist_ok=True)
        return _refreshed(sqlite3.connect(path, timeout=20), root)
    return _refreshed(sqlite3.connect(":memory:"), root)


def _refreshed(rows: sqlite3.Connection, root: Path) -> sqlite3.Connection:
    rows.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY;" + SCHEMA)
    known = dict(rows.execute("SELECT name, stamp FROM file"))
    present = dict(_stamps(root))
    if known == present:
        return rows
    with rows:
        rows.execute("BEGIN IMMEDIATE")
        for name in known.keys() - present.keys():
            _forget(rows, name)
        for name, stamp in present.items():
            if known.get(name) != stamp:
                _forget(rows, name)
                rows.executemany("INSERT INTO fact VALUES (?, ?, ?, ?, ?)", _of(root, name))
                rows.execute("INSERT INTO file VALUES (?, ?)", (name, stamp))
    return rows


def _forget(rows: sqlite3.Connection, name: str) -> None:
    rows.execute("DELETE FROM fact WHERE file = ?", (name,))
    rows.execute("DELETE FROM file WHERE name = ?", (name,))


def _of(root: Path, name: str) -> Iterator[tuple[str, str, str, str, str]]:
    row: Row
    for row in gathered(root / name):
        yield (*row, name)


def _stamps(root: Path) -> Iterator[tuple[str, str]]:
    """Yield every source file with what changes when it is written again."""
    folders = ["ontology", "ontology/schemes"]
    with suppress(OSError), os.scandir(root / "data") as found:
        folders += sorted(
            f"data/{one.name}" for one in found if one.is_dir() and one.name not in ("making",)
        )
    for folder in folders:
        with suppress(OSError), os.scandir(root / folder) as found:
            for one in sorted(found, key=lambda entry: entry.name):
                if one.name.endswith((".ttl", ".nt.gz")) and not one.name.startswith("."):
                    stat = one.stat()
                    yield f"{folder}/{one.name}", f"{stat.st_mtime_ns} {stat.st_size}"
