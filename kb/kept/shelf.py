"""Where kept queries stand: one SQLite file, each row written once and never changed.

SQLite because a row is there whole or not at all, whatever kills the process, and because any
tool reads it. A query is named by a prefix of the checksum of what was asked and of which release,
so keeping the same question twice gives the same address. Who kept it is a keyed hash of the
address, whose key never leaves the file: it only bounds how much one visitor can leave.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kb.kept.answers import Canonical, Question
from kb.problems import Problem

SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
  id TEXT PRIMARY KEY, kept_at TEXT NOT NULL, release TEXT NOT NULL, issued TEXT NOT NULL,
  query TEXT NOT NULL, defaults TEXT NOT NULL, named TEXT NOT NULL,
  media_type TEXT NOT NULL, heading TEXT NOT NULL, rows INTEGER NOT NULL, sha256 TEXT NOT NULL,
  answer BLOB NOT NULL, keeper TEXT NOT NULL, size INTEGER NOT NULL, withdrawn TEXT);
CREATE INDEX IF NOT EXISTS kept_by_keeper ON kept (keeper);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""
SHORTEST, BUSY_S, VERSION = 8, 10.0, 1


class KeptProblem(Problem):
    """A query cannot be kept or given back; the text says why."""

    def __init__(self, message: str, code: str, **values: object) -> None:
        super().__init__(message)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Limits:
    """How much may be kept: queries and bytes for one address, bytes for all."""

    queries: int = 200
    size: int = 50_000_000
    total: int = 2_000_000_000


@dataclass(frozen=True)
class Kept:
    """A kept query: what was asked, when, of which release, and what was answered."""

    id: str
    kept_at: str
    release: str
    issued: str
    question: Question
    answer: Canonical
    sha256: str
    withdrawn: str = ""

    @property
    def is_intact(self) -> bool:
        """Whether the stored answer still has the checksum it was kept with."""
        return self.answer.sha256 == self.sha256


class Shelf:
    """The kept queries of one folder; every call opens the file anew, so threads may share it."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.path, self.limits = folder / "queries.sqlite", limits or Limits()

    def keep(
        self, question: Question, answer: Canonical, release: str, issued: str, keeper: str
    ) -> Kept:
        """Keep an answer for good and return it; one kept before is returned as it was.

        `keeper` is the address it came from. Raises KeptProblem when a limit is met or the file
        cannot be written.
        """
        digest = _digest(question, release)
        with self._opened(write=True) as base:
            before = _same(base, digest, question, release)
            if before is not None:
                return before
            body = zlib.compress("\n".join(answer.lines).encode(), 9)
            who = _keyed(base, keeper)
            self._refuse_excess(base, who, len(body) + len(question.text))
            kept = Kept(
                _free(base, digest), datetime.now(UTC).isoformat(timespec="seconds"),
                release, issued, question, answer, answer.sha256,
            )  # fmt: skip
            base.execute(
                "INSERT INTO kept VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)",
                (kept.id, kept.kept_at, release, issued, question.text,
                 json.dumps(question.defaults), json.dumps(question.named), answer.media_type,
                 answer.heading, len(answer.lines), kept.sha256, body, who,
                 len(body) + len(question.text)),
            )  # fmt: skip
        return kept

    def find(self, identifier: str) -> Kept | None:
        """Return a kept query, None when there is none of that name."""
        if not self.path.is_file():
            return None
        with self._opened() as base:
            row = base.execute("SELECT * FROM kept WHERE id = ?", (identifier,)).fetchone()
        return _kept(row) if row else None

    def all(self) -> list[Kept]:
        """Return every kept query, the newest first."""
        if not self.path.is_file():
            return []
        with self._opened() as base:
            return [_kept(row) for row in base.execute("SELECT * FROM kept ORDER BY kept_at DESC")]

    def withdraw(self, identifier: str) -> bool:
        """Take a kept query off the shelf; its address then says so. False when unknown."""
        with self._opened(write=True) as base:
            day = datetime.now(UTC).date().isoformat()
            done = base.execute(
                "UPDATE kept SET withdrawn = ?, query = '', answer = ?, heading = '', size = 0 "
                "WHERE id = ?",
                (day, zlib.compress(b""), identifier),
            )
            return done.rowcount > 0

    def _refuse_excess(self, base: sqlite3.Connection, keeper: str, size: int) -> None:
        counted = "SELECT count(*), coalesce(sum(size), 0) FROM kept"
        number, used = base.execute(f"{counted} WHERE keeper = ?", (keeper,)).fetchone()
        if number >= self.limits.queries or used + size > self.limits.size:
            raise KeptProblem(
                f"this address has kept {number} queries ({used} bytes); "
                f"at most {self.limits.queries} and {self.limits.size} bytes are kept for one",
                "keeper-full", queries=self.limits.queries, size=self.limits.size,
            )  # fmt: skip
        if base.execute(counted).fetchone()[1] + size > self.limits.total:
            raise KeptProblem("no more queries can be kept here", "shelf-full")

    @contextmanager
    def _opened(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            if write:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self.path, BUSY_S)) as base:
                base.row_factory = sqlite3.Row
                base.isolation_level = None
                if write:
                    _prepare(base)
                    base.execute("BEGIN IMMEDIATE")
                yield base
                if write:
                    base.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise KeptProblem(
                f"{self.path}: {error}; kept queries cannot be read or written now",
                "shelf-unavailable",
            ) from error


