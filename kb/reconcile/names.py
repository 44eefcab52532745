"""Names that are like a text: an index of three-letter pieces, and a measure between two names.

Pieces are counted by what they tell (a rare one tells more) and the most telling are read first,
so that a question costs the same whatever words it is made of.
"""

from __future__ import annotations

import itertools
import math
import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from heapq import heapify, heappop

from kb.reconcile.known import plain

READ = 15_000  # entries of the index for one question
ALMOST = 0.99  # the most that a name other than the one asked for can get
OF_A_HEAD = 0.9  # the most for « Eusko » where the name is « Eusko, monnaie locale »
HEAD = re.compile(r"\s*(?:[(,;:]|\s[-–—]\s)")


@lru_cache(maxsize=200_000)
def pieces(text: str) -> frozenset[str]:
    """Return the three-letter pieces of the words of a name as it is compared."""
    found: set[str] = set()
    for word in plain(text).split():
        padded = f" {word} "
        found.update(padded[start : start + 3] for start in range(len(padded) - 2))
    return frozenset(found)


def likeness(one: str, other: str) -> float:
    """Return how like two names are, 0 to 1; 1 only when they are equal as they are compared.

    The mean of the pieces and of the words they share (Dice's coefficient of both).

    >>> likeness("Épicerie solidaire", "epicerie  SOLIDAIRE")
    1.0
    """
    first, second = plain(one), plain(other)
    if first == second:
        return 1.0 if first else 0.0
    begin = plain(head(other))
    by_head = OF_A_HEAD * _alike(first, begin) if begin != second else 0.0
    return max(by_head, _alike(first, second))


@lru_cache(maxsize=200_000)
def head(name: str) -> str:
    """Return what a name begins with, before what explains it.

    >>> head("Eusko, monnaie locale (Pays basque)")
    'Eusko'
    """
    return HEAD.split(name, maxsplit=1)[0]


def _alike(first: str, second: str) -> float:
    by_pieces = _dice(pieces(first), pieces(second))
    by_words = _dice(frozenset(first.split()), frozenset(second.split()))
    return min(ALMOST, max(by_pieces, (by_pieces + by_words) / 2))


def _dice(first: frozenset[str], second: frozenset[str]) -> float:
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


class Names:
    """The names of many things, searched by their pieces."""

    def __init__(self, named: Iterable[tuple[str, str]]) -> None:
        self._things: list[str] = []
        self._sizes = array("I")
        index: dict[str, array[int]] = defaultdict(lambda: array("I"))
        for name, thing in itertools.chain.from_iterable(_rows(*pair) for pair in named):
            found = pieces(name)
            for piece in found:
                index[piece].append(len(self._things))
            self._things.append(thing)
            self._sizes.append(len(found))
        self._index = dict(index)

    def near(self, text: str, is_wanted: Callable[[str], bool], most: int) -> list[str]:
        """Return the things wanted whose names share most with a text, the nearest first."""
        found: dict[int, float] = defaultdict(float)
        lists = sorted((self._index[p] for p in pieces(text) if p in self._index), key=len)
        read = 0
        for entries in lists:
            if read and read + len(entries) > READ:
                break
            read += len(entries)
            tells = math.log(1 + len(self._things) / len(entries))
            for entry in entries:
                found[entry] += tells
        size = len(pieces(text))
        sizes = self._sizes
        waiting = [(-told / (size + sizes[entry]), entry) for entry, told in found.items()]
        heapify(waiting)  # the first few are wanted, not the order of thousands
        near: dict[str, None] = {}
        while waiting and len(near) < most:
            thing = self._things[heappop(waiting)[1]]
            if thing not in near and is_wanted(thing):
                near[thing] = None
        return list(near)


def _rows(name: str, thing: str) -> Iterable[tuple[str, str]]:
    begin = head(name)
    return ((name, thing),) if begin == name or not begin else ((name, thing), (begin, thing))
