"""The coefficients of the model, made again by one command from open sets that share identifiers.

The examples are those of `examples`, their entities in four parts, so that no spelling of one
leaks: `rank` trains the trees that rank, `decide` the regression that decides, `calibrate` scales
its probabilities and fixes every threshold, `measure` is only measured. Each query ranks as
given and with its place left out or thinned, since lists of names alone are the usual case; real
spellings weigh four times. scikit-learn is needed here only (`pip install essaim[train]`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.linking import decide
from kb.linking.candidates import candidates
from kb.linking.examples import Example, nameless, thinned, truth
from kb.linking.features import NAMES, features
from kb.linking.index import Index, write
from kb.linking.measures import Judgement, auto_threshold, curve, f1, summary
from kb.linking.strings import key
from kb.linking.trees import LEAF, Trees

Array = NDArray[np.float64]
TREES, DEPTH, RATE, SEED, REAL = 120, 3, 0.2, 7, 4.0


@dataclass(frozen=True)
class Pairs:
    """A query, and its candidates: whose each is, and their features."""

    example: Example
    owners: list[str]
    rows: Array

    @property
    def weight(self) -> float:
        """How much the query counts in training."""
        return REAL if self.example.is_real else 1.0


def train(folder: Path, out: Path) -> str:
    """Make the model from the open sets in a folder; return what was measured, as text."""
    known = truth(folder)
    parts: dict[str, list[Example]] = {}
    for example in known.examples:
        parts.setdefault(example.part, []).append(example)
    with tempfile.TemporaryDirectory() as temporary:
        write(known.entities, Path(temporary) / "index", {"target": "training"})
        index = Index(Path(temporary) / "index")
        ranker = _ranker(_pairs(index, _varied(parts["rank"])))
        second = _decision(ranker, _pairs(index, _every(parts["decide"])))
        tuned = _pairs(index, _every(parts["calibrate"]))
        second["scaling"] = _scalings(ranker, second, tuned)
        calibrated = _judged(ranker, second, tuned)
        precision = _precision(calibrated)
        review = _threshold(calibrated)
        auto = (auto_threshold(precision["alone"]), auto_threshold(precision["placed"]))
        told = []
        for title, change in (("as given", None), ("names alone", nameless)):
            asked = [change(each) if change else each for each in parts["measure"]]
            judged = _judged(ranker, second, _pairs(index, asked))
            told += summary(judged, review, auto, title)
    made = _model(ranker, second, review, calibrated, told) | {"precision": precision}
    out.write_text(_written(made), encoding="utf-8")
    return "\n".join([*told, str(out)])


def _varied(examples: Sequence[Example]) -> list[Example]:
    return [*examples, *map(thinned, examples)]


def _every(examples: Sequence[Example]) -> list[Example]:
    return [*_varied(examples), *map(nameless, examples)]


def _pairs(index: Index, examples: Sequence[Example]) -> list[Pairs]:
    made = []
    for start in range(0, len(examples), 256):
        batch = examples[start : start + 256]
        queries = [each.asked for each in batch]
        pairs = candidates(index, queries)
        rows = features(index, queries, pairs)
        owners = [index.iris[int(index.owners[pair.row])] for pair in pairs]
        asked = np.array([pair.asked for pair in pairs])
        for number, example in enumerate(batch):
            at = np.flatnonzero(asked == number)
            made.append(Pairs(example, [owners[i] for i in at], rows[at]))
    return made


def _ranker(found: Sequence[Pairs]) -> dict[str, Any]:
    """Return the trees that rank pairs, as the model describes them."""
    from sklearn.ensemble import GradientBoostingClassifier

    rows = np.vstack([each.rows for each in found])
    right = [owner == each.example.truth for each in found for owner in each.owners]
    weights = np.repeat([each.weight for each in found], [len(each.owners) for each in found])
    fitted = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, subsample=0.6,
        min_samples_leaf=20, random_state=SEED,
    ).fit(rows, np.array(right, int), sample_weight=weights)  # fmt: skip
    share = float(np.average(right, weights=weights))
    trees = [_tree(each.tree_) for each in fitted.estimators_[:, 0]]
    bias = round(float(np.log(share / (1 - share))), 6)
    return {"features": NAMES, "bias": bias, "depth": DEPTH, "trees": trees}


def _tree(fitted: Any) -> dict[str, list[Any]]:
    is_leaf = fitted.children_left == LEAF
    return {
        "feature": np.where(is_leaf, LEAF, fitted.feature).tolist(),
        "threshold": np.where(is_leaf, 0, fitted.threshold).round(6).tolist(),
        "right": np.where(is_leaf, 0, fitted.children_right).tolist(),
        "value": np.where(is_leaf, RATE * fitted.value[:, 0, 0], 0).round(5).tolist(),
    }


def _ranked(ranker: dict[str, Any], found: Sequence[Pairs]) -> list[list[tuple[float, str, Array]]]:
    """Return the entities of each query with score and features, best first."""
    evaluate = Trees.read(ranker)
    every = decide.logistic(evaluate(np.vstack([each.rows for each in found]))).round(6)
    made, start = [], 0
    for each in found:
        best: dict[str, tuple[float, str, Array]] = {}
        for number, owner in enumerate(each.owners):
            score = float(every[start + number])
            if owner not in best or score > best[owner][0]:
                best[owner] = (score, owner, each.rows[number])
        start += len(each.owners)
        made.append(sorted(best.values(), key=lambda one: -one[0]))
    return made


def _seen(ranker: dict[str, Any], found: Sequence[Pairs]) -> tuple[Array, list[bool], Array]:
    """Return what the second stage reads of each query that has candidates, and the truth."""
    rows, right, weights = [], [], []
    for each, ranked in zip(found, _ranked(ranker, found), strict=True):
        if not ranked:
            continue
        where = each.example.asked.place
        next_ = ranked[1][2].tolist() if len(ranked) > 1 else None
        rows.append(decide.second_row(
            [score for score, _, _ in ranked], ranked[0][2].tolist(), next_,
            bool(where.town or where.code), bool(where.area),
        ))  # fmt: skip
        right.append(ranked[0][1] == each.example.truth)
        weights.append(each.weight)
    return np.array(rows), right, np.array(weights)


def _fitted(rows: Array, right: list[bool], weights: Array, strength: float) -> Array:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=strength, max_iter=5000, tol=1e-8)
    model.fit(rows, np.array(right, int), sample_weight=weights)
    return np.round(np.concatenate([model.intercept_, model.coef_[0]]), 6)


def _decision(ranker: dict[str, Any], found: Sequence[Pairs]) -> dict[str, Any]:
    made = _fitted(*_seen(ranker, found), 1.0)
    return {"features": decide.SECOND, "intercept": made[0], "coefficients": made[1:].tolist()}


def _raw(second: dict[str, Any], rows: Array) -> Array:
    return np.asarray(rows @ np.array(second["coefficients"]) + second["intercept"])


def _scalings(
    ranker: dict[str, Any], second: dict[str, Any], found: Sequence[Pairs]
) -> dict[str, list[float]]:
    """Return slope and shift of Platt's scaling, of names alone and of names with a place."""
    rows, right, weights = _seen(ranker, found)
    raw, placed, made = _raw(second, rows)[:, None], decide.placed(rows), {}
    for number, kind in enumerate(decide.KINDS):
        at = np.flatnonzero(placed == bool(number))
        shift, slope = _fitted(raw[at], [right[i] for i in at], weights[at], 1e6)
        made[kind] = [float(slope), float(shift)]
    return made


