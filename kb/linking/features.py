"""What speaks for a pair of names: twenty-three numbers, each readable as evidence.

String distances come from rapidfuzz, in one call for all pairs of a batch. Words are compared by
rarity, a beginning counting almost as the word: lists that cut names shorten every word of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, JaroWinkler

from kb.linking.candidates import Asked, Pair
from kb.linking.index import Index

NAMES = (
    "ratio", "token_sort", "token_set", "jaro_winkler", "words", "words_in_target",
    "words_in_query", "closeness", "acronym", "town_same", "town_different", "area_same",
    "area_different", "prefix", "length", "word_count", "ratio_4", "words_4", "text", "same_text",
    "same_core", "joined", "edits",
)  # fmt: skip
SCORERS: tuple[Any, ...] = (
    fuzz.ratio,
    fuzz.token_sort_ratio,
    fuzz.token_set_ratio,
    JaroWinkler.similarity,
)
Matrix = NDArray[np.float64]


def features(index: Index, queries: Sequence[Asked], pairs: Sequence[Pair]) -> Matrix:
    """Return a row of the numbers of `NAMES` for each pair."""
    made = np.zeros((len(pairs), len(NAMES)))
    if not pairs:
        return made
    left = [pair.spelt.core for pair in pairs]
    right = [index.cores[pair.row] for pair in pairs]
    for column, scorer in enumerate(SCORERS):
        found = process.cpdist(left, right, scorer=scorer, dtype=np.float64)
        made[:, column] = found if scorer is SCORERS[3] else found / 100
    rarity = lru_cache(maxsize=None)(index.rarity)
    for at, pair in enumerate(pairs):
        made[at, 4:7] = agreement(left[at], right[at], rarity)
        made[at, 7] = pair.closeness
        made[at, 8] = _acronym(pair, index)
        place = index.place(int(index.owners[pair.row]))
        town, area = queries[pair.asked].place.compared(place)
        made[at, 9:13] = town > 0, town < 0, area > 0, area < 0
        made[at, 13] = left[at].startswith(right[at]) or right[at].startswith(left[at])
        made[at, 14] = min(len(left[at]), 60) / 60
        made[at, 15] = min(left[at].count(" ") + 1, 10) / 10
    texts = [pair.spelt.text for pair in pairs], [index.texts[pair.row] for pair in pairs]
    made[:, 18] = process.cpdist(*texts, scorer=fuzz.ratio, dtype=np.float64) / 100
    made[:, 19] = made[:, 18] == 1
    made[:, 20] = made[:, 0] == 1
    whole = [each.replace(" ", "") for each in left], [each.replace(" ", "") for each in right]
    made[:, 21] = process.cpdist(*whole, scorer=fuzz.ratio, dtype=np.float64) / 100
    made[:, 22] = process.cpdist(*whole, scorer=OSA.normalized_similarity, dtype=np.float64) ** 4
    made[:, 16] = np.minimum(made[:, 0], made[:, 3]) ** 4
    made[:, 17] = np.minimum(made[:, 1], made[:, 4]) ** 4
    return made


def _acronym(pair: Pair, index: Index) -> float:
    initials = index.acronyms[pair.row]
    one = bool(initials) and pair.spelt.core.split()[0] == initials
    other = bool(pair.spelt.acronym) and index.cores[pair.row].split()[0] == pair.spelt.acronym
    return float(one or other)


@lru_cache(maxsize=200_000)
def alike(word: str, other: str) -> float:
    """Return how far two words agree: 1 the same, 0 not at all."""
    if word == other:
        return 1.0
    if min(len(word), len(other)) >= 3 and (word.startswith(other) or other.startswith(word)):
        return 0.85
    near = JaroWinkler.similarity(word, other)
    return 0.9 * near if near >= 0.88 else 0.0


def agreement(left: str, right: str, rarity: Callable[[str], float]) -> tuple[float, float, float]:
    """Return F1 of the words two names share, weighted by rarity, and containment both ways."""
    mine, theirs = left.split(), right.split()
    if left == right:
        return 1.0, 1.0, 1.0
    of_mine = _covered(mine, theirs, rarity)
    of_theirs = _covered(theirs, mine, rarity)
    both = of_mine + of_theirs
    return (2 * of_mine * of_theirs / both if both else 0.0), of_mine, of_theirs


def _covered(words: list[str], others: list[str], weigh: Callable[[str], float]) -> float:
    total = shared = 0.0
    for word in words:
        weight = weigh(word)
        total += weight
        shared += weight * (1.0 if word in others else max(alike(word, o) for o in others))
    return shared / total if total else 0.0
