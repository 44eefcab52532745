"""Search over labels and texts: an SQLite side index, filled at build time by queries.

Two columns serve two habits: words reduced to their stems (so that « mobilités rurales » finds
« mobilité rurale ») and words merely folded (so that the beginning of a name is enough). The
questions that fill it are in `queries/index/`.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer

from kb.engine import Engine
from kb.problems import ReleaseProblem
from kb.queries import Query
from kb.rows import select

ALGORITHMS = {"fr": "french", "en": "english"}
# « l'épicerie » is the word « épicerie »; nobody looks for the article.
ELISION = re.compile(r"(?<!\w)(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’](?=\w)", re.IGNORECASE)
SCHEMA = """
CREATE TABLE document (id INTEGER PRIMARY KEY, iri TEXT, kind TEXT, language TEXT, label TEXT,
                       weight INTEGER);
CREATE VIRTUAL TABLE words USING fts5(label_stems, label_folded, text_stems, content='',
                                      tokenize='unicode61 remove_diacritics 2');
CREATE INDEX document_kind ON document(kind, language);
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: its IRI, its kind (`innovation`, `commune`…) and its label."""

    iri: str
    kind: str
    label: str


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word))


@lru_cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(ALGORITHMS.get(language, "french"))


def folded(text: str) -> list[str]:
    """Return the words of a text without case, accents and elided articles.

    >>> folded("L'Épicerie d'Œuvre")
    ['epicerie', 'oeuvre']
    """
    text = ELISION.sub("", text).casefold()
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("æ", "ae"))
    return re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the words of a text, folded."""
    words = re.findall(r"\w+", ELISION.sub("", text).casefold())
    return [part for word in words for part in folded(_stem(word, language))]


def build(path: Path, engine: Engine, questions: Iterable[Query]) -> int:
    """Fill a new index from queries giving `iri kind language label text weight`; return its size.

    The same thing in the same language is written once, by the first query that names it. Raises
    ReleaseProblem when the index cannot be written.
    """
    try:
        with closing(sqlite3.connect(path)) as connection:
            return _fill(connection, engine, questions)
    except sqlite3.OperationalError as error:
        raise ReleaseProblem(f"{path}: cannot be written: {error}; free some space") from error


def _fill(connection: sqlite3.Connection, engine: Engine, questions: Iterable[Query]) -> int:
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
    seen: set[tuple[str, str]] = set()
    for question in questions:
        for row in select(engine, question.bound({}), deadline_s=300):
            values = {name: str(row.get(name, "")) for name in ("iri", "kind", "language")}
            key = (values["iri"], values["language"])
            if key not in seen:
                seen.add(key)
                label, text = str(row.get("label", "")), str(row.get("text", ""))
                _insert(connection, len(seen), values, label, text, str(row.get("weight", "1")))
    connection.commit()
    connection.execute("INSERT INTO words(words) VALUES('optimize')")
    connection.commit()
    return len(seen)


def _insert(
    connection: sqlite3.Connection,
    number: int,
    values: dict[str, str],
    label: str,
    text: str,
    weight: str,
) -> None:
    language = values["language"]
    connection.execute(
        "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)",
        (number, values["iri"], values["kind"], language, label, int(weight)),
    )
    connection.execute(
        "INSERT INTO words(rowid, label_stems, label_folded, text_stems) VALUES (?, ?, ?, ?)",
        (number, _rooted(label, language), " ".join(folded(label)), _rooted(text, language)),
    )


def _rooted(text: str, language: str) -> str:
    """Return the stems of a text with its accents, then without: people type both.

    A proper name of no language (a place) has no stems.
    """
    if not language:
        return " ".join(folded(text))
    return " ".join([*stems(text, language), *stems(" ".join(folded(text)), language)])


class Index:
    """A finished index, opened read-only; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ReleaseProblem(f"{path}: the search index is missing; run `essaim build`")
        self._uri = f"file:{path}?mode=ro&immutable=1"

    def search(
        self, text: str, language: str = "fr", kinds: Iterable[str] = (), limit: int = 50
    ) -> list[Hit]:
        """Return what matches every word, best first: by label before text, records before places.

        Where nothing does, what matches some of the words is better than nothing. An empty or
        wordless text finds nothing. At most `limit` hits.
        """
        words, roots = folded(text)[:12], stems(text, language)[:12]
        if not words:
            return []
        exact = " ".join(f'"{word}"*' for word in words)
        stemmed = " ".join(f'"{root}"' for root in roots)
        every = f"(label_folded : ({exact})) OR ({{label_stems text_stems}} : ({stemmed}))"
        some = f"{{label_stems text_stems}} : ({stemmed.replace(' ', ' OR ')})"
        return self._found(every, language, tuple(kinds), limit) or self._found(
            some, language, tuple(kinds), limit
        )

    def _found(self, match: str, language: str, wanted: tuple[str, ...], limit: int) -> list[Hit]:
        marks = f" AND kind IN ({','.join('?' * len(wanted))})" if wanted else ""
        statement = (
            "SELECT iri, kind, label FROM words JOIN document ON document.id = words.rowid "
            f"WHERE words MATCH ? AND language IN (?, ''){marks} "
            "ORDER BY weight * bm25(words, 10, 8, 1), label LIMIT ?"
        )
        with closing(sqlite3.connect(self._uri, uri=True)) as connection:
            rows = connection.execute(statement, (match, language, *wanted, limit)).fetchall()
        return [Hit(*row) for row in rows]
