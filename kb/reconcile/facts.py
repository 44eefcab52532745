"""What is said of a thing, property by property: for data extension and for comparing.

Reconciliation Service API 0.2 §7, 1.0-draft §7. One query a thing, kept for as long as the release
is served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from kb import files
from kb.queries import read
from kb.release import Release
from kb.rows import select
from kb.terms import Iri, Term

KEPT = 4_096  # things


class Facts:
    """The values of the properties of the things of one release."""

    def __init__(self, release: Release) -> None:
        self._engine = release.engine
        self._query = read(files.root() / "queries" / "reconcile" / "values.rq")
        self.of = lru_cache(maxsize=KEPT)(self._of)

    def _of(self, iri: str) -> Mapping[str, Mapping[Term, tuple[Term, ...]]]:
        """Return the values of a thing by property, each with its names where it has some."""
        found: dict[str, dict[Term, list[Term]]] = defaultdict(dict)
        for row in select(self._engine, self._query.bound({"thing": iri})):
            names = found[str(row["property"])].setdefault(row["value"], [])
            if "name" in row:
                names.append(row["name"])
        return {
            name: {value: tuple(names) for value, names in values.items()}
            for name, values in found.items()
        }

    def texts(self, iri: str, property_: str) -> tuple[str, ...]:
        """Return all texts that stand for the values of a property: values, names, ends of IRIs."""
        found: dict[str, None] = {}
        for value, names in self.of(iri).get(property_, {}).items():
            found.update(dict.fromkeys((str(value), *map(str, names))))
            if isinstance(value, Iri):
                found[str(value).rstrip("/#").rpartition("/")[2]] = None
        return tuple(found)
