"""The competency questions, asked of this engine and of rdflib side by side in one run.

CPU milliseconds of each question: the median of three askings, the two engines alternating over the
same statements. rdflib holds them in one merged graph, its fastest way, so questions about named
graphs are not asked of it; it asks in a forked process that is ended after a minute. Prints the
table of `bench/README.md`; exits 1 when the two give different numbers of rows.
Usage: `make bench`, or `python bench/questions.py [QUESTION …]`.
"""

from __future__ import annotations

import multiprocessing
import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from multiprocessing.connection import Connection

import rdflib

from kb import files, notebook
from kb.lexer import tokens
from kb.queries import registry

ROUNDS = 3
PATIENCE_S = 60.0
Measure = tuple[float, int]


def cpu(ask: Callable[[], int]) -> Measure:
    """Return the CPU seconds one asking takes, and its number of rows."""
    start = time.process_time()
    rows = ask()
    return time.process_time() - start, rows


def apart(ask: Callable[[], int]) -> Measure | None:
    """Measure an asking in a forked process; None when it takes longer than a minute."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_send, args=(theirs, ask))
    process.start()
    found: Measure | None = ours.recv() if ours.poll(PATIENCE_S) else None
    process.kill()
    process.join()
    return found


def _send(to: Connection, ask: Callable[[], int]) -> None:
    to.send(cpu(ask))


def copied(base: notebook.Base) -> rdflib.Graph:
    """Return the statements of the release in an rdflib graph in memory."""
    graph = rdflib.Graph()
    for subject, predicate, value, _ in base.graph().quads((None, None, None, None)):
        graph.add((subject, predicate, value))
    return graph


def measured(base: notebook.Base, graph: rdflib.Graph, text: str) -> list[tuple[float, int]]:
    """Return the median CPU seconds and the rows of essaim, then of rdflib if it answered."""
    ours: list[Measure] = []
    theirs: list[Measure] = []
    for _ in range(ROUNDS):
        ours.append(cpu(lambda: _ask(base, text)))
        if any(token.text.upper() == "GRAPH" for token in tokens(text)):
            continue
        other = apart(lambda: len(list(graph.query(text))))
        if other is None:
            return [_median(ours)]
        theirs.append(other)
    return [_median(each) for each in (ours, theirs) if each]


def _median(measures: list[Measure]) -> Measure:
    return statistics.median(seconds for seconds, _ in measures), measures[0][1]


def _ask(base: notebook.Base, text: str) -> int:
    return len(base.query(text))


def main() -> int:
    """Measure and print; return the exit code."""
    base, start = notebook.open_base(), time.process_time()
    graph = copied(base)
    copying = time.process_time() - start
    print(f"{platform.machine()}, Python {platform.python_version()}, "
          f"pyoxigraph {version('pyoxigraph')}, rdflib {version('rdflib')}, "
          f"release {base.release.id}, {len(graph)} statements; "
          f"copying them into rdflib took {copying:.0f} s of CPU\n")  # fmt: skip
    print("| question | rows | essaim, ms | rdflib, ms | ratio |\n|---|--:|--:|--:|--:|")
    ratios, different = [], 0
    for name, question in registry(files.root() / "queries" / "examples").items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        mine, *other = measured(base, graph, question.bound({}))
        line = f"| {name} | {mine[1]} | {mine[0] * 1e3:.1f} |"
        if other:
            ratios.append(other[0][0] / mine[0])
            different += other[0][1] != mine[1]
            print(f"{line} {other[0][0] * 1e3:.0f} | {ratios[-1]:.1f} |", flush=True)
        else:
            print(f"{line} – | – |", flush=True)
    if ratios:
        print(f"\ngeometric mean of the ratios: {statistics.geometric_mean(ratios):.0f}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
