"""Work too long for one sitting: in parts, each a file, so that it can be stopped and taken up.

A folder holds `manifest.json`, which says what the work is, and a file a part. A part is written
aside and renamed: it is there whole or not at all. No more than one part is in memory.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

from kb.linking import LinkProblem
from kb.linking.candidates import Asked
from kb.linking.index import Index
from kb.linking.matching import match

PART = 2_000  # queries
Row = tuple[str, ...]
Item = TypeVar("Item")
Progress = Callable[[int], None]
COLUMNS = ("query", "name", "entity", "label", "score", "confidence", "rivals")


def matched(index: Index, queries: Sequence[tuple[str, Asked]]) -> list[Row]:
    """Return a row of `COLUMNS` for each query, of an empty entity where none is near.

    The one function that every way to run a job calls, on this machine or on many.
    """
    rows: list[Row] = []
    for (number, asked), answer in zip(queries, match(index, [q for _, q in queries]), strict=True):
        best = answer.candidates[0] if answer.candidates else None
        rivals = " ".join(each.iri for each in answer.candidates[1:])
        found = (best.iri, best.label, f"{best.score:.6f}") if best else ("", "", "0.000000")
        rows.append((number, asked.name, *found, f"{answer.confidence:.6f}", rivals))
    return rows


class Job:
    """Work in parts within a folder; `about` tells one work from another."""

    def __init__(self, folder: Path, about: dict[str, str]) -> None:
        self.folder, self.about = folder, {**about, "part": str(PART)}
        manifest = folder / "manifest.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if manifest.is_file():
                self._check(manifest)
            else:
                _put(manifest, json.dumps(self.about, indent=1))
        except OSError as error:
            raise LinkProblem(f"{folder}: cannot be written: {error.strerror or error}") from error

    def _check(self, manifest: Path) -> None:
        try:
            before = json.loads(manifest.read_text(encoding="utf-8"))
        except ValueError as error:
            raise LinkProblem(f"{manifest}: is not JSON; choose another folder") from error
        if before != self.about:
            changed = sorted(k for k in self.about if before.get(k) != self.about[k])
            raise LinkProblem(
                f"{self.folder}: holds other work ({', '.join(changed)} differ); "
                "choose another folder or remove this one"
            )

    def run(
        self, work: Callable[[list[Item]], str], items: Iterable[Item],
        progress: Progress = lambda _: None, done: Callable[[Path], None] = lambda _: None,
    ) -> int:  # fmt: skip
        """Do the parts that are not done; return how many items there were.

        `work` turns items into the text of a part, `progress` gets the number of items of each,
        `done` the file of a part that was there before.
        """
        count = 0
        for number, part in enumerate(_parts(items)):
            path = self.part(number)
            if path.is_file():
                done(path)
            else:
                _put(path, work(part))
            count += len(part)
            progress(len(part))
        return count

    def part(self, number: int) -> Path:
        """Return the file of a part."""
        return self.folder / f"part-{number:06}.tsv"

    def join(self, out: Path, head: str) -> None:
        """Write all parts into one file, under a head; the lines of remarks of parts are left."""
        aside = out.with_name(f".{out.name}-{os.getpid()}")
        with aside.open("w", encoding="utf-8", newline="") as whole:
            whole.write(head)
            for path in sorted(self.folder.glob("part-*.tsv")):
                with path.open(encoding="utf-8", newline="\n") as part:
                    whole.writelines(line for line in part if not line.startswith("#"))
        aside.rename(out)


def _parts(items: Iterable[Item]) -> Iterator[list[Item]]:
    waiting = iter(items)
    while part := list(islice(waiting, PART)):
        yield part


def _put(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}-{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    aside.rename(path)


def line(row: Row) -> str:
    """Return a row as a line of a file."""
    return "\t".join(" ".join(cell.split()) for cell in row) + "\n"
