"""How sure: first a rank for every pair, then one probability for the best answer of a query.

Both stages are logistic regressions whose coefficients are in `model.json`, made by `essaim link
train`; numpy evaluates them. The ranker's number is no confidence: read as one it is far off,
because it does not know the rivals. The second stage does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.linking import LinkProblem
from kb.linking.features import NAMES

MODEL = Path(__file__).with_name("model.json")
SECOND = (
    "score", "runner_up", "margin", "logit", "runner_up_logit", "rivals", "town_known",
    "area_known",
)  # fmt: skip
RIVAL, MOST_RIVALS, WIDEST_LOGIT = 0.5, 5, 8.0


@dataclass(frozen=True)
class Model:
    """Coefficients of both stages; the precision seen at thresholds and of both exact rules."""

    first: NDArray[np.float64]
    second: NDArray[np.float64]
    precision: tuple[tuple[float, float], ...]
    review: float
    identified: float
    exact: float
    version: str

    def ranked(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each pair, 0 to 1, from its row of features."""
        return _logistic(features @ self.first[1:] + self.first[0])

    def confidence(self, scores: Sequence[float], town: bool, area: bool) -> float:
        """Return the probability that the first of the ranked scores is the right answer."""
        if not scores:
            return 0.0
        row = np.array(second_row(scores, town, area))
        return round(float(_logistic(row @ self.second[1:] + self.second[0])), 6)

    def expected(self, confidence: float) -> float:
        """Return the precision seen, in training, among answers at least as confident."""
        seen = [precision for threshold, precision in self.precision if threshold <= confidence]
        return seen[-1] if seen else 0.0

    def threshold(self, precision: float) -> float:
        """Return the lowest confidence from which answers were that precise; above 1 if never."""
        good = [t for t, seen in self.precision if seen >= precision]
        return good[0] if good else math.inf


def _logistic(raw: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))))


def logit(score: float) -> float:
    """Return the log-odds of a score, kept within ±8."""
    score = min(max(score, 1e-9), 1 - 1e-9)
    return min(max(math.log(score / (1 - score)), -WIDEST_LOGIT), WIDEST_LOGIT)


def second_row(scores: Sequence[float], town: bool, area: bool) -> list[float]:
    """Return what the second stage reads: `scores` best first, whether the place was given."""
    best = scores[0]
    next_ = scores[1] if len(scores) > 1 else 0.0
    rivals = sum(score > RIVAL * best for score in scores[1:])
    return [
        best, next_, best - next_, logit(best) / WIDEST_LOGIT, logit(next_) / WIDEST_LOGIT,
        min(rivals, MOST_RIVALS) / MOST_RIVALS, float(town), float(area),
    ]  # fmt: skip


@cache
def model(path: Path = MODEL) -> Model:
    """Return the shipped model, or another.

    Raises LinkProblem when it was made for other features than this code has.
    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        first, second = read["first"], read["second"]
        if tuple(first["features"]) != NAMES or tuple(second["features"]) != SECOND:
            raise LinkProblem(f"{path}: made for other features; run `essaim link train`")
        return Model(
            np.array([first["intercept"], *first["coefficients"]]),
            np.array([second["intercept"], *second["coefficients"]]),
            tuple((float(t), float(p)) for t, p in read["precision"]),
            float(read["review"]),
            float(read["rules"]["identified"]),
            float(read["rules"]["exact"]),
            str(read["version"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LinkProblem(f"{path}: no model: {error}; run `essaim link train`") from error
