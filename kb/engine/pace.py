"""What is known of a query before it runs: how long the last one like it took.

Who is known as light need not stand in line behind those of whom nothing is known; who is known as
slow begins aside, and as heavy among the heavy ones, where it holds no lane. Two queries are alike
that have the same words, or else the same shape: all but the values of their IRIs, strings and
numbers. A wrong guess costs time, never an answer, so a regular expression is enough here.
"""

from __future__ import annotations

import re
from collections import OrderedDict

LIGHT, UNKNOWN, SLOW, HEAVY = "light", "unknown", "slow", "heavy"
MOST_KNOWN, MOST_READ = 8_192, 10_000
# a string that nothing closes goes to the end of its line: no quote is read twice
TERM = r"""<[^<>"{}|^`\\\s]*> | "(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?"""
IDLE = re.compile(rf"({TERM}) | (?:\#[^\n\r]* | \s+)+", re.VERBOSE)
VALUE = re.compile(rf"{TERM} | (?<=:)[\w.%-]+ | \b\d+", re.VERBOSE)

Likeness = tuple[int, int]


def likeness(text: str) -> Likeness:
    """Return what a query is known again by: its words, its shape (without its values).

    >>> one, other = likeness("ASK { <a> ?p 1 } # here"), likeness("ASK  { <b> ?p 22 }")
    >>> one == other, one[1] == other[1]
    (False, True)
    """
    words = IDLE.sub(lambda found: found[1] or " ", text[:MOST_READ]).strip()
    return hash(words), hash(VALUE.sub("_", words))


class Known:
    """The last pace of queries, the least recently asked forgotten first; its owner locks it."""

    def __init__(self) -> None:
        self._paces: OrderedDict[int, str] = OrderedDict()

    def pace(self, alike: Likeness) -> str:
        """Return the pace to expect of a query: that of its words, else of its shape."""
        for key in alike:
            if key in self._paces:
                return self._paces[key]
        return UNKNOWN

    def learn(self, alike: Likeness, pace: str) -> None:
        """Remember the pace of a query that ran."""
        for key in alike:
            self._paces[key] = pace
            self._paces.move_to_end(key)
        while len(self._paces) > MOST_KNOWN:
            self._paces.popitem(last=False)
