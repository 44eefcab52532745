"""A release on another engine: graph by graph, and never half of it taken for the whole.

Over the SPARQL 1.1 Graph Store Protocol. One graph of its own, `graph/published`, says what is
there: the release, `partial` or `complete`, and the checksum of each graph. It says `partial`
before the first graph changes and `complete` after the last, so whoever reads a half published
release is told. What was interrupted goes on where it was: a graph whose checksum is known to be
right is not sent again. Graphs that other publications put there are removed; graphs of others
stay.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kb import terms
from kb.engine.graphstore import GraphStore
from kb.problems import EngineProblem, EngineUnavailable
from kb.release import Release

PUBLISHED = ox.NamedNode(str(terms.graph("published")))
IDENTIFIER = ox.NamedNode("http://purl.org/dc/terms/identifier")
CONTENTS = ox.NamedNode("http://purl.org/dc/terms/tableOfContents")
STATUS = ox.NamedNode("https://schema.org/creativeWorkStatus")
PARTIAL, COMPLETE = "partial", "complete"
NOTED_S = 5.0
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """How many graphs were sent, were right already, were removed."""

    sent: int = 0
    kept: int = 0
    removed: int = 0


@dataclass
class State:
    """What the engine holds: a release, whether all of it, and each graph's checksum.

    A graph that may be there, but not as it should, has the checksum "".
    """

    release: str = ""
    status: str = PARTIAL
    graphs: dict[str, str] = field(default_factory=dict)

    def triples(self) -> bytes:
        """Return the state as it is written: the checksums sixteen to a statement.

        In one long text Virtuoso 7.2 no longer recognises Turtle; one each would be thousands.
        """
        lines = [f"{name} {checksum}" for name, checksum in sorted(self.graphs.items())]
        said = [(IDENTIFIER, self.release), (STATUS, self.status)]
        said += [(CONTENTS, "\n".join(lines[i : i + 16])) for i in range(0, len(lines), 16)]
        written = (ox.Triple(PUBLISHED, p, ox.Literal(text)) for p, text in said)
        return ox.serialize(written, format=ox.RdfFormat.N_TRIPLES) or b""

    @classmethod
    def read(cls, document: bytes) -> State:
        """Return the state as it was written; raises ValueError for what is none."""
        found: dict[ox.NamedNode, list[str]] = {}
        for triple in ox.parse(document, ox.RdfFormat.TURTLE):
            found.setdefault(triple.predicate, []).append(str(triple.object.value))
        if not found:
            return cls()
        lines = "\n".join(found.get(CONTENTS, [])).splitlines()
        graphs = {name: checksum for name, _, checksum in (line.partition(" ") for line in lines)}
        return cls(found[IDENTIFIER][0], found[STATUS][0], graphs)


def publish(release: Release, store: GraphStore, progress: Progress = lambda _: None) -> Done:
    """Make an engine hold a release, its graphs sent one by one; say how far it is.

    Raises EngineUnavailable when the engine refuses or fails; called again it goes on.
    """
    state = _found(store)
    parts = pieces(release.path / "kb.nq")
    wanted = {name: part.checksum for name, part in parts.items()}
    if (state.release, state.status, state.graphs) == (release.id, COMPLETE, wanted):
        return Done(kept=len(wanted))
    right = {name for name, checksum in wanted.items() if state.graphs.get(name) == checksum}
    gone = state.graphs.keys() - wanted.keys()
    touched = dict.fromkeys((*gone, *wanted), "")
    state = State(release.id, PARTIAL, {**touched, **{name: wanted[name] for name in right}})
    note = _Notes(store, state)
    note.write()
    try:
        with (release.path / "kb.nq").open("rb") as dump:
            _send(store, note, parts, dump, progress)
        for name in sorted(gone):
            with _about(f"removing {name}"):
                store.delete(name)
            del state.graphs[name]
    finally:
        note.write_at_last()
    state.status = COMPLETE
    note.write()
    return Done(len(wanted) - len(right), len(right), len(gone))


def _found(store: GraphStore) -> State:
    try:
        return State.read(store.graph(PUBLISHED.value))
    except (ValueError, KeyError) as error:
        raise EngineUnavailable(
            f"the engine's {PUBLISHED} is not ours ({error}); remove it, then publish again",
            "unavailable",
        ) from error


class _Notes:
    """The state on its way to the engine, written now and then."""

    def __init__(self, store: GraphStore, state: State) -> None:
        self._store, self.state, self._written = store, state, time.monotonic()

    def write(self) -> None:
        self._store.replace(PUBLISHED.value, self.state.triples())
        self._written = time.monotonic()

    def right(self, name: str, checksum: str) -> None:
        """Note that a graph is as it should be."""
        self.state.graphs[name] = checksum
        if time.monotonic() - self._written > NOTED_S:
            self.write()

    def write_at_last(self) -> None:
        """Save what was done although something failed; what cannot be saved is done again."""
        try:
            self.write()
        except EngineProblem:
            return


@contextmanager
def _about(doing: str) -> Iterator[None]:
    """Have a problem say at what it came."""
    try:
        yield
    except EngineProblem as problem:
        raise EngineUnavailable(f"{doing}: {problem}", "unavailable") from problem


def _send(
    store: GraphStore, note: _Notes, parts: Mapping[str, Piece], dump: IO[bytes], progress: Progress
) -> None:
    """Send the graphs that are not right yet."""
    left = {name: part for name, part in parts.items() if not note.state.graphs[name]}
    total, told = sum(part.size for part in left.values()), time.monotonic()
    sent = 0
    for name, part in left.items():
        with _about(f"sending {name}"):
            store.replace(name, part.triples(dump))
        note.right(name, part.checksum)
        sent += part.size
        if time.monotonic() - told > NOTED_S:
            told = time.monotonic()
            progress(f"{100 * sent // total} % of {len(left)} graphs sent")


@dataclass
class Piece:
    """One graph of a dump: where its lines are (begin and end in bytes), and their checksum."""

    places: list[tuple[int, int]] = field(default_factory=list)
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    @property
    def checksum(self) -> str:
        """The SHA-256 of the graph's lines, in their order in the dump."""
        return self.digest.hexdigest()

    @property
    def size(self) -> int:
        """The bytes of its lines."""
        return sum(end - begin for begin, end in self.places)

    def add(self, begin: int, line: bytes) -> None:
        """Take one more line."""
        self.digest.update(line)
        end = begin + len(line)
        if self.places and self.places[-1][1] == begin:
            self.places[-1] = (self.places[-1][0], end)
        else:
            self.places.append((begin, end))

    def triples(self, dump: IO[bytes]) -> bytes:
        """Return the graph in N-Triples: its lines without their last term."""
        return b"".join(line.rsplit(b" ", 2)[0] + b" .\n" for line in self._lines(dump))

    def _lines(self, dump: IO[bytes]) -> Iterator[bytes]:
        for begin, end in self.places:
            dump.seek(begin)
            yield from dump.read(end - begin).splitlines(keepends=True)


def pieces(path: Path) -> dict[str, Piece]:
    """Return the graphs of a release's N-Quads by name.

    Every statement of a release is in a named graph, and a line ends with it: ` <graph> .`
    """
    found: dict[str, Piece] = {}
    place = 0
    with path.open("rb") as dump:
        for line in dump:
            name = line.rsplit(b" ", 2)[1][1:-1].decode()
            found.setdefault(name, Piece()).add(place, line)
            place += len(line)
    return found
