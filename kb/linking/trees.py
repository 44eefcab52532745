"""Boosted decision trees as flat arrays: read from JSON, evaluated by numpy.

A node is one place of every array; the left child of a node is the next one (preorder), a leaf is
its own child. Values are log-odds, summed over the trees and the bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAF = -1
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Trees:
    """Trees one after the other: the place of each root, and what stands at each node."""

    bias: float
    roots: NDArray[np.int64]
    depth: int
    feature: NDArray[np.int64]
    threshold: Matrix
    right: NDArray[np.int64]
    value: Matrix

    @classmethod
    def read(cls, described: Mapping[str, Any]) -> Trees:
        """Return the trees that a model describes."""
        return cls.joined(float(described["bias"]), int(described["depth"]), described["trees"])

    @classmethod
    def joined(cls, bias: float, depth: int, trees: Sequence[Mapping[str, Any]]) -> Trees:
        """Join trees, each with `feature` (-1 at a leaf), `threshold`, `right` and `value`."""
        starts = np.cumsum([0, *(len(tree["feature"]) for tree in trees)])
        feature, threshold, right, value = (
            np.concatenate([np.asarray(tree[part], dtype) for tree in trees])
            for part, dtype in (("feature", np.int64), ("threshold", np.float64),
                                ("right", np.int64), ("value", np.float64))
        )  # fmt: skip
        right += np.repeat(starts[:-1], np.diff(starts))
        return cls(bias, starts[:-1], depth, feature, threshold, right, value)

    def __call__(self, rows: Matrix) -> Matrix:
        """Return the log-odds of each row of features."""
        total = np.full(len(rows), self.bias)
        for start in range(0, len(rows), 4096):  # what fits a processor's cache
            part = np.ascontiguousarray(rows[start : start + 4096].T)
            for root in self.roots:
                total[start : start + 4096] += self._one(part, int(root))
        return total

    def _one(self, columns: Matrix, root: int) -> Matrix:
        at = np.full(columns.shape[1], root)
        each = np.arange(columns.shape[1])
        for _ in range(self.depth):
            feature = self.feature[at]
            goes_left = columns[feature, each] <= self.threshold[at]
            at = np.where(feature == LEAF, at, np.where(goes_left, at + 1, self.right[at]))
        return np.asarray(self.value[at])
