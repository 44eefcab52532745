"""The query cases of the W3C's suites, read in place from `rdf-tests.tar.gz`.

The archive (https://github.com/w3c/rdf-tests) is looked for in the folder ESSAIM_SUITES names; a
case is named by its folder and its fragment: `sparql11/aggregates#agg01`.
"""

from __future__ import annotations

import os
import re
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pyoxigraph as ox

ARCHIVE = Path(os.environ.get("ESSAIM_SUITES", "")) / "rdf-tests.tar.gz"
ROOT, BASE = "rdf-tests/sparql/", "https://w3c.github.io/rdf-tests/sparql/"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")
POSITIVE = ("PositiveSyntaxTest", "PositiveSyntaxTest11")
NEGATIVE = ("NegativeSyntaxTest", "NegativeSyntaxTest11")
TOPS = {
    "sparql11": ("manifest-sparql11-query.ttl", "manifest-sparql11-results.ttl"),
    "sparql10": ("manifest-evaluation.ttl", "manifest-syntax.ttl"),
    "sparql12": ("manifest.ttl",),
}
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Case:
    """One case: what to ask over which files (addresses under BASE), and what is expected."""

    name: str
    kind: str
    query: str
    data: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    result: str = ""
    is_lax: bool = False

    @property
    def group(self) -> str:
        """The suite and the sort of the case, as the score is counted."""
        return f"{self.name.partition('/')[0]} {'evaluation' if self.result else 'syntax'}"


@cache
def _files() -> dict[str, bytes]:
    with tarfile.open(ARCHIVE) as archive:
        members = [m for m in archive if m.isfile() and m.name.startswith(ROOT)]
        return {m.name.removeprefix(ROOT): archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]


def read(address: str) -> bytes:
    """Return the file of the suites at an address under BASE."""
    return _files()[unquote(address.removeprefix(BASE))]


def is_there(address: str) -> bool:
    """Tell whether the suites have a file at an address."""
    return unquote(address.removeprefix(BASE)) in _files()


class _Manifest:
    """The statements of one manifest, by subject and predicate."""

    def __init__(self, address: str) -> None:
        self.values: dict[tuple[object, str], list[Term]] = {}
        for quad in ox.parse(read(address), ox.RdfFormat.TURTLE, base_iri=address):
            key = (quad.subject, quad.predicate.value)
            self.values.setdefault(key, []).append(quad.object)

    def all(self, subject: object, predicate: str) -> list[Term]:
        return self.values.get((subject, predicate), [])

    def one(self, subject: object, predicate: str) -> Term | None:
        return next(iter(self.all(subject, predicate)), None)

    def listed(self, head: Term | None) -> list[Term]:
        found = []
        while head is not None and head != ox.NamedNode(RDF + "nil"):
            found += self.all(head, RDF + "first")
            head = self.one(head, RDF + "rest")
        return found

    def texts(self, subject: object, predicate: str) -> tuple[str, ...]:
        return tuple(t.value for t in self.all(subject, predicate) if not isinstance(t, ox.Triple))


@cache
def cases() -> tuple[Case, ...]:
    """Return every query case of the three suites, in the order of the manifests."""
    if not ARCHIVE.is_file():
        return ()
    tops = [f"{BASE}{suite}/{file}" for suite, files in TOPS.items() for file in files]
    return tuple(case for top in tops for case in _cases(top))


def _cases(address: str) -> list[Case]:
    manifest, here = _Manifest(address), ox.NamedNode(address)
    folders = manifest.listed(manifest.one(here, MF + "include"))
    if not folders:  # 1.2 names its manifest by another address
        folders = [t for (_, p), ts in manifest.values.items() if p == MF + "include"
                   for t in manifest.listed(ts[0])]  # fmt: skip
    found = [case for folder in folders for case in _cases(folder.value)]  # type: ignore[union-attr]
    entries = [t for (_, p), ts in manifest.values.items() if p == MF + "entries" for t in ts]
    for head in entries:
        found += [c for entry in manifest.listed(head) if (c := _case(manifest, entry, address))]
    return found


def _case(manifest: _Manifest, entry: Term, address: str) -> Case | None:
    kinds = [kind.removeprefix(MF) for kind in manifest.texts(entry, RDF + "type")]
    kind = next((kind for kind in kinds if kind in EVALUATION + POSITIVE + NEGATIVE), "")
    if not kind:
        return None
    action = manifest.one(entry, MF + "action")
    folder = address.removeprefix(BASE).rpartition("/")[0]
    fragment = re.split("[#/]", entry.value)[-1]  # type: ignore[union-attr]
    queries = manifest.texts(action, QT + "query")
    return Case(
        name=f"{folder}#{fragment}",
        kind=kind,
        query=queries[0] if queries else action.value,  # type: ignore[union-attr]
        data=manifest.texts(action, QT + "data"),
        named=manifest.texts(action, QT + "graphData"),
        result="".join(manifest.texts(entry, MF + "result")),
        is_lax=MF + "LaxCardinality" in manifest.texts(entry, MF + "resultCardinality"),
    )
