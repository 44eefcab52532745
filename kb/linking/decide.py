"""How sure: first a rank for every pair, then one probability for the best answer of a query.

Boosted trees rank; a logistic regression, which sees the rivals and what speaks for the best, says
how probable it is, and Platt's scaling, fitted on other entities, corrects it. The ranker's number
is no confidence: it does not know the rivals. Names alone are scaled and trusted apart from names
whose place could be compared, since they are wrong more often. All coefficients are in
`model.json`, made by `essaim link train`; numpy evaluates them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.linking import LinkProblem
from kb.linking.features import NAMES
from kb.linking.trees import Trees

MODEL = Path(__file__).with_name("model.json")
RIVALS = (
    "score", "runner_up", "margin", "logit", "runner_up_logit", "rivals", "town_known",
    "area_known",
)  # fmt: skip
SECOND = (*RIVALS, *NAMES, *(f"{name}_margin" for name in NAMES))
PLACES = ("town_same", "town_different", "area_same", "area_different")
RIVAL, MOST_RIVALS, WIDEST_LOGIT = 0.5, 5, 8.0
KINDS = ("alone", "placed")  # of evidence: names alone, or with a place that was compared
Matrix = NDArray[np.float64]
Curve = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Model:
    """Coefficients of both stages; the precision seen at thresholds and of both exact rules."""

    first: Trees
    second: Matrix
    scaling: Matrix
    precision: tuple[Curve, Curve]
    review: float
    identified: float
    exact: float
    version: str

    def ranked(self, features: Matrix) -> Matrix:
        """Return the score of each pair, 0 to 1, from its row of features."""
        return logistic(self.first(features))

    def confidence(self, rows: Matrix) -> Matrix:
        """Return, from rows of `second_row`, the probability that the best is the right answer."""
        slope, shift = self.scaling[placed(rows).astype(int)].T
        return logistic(slope * (rows @ self.second[1:] + self.second[0]) + shift)

    def expected(self, confidence: float, is_placed: bool) -> float:
        """Return the precision that answers at least as confident have, in 95 of 100 trainings.

        `is_placed` tells whether the place of the best was compared: see `placed`.
        """
        curve = self.precision[is_placed]
        seen = [precision for threshold, precision in curve if threshold <= confidence]
        return seen[-1] if seen else 0.0


def placed(rows: Matrix) -> NDArray[np.bool_]:
    """Return of each row of `second_row` whether the place of the best was compared at all."""
    return np.asarray(rows[:, [SECOND.index(name) for name in PLACES]].any(axis=1))


def is_placed(features: Mapping[str, float]) -> bool:
    """Tell the same of the features of one pair, by their names."""
    return any(features.get(name) for name in PLACES)


def logistic(raw: Matrix) -> Matrix:
    """Return log-odds as probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(raw, -30, 30))))


def logit(score: float) -> float:
    """Return the log-odds of a score, kept within ±8."""
    score = min(max(score, 1e-9), 1 - 1e-9)
    return min(max(math.log(score / (1 - score)), -WIDEST_LOGIT), WIDEST_LOGIT)


def second_row(
    scores: Sequence[float], best: Sequence[float], next_: Sequence[float] | None, town: bool,
    area: bool,
) -> list[float]:  # fmt: skip
    """Return what the second stage reads.

    `scores` are those of the entities, best first; `best` and `next_` the features of the first
    two; `town` and `area` whether the place was given.
    """
    first, second = scores[0], scores[1] if len(scores) > 1 else 0.0
    rivals = sum(score > RIVAL * first for score in scores[1:])
    margins = [a - b for a, b in zip(best, next_ or [0.0] * len(best), strict=True)]
    return [
        first, second, first - second, logit(first) / WIDEST_LOGIT, logit(second) / WIDEST_LOGIT,
        min(rivals, MOST_RIVALS) / MOST_RIVALS, float(town), float(area), *best, *margins,
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
            Trees.read(first),
            np.array([second["intercept"], *second["coefficients"]]),
            np.array([second["scaling"][kind] for kind in KINDS], float),
            (_curve(read["precision"][KINDS[0]]), _curve(read["precision"][KINDS[1]])),
            float(read["review"]),
            float(read["rules"]["identified"]),
            float(read["rules"]["exact"]),
            str(read["version"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LinkProblem(f"{path}: no model: {error}; run `essaim link train`") from error


def _curve(read: Sequence[Sequence[float]]) -> Curve:
    return tuple((float(threshold), float(precision)) for threshold, precision in read)
