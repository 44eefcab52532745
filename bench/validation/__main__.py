"""Validation against its peers: `python bench/validation`, CPU seconds of whole processes.

Records with 1 % of faulty statements, made of the valid examples of the shapes, are judged by each
engine in a process of its own, the engines alternating; every engine reads the same N-Triples,
vocabularies included. Core leaves out the SPARQL constraints. Beside each figure stands whether
the results are those of pySHACL, as a multiset of focus node, component and value.

Peers live in environments of their own: `--python pyshacl-turbo=VENV/bin/python`, and
`--npm FOLDER` for rdf-validate-shacl. A peer that is not named is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from engines import faulty  # noqa: E402

from kb.validation.engines import project  # noqa: E402
from kb.validation.engines.results import SH, written  # noqa: E402
from kb.validation.graph import beside  # noqa: E402

HERE = Path(__file__).parent
EXAMPLES = ROOT / "shapes" / "examples"
RECORD = "innovation"
# pySHACL through its own reader stops at values that Python cannot compare, such as a text among
# years (kb/validation/engines/reference.py repairs it); these are faults that all can judge.
FAULTS = (
    ox.Literal("20016", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ox.NamedNode("https://w3id.org/essaim/id/actor/nobody"),
)


@dataclass(frozen=True)
class Run:
    """What one process took, and what it found (None when it failed)."""

    seconds: float
    megabytes: int
    found: Counter[tuple[str, ...]] | None


def records(count: int) -> list[ox.Triple]:
    """Return so many copies of the valid innovation, each with names of its own, 1 % faulty."""
    example = list(
        beside([EXAMPLES / "valid" / f"{RECORD}.ttl"], [EXAMPLES / "context.ttl"]).triples
    )
    path = EXAMPLES / "valid" / f"{RECORD}.ttl"
    own = [quad.triple for quad in ox.parse(path=str(path))]
    subjects = {triple.subject for triple in own}
    context = [triple for triple in example if triple.subject not in subjects]

    def copies() -> Iterator[ox.Triple]:
        for number in range(count):
            names = {s: ox.NamedNode(f"{s.value}-{number}") for s in subjects if not _is_blank(s)}
            names |= {s: ox.BlankNode(f"{s.value}x{number}") for s in subjects if _is_blank(s)}
            for t in own:
                yield ox.Triple(names[t.subject], t.predicate, names.get(t.object, t.object))

    return context + faulty(list(copies()), 1, faults=FAULTS)


def _is_blank(term: object) -> bool:
    return isinstance(term, ox.BlankNode)


def run(command: list[str], limit: float) -> Run:
    """Run one judgement; CPU seconds and peak memory are those of the child alone."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            ["prlimit", f"--cpu={int(limit)}", *command], stdout=out, stderr=errors, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": ""},
        )  # fmt: skip
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        seconds, megabytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024
        if child.returncode:
            return Run(seconds, megabytes, None)
        return Run(seconds, megabytes, Counter(map(tuple, json.load(out))))


def _cell(runs: list[Run], reference: Counter[tuple[str, ...]] | None) -> str:
    seconds = statistics.median(one.seconds for one in runs)
    if runs[0].found is None:
        return f"– ({seconds:.0f} s)"
    same = "?" if reference is None else "=" if runs[0].found == reference else "≠"
    return f"{seconds:.2f} {same} {max(one.megabytes for one in runs)} MB"


def measured(
    engines: dict[str, list[str]], folder: Path, rounds: int, limit: float
) -> dict[str, list[Run]]:
    """Run every engine on `data.nt` and `shapes.nt` of a folder, one after the other, and again."""
    runs: dict[str, list[Run]] = {name: [] for name in engines}
    for _ in range(rounds):
        for name, command in engines.items():
            files = [str(folder / "data.nt"), str(folder / "shapes.nt")]
            runs[name].append(run([*command, *files], limit))
    return runs


def row(label: str, triples: int, runs: dict[str, list[Run]]) -> str:
    """Return a row of the table."""
    reference = runs["pyshacl"][0].found
    total = "?" if reference is None else sum(reference.values())
    cells = " | ".join(_cell(found, reference) for found in runs.values())
    return f"| {label} | {triples} | {total} | {cells} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--records", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--shapes", choices=["core", "full"], nargs="+", default=["core", "full"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=300, help="CPU seconds a judgement may take")
    parser.add_argument("--python", action="append", default=[], metavar="ENGINE=PATH")
    parser.add_argument("--npm", metavar="FOLDER")
    return parser.parse_args()


def main() -> None:
    """Measure, and print one table."""
    asked = _arguments()
    judge = str(HERE / "judge.py")
    engines = {name: [sys.executable, judge, name] for name in ("essaim", "pyshacl")}
    for one in asked.python:
        name, _, path = one.partition("=")
        engines[name] = [path, judge, name]
    if asked.npm:
        engines["rdf-validate-shacl"] = ["node", str(HERE / "judge.mjs"), asked.npm]
    print("| records, shapes | triples | results |", " | ".join(engines), "|")
    print("|---|--:|--:|" + "--:|" * len(engines))
    shapes = project().triples
    core = [triple for triple in shapes if triple.predicate.value != SH + "sparql"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in asked.records:
            data = records(count)
            (folder / "data.nt").write_bytes(written(data))
            for kind in asked.shapes:
                (folder / "shapes.nt").write_bytes(written(core if kind == "core" else shapes))
                runs = measured(engines, folder, asked.rounds, asked.limit)
                print(row(f"{count}, {kind}", len(data), runs), flush=True)


if __name__ == "__main__":
    main()
