"""What records refer to, found in a release without reading all of it.

A record is judged beside the vocabularies, and beside what the base says of the territories,
actors and other records it names. The compiler writes two files for that into the release:

    context/
      vocabularies.nt  ontology and concept schemes, subclass statements closed
      subjects.tsv     each subject of kb.nq, where a run of its statements starts, and how long
                       the run is in bytes; sorted by subject, so that a search halves it

Nothing here needs rdflib, which would cost more than the rest of a check.
"""

from __future__ import annotations

import mmap
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.problems import ReleaseProblem

BASE = b"https://w3id.org/essaim/"
FOLDER = "context"
SUBCLASS = b"<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
# What a rule may ask of a neighbour: what it is, and for messages what it is called.
TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABELS = (
    b"<http://www.w3.org/2000/01/rdf-schema#label>",
    b"<http://www.w3.org/2004/02/skos/core#prefLabel>",
    b"<http://purl.org/dc/terms/title>",
)
SUBJECT = re.compile(rb"^(<[^>]*>) ", re.MULTILINE)
NAMED = re.compile(rb" (<" + re.escape(BASE) + rb"id/[^>]*>) \.$", re.MULTILINE)


def write(release: Path) -> None:
    """Write the context of a release whose `kb.nq` is complete."""
    folder = release / FOLDER
    folder.mkdir()
    vocabulary: list[bytes] = []
    runs: list[tuple[bytes, int, int]] = []
    offset = 0
    with (release / "kb.nq").open("rb") as stream:
        for line in stream:
            subject = line.partition(b" ")[0]
            statement, graph, _ = line.rsplit(b" ", 2)
            space, _, name = graph[1:-1].removeprefix(BASE + b"graph/").partition(b"/")
            # Alignments name classes of others: no rule needs them.
            if space == b"vocab" and name != b"alignments":
                vocabulary.append(statement + b" .\n")
            elif space in (b"contrib", b"ref"):
                last = runs[-1] if runs else (b"", 0, 0)
                if last[0] == subject and last[1] + last[2] == offset:
                    runs[-1] = (subject, last[1], last[2] + len(line))
                else:
                    runs.append((subject, offset, len(line)))
            offset += len(line)
    vocabulary += closure(vocabulary)
    (folder / "vocabularies.nt").write_bytes(b"".join(dict.fromkeys(vocabulary)))
    rows = (b"%b\t%d\t%d\n" % run for run in sorted(runs))
    (folder / "subjects.tsv").write_bytes(b"".join(rows))


def closure(lines: Iterable[bytes]) -> list[bytes]:
    """Return the subclass statements that follow from those present, as lines of N-Triples."""
    broader: dict[bytes, set[bytes]] = defaultdict(set)
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if predicate == SUBCLASS:
            broader[subject].add(rest.removesuffix(b" .\n"))
    made = []
    for name in list(broader):
        reached, waiting = {name}, [name]
        while waiting:
            fresh = broader.get(waiting.pop(), set()) - reached
            reached |= fresh
            waiting += fresh
        made += [b"%b %b %b .\n" % (name, SUBCLASS, o) for o in sorted(reached - {name})]
    return made


@dataclass(frozen=True)
class Context:
    """The context of one release, opened for reading; safe to keep while the release exists."""

    vocabularies: bytes
    _subjects: mmap.mmap
    _statements: mmap.mmap

    @classmethod
    def load(cls, release: Path) -> Context:
        """Open the context of a release folder. Raises ReleaseProblem when it has none."""
        folder = release / FOLDER
        try:
            vocabularies = (folder / "vocabularies.nt").read_bytes()
            return cls(vocabularies, _mapped(folder / "subjects.tsv"), _mapped(release / "kb.nq"))
        except (OSError, ValueError) as error:
            raise ReleaseProblem(
                f"{folder}: cannot be read: {error}; run `essaim build`"
            ) from error

    def about(self, iri: str) -> list[bytes]:
        """Return what records and reference layer say of an IRI: lines of N-Triples."""
        return [statement for statement, _ in self._about(f"<{iri}>".encode())]

    def knows(self, iri: str) -> bool:
        """Tell whether a record, or the reference layer, says anything of an IRI."""
        return next(self._runs(f"<{iri}>".encode()), None) is not None

    def beside(self, data: bytes) -> bytes:
        """Return, as N-Triples, what is to stand beside data that is to be judged.

        That is the vocabularies, what each named thing is and is called, and what the reference
        layer says of the things that the data describes. What records of the release say of the
        latter stays out: the data may be their new version.
        """
        described = set(SUBJECT.findall(data))
        named = set(NAMED.findall(data)) - described
        found = [self.vocabularies]
        for subject in sorted(named):
            found += [s for s, _ in self._about(subject) if s.split(b" ", 2)[1] in (TYPE, *LABELS)]
        for subject in sorted(described):
            found += [s for s, space in self._about(subject) if space == b"ref"]
        return b"".join(found)

    def _about(self, subject: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield statements about a subject, and the space of the graph of each."""
        for start, length in self._runs(subject):
            for line in self._statements[start : start + length].splitlines():
                statement, graph, _ = line.rsplit(b" ", 2)
                space = graph[1:].removeprefix(BASE + b"graph/").partition(b"/")[0]
                yield statement + b" .\n", space

    def _runs(self, subject: bytes) -> Iterator[tuple[int, int]]:
        """Yield where the statements about a subject are, by halving the sorted index."""
        index, key = self._subjects, subject + b"\t"
        low, high = 0, len(index)
        while low < high:  # the first line that is not before the key starts at or after `low`
            start = index.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = index.find(b"\n", start) + 1
            if index[start:end] < key:
                low = end
            else:
                high = start
        while index[low : low + len(key)] == key:
            end = index.find(b"\n", low) + 1
            _, start_text, length = index[low:end].split(b"\t")
            yield int(start_text), int(length)
            low = end


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
