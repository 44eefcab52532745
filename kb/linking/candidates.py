"""Who a name could mean: the nearest names of an index, and those a shortening would hide.

One sparse product scores all names at once (trigrams, first letters, town, area); names with the
same core, and those whose initials are asked for, join whatever their distance. What is not
proposed here cannot be confirmed later, so the net is wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sparse_dot_topn import sp_matmul_topn

from kb.linking import vectors
from kb.linking.index import BLOCKS, Index
from kb.linking.normalize import Name, name
from kb.linking.places import NOWHERE, Place
from kb.linking.strings import keys

WEIGHTS = {"grams": 1.0, "prefixes": 0.8, "towns": 0.35, "areas": 0.25, "kinds": 4.0}
NEAREST, WIDER, LOWEST = 15, 30, 0.2
SAME_CORE, SAME_INITIALS = 40, 30


@dataclass(frozen=True)
class Asked:
    """A name to look for, where, and of which kinds (none = any).

    `also` are other spellings; `but` is the number of an entity that is not meant, such as itself.
    """

    name: str
    place: Place = NOWHERE
    kinds: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    but: int = -1


@dataclass(frozen=True, slots=True)
class Pair:
    """A name asked for and a row of the index: `closeness` is the cosine of the names alone."""

    asked: int
    spelt: Name
    row: int
    closeness: float


def candidates(index: Index, queries: Sequence[Asked]) -> list[Pair]:
    """Return the rows that each query could mean, in the order of queries."""
    flat = [(i, name(said), q) for i, q in enumerate(queries) for said in (q.name, *q.also)]
    flat = [each for each in flat if each[1].core]
    if not flat:
        return []
    found = _nearest(index, flat)
    pairs: list[Pair] = []
    for (asked, spelt, query), near in zip(flat, found, strict=True):
        rows = _kept(index, near, query)
        for row in _same(index, spelt, query):
            rows.setdefault(row, 1.0 if index.cores[row] == spelt.core else 0.0)
        pairs.extend(
            Pair(asked, spelt, row, close)
            for row, close in rows.items()
            if index.owners[row] != query.but
        )
    return pairs


def _kept(index: Index, near: list[tuple[int, float]], query: Asked) -> dict[int, float]:
    """Return the nearest rows, a few per entity, of the kinds asked for."""
    rows: dict[int, float] = {}
    entities: set[int] = set()
    for row, score in near:
        entity = int(index.owners[row])
        if query.kinds and index.kind(entity) not in query.kinds:
            continue
        town, area = _shared(index, entity, query)
        close = (score - town - area - (WEIGHTS["kinds"] if query.kinds else 0)) / 1.8
        if close <= 0 or (entity not in entities and len(entities) == NEAREST):
            continue
        entities.add(entity)
        rows[row] = min(close, 1.0)
    return rows


def _shared(index: Index, entity: int, query: Asked) -> tuple[float, float]:
    """Return what town and area have added to the product."""
    place = index.place(entity)
    town = WEIGHTS["towns"] if query.place.town and place.town == query.place.town else 0.0
    area = WEIGHTS["areas"] if query.place.area and place.area == query.place.area else 0.0
    return town, area


def _same(index: Index, spelt: Name, query: Asked) -> list[int]:
    """Return the rows with the same core, and those that the name is the initials of."""
    rows = index.by_core(spelt.core)
    here = [row for row in rows if _near(index, row, query)]
    chosen = (here + [row for row in rows if row not in set(here)])[:SAME_CORE]
    initials = spelt.core.split()[0]
    if 3 <= len(initials) <= 10:
        chosen += _by_initials(index, index.by_acronym(initials), query)
    if spelt.acronym and len(spelt.acronym) >= 3:
        chosen += _by_initials(index, index.by_core(spelt.acronym), query)
    return [row for row in chosen if _right_kind(index, row, query)]


def _by_initials(index: Index, rows: list[int], query: Asked) -> list[int]:
    if len(rows) > SAME_INITIALS:
        rows = [row for row in rows if _near(index, row, query)]
    return rows[:SAME_INITIALS]


def _near(index: Index, row: int, query: Asked) -> bool:
    area = query.place.area
    return bool(area) and index.place(int(index.owners[row])).area == area


def _right_kind(index: Index, row: int, query: Asked) -> bool:
    return not query.kinds or index.kind(int(index.owners[row])) in query.kinds


def _nearest(
    index: Index, flat: Sequence[tuple[int, Name, Asked]]
) -> list[list[tuple[int, float]]]:
    """Return for each name the nearest rows and their scores, best first."""
    product = sp_matmul_topn(
        _questions(index, flat), index.matrix, top_n=WIDER, threshold=LOWEST, sort=True, n_threads=1
    )
    found = []
    for start, end in zip(product.indptr[:-1], product.indptr[1:], strict=True):
        scored = zip(product.indices[start:end], product.data[start:end], strict=True)
        near = [(int(row), round(float(score), 6)) for row, score in scored]
        found.append(sorted(near, key=lambda each: (-each[1], each[0])))
    return found


def _questions(index: Index, flat: Sequence[tuple[int, Name, Asked]]) -> sparse.csr_matrix[Any]:
    cores = [spelt.core for _, spelt, _ in flat]
    blocks = []
    for block, terms in (("grams", vectors.trigrams), ("prefixes", vectors.prefixes)):
        found, owners = terms(cores)
        words = index.vocabularies[block], index.rarities[block]
        blocks.append(WEIGHTS[block] * vectors.weighted(found, owners, len(cores), *words))
    places = [query.place for _, _, query in flat]
    towns, areas = keys(p.town for p in places), keys(p.area for p in places)
    for block, values in (("towns", towns), ("areas", areas)):
        blocks.append(WEIGHTS[block] * vectors.one_hot(values, index.vocabularies[block]))
    blocks.append(WEIGHTS["kinds"] * _kinds(index, [query.kinds for _, _, query in flat]))
    made = sparse.csr_matrix(sparse.hstack(blocks, format="csr"), dtype=np.float32)
    width = index.matrix.indices.dtype
    made.indices, made.indptr = made.indices.astype(width), made.indptr.astype(width)
    return made


def _kinds(index: Index, asked: Sequence[tuple[str, ...]]) -> sparse.csr_matrix[Any]:
    vocabulary = index.vocabularies[BLOCKS[4]]
    shape = (len(asked), len(vocabulary))
    made = sparse.csr_matrix(shape, dtype=np.float32)
    for choice in range(max((len(kinds) for kinds in asked), default=0)):
        values = keys(kinds[choice] if choice < len(kinds) else "" for kinds in asked)
        made = made + vectors.one_hot(values, vocabulary)
    return sparse.csr_matrix(made, dtype=np.float32)
