"""A release on disk, for those too large for memory: RocksDB, made once, then only read.

Made aside and renamed when complete, so that a store that exists is whole; readers are any number
of processes, writers none.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyoxigraph as ox

from kb.problems import ReleaseProblem

BYTES_A_STATEMENT = 400  # of memory; measured 0.36 KB, with what a load needs for a moment
MEMORY_STATEMENTS = "ESSAIM_MEMORY_STATEMENTS"


def memory_statements() -> int:
    """Return how many statements memory should hold at most.

    `ESSAIM_MEMORY_STATEMENTS` decides where it is set; otherwise what half the memory can hold.
    """
    chosen = os.environ.get(MEMORY_STATEMENTS)
    if not chosen:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return total // 2 // BYTES_A_STATEMENT
    if not chosen.isdigit():
        raise ReleaseProblem(f"{MEMORY_STATEMENTS} is {chosen!r}; write a whole number")
    return int(chosen)


def store(source: Path, folder: Path) -> Path:
    """Return `folder`, a RocksDB store of the statements of an N-Quads file, made if need be.

    Raises ReleaseProblem when the file is damaged or the store cannot be written.
    """
    if folder.is_dir():
        return folder
    aside = folder.with_name(f".building-{folder.name}-{os.getpid()}")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        _load(source, aside)
        aside.rename(folder)
    except (OSError, SyntaxError) as error:
        if folder.is_dir():  # another process was faster
            return folder
        raise ReleaseProblem(
            f"{folder}: cannot be written: {error}; free some space or delete the release"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _load(source: Path, folder: Path) -> None:
    made = ox.Store(str(folder))
    made.bulk_load(path=str(source), format=ox.RdfFormat.N_QUADS)
    made.flush()
    made.optimize()
