"""The engine contract: SPARQL text in, a stream of bytes out.

It is SPARQL 1.1 Protocol without HTTP, so that the engine of this process, a pool of workers and
a remote engine can stand in for each other. The data set is always stated: by default the union
of all named graphs is the default graph. Only read queries exist.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from kb import terms
from kb.problems import EngineProblem

DEADLINE_S = 30.0
MAX_BYTES = 200_000_000

SOLUTIONS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "text/csv": ox.QueryResultsFormat.CSV,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/trig": ox.RdfFormat.TRIG,
    "application/n-quads": ox.RdfFormat.N_QUADS,
}
JSON, TURTLE = "application/sparql-results+json", "text/turtle"


@dataclass(frozen=True)
class Asked:
    """One query with its data set, the media types its answer may have, and its limits.

    `accept` is best first, none means any; `base` is the address that relative ones are resolved
    against (SPARQL 1.1 §4.1.1.2); `deadline_s` seconds, `max_bytes` bytes of the answer.
    """

    text: str
    accept: tuple[str, ...] = ()
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    union: bool = True
    base: str = terms.BASE
    deadline_s: float = DEADLINE_S
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Answer:
    """One answer: its media type and its bytes, to be read once.

    `is_whole` when all bytes are here already, so that reading them waits for nothing.
    """

    media_type: str
    chunks: Iterator[bytes]
    is_whole: bool = False

    def read(self) -> bytes:
        """Return the whole answer."""
        return b"".join(self.chunks)


class NotAcceptable(EngineProblem):
    """None of the media types asked for fits this form of query."""


class Engine(ABC):
    """What every engine answers, local or remote."""

    @property
    def kind(self) -> str:
        """What people call it: `process`, `workers`, or the name of another engine."""
        return "process"

    def query(
        self,
        text: str,
        *,
        accept: Sequence[str] = (),
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        union: bool = True,
        base: str = terms.BASE,
        deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
    ) -> Answer:
        """Answer a query given in its parts, those of Asked; raises what `answer` raises."""
        return self.answer(
            Asked(
                text, tuple(accept), tuple(default_graphs), tuple(named_graphs), union, base,
                deadline_s, max_bytes,
            )
        )  # fmt: skip

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Answer a query in the first acceptable media type.

        Raises QuerySyntax, QueryRefused, QueryTooBig, NotAcceptable or EngineUnavailable; the
        first three before any byte, except a limit met while bytes flow.
        """

    @abstractmethod
    def release_id(self) -> str:
        """Return the release that is being asked."""

    @abstractmethod
    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """Return the media types of `solutions` and `graphs`, and the `languages` understood."""

    @abstractmethod
    def health(self) -> str:
        """Return `ok`, or raise EngineUnavailable."""
