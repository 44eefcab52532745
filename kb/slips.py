"""Words that were probably meant: those a few letters away from what was written.

Alone in a module, for a check of a file asks it without the grammar of SPARQL.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


def distance(one: str, other: str, most: int) -> int:
    """Return how many letters to add, drop, change or swap; `most` + 1 when there are more.

    Optimal string alignment distance (Damerau 1964, Levenshtein 1966).
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row, before, last = [i], row, before
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def nearest(word: str, known: Collection[str] | Iterable[str], count: int = 3) -> list[str]:
    """Return the known words within a third of a word's length, the nearest first; case is free.

    >>> nearest("SELEC", ["ASK", "SELECT"])
    ['SELECT']
    """
    most = min(3, max(1, len(word) // 3))
    folded = word.casefold()
    ranked = sorted(
        (away, other)
        for other in set(known)
        if (away := distance(folded, other.casefold(), most)) <= most and other != word
    )
    return [other for away, other in ranked if away <= ranked[0][0] + 1][:count]
