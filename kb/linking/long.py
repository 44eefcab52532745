"""`essaim link many` and `essaim link dedup`: lists of hundreds of thousands, as jobs.

Both may be stopped at any time and go on, with the same folder, where they were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from kb.linking import decide
from kb.linking.candidates import Asked
from kb.linking.cascade import wanted
from kb.linking.index import Entity, Index, write
from kb.linking.jobs import Job
from kb.linking.reader import read
from kb.linking.tables import roles_of


def many(listed: Path, index: Index, target: str, folder: Path, out: Path,
         columns: Mapping[str, str]) -> int:  # fmt: skip
    """Match every row of a list to a target by name and place; return how many there were.

    Raises LinkProblem when the file is no list or the folder holds other work.
    """
    queries = _queries(listed, columns)
    job = Job(folder, {**_about(listed, "many", columns), "target": target,
                       "made_from": str(index.about["made_from"])})  # fmt: skip
    _run(job, index, queries, out)
    return len(queries)


def dedup(listed: Path, folder: Path, out: Path, columns: Mapping[str, str]) -> int:
    """Find for every row of a list the other row most like it; return how many rows there were.

    Raises LinkProblem when the file is no list or the folder holds other work.
    """
    queries = _queries(listed, columns)
    job = Job(folder, _about(listed, "dedup", columns))
    made = folder / "index"
    if not (made / "index.json").is_file():
        write(_entities(queries), made, {"target": "dedup"})
    known = ((line, _but(asked, number)) for number, (line, asked) in enumerate(queries))
    _run(job, Index(made), list(known), out)
    return len(queries)


def _queries(listed: Path, columns: Mapping[str, str]) -> list[tuple[str, Asked]]:
    sheet = read(listed)
    found = wanted(sheet, roles_of(sheet, columns), (), [])
    return [(str(each.row.line), each.asked) for each in found]


def _entities(queries: list[tuple[str, Asked]]) -> Iterator[Entity]:
    for line, asked in queries:
        yield Entity(f"line:{line}", "thing", asked.name, asked.also, asked.place)


def _but(asked: Asked, number: int) -> Asked:
    return Asked(asked.name, asked.place, asked.kinds, asked.also, number)


def _about(listed: Path, what: str, columns: Mapping[str, str]) -> dict[str, str]:
    return {
        "what": what,
        "list": hashlib.sha256(listed.read_bytes()).hexdigest()[:16],
        "columns": " ".join(f"{role}={title}" for role, title in sorted(columns.items())),
        "model": decide.model().version,
    }


def _run(job: Job, index: Index, queries: list[tuple[str, Asked]], out: Path) -> None:
    with click.progressbar(length=len(queries), label=out.name) as bar:
        job.run(index, queries, bar.update)
    job.join(out)