def _prepare(base: sqlite3.Connection) -> None:
    """Make the tables; FULL: a row that was acknowledged survives a power cut too.

    Nobody waits for the lock that the switch to WAL takes, so it is tried again: two visitors may
    be the first at once.
    """
    base.execute("PRAGMA synchronous = FULL")
    end = time.monotonic() + BUSY_S
    while base.execute("PRAGMA user_version").fetchone()[0] < VERSION:
        try:
            base.execute("PRAGMA journal_mode = WAL")
            base.executescript(f"BEGIN IMMEDIATE;{SCHEMA}PRAGMA user_version = {VERSION};COMMIT;")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def _digest(question: Question, release: str) -> str:
    parts = (release, question.text, *question.defaults, "", *question.named)
    raw = hashlib.sha256("\0".join(parts).encode()).digest()
    return base64.b32encode(raw).decode().lower().rstrip("=")


def _same(base: sqlite3.Connection, digest: str, question: Question, release: str) -> Kept | None:
    rows = base.execute("SELECT * FROM kept WHERE id LIKE ?", (digest[:SHORTEST] + "%",))
    known = (_kept(row) for row in rows)
    return next((k for k in known if k.question == question and k.release == release), None)


def _free(base: sqlite3.Connection, digest: str) -> str:
    """Return the shortest prefix, of eight letters at least, that names nothing else."""
    taken = {
        row[0]
        for row in base.execute("SELECT id FROM kept WHERE id LIKE ?", (digest[:SHORTEST] + "%",))
    }
    return next(digest[:n] for n in range(SHORTEST, len(digest) + 1) if digest[:n] not in taken)


def _keyed(base: sqlite3.Connection, keeper: str) -> str:
    base.execute("INSERT OR IGNORE INTO meta VALUES ('key', ?)", (secrets.token_bytes(32),))
    key = base.execute("SELECT value FROM meta WHERE name = 'key'").fetchone()[0]
    return hmac.new(key, keeper.encode(), "sha256").hexdigest()[:32]


def _kept(row: sqlite3.Row) -> Kept:
    body = zlib.decompress(row["answer"]).decode()
    lines = tuple(body.split("\n")) if row["rows"] and not row["withdrawn"] else ()
    question = Question(
        row["query"], tuple(json.loads(row["defaults"])), tuple(json.loads(row["named"]))
    )
    return Kept(
        row["id"], row["kept_at"], row["release"], row["issued"], question,
        Canonical(row["media_type"], row["heading"], lines), row["sha256"], row["withdrawn"] or "",
    )  # fmt: skip
