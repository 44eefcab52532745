"""Names as sparse rows: character trigrams and first letters of words, weighted by rarity.

A term is a 64-bit key packed from the letters themselves, so that a vocabulary is one sorted array
that can be mapped from disk. TF-IDF with 1 + log tf, rows of length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
SPACE = 0x20
PREFIX = 4


def _letters(texts: Sequence[str]) -> tuple[Keys, Ints]:
    """Return the letters of ` text ` of all texts in a row, and the text each belongs to."""
    spaced = [f" {text} " for text in texts]
    joined = "".join(spaced).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
    owners = np.repeat(np.arange(len(texts)), [len(text) for text in spaced])
    return letters, owners


def trigrams(texts: Sequence[str]) -> tuple[Keys, Ints]:
    """Return the trigrams within words of every text as keys, each with its text's number."""
    letters, owners = _letters(texts)
    first, middle, last = letters[:-2], letters[1:-1], letters[2:]
    inside = middle != SPACE
    keys = (first << np.uint64(42)) | (middle << np.uint64(21)) | last
    return keys[inside], owners[1:-1][inside]


def prefixes(texts: Sequence[str]) -> tuple[Keys, Ints]:
    """Return the first four letters of every word as keys, each with its text's number."""
    letters, owners = _letters(texts)
    padded = np.concatenate([letters, np.full(PREFIX, SPACE, dtype=np.uint64)])
    starts = np.flatnonzero((letters[:-1] == SPACE) & (letters[1:] != SPACE)) + 1
    keys = np.zeros(len(starts), dtype=np.uint64)
    open_ = np.ones(len(starts), dtype=bool)
    for step in range(PREFIX):
        letter = padded[starts + step]
        open_ &= letter != SPACE
        keys = (keys << np.uint64(16)) | np.where(open_, letter & np.uint64(0xFFFF), 0)
    return keys, owners[starts]


def learned(keys: Keys, owners: Ints, rows: int, share: float) -> tuple[Keys, Floats]:
    """Return the vocabulary of keys in at most a `share` of rows, and their rarity (IDF).

    A small collection keeps everything: a share of a few hundred names says nothing.
    """
    order = np.lexsort((owners, keys))
    keys, owners = keys[order], owners[order]
    fresh = np.ones(len(keys), dtype=bool)
    fresh[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
    vocabulary, counts = np.unique(keys[fresh], return_counts=True)
    kept = counts <= max(share * rows, 500)
    rarity = np.log((1 + rows) / (1 + counts[kept])) + 1
    return vocabulary[kept], rarity.astype(np.float32)


def weighted(
    keys: Keys, owners: Ints, rows: int, vocabulary: Keys, rarity: Floats
) -> sparse.csr_matrix[Any]:
    """Return texts as rows of TF-IDF weights over a vocabulary; unknown keys count for nothing."""
    if not len(vocabulary) or not len(keys):
        return sparse.csr_matrix((rows, len(vocabulary)), dtype=np.float32)
    columns = np.searchsorted(vocabulary, keys)
    columns[columns == len(vocabulary)] = 0
    known = vocabulary[columns] == keys
    ones = np.ones(int(known.sum()), dtype=np.float32)
    shape = (rows, len(vocabulary))
    matrix = sparse.csr_matrix((ones, (owners[known], columns[known])), shape=shape)
    matrix.data = (1 + np.log(matrix.data)) * rarity[matrix.indices]
    squares = matrix.multiply(matrix).sum(axis=1)
    lengths = np.sqrt(np.asarray(squares)).ravel()
    lengths[lengths == 0] = 1
    return sparse.csr_matrix(sparse.diags(1 / lengths).dot(matrix), dtype=np.float32)


def one_hot(values: Keys, vocabulary: Keys) -> sparse.csr_matrix[Any]:
    """Return one row a value, 1 in the column of the value; 0 is no value."""
    columns = np.searchsorted(vocabulary, values)
    columns[columns == len(vocabulary)] = 0
    known = (vocabulary[columns] == values) & (values != 0) if len(vocabulary) else values < 0
    rows = np.flatnonzero(known)
    ones = np.ones(len(rows), dtype=np.float32)
    shape = (len(values), len(vocabulary))
    return sparse.csr_matrix((ones, (rows, columns[known])), shape=shape)
