"""Agreement of two codings, as pure functions: per cent, Cohen's κ and mean Jaccard.

Cohen, J. (1960), "A coefficient of agreement for nominal scales", Educational and Psychological
Measurement 20(1), doi:10.1177/001316446002000104: κ = (pₒ − pₑ) / (1 − pₑ), where pₒ is the share
of equal answers and pₑ the share expected if both coders answered at random with their own
frequencies; its standard error is approximately √(pₒ(1 − pₒ) / n) / (1 − pₑ).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

Pair = tuple[Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two coders agree on n units; κ is None where chance alone gives full agreement."""

    n: int
    agreed: int
    kappa: float | None
    error: float | None

    @property
    def share(self) -> float | None:
        """The share of equal answers, None without units."""
        return self.agreed / self.n if self.n else None


def agreement(pairs: Iterable[Pair]) -> Agreement:
    """Return the agreement of two coders who each gave one answer to the same units."""
    given = list(pairs)
    n, agreed = len(given), sum(first == second for first, second in given)
    if not n:
        return Agreement(0, 0, None, None)
    left, right = (Counter(answers) for answers in zip(*given, strict=True))
    by_chance = sum(left[answer] * right[answer] for answer in left)  # times n²: exact
    if by_chance == n * n:
        return Agreement(n, agreed, None, None)
    kappa = (n * agreed - by_chance) / (n * n - by_chance)
    observed, expected = agreed / n, by_chance / (n * n)
    error = sqrt(observed * (1 - observed) / n) / (1 - expected)
    return Agreement(n, agreed, kappa, error)


def kappa(pairs: Iterable[Pair]) -> float | None:
    """Return Cohen's κ, None where it is not defined."""
    return agreement(pairs).kappa


def jaccard(first: Collection[Hashable], second: Collection[Hashable]) -> float:
    """Return the share of the values of either set that both hold; two empty sets agree."""
    either = set(first) | set(second)
    return len(set(first) & set(second)) / len(either) if either else 1.0


def mean_jaccard(sets: Sequence[tuple[Collection[Hashable], Collection[Hashable]]]) -> float | None:
    """Return the mean of `jaccard` over units, None without units."""
    return sum(jaccard(first, second) for first, second in sets) / len(sets) if sets else None