def _judged(
    ranker: dict[str, Any], second: dict[str, Any], found: Sequence[Pairs]
) -> list[Judgement]:
    rows, right, _ = _seen(ranker, found)
    placed = decide.placed(rows)
    slope, shift = np.array([second["scaling"][kind] for kind in decide.KINDS])[
        placed.astype(int)
    ].T
    sure_of_each = decide.logistic(slope * _raw(second, rows) + shift)
    answers = zip(sure_of_each, right, placed, strict=True)
    made = []
    for each in found:
        is_found = each.example.truth in each.owners
        sure, is_right, is_placed = next(answers) if each.owners else (0.0, False, False)
        made.append(Judgement(
            each.example, bool(each.owners), is_found, is_right, float(sure), bool(is_placed)
        ))  # fmt: skip
    return made


def _precision(judged: Sequence[Judgement]) -> dict[str, list[list[float]]]:
    """Return a curve of precision for each kind of evidence.

    A query counts once a kind, however often it was varied: repeats would feign certainty.
    """
    once = {(each.is_placed, each.example.asked.name, each.example.truth): each for each in judged}
    return {
        kind: curve([each for each in once.values() if each.is_placed is bool(number)])
        for number, kind in enumerate(decide.KINDS)
    }


def _threshold(judged: Sequence[Judgement]) -> float:
    grid = [round(at / 50, 2) for at in range(5, 45)]
    return max(grid, key=lambda at: f1(judged, at)[2])


def _model(
    ranker: dict[str, Any], second: dict[str, Any], review: float, judged: list[Judgement],
    told: list[str],
) -> dict[str, Any]:  # fmt: skip
    exact = [e for e in judged if e.example.asked.place.town and e.sure > 0.98]
    share = sum(e.is_right for e in exact) / (len(exact) + 1)
    return {
        "version": f"{key(json.dumps([ranker, second])):016x}"[:8],
        "made_by": "essaim link train",
        "measured": told,
        "review": review,
        "rules": {"identified": 0.99, "exact": round(share, 4)},
        "second": second,
        "first": ranker,
    }


def _written(made: dict[str, Any]) -> str:
    """Return the model as JSON, one tree a line."""
    trees = made["first"]["trees"]
    made = {**made, "first": {**made["first"], "trees": "TREES"}}
    lines = ",\n   ".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
    whole = json.dumps(made, indent=1)
    return whole.replace('"TREES"', f"[\n   {lines}\n  ]") + "\n"
