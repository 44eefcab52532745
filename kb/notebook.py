"""The base in a notebook: `import kb; base = kb.open(); base.query("…").frame()`.

The release is opened, built first if there is none yet; nothing here writes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from oxrdflib import OxigraphStore
from rdflib import Dataset

from kb import describe, files, release, rows
from kb.problems import QueryFileProblem
from kb.queries import Query, read, registry
from kb.search import Hit

# A name of a query file; SPARQL text always holds a space or a bracket.
NAME = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Base:
    """An opened release, for people: rows, graphs and search."""

    release: release.Release

    def query(self, question: str | Path, **values: str) -> rows.Table:
        """Return the rows of SPARQL text, of a `.rq` file, or of a shipped example by its name.

        Keyword arguments are values of the file's parameters. Raises a Problem of `kb.problems`.
        """
        if isinstance(question, Path):
            question = read(question).bound(values)
        elif NAME.fullmatch(question):
            question = _shipped(question).bound(values)
        return rows.select(self.release.engine, question)

    def graph(self) -> Dataset:
        """Return the release as an rdflib Dataset over the same store, default graph = union.

        It is made for reading: what is added to it lives only in this process.
        """
        store = OxigraphStore(store=self.release.local.store)
        dataset = Dataset(store=store, default_union=True)
        return dataset

    def describe(self, iri: str, media_type: str = "text/turtle") -> str:
        """Return what the base says of one resource, in an RDF syntax."""
        return describe.description(self.release.engine, iri, media_type).decode()

    def search(self, text: str, language: str = "fr", limit: int = 20) -> list[Hit]:
        """Return the records, concepts and territories that match some words."""
        return self.release.index.search(text, language, limit=limit)


def _shipped(name: str) -> Query:
    known = registry(files.root() / "queries" / "examples")
    if name not in known:
        raise QueryFileProblem(f"{name!r} is no shipped question; there are {', '.join(known)}")
    return known[name]


def open_base(release_id: str | None = None) -> Base:
    """Open the current release, or one by its id; a first one is built when there is none."""
    if release_id:
        return Base(release.open_release(name=release_id))
    if not (files.releases() / release.CURRENT).exists():
        return Base(release.build())
    return Base(release.open_release())
