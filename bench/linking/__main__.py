"""Linking against its peers, in one run over the same data.

    python bench/linking STARTER PEERS [QUERIES]

STARTER holds the open sets of `kb/linking/examples.py`; PEERS one virtual environment a peer, named
csv-reconcile, datasette-reconcile and splink, since their requirements exclude one another.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import services

from data import chosen, made, write_queries, write_target
from kb.linking import decide
from kb.linking.examples import Example, Truth, nameless
from kb.linking.index import Index, write
from kb.linking.matching import match
from kb.linking.measures import Judgement, calibration_error, chance_error, f1

SERVED = 200  # queries that a slow service is asked
Best = Sequence[tuple[str, float] | None]


def judged(known: Truth, asked: Sequence[Example], best: Best) -> list[Judgement]:
    """Return what came of queries; a best is the number of an entity and how sure it is, 0 to 1."""
    found = []
    for example, one in zip(asked, best, strict=True):
        right = one is not None and known.entities[int(one[0])].iri == example.truth
        found.append(Judgement(example, one is not None, right, right, one[1] if one else 0.0))
    return found


def told(title: str, found: Sequence[Judgement], at: float) -> None:
    """Print the quality of answers, all, the real and the synthetic."""
    for kind, which in (("all", (True, False)), ("real", (True,)), ("synthetic", (False,))):
        part = [each for each in found if each.example.is_real in which]
        present = [each for each in part if each.example.is_present]
        top = sum(each.is_right for each in present) / max(len(present), 1)
        precision, recall, both = f1(part, at)
        sure = [e.sure for e in part]
        error, chance = calibration_error(sure, [e.is_right for e in part]), chance_error(sure)
        print(f"| {title} | {kind}, {len(part)} | {top:.3f} | {precision:.3f} | {recall:.3f} "
              f"| {both:.3f} | {error:.3f} | {chance:.3f} |", flush=True)  # fmt: skip


def threshold(found: Sequence[Judgement]) -> float:
    """Return the threshold of best F1, to be fixed on other entities than are measured."""
    return max((at / 50 for at in range(1, 50)), key=lambda at: f1(found, at)[2])


def own(known: Truth, folder: Path, asked: Sequence[Example]) -> None:
    """Measure essaim: with the place as lists give it, and by names alone."""
    started = time.process_time()
    write(known.entities, folder / "index", {"target": "bench"})
    print(f"essaim: index of {len(known.entities)}: {time.process_time() - started:.1f} CPU s")
    index = Index(folder / "index")
    numbers = {each.iri: str(number) for number, each in enumerate(known.entities)}
    for title, queries in (("essaim", asked), ("essaim, names alone", [*map(nameless, asked)])):
        match(index, [each.asked for each in queries[:5]])
        started = time.process_time()
        answers = match(index, [each.asked for each in queries])
        used = time.process_time() - started
        best = [(numbers[a.candidates[0].iri], a.confidence) if a.candidates else None
                for a in answers]  # fmt: skip
        told(title, judged(known, queries, best), decide.model().review)
        print(f"{title}: {used:.2f} CPU s for {len(queries)}; {_batches(index, queries)}; "
              f"{_memory():.0f} MB", flush=True)  # fmt: skip


def _batches(index: Index, queries: Sequence[Example]) -> str:
    said = []
    for size in (10, 50):
        took = []
        for start in range(0, min(len(queries) - size, 10 * size), size):
            started = time.perf_counter()
            match(index, [each.asked for each in queries[start : start + size]])
            took.append(1000 * (time.perf_counter() - started))
        said.append(f"batch of {size}: {statistics.median(took):.0f} ms")
    return ", ".join(said)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def by_splink(known: Truth, python: Path, folder: Path, tuned: Sequence[Example],
              asked: Sequence[Example]) -> None:  # fmt: skip
    """Measure Splink: the queries that fix its threshold and those measured, linked at once."""
    write_queries([*tuned, *asked], folder / "queries.tsv")
    script = Path(__file__).with_name("by_splink.py")
    command = [python, script, folder / "target.tsv", folder / "queries.tsv", folder / "out.json"]
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    out = json.loads((folder / "out.json").read_text())
    both = [*tuned, *asked]
    best: Best = [
        (out["best"][str(n)][1], out["best"][str(n)][0]) if str(n) in out["best"] else None
        for n in range(len(both))
    ]
    at = threshold(judged(known, tuned, best[: len(tuned)]))
    told("Splink", judged(known, asked, best[len(tuned) :]), at)
    print(f"Splink: {out['cpu']:.1f} CPU s for {len(both)}; {out['memory']:.0f} MB", flush=True)


def by_service(title: str, known: Truth, service: services.Service, tuned: Sequence[Example],
               asked: Sequence[Example], sizes: Sequence[int]) -> None:  # fmt: skip
    """Measure a reconciliation service by names alone, its score of 0 to 100 as confidence."""
    for size in sizes:
        _, took = service.ask([each.asked.name for each in asked[:size]])
        print(f"{title}: batch of {size}: {1000 * took:.0f} ms", flush=True)
    found = []
    for part in (tuned, asked):
        best: list[tuple[str, float] | None] = []
        for start in range(0, len(part), sizes[-1]):
            answers, _ = service.ask([e.asked.name for e in part[start : start + sizes[-1]]])
            best += [(one[0], min(one[1] / 100, 1.0)) if one else None for one in answers]
        found.append(judged(known, part, best))
    told(title, found[1], threshold(found[0]) if tuned else 0.0)
    cpu, memory = service.used()
    print(f"{title}: {cpu:.1f} CPU s for all that was asked; {memory:.0f} MB", flush=True)


def main(starter: Path, peers: Path, count: int = 3000) -> None:
    """Measure all, one after the other."""
    known = made(starter)
    asked, tuned = chosen(known, "measure", count), chosen(known, "calibrate", count // 2)
    pythons = {p: peers / p / "bin" / "python" for p in ("csv-reconcile", "datasette-reconcile",
                                                         "splink")}  # fmt: skip
    print(
        "| | queries | top-1 | precision | recall | F1 | calibration error "
        "| by chance |\n|---|---|" + 6 * "--:|"
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_target(known, folder / "target.tsv")
        own(known, folder, asked)
        by_splink(known, pythons["splink"], folder, tuned, asked)
        with services.datasette(
            pythons["datasette-reconcile"], folder / "target.tsv", folder
        ) as it:
            by_service(
                "datasette-reconcile", known, it, tuned[: SERVED // 2], asked[:SERVED], (10, 50)
            )
        with services.csv_reconcile(pythons["csv-reconcile"], folder / "target.tsv", folder) as it:
            by_service("csv-reconcile", known, it, (), asked[:50], (10, 50))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:4]))
