"""The W3C's suite for SHACL, read in place from `data-shapes.tar.gz`, and run by either engine.

The archive (https://github.com/w3c/data-shapes) is looked for in the folder ESSAIM_SUITES names;
ESSAIM_DATA_SHAPES may name a checkout instead. A case is named by its folder and its fragment:
`core/node/and-001`.
"""

from __future__ import annotations

import os
import tarfile
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import pyoxigraph as ox

from kb.problems import ShapesProblem
from kb.validation.engines import Engine, Result, Shapes, judge
from kb.validation.engines.results import RDF, SH
from w3c.known import PASS, WRONG, Known, listed

ARCHIVE = Path(os.environ.get("ESSAIM_SUITES", "")) / "data-shapes.tar.gz"
CHECKOUT = os.environ.get("ESSAIM_DATA_SHAPES", "")
ROOT = "data-shapes-test-suite/tests/"
BASE = "http://www.w3.org/ns/shacl-test-suite/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
Multiset = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """One case: files of data and shapes, and the results expected; None for a refusal."""

    name: str
    data: str
    shapes: str
    expected: Multiset | None

    @property
    def group(self) -> str:
        """`core` or `sparql`, as the score is counted."""
        return self.name.partition("/")[0]


def is_here() -> bool:
    """Tell whether the suite can be read."""
    return ARCHIVE.is_file() or bool(CHECKOUT)


@cache
def _files() -> dict[str, bytes]:
    if CHECKOUT:
        folder = Path(CHECKOUT) / ROOT
        return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.ttl")}
    top = "data-shapes/" + ROOT
    with tarfile.open(ARCHIVE) as archive:
        members = [m for m in archive if m.isfile() and m.name.startswith(top)]
        return {m.name.removeprefix(top): archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]


@cache
def shapes(name: str) -> Shapes:
    """Return a file of the suite, all of it, as shapes."""
    found = ox.parse(_files()[name], format=ox.RdfFormat.TURTLE, base_iri=BASE + name)
    return Shapes.of(quad.triple for quad in found)


@cache
def cases() -> list[Case]:
    """Return the cases of the suite that are approved, in the order of their names."""
    found = [case for name in _files() for case in _cases(name)]
    return sorted(found, key=lambda case: case.name)


def _cases(name: str) -> list[Case]:
    graph = shapes(name)
    found = []
    for node in [s for s, o in graph.pairs(RDF + "type") if str(o) == f"<{SHT}Validate>"]:
        (action,) = graph.objects(node, MF + "action")
        (data,) = graph.objects(action, SHT + "dataGraph")
        (judged_by,) = graph.objects(action, SHT + "shapesGraph")
        (report,) = graph.objects(node, MF + "result")
        names = [
            urljoin(BASE + name, graph_.value).removeprefix(BASE) for graph_ in (data, judged_by)
        ]
        folder = name.rpartition("/")[0]
        fragment = node.value.rpartition("/")[2]
        expected = None if str(report) == f"<{SHT}Failure>" else _expected(graph, report)
        found.append(Case(f"{folder}/{fragment}", *names, expected))
    return found


def _expected(graph: Shapes, report: ox.BlankNode) -> Multiset:
    def one(node: ox.BlankNode, name: str) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
        return next(iter(graph.objects(node, SH + name)), None)

    return Counter(
        _plain(
            one(node, "focusNode"),
            graph.path(one(node, "resultPath")),
            one(node, "value"),
            one(node, "sourceConstraintComponent"),
            one(node, "sourceShape"),
            one(node, "resultSeverity"),
        )
        for node in graph.objects(report, SH + "result")
    )


def _plain(*fields: object) -> tuple[str, ...]:
    """Write a result so that it compares: a blank node as `_`, for each file names its own."""
    return tuple(
        "_" if isinstance(field, ox.BlankNode) else "" if field is None else str(field)
        for field in fields
    )


def plain(result: Result) -> tuple[str, ...]:
    """Write a result of an engine as the suite's."""
    component, severity = ox.NamedNode(result.component), ox.NamedNode(result.severity)
    return _plain(result.focus, result.path, result.value, component, result.shape, severity)


def data(case: Case) -> list[ox.Triple]:
    """Return the data of a case."""
    return list(shapes(case.data).triples)


def answered(case: Case, engine: Engine) -> tuple[Multiset | None, str]:
    """Return what an engine finds, None when it refuses, and which engine decided."""
    try:
        judgement = judge(data(case), shapes(case.shapes), engine)
    except ShapesProblem:
        return None, engine
    return Counter(map(plain, judgement.results)), judgement.engine


def outcome(case: Case, engine: Engine) -> str:
    """Return PASS or WRONG: verdict and multiset of results as expected, or not."""
    return PASS if answered(case, engine)[0] == case.expected else WRONG


@cache
def known() -> dict[str, Known]:
    """Return the known differences by engine and case: `pyshacl core/node/and-001`."""
    return listed("known-shacl.tsv")
