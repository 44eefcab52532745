"""The records and territories of the base, looked up as the check does, in one thread of its own.

The base is made up on the first question, which may take half a minute in a new checkout; until
then, and where it cannot be made, editors simply get no records.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from kb.check.base import Base

MOST = 60
LAST = "\U0010ffff"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its address, its label in one language, its classes, the files that tell of it."""

    iri: str
    label: str
    classes: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Records:
    """Questions to the base, answered one after the other; SQLite keeps to one thread."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.pool = ThreadPoolExecutor(1, "essaim-records")

    @cached_property
    def base(self) -> Base:
        """The base as it was at the first question."""
        return Base(self.root)

    async def record(self, iri: str, language: str) -> Record | None:
        """Return a record by its address."""
        return await self._ask(lambda: self._record(iri, language), None)

    async def named(self, start: str, space: str, language: str) -> list[Record]:
        """Return records of a namespace whose label or local name begins with some letters."""
        return await self._ask(lambda: self._named(start, space, language), [])

    async def _ask(self, question: Callable[[], T], otherwise: T) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self.pool, question)
        except (sqlite3.Error, OSError):
            return otherwise

    def _record(self, iri: str, language: str) -> Record | None:
        classes = tuple(self.base.values(iri, "type"))
        label = self.base.label(iri, language)
        files = tuple(self.base.files_of(iri))
        return Record(iri, label, classes, files) if classes or label else None

    def _named(self, start: str, space: str, language: str) -> list[Record]:
        found: dict[str, None] = {}
        for first in dict.fromkeys((start, start.capitalize(), start.upper())) if start else ():
            rows = self.base.rows.execute(
                "SELECT DISTINCT iri FROM fact WHERE key IN ('label', 'other-label')"
                " AND value >= ? AND value < ? AND iri >= ? AND iri < ? ORDER BY value LIMIT ?",
                (first, first + LAST, space, space + LAST, MOST),
            )
            found |= dict.fromkeys(iri for (iri,) in rows)
        low = space + start
        rows = self.base.rows.execute(
            "SELECT DISTINCT iri FROM fact WHERE iri >= ? AND iri < ? AND key = 'type'"
            " ORDER BY iri LIMIT ?",
            (low, low + LAST, MOST),
        )
        found |= dict.fromkeys(iri for (iri,) in rows)
        made = (self._record(iri, language) for iri in list(found)[:MOST])
        return [one for one in made if one]
