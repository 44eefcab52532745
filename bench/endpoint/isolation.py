"""What it costs to answer a query in a process of its own: CPU, children included.

The same point queries, in turns, by the pool of workers and by the engine of this process.
Usage: `python bench/endpoint/isolation.py [STATEMENTS]`.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import psutil
import pyoxigraph as ox
from launch import released
from load import JSON, of_generated

import data
from kb.engine.local import LocalEngine
from kb.engine.pool import PoolEngine

ROUNDS, QUERIES = 5, 1000


def main(statements: int) -> None:
    """Print the milliseconds of CPU and of time of one query, each way."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "data.nq"
        texts = of_generated(data.write(file, statements))[0].texts(ROUNDS * QUERIES)
        release = released(file, Path(folder) / "release")
        store = ox.Store()
        store.bulk_load(path=str(file), format=ox.RdfFormat.N_QUADS)
        pool = PoolEngine(release.path / "kb.nq")
        try:
            _print(_ways(store, pool), texts)
        finally:
            pool.close()


def _ways(store: ox.Store, pool: PoolEngine) -> dict[str, Callable[[str], object]]:
    local = LocalEngine(store)

    def bare(text: str) -> object:
        answer = store.query(text, use_default_graph_as_union=True)
        return answer.serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]

    return {
        "pyoxigraph, nothing around it": bare,
        "the engine of this process": lambda text: local.query(text, accept=(JSON,)).read(),
        "a worker": lambda text: pool.query(text, accept=(JSON,)).read(),
    }


def _print(ways: Mapping[str, Callable[[str], object]], texts: Sequence[str]) -> None:
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        some = texts[turn * QUERIES : (turn + 1) * QUERIES]
        for name, ask in ways.items():
            found[name].append(_cost(ask, some))
    print("| a point query answered by | CPU, ms | time, ms |\n|---|--:|--:|")
    for name, costs in found.items():
        cpu, wall = (median(part) for part in zip(*costs, strict=True))
        print(f"| {name} | {cpu:.2f} | {wall:.2f} |")


def _cost(ask: Callable[[str], object], texts: Sequence[str]) -> tuple[float, float]:
    """Return the milliseconds of CPU and of time that one query takes, of many in a row."""
    used, began = _cpu_s(), time.monotonic()
    for text in texts:
        ask(text)
    wall = time.monotonic() - began
    return 1000 * (_cpu_s() - used) / len(texts), 1000 * wall / len(texts)


def _cpu_s() -> float:
    """Return the CPU seconds of this process and of all that it started."""
    mine = psutil.Process(os.getpid())
    spent = [each.cpu_times() for each in (mine, *mine.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
