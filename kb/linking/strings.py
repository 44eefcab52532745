"""Texts and keys on disk as plain arrays, mapped into memory: never pickled, never copied whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray


def key(text: str) -> int:
    """Return 64 bits for a text, the same on every machine; 0 for the empty text only."""
    if not text:
        return 0
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") | 1


def keys(texts: Iterable[str]) -> NDArray[np.uint64]:
    """Return the keys of texts."""
    return np.fromiter((key(text) for text in texts), dtype=np.uint64)


class Strings(Sequence[str]):
    """A sequence of texts: one array of UTF-8 bytes and one of the places where each ends."""

    def __init__(self, octets: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self.octets, self.ends = octets, ends

    @classmethod
    def write(cls, folder: Path, name: str, texts: Sequence[str]) -> None:
        """Write texts into a folder under a name."""
        encoded = [text.encode() for text in texts]
        ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
        np.save(folder / f"{name}.ends.npy", ends)
        np.save(folder / f"{name}.npy", np.frombuffer(b"".join(encoded), dtype=np.uint8))

    @classmethod
    def open(cls, folder: Path, name: str) -> Strings:
        """Open the texts of that name in a folder."""
        return cls(mapped(folder, name), mapped(folder, f"{name}.ends"))

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """Return one text, or a list of them."""
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        if not 0 <= at < len(self):
            raise IndexError(at)
        start = int(self.ends[at - 1]) if at else 0
        return self.octets[start : int(self.ends[at])].tobytes().decode()


class Lookup:
    """From a text to numbers: sorted keys and the numbers that belong to them."""

    def __init__(self, sorted_keys: NDArray[np.uint64], numbers: NDArray[np.int64]) -> None:
        self.keys, self.numbers = sorted_keys, numbers

    @classmethod
    def write(cls, folder: Path, name: str, texts: Sequence[str], numbers: Sequence[int]) -> None:
        """Write which numbers belong to which text; empty texts are left out."""
        made, given = keys(texts), np.asarray(numbers, dtype=np.int64)
        order = np.lexsort((given, made))
        order = order[made[order] != 0]
        np.save(folder / f"{name}.keys.npy", made[order])
        np.save(folder / f"{name}.numbers.npy", given[order])

    @classmethod
    def open(cls, folder: Path, name: str) -> Lookup:
        """Open the lookup of that name in a folder."""
        return cls(mapped(folder, f"{name}.keys"), mapped(folder, f"{name}.numbers"))

    def __call__(self, text: str) -> list[int]:
        """Return the numbers of a text, in order."""
        wanted = np.uint64(key(text))
        start, end = (
            np.searchsorted(self.keys, [wanted]),
            np.searchsorted(self.keys, [wanted], side="right"),
        )
        return [int(number) for number in self.numbers[start[0] : end[0]]] if wanted else []


def mapped(folder: Path, name: str) -> NDArray[Any]:
    """Return an array of a folder, read only as far as it is used.

    Mapped copy on write: compiled code asks for arrays it could write to, and the file is safe.
    """
    path = folder / f"{name}.npy"
    whole: NDArray[Any] = np.load(path, mmap_mode=None if path.stat().st_size < 4096 else "c")
    return whole.view(np.ndarray)  # a plain view: slices of `np.memmap` cost ten times as much
