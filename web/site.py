"""What every request needs: the release that is served, its queries, and cached answers.

A release never changes, so an answer to a page query is kept for the life of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from flask import current_app, g, request

from kb import files
from kb.engine import Engine
from kb.queries import Query, registry
from kb.release import Release
from kb.rows import Row, Table, select
from kb.terms import Term

KEPT_ANSWERS = 4096
Made = TypeVar("Made")


class Site:
    """One release behind one set of pages."""

    def __init__(
        self, release: Release, base_url: str | None = None, public: Engine | None = None
    ) -> None:
        self.release, self._public = release, public
        folder = files.root() / "queries"
        self.pages = registry(folder / "pages")
        self.examples = registry(folder / "examples")
        self.protocol = registry(folder / "protocol")
        self._base_url = base_url.rstrip("/") + "/" if base_url else None
        self._kept = lru_cache(maxsize=KEPT_ANSWERS)(self._asked)
        self.names = cache(self._names)
        self.cited = cache(self._cited)
        self._made: dict[tuple[Callable[..., Any], tuple[str, ...]], Any] = {}

    @property
    def public(self) -> Engine:
        """The engine for questions from outside; without one of its own, that of the pages."""
        return self._public or self.release.engine

    @property
    def base_url(self) -> str:
        """The public address of this host, with its final slash."""
        if self._base_url:
            return self._base_url
        if "base_url" not in g:
            g.base_url = request.host_url
        return str(g.base_url)

    def rows(self, query: Query, values: Mapping[str, str]) -> Table:
        """Return the rows of a query bound to values.

        Raises QueryFileProblem for a wrong value, an EngineProblem when it is not answered.
        """
        return self._kept(query.bound(values))

    def _names(self, language: str) -> Mapping[str, Term]:
        """Return the names of all things that have one in a language, by IRI."""
        text = self.pages["resource_names"].bound({"lang": language})
        return {str(row["thing"]): row["label"] for row in self._asked(text)}

    def _cited(self, language: str) -> Mapping[str, Row]:
        """Return what is known of every page cited, by its address."""
        text = self.pages["resource_cited"].bound({"lang": language})
        return {str(row["page"]): row for row in self._asked(text)}

    def once(self, make: Callable[..., Made], *given: str) -> Made:
        """Return what a function makes of the release; a release never changes, so once is enough.

        Two requests at once may both make it: the same thing, kept twice for a moment.
        """
        key = (make, given)
        if key not in self._made:
            self._made[key] = make(self.release, *given)
        return cast(Made, self._made[key])

    def _asked(self, text: str) -> Table:
        return select(self.release.engine, text)


@dataclass(frozen=True)
class Answered:
    """A query with its values and its rows, as templates get it."""

    query: Query
    values: Mapping[str, str]
    table: Table


def site() -> Site:
    """Return the site of the current application: the same one until the request is over."""
    if "site" not in g:
        g.site = current_app.extensions["essaim"]
    return cast(Site, g.site)
