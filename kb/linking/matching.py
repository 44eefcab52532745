"""Names in, ranked entities out: what the command, the service and the training all call.

    from kb.linking.matching import Asked, match
    answers = match(index, [Asked("Relais de Romans", place(town="Romans-sur-Isère"))], limit=5)

Each query is scored by itself: the same query gives the same answer alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from kb.linking import decide
from kb.linking.candidates import Asked, Pair, candidates
from kb.linking.features import NAMES, features
from kb.linking.index import Index
from kb.linking.places import Place

__all__ = ["Answer", "Asked", "Candidate", "match"]

BATCH = 256


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity a query may mean: `score` ranks it (0 to 1), `features` say why."""

    entity: int
    iri: str
    label: str
    kind: str
    place: Place
    score: float
    matched: str
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """The candidates of one query, best first; `confidence` that the first is right."""

    candidates: tuple[Candidate, ...]
    confidence: float

    @property
    def expected_precision(self) -> float:
        """The precision of answers of this kind that are at least as sure; 0 without one."""
        if not self.candidates:
            return 0.0
        placed = decide.is_placed(self.candidates[0].features)
        return decide.model().expected(self.confidence, placed)


def match(index: Index, queries: Sequence[Asked], limit: int = 5) -> list[Answer]:
    """Return an answer for each query, in order, with at most `limit` candidates."""
    answers: list[Answer] = []
    for start in range(0, len(queries), BATCH):
        answers.extend(_batch(index, queries[start : start + BATCH], limit))
    return answers


def _batch(index: Index, queries: Sequence[Asked], limit: int) -> list[Answer]:
    model = decide.model()
    pairs = candidates(index, queries)
    rows = features(index, queries, pairs)
    scores = model.ranked(rows).round(6)
    by_query: dict[int, list[int]] = {
        asked: list(numbers)
        for asked, numbers in groupby(range(len(pairs)), key=lambda at: pairs[at].asked)
    }
    values, listed = scores.tolist(), rows.tolist()
    ranked = [_best(index, pairs, values, by_query.get(n, [])) for n in range(len(queries))]
    sure = _confidences(model, queries, ranked, values, listed)
    found = [
        tuple(_candidate(index, pairs[at], values[at], listed[at]) for at in best[:limit])
        for best in ranked
    ]
    return [Answer(best, confidence) for best, confidence in zip(found, sure, strict=True)]


def _confidences(
    model: decide.Model, queries: Sequence[Asked], ranked: Sequence[list[int]],
    scores: Sequence[float], rows: Sequence[list[float]],
) -> list[float]:  # fmt: skip
    """Return for each query the probability that its best answer is right; 0 without one."""
    answered = [number for number, best in enumerate(ranked) if best]
    if not answered:
        return [0.0] * len(queries)
    seen = [
        decide.second_row(
            [scores[at] for at in ranked[n]], rows[ranked[n][0]],
            rows[ranked[n][1]] if len(ranked[n]) > 1 else None,
            bool(queries[n].place.town or queries[n].place.code), bool(queries[n].place.area),
        )
        for n in answered
    ]  # fmt: skip
    found = dict(zip(answered, model.confidence(np.array(seen)).round(6).tolist(), strict=True))
    return [found.get(number, 0.0) for number in range(len(queries))]


def _best(index: Index, pairs: Sequence[Pair], scores: list[float], of: list[int]) -> list[int]:
    """Return the best pair of each entity, best first; equal scores by the entity's number."""
    chosen: dict[int, int] = {}
    for at in of:
        entity = int(index.owners[pairs[at].row])
        if entity not in chosen or scores[at] > scores[chosen[entity]]:
            chosen[entity] = at
    return [at for _, at in sorted(chosen.items(), key=lambda each: (-scores[each[1]], each[0]))]


def _candidate(index: Index, pair: Pair, score: float, row: list[float]) -> Candidate:
    number = int(index.owners[pair.row])
    evidence = {name: round(value, 4) for name, value in zip(NAMES, row, strict=True)}
    return Candidate(
        number, index.iris[number], index.labels[number], index.kind(number),
        index.place(number), score, index.texts[pair.row], evidence,
    )  # fmt: skip
