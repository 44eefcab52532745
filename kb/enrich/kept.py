"""Answers of endpoints kept on disk, an identifier at a time: what was asked is not asked again.

A batch is kept as soon as it is answered, so that an enrichment that was killed goes on where it
stopped. The key is endpoint, query and identifier; an answer says on which day it was given.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Binding = Mapping[str, Any]
TABLE = """CREATE TABLE IF NOT EXISTS answer
(key TEXT, identifier TEXT, day TEXT, bindings TEXT, PRIMARY KEY (key, identifier)) WITHOUT ROWID"""


class Kept:
    """The answers of one query at one endpoint, in a file that many of them share."""

    def __init__(self, path: Path, endpoint: str, query: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = sqlite3.connect(path, timeout=30)
        self.rows.execute(TABLE)
        self.key = hashlib.sha256(f"{endpoint}\n{query}".encode()).hexdigest()

    def answers(self, identifiers: Iterable[str]) -> dict[str, tuple[str, list[Binding]]]:
        """Return the day and bindings of those identifiers that were asked before."""
        found = {}
        for each in identifiers:
            row = self.rows.execute(
                "SELECT day, bindings FROM answer WHERE key = ? AND identifier = ?",
                (self.key, each),
            ).fetchone()
            if row:
                found[each] = (row[0], json.loads(row[1]))
        return found

    def keep(self, day: str, answers: Mapping[str, list[Binding]]) -> None:
        """Keep the answers of a batch, those without a binding too, all or none."""
        with self.rows:
            self.rows.executemany(
                "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?)",
                [(self.key, i, day, json.dumps(b, sort_keys=True)) for i, b in answers.items()],
            )

    def close(self) -> None:
        """Close the file."""
        self.rows.close()
