"""`essaim link many` and `essaim link dedup`: lists of hundreds of thousands, as jobs.

Both may be stopped at any time and go on, with the same folder, where they were. A list is read
row by row: in memory are one part of it, and a digest of each row, which tells repeated ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import click

from kb import sssom
from kb.linking import decide
from kb.linking.candidates import Asked
from kb.linking.cascade import Judge, Wanted, wanted
from kb.linking.curies import Curies
from kb.linking.index import Entity, Index, write
from kb.linking.jobs import COLUMNS, Job, line, matched
from kb.linking.linking import begun, digest, with_prefixes
from kb.linking.reader import Note, Sheet, rows
from kb.linking.strings import key
from kb.linking.tables import roles_of

Say = Callable[[Note], None]


@dataclass(frozen=True)
class Long:
    """A long list: where it is, which column holds what, who hears what was noticed."""

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    say: Say = lambda _: None

    def wanted(self) -> Iterator[Wanted]:
        """Yield what each row asks for. Raises LinkProblem when the file is no list."""
        sheet = Sheet(self.path)
        read = rows(sheet)
        first = next(read, None)
        roles = roles_of(sheet, self.columns)
        for each in wanted(chain([first] if first else [], read), roles, self.kinds, sheet.notes):
            self._tell(sheet.notes)
            yield each
        self._tell(sheet.notes)

    def asked(self) -> Iterator[tuple[str, Asked]]:
        """Yield the line of each row and what is asked."""
        return ((str(each.row.line), each.asked) for each in self.wanted())

    def lines(self) -> int:
        """Return how many lines the file has, which is about how many rows."""
        with self.path.open("rb") as octets:
            return sum(1 for _ in octets)

    def _tell(self, notes: list[Note]) -> None:
        for note in notes:
            self.say(note)
        notes.clear()

    def about(self, what: str) -> dict[str, str]:
        """Return what tells work on this list from other work."""
        return {
            "what": what,
            "list": digest(self.path)[:16],
            "columns": " ".join(f"{role}={title}" for role, title in sorted(self.columns.items())),
            "kinds": " ".join(self.kinds),
            "model": decide.model().version,
        }


def many(
    listed: Long, index: Index, target: str, folder: Path, out: Path, *,
    auto: float | None = None, decided: Path | None = None,
) -> int:  # fmt: skip
    """Link every row of a list as `link_list` does, to the same file; return how many rows.

    Raises LinkProblem when the file is no list or the folder holds other work.
    """
    about, curies, known = begun(listed.path, index, target, decided)
    judge = Judge(index, curies, auto, known)
    before = sorted([*known.accepted.values(), *known.rejected], key=str)
    job = Job(folder, {
        **listed.about("many"), "target": target, "made_from": str(index.about["made_from"]),
        "auto": str(auto), "decided": f"{key(str(before)):016x}",
    })  # fmt: skip

    def work(part: list[Wanted]) -> str:
        notes: list[Note] = []
        links = list(judge.links(part, notes))
        for note in notes:
            listed.say(note)
        return _remarks(curies) + sssom.rows(links)

    with click.progressbar(length=listed.lines(), label=out.name) as bar:
        count = job.run(work, listed.wanted(), bar.update, lambda path: _learn(path, curies))
    job.join(out, sssom.head(with_prefixes(about, curies)))
    return count


def _remarks(curies: Curies) -> str:
    """Return the prefixes that links use so far, as the first lines of their part."""
    return "".join(f"#{prefix}\t{base}\n" for prefix, base in curies.prefixes.items())


def _learn(part: Path, curies: Curies) -> None:
    """Take the prefixes of a part that was made before."""
    with part.open(encoding="utf-8") as text:
        for remark in text:
            if not remark.startswith("#"):
                return
            prefix, _, base = remark[1:].rstrip("\n").partition("\t")
            curies.prefixes.setdefault(prefix, base)


def dedup(listed: Long, folder: Path, out: Path) -> int:
    """Find for every row of a list the other row most like it; return how many rows there were.

    Raises LinkProblem when the file is no list or the folder holds other work.
    """
    job, made = Job(folder, listed.about("dedup")), folder / "index"
    if not (made / "index.json").is_file():
        write((_entity(*each) for each in listed.asked()), made, {"target": "dedup"})
    index = Index(made)
    quiet = replace(listed, say=lambda _: None)
    known = ((at, replace(asked, but=n)) for n, (at, asked) in enumerate(quiet.asked()))
    with click.progressbar(length=len(index), label=out.name) as bar:
        count = job.run(lambda part: "".join(map(line, matched(index, part))), known, bar.update)
    job.join(out, line(COLUMNS))
    return count


def _entity(at: str, asked: Asked) -> Entity:
    return Entity(f"line:{at}", "thing", asked.name, asked.also, asked.place)
