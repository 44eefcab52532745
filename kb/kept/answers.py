"""An answer in one canonical form, so that two answers can be compared and one can be checked.

Solutions are the lines of SPARQL 1.1 Query Results TSV, a graph those of N-Triples, a yes or no
one line; all but the heading are sorted by their bytes, and blank nodes, whose labels mean nothing
outside one answer, are written alike. Anybody can compute the checksum again: ask for
`text/tab-separated-values` and run `(head -1; LC_ALL=C sort) | sha256sum` over the answer.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.engine import JSON, Engine
from kb.lexer import form

TSV, NTRIPLES = "text/tab-separated-values", "application/n-triples"
MAX_BYTES = 20_000_000
BLANK = re.compile(r"(?:(?<=\t)|(?<=^))_:[^\s]+(?=\t|$)")
BLANK_OF_TRIPLE = re.compile(r"^_:\S+|_:\S+(?= \.$)")
CHANGING = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))


@dataclass(frozen=True)
class Question:
    """A query and the graphs it is asked of (SPARQL 1.1 Protocol §2.1.4)."""

    text: str
    defaults: tuple[str, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the first comment of the query says, '' without one."""
        found = re.search(r"^\s*#+\s*(?!\+)(\S.*)$", self.text, re.MULTILINE)
        return found[1].strip()[:200] if found else ""


@dataclass(frozen=True)
class Canonical:
    """An answer: its media type, its heading ('' but for solutions), and its sorted lines."""

    media_type: str
    heading: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole answer, one line a row."""
        heading = [self.heading] if self.media_type == TSV else []
        return "".join(line + "\n" for line in (*heading, *self.lines))

    @property
    def sha256(self) -> str:
        """The checksum of the text, as 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def cells(self, lines: Sequence[str]) -> list[list[str]]:
        """Return some of the lines as cells, for a table."""
        return [line.split("\t") for line in lines]


@dataclass(frozen=True)
class Difference:
    """What is in one answer and not in the other; a row twice counts twice."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    is_same_heading: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or not self.is_same_heading)


def ask(engine: Engine, question: Question, deadline_s: float = 30.0) -> Canonical:
    """Return the canonical answer of an engine.

    Raises what the engine raises; QueryTooBig above 20 MB.
    """
    kind = form(question.text)
    accept = {"ASK": JSON, "CONSTRUCT": NTRIPLES, "DESCRIBE": NTRIPLES}.get(kind, TSV)
    answer = engine.query(
        question.text, accept=[accept], default_graphs=question.defaults,
        named_graphs=question.named, deadline_s=deadline_s, max_bytes=MAX_BYTES,
    )  # fmt: skip
    return read(answer.media_type, answer.read().decode())


def read(media_type: str, text: str) -> Canonical:
    """Return the canonical form of an answer in TSV, N-Triples or JSON (a yes or no)."""
    if media_type == JSON:
        return Canonical(media_type, "", (str(json.loads(text)["boolean"]).lower(),))
    lines = text.split("\n")  # not splitlines: U+2028 may stand in a literal
    lines = [line.removesuffix("\r") for line in lines]
    if lines and not lines[-1]:
        lines.pop()
    heading = lines.pop(0) if media_type == TSV and lines else ""
    blank = BLANK if media_type == TSV else BLANK_OF_TRIPLE
    ordered = sorted((blank.sub("_:b", line) for line in lines), key=str.encode)
    return Canonical(media_type, heading, tuple(ordered))


def compare(before: Canonical, after: Canonical) -> Difference:
    """Return what `after` has more and less than `before`."""
    old, new = Counter(before.lines), Counter(after.lines)
    return Difference(
        tuple((new - old).elements()),
        tuple((old - new).elements()),
        before.heading == after.heading,
    )
