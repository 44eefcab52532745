"""How good answers are, and the trees that rank them: figures that can be made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kb.linking import decide, measures
from kb.linking.candidates import Asked
from kb.linking.examples import Example
from kb.linking.measures import Judgement
from kb.linking.trees import Trees

# One split of the first column at 0.5, then one leaf that adds the same to every row.
SPLIT = {"feature": [0, -1, -1], "threshold": [0.5, 0, 0], "right": [2, 0, 0], "value": [0, -1, 2]}
LEAF = {"feature": [-1], "threshold": [0], "right": [0], "value": [0.25]}


def judged(sure: float, is_right: bool, is_placed: bool = True, present: bool = True) -> Judgement:
    example = Example(Asked("a"), "iri", False, present, "typing")
    return Judgement(example, sure > 0, is_right, is_right, sure, is_placed)


def test_trees_are_summed_over_the_bias() -> None:
    trees = Trees.read({"bias": 1.0, "depth": 3, "trees": [SPLIT, LEAF]})
    rows = np.array([[0.2, 9.0], [0.5, 9.0], [0.51, 0.0]])
    assert trees(rows).tolist() == [0.25, 0.25, 3.25]  # what equals a threshold goes left


def test_a_row_scores_the_same_alone_and_among_thousands() -> None:
    trees = decide.model().first
    rows = np.random.default_rng(1).random((5_000, len(decide.NAMES)))
    assert trees(rows)[[0, 4_095, 4_096, 4_999]].tolist() == [
        float(trees(rows[[at]])[0]) for at in (0, 4_095, 4_096, 4_999)
    ]


def test_no_row_has_no_score() -> None:
    assert Trees.read({"bias": 1.0, "depth": 1, "trees": [LEAF]})(np.zeros((0, 2))).tolist() == []


def test_trees_score_as_the_library_that_grew_them() -> None:
    ensemble = pytest.importorskip("sklearn.ensemble", reason='pip install "essaim[train]"')
    from kb.linking.train import DEPTH, RATE, _tree

    rows = np.random.default_rng(2).random((300, 4)).round(3)
    right = (rows[:, 0] + rows[:, 1] > 1).astype(int)
    fitted = ensemble.GradientBoostingClassifier(
        n_estimators=9, max_depth=DEPTH, learning_rate=RATE, random_state=1
    ).fit(rows, right)
    bias = float(np.log(right.mean() / (1 - right.mean())))
    ours = Trees.joined(bias, DEPTH, [_tree(each.tree_) for each in fitted.estimators_[:, 0]])
    assert np.allclose(ours(rows), fitted.decision_function(rows), atol=1e-3)


def test_precision_and_recall_are_those_above_a_threshold() -> None:
    told = [judged(0.9, True), judged(0.8, False), judged(0.2, True), judged(0, False)]
    told += [judged(0.6, False, present=False)]
    assert measures.f1(told, 0.5) == pytest.approx((1 / 3, 1 / 4, 2 / 7))
    assert measures.f1(told, 0.95) == (0, 0, 0)


def test_a_calibration_error_is_the_gap_in_each_bin() -> None:
    assert measures.calibration_error([0.75] * 4, [True, True, True, False]) == 0
    assert measures.calibration_error([1.0, 1.0, 0.05], [True, False, False]) == pytest.approx(0.35)
    assert measures.calibration_error([], []) == 0
    assert 0 < measures.chance_error([0.5] * 100) < 0.1


def test_a_short_clean_run_promises_less_than_a_long_one() -> None:
    assert measures.lower_bound(100, 100) == pytest.approx(0.97366, abs=1e-4)
    bounds = [measures.lower_bound(n, n) for n in (10, 50, 300, 5_000)]
    assert bounds == sorted(bounds)
    assert measures.lower_bound(98, 100) < 0.98


def test_a_curve_rises_and_ends_where_too_few_answers_tell_it() -> None:
    told = [judged(0.999, True)] * 400 + [judged(0.5, False)] * 30 + [judged(0.9, True)] * 49
    seen = measures.curve(told)
    assert [precision for _, precision in seen] == sorted(precision for _, precision in seen)
    assert measures.auto_threshold(seen) == 0.525
    assert measures.curve(told[-49:]) == []
    assert measures.auto_threshold([]) == measures.NEVER


def test_names_alone_are_accepted_from_a_threshold_of_their_own() -> None:
    told = [judged(0.9, True), judged(0.9, False, is_placed=False), judged(0.99, True, False)]
    assert measures.accepted(told, (0.95, 0.8)) == (2, 2)
    assert measures.accepted(told, (measures.NEVER, measures.NEVER)) == (0, 0)
    (first, second) = measures.summary(told, 0.5, (0.95, 0.8), "as given")
    assert first.startswith("real, as given: n 0")
    assert "accepted unseen 0.67, of these right 1.0000 (2 of 2)" in second


def test_a_place_that_could_not_be_compared_is_no_evidence() -> None:
    assert not decide.is_placed({"ratio": 1.0, "town_same": 0.0})
    assert decide.is_placed({"town_different": 1.0})
    row = decide.second_row(
        [0.9], [float(n == "area_same") for n in decide.NAMES], None, True, True
    )
    assert decide.placed(np.array([row, [*row[:8], *[0.0] * (len(row) - 8)]])).tolist() == [
        True,
        False,
    ]
