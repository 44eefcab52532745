"""How good answers are: precision, recall, F1, calibration, and what may be accepted unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from kb.linking.examples import Example

FEWEST, AUTO, NEVER = 50, 0.99, 2.0
DEVIATIONS = 1.6449  # of a normal distribution, above which lie five of a hundred
Thresholds = tuple[float, float]


@dataclass(frozen=True)
class Judgement:
    """What came of a query: an answer at all, the truth among it, the best right, how sure."""

    example: Example
    is_answered: bool
    is_found: bool
    is_right: bool
    sure: float
    is_placed: bool = False


def f1(judged: Sequence[Judgement], at: float) -> tuple[float, float, float]:
    """Return precision, recall and F1 of the answers at least as sure as a threshold."""
    given = [each for each in judged if each.is_answered and each.sure >= at]
    right = sum(each.is_right for each in given)
    present = sum(each.example.is_present for each in judged)
    precision, recall = right / max(len(given), 1), right / max(present, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def calibration_error(sure: Sequence[float], right: Sequence[bool]) -> float:
    """Return the expected calibration error over ten bins of equal width."""
    said, held = np.asarray(sure, float), np.asarray(right, float)
    bins = np.minimum((said * 10).astype(int), 9)
    gaps = [abs((held - said)[bins == one].sum()) for one in range(10)]
    return float(sum(gaps) / max(len(said), 1))


def chance_error(sure: Sequence[float], rounds: int = 200) -> float:
    """Return the calibration error that so many answers show when each probability is true."""
    chance, said = np.random.default_rng(0), np.asarray(sure, float)
    drawn = (chance.random(len(said)) < said for _ in range(rounds))
    return float(np.mean([calibration_error(sure, each.tolist()) for each in drawn]))


def lower_bound(right: int, given: int) -> float:
    """Return the precision that an experiment of so many right answers leaves no doubt about."""
    share, square = right / given, DEVIATIONS**2
    spread = DEVIATIONS * sqrt(share * (1 - share) / given + square / (4 * given**2))
    return (share + square / (2 * given) - spread) / (1 + square / given)


def curve(judged: Sequence[Judgement]) -> list[list[float]]:
    """Return the precision from each threshold on, where at least fifty answers tell it.

    It is Wilson's lower bound of 95 % (1927), one-sided: a short clean run promises less.
    """
    sure = np.array([each.sure for each in judged])
    right = np.array([each.is_right for each in judged])
    found: list[list[float]] = []
    best = 0.0
    for at in [0.0, *(round(i / 40, 3) for i in range(1, 40)), 0.98, 0.985, 0.99, 0.995, 0.998]:
        above = sure >= at
        if above.sum() >= FEWEST:
            best = max(best, lower_bound(int(right[above].sum()), int(above.sum())))
            found.append([at, round(best, 4)])
    return found


def auto_threshold(seen: Sequence[Sequence[float]]) -> float:
    """Return the lowest confidence of a curve whose precision is that of automatic acceptance."""
    return next((at for at, precision in seen if precision >= AUTO), NEVER)


def accepted(judged: Sequence[Judgement], auto: Thresholds) -> tuple[int, int]:
    """Return how many queries are answered surely enough for their evidence, and how many right."""
    given = [
        each.is_right for each in judged if each.is_answered and each.sure >= auto[each.is_placed]
    ]
    return len(given), sum(given)


def summary(judged: Sequence[Judgement], at: float, auto: Thresholds, title: str) -> list[str]:
    """Return a sentence of figures for the real and one for the synthetic queries.

    `auto` are the confidences from which names alone, and names with a place, are accepted.
    """
    told = []
    for kind, is_real in (("real", True), ("synthetic", False)):
        part = [each for each in judged if each.example.is_real is is_real]
        precision, recall, both = f1(part, at)
        present = [each for each in part if each.example.is_present]
        found = sum(each.is_found for each in present) / max(len(present), 1)
        sure, right = [each.sure for each in part], [each.is_right for each in part]
        unseen, held = accepted(part, auto)
        told.append(
            f"{kind}, {title}: n {len(part)}, precision {precision:.3f}, recall {recall:.3f}, "
            f"F1 {both:.3f}, candidate recall {found:.3f}, calibration error "
            f"{calibration_error(sure, right):.3f} ({chance_error(sure):.3f} by chance), "
            f"accepted unseen {unseen / max(len(part), 1):.2f}, "
            f"of these right {held / max(unseen, 1):.4f} ({held} of {unseen})"
        )
    return told
