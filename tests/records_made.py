"""The conversion of small records written by hand, for the tests that read its outcome."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node as Term

from kb.importers.records import Report, convert
from kb.terms import ESSAIM, record

FIXTURES = Path(__file__).parent / "fixtures" / "records"


@dataclass(frozen=True)
class Made:
    """One conversion of the fixtures: its files as one graph, its report, its folders."""

    graph: Graph
    report: Report
    source: Path
    out: Path
    reference: Path

    def again(self) -> Report:
        return run(self.source, self.out, self.reference)

    def all(self, subject: Term, name: str) -> set[Term]:
        return set(self.graph.objects(subject, ESSAIM[name]))

    def one(self, subject: Term, name: str) -> Term | None:
        found = self.all(subject, name)
        assert len(found) <= 1, f"{subject} has several {name}"
        return next(iter(found), None)

    def notes(self, subject: Term) -> set[str]:
        return {str(text) for text in self.graph.objects(subject, SKOS.editorialNote)}

    def types(self, subject: Term) -> set[Term]:
        return set(self.graph.objects(subject, RDF.type))

    def labels(self, subject: Term) -> set[Term]:
        return set(self.graph.objects(subject, RDFS.label))


def run(source: Path, out: Path, reference: Path) -> Report:
    return convert(source, out, tables=source / "making", reference=reference)


def make(folder: Path) -> Made:
    source, reference, out = folder / "records", folder / "reference", folder / "data"
    shutil.copytree(FIXTURES, source)
    reference.mkdir()
    with gzip.open(reference / "cog-2026.nt.gz", "wb") as packed:
        packed.write((source / "cog.nt").read_bytes())
    report = run(source, out, reference)
    graph = Graph()
    for path in out.rglob("*.ttl"):
        graph.parse(path)
    return Made(graph, report, source, out, reference)


CASE = record("innovation", "atelier-valbourg")
OTHER = record("innovation", "atelier-neuville")


def own(kind: str, number: int | str, case: str = "atelier-valbourg") -> URIRef:
    return record(kind, f"{case}-{number}")


def territory(name: str) -> URIRef:
    return record("territory", name)


def fr(text: str) -> Literal:
    return Literal(text, lang="fr")
