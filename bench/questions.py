"""The competency questions, asked of this engine and of rdflib side by side in one run.

CPU seconds of each question: the median of several askings, alternating between the two, over the
same statements. Prints the table of `bench/README.md`; exits 1 when the two give different rows.
Usage: `make bench`, or `python bench/questions.py [QUESTION …]`.
"""

from __future__ import annotations

import platform
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version

import rdflib

from kb import files, notebook
from kb.engine import JSON
from kb.queries import registry

ROUNDS = 3
PATIENCE_S = 60.0


def cpu(ask: Callable[[], int]) -> tuple[float, int]:
    """Return the CPU seconds one asking takes, and the number of rows."""
    start = time.process_time()
    rows = ask()
    return time.process_time() - start, rows


def main() -> int:
    """Measure and print; return the exit code."""
    base = notebook.open_base()
    start = time.process_time()
    graph = rdflib.Graph()
    for quad in base.graph().quads((None, None, None, None)):
        graph.add(quad[:3])
    print(f"{platform.machine()}, Python {platform.python_version()}, "
          f"pyoxigraph {version('pyoxigraph')}, rdflib {version('rdflib')}, "
          f"release {base.release.id}, {len(graph)} triples")  # fmt: skip
    print(f"rdflib: {time.process_time() - start:.1f} s of CPU to copy the triples\n")
    print("| question | rows | essaim, ms | rdflib, ms | ratio |\n|---|---|---|---|---|")
    wanted = sys.argv[1:]
    ratios, different = [], 0
    for name, question in registry(files.root() / "queries" / "examples").items():
        if wanted and name not in wanted:
            continue
        text = question.bound({})
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(cpu(lambda: _ask(base, text)))
            if not theirs or theirs[-1][0] < PATIENCE_S / ROUNDS:
                theirs.append(cpu(lambda: len(list(graph.query(text)))))
        mine = statistics.median(seconds for seconds, _ in ours)
        other = statistics.median(seconds for seconds, _ in theirs)
        different += ours[0][1] != theirs[0][1]
        ratios.append(other / mine)
        print(f"| {name} | {ours[0][1]} | {mine * 1e3:.1f} | {other * 1e3:.0f} | "
              f"{other / mine:.0f} |", flush=True)  # fmt: skip
    print(f"\ngeometric mean of the ratios: {statistics.geometric_mean(ratios):.0f}")
    return 1 if different else 0


def _ask(base: notebook.Base, text: str) -> int:
    answer = base.release.engine.query(text, accept=[JSON], deadline_s=PATIENCE_S)
    return answer.read().count(b'"type"') and len(base.query(text))


if __name__ == "__main__":
    sys.exit(main())
