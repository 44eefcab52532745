"""Names that are like a text, by the matching of `kb.linking`: one way to match in the house.

The index of all names is kept beside the release, made when the release is first reconciled with.
What a name begins with, before what explains it, is a name of its own.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from kb.linking import LinkProblem, decide
from kb.linking import index as linking
from kb.linking.candidates import Asked, Pair, candidates
from kb.linking.features import features
from kb.linking.normalize import name
from kb.reconcile.known import Entity, Known, plain

ALMOST = 0.99  # the most that a name other than the one asked for can get
LOWEST, HIGHEST = -12.0, 8.0  # log-odds of a pair of names shown as 0 and 1
ENDING = ".names"  # of the folder beside that of a release
HEAD = re.compile(r"\s*(?:[(,;:]|\s[-–—]\s)")
MAKING = threading.Lock()  # the first request may come while the index is being made
Likeness = dict[str, float]


@lru_cache(maxsize=200_000)
def head(text: str) -> str:
    """Return what a name begins with, before what explains it.

    >>> head("Eusko, monnaie locale (Pays basque)")
    'Eusko'
    """
    return HEAD.split(text, maxsplit=1)[0]


class Names:
    """The names of all things, searched together; each text is answered by itself."""

    def __init__(self, known: Known, folder: Path) -> None:
        self.known = known
        self.index = _opened(known, folder)

    def near(self, texts: Sequence[str], is_wanted: Callable[[str], bool]) -> list[Likeness]:
        """Return for each text the things whose names are near it, of the kinds wanted.

        `is_wanted` tells a kind, which is the types of a thing with a space between them.
        """
        kinds = tuple(kind for kind in self.index.kinds if is_wanted(kind))
        if not kinds:
            return [{} for _ in texts]
        chosen = kinds if len(kinds) < len(self.index.kinds) else ()
        asked = [Asked(text, kinds=chosen) for text in texts]
        return self._scored(asked, candidates(self.index, asked))

    def likeness(self, text: str, iris: Iterable[str]) -> Likeness:
        """Return how like a text the names of certain things are, 0 to 1."""
        asked, spelt = Asked(text), name(text)
        numbers = [number for iri in iris for number in self.index.by_iri(iri)]
        rows = [row for number in numbers for row in self.index.rows(number)] if spelt.core else []
        return self._scored([asked], [Pair(0, spelt, row, 0.0) for row in rows])[0]

    def _scored(self, asked: Sequence[Asked], pairs: Sequence[Pair]) -> list[Likeness]:
        found: list[Likeness] = [{} for _ in asked]
        if not pairs:
            return found
        for pair, odds in zip(pairs, self._odds(asked, pairs), strict=True):
            iri = self.index.iris[int(self.index.owners[pair.row])]
            like = min(max((odds - LOWEST) / (HIGHEST - LOWEST), 0.0), ALMOST)
            found[pair.asked][iri] = max(like, found[pair.asked].get(iri, 0.0))
        return found

    def _odds(self, asked: Sequence[Asked], pairs: Sequence[Pair]) -> list[float]:
        odds = decide.model().first(features(self.index, asked, pairs))
        return [round(float(one), 6) for one in odds]


def _opened(known: Known, folder: Path) -> linking.Index:
    with MAKING:
        try:
            return linking.Index(folder)
        except LinkProblem:  # not made yet, or by another version
            linking.write(_entities(known), folder, {"target": "reconcile"})
            _forget(folder)
            return linking.Index(folder)


def _forget(newest: Path) -> None:
    """Remove the other indexes whose release is there no more."""
    for folder in newest.parent.glob(f"*{ENDING}"):
        if folder != newest and not folder.with_suffix("").is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def _entities(known: Known) -> Iterator[linking.Entity]:
    for entity in known.entities.values():
        yield linking.Entity(entity.iri, " ".join(entity.types), entity.names[0][0], _names(entity))


def _names(entity: Entity) -> tuple[str, ...]:
    said = [text for text, _ in entity.names]
    begun = [begin for begin in map(head, said) if plain(begin)]
    return tuple(dict.fromkeys([*said, *begun]))
