"""Large data cut into groups that the fast engine can judge one by one, in bounded memory.

What SHACL Core says of a node depends on what is reached from it along statements, types and
their superclasses included; only inverse paths and sh:targetObjectsOf look backwards. A group is
some nodes with all that is reached from them; it decides about those nodes alone. Where too much is
reached, or shapes look backwards, the data are one group.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.validation.engines.results import SH, Result
from kb.validation.engines.shapes import Shapes

BACKWARDS = frozenset((SH + "inversePath", SH + "targetObjectsOf"))
# Bytes of N-Triples: the engine takes about six times as much memory. What is judged whole is not
# judged twice, so groups begin where the whole would take more than half a gigabyte.
WHOLE = 80_000_000
LARGEST = 12_000_000
# Groups repeat what several of them reach; beyond so many times the data they are no gain.
REPEATED = 3
RUN = re.compile(rb"^(\S+) .*\n?(?:\1 .*\n?)*", re.MULTILINE)
LINK = re.compile(rb" (<[^>\s]*>|_:\S+) \.$", re.MULTILINE)
Spans = dict[bytes, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Group:
    """Statements to judge, and the nodes about which they decide; None for all."""

    text: bytes
    nodes: frozenset[bytes] | None = None
    others: Spans | None = None

    def decides(self, result: Result) -> bool:
        """Tell whether a result is to be believed: its node is one of the group, or of none."""
        if self.nodes is None or self.others is None:
            return True
        focus = str(result.focus).encode()
        return focus in self.nodes or focus not in self.others


def groups(data: bytes, shapes: Shapes, largest: int = 0) -> Iterator[Group]:
    """Yield data in groups of about so many bytes, or whole when it cannot or need not be cut.

    A node that the data do not describe, such as one of sh:targetNode, is judged by every group:
    its results come more than once.
    """
    is_local = not any(predicate in BACKWARDS for _, predicate, _ in shapes.statements)
    largest = largest or (LARGEST if len(data) > WHOLE else WHOLE)
    cut = list(_cut(data, largest)) if len(data) > largest and is_local else []
    spans = _spans(data) if cut else {}
    if not cut or _is_repeated(data, cut, spans):
        yield Group(data)
        return
    for start, end in cut:
        text, nodes = _group(data, start, end, spans)
        yield Group(text, nodes, spans)


def _cut(data: bytes, largest: int) -> Iterator[tuple[int, int]]:
    """Yield where pieces of about so many bytes start and end, each at the end of a line."""
    start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + largest, len(data)) - 1) + 1 or len(data)
        yield start, end
        start = end


def _spans(data: bytes) -> Spans:
    """Return where the runs of statements about each subject start and end, one after another."""
    found: Spans = {}
    for run in RUN.finditer(data):
        found[run[1]] = (*found.get(run[1], ()), *run.span())
    return found


def _is_repeated(data: bytes, cut: list[tuple[int, int]], spans: Spans) -> bool:
    """Tell by the groups at the start, middle and end whether too much is reached from all."""
    tried = {cut[0], cut[len(cut) // 2], cut[-1]}
    reached = sum(len(_group(data, start, end, spans)[0]) for start, end in tried)
    return reached > REPEATED * sum(end - start for start, end in tried)


def _group(data: bytes, start: int, end: int, spans: Spans) -> tuple[bytes, frozenset[bytes]]:
    """Return all that is reached from the nodes first described in a piece, and those nodes."""
    piece = data[start:end]
    subjects = {run[1] for run in RUN.finditer(piece)}
    # A run that was cut belongs to where it starts.
    nodes = frozenset(one for one in subjects if start <= spans[one][0] < end)
    texts, done, waiting = [], set(), set(nodes)
    while waiting:
        done |= waiting
        text = b"".join(_about(data, one, spans) for one in waiting)
        texts.append(text)
        waiting = {one for one in LINK.findall(text) if one in spans} - done
    return b"".join(texts), nodes


def _about(data: bytes, subject: bytes, spans: Spans) -> bytes:
    places = spans[subject]
    runs = zip(places[::2], places[1::2], strict=True)
    return b"".join(data[start:end].rstrip(b"\n") + b"\n" for start, end in runs)
