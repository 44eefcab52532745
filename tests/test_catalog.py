"""The description of the data set: its figures are the real ones."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox
import pytest
from rdflib import DCTERMS, RDF, Graph, Literal, URIRef

from kb import terms
from kb.catalog import DATASET, DCAT, VOID
from kb.release import Release


@pytest.fixture(scope="module")
def described(shipped: Release) -> Graph:
    return Graph().parse(shipped.path / "dcat.ttl")


@pytest.fixture(scope="module")
def triples(shipped: Release) -> set[ox.Triple]:
    path = str(shipped.path / "kb.nq")
    return {quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.N_QUADS)}


def partitions(described: Graph, kind: URIRef, count: URIRef) -> dict[str, int]:
    link = VOID[str(kind).rpartition("#")[2] + "Partition"]
    parts = list(described.objects(DATASET, link))
    return {str(described.value(p, kind)): int(str(described.value(p, count))) for p in parts}


def test_the_number_of_triples_is_counted(described: Graph, triples: set[ox.Triple]) -> None:
    assert int(str(described.value(DATASET, VOID.triples))) == len(triples)


def test_properties_are_counted(described: Graph, triples: set[ox.Triple]) -> None:
    real = Counter(triple.predicate.value for triple in triples)
    assert partitions(described, VOID.property, VOID.triples) == real


def test_classes_are_counted(described: Graph, triples: set[ox.Triple]) -> None:
    typed = [t for t in triples if t.predicate.value == str(RDF.type)]
    real = Counter(t.object.value for t in typed if isinstance(t.object, ox.NamedNode))
    assert partitions(described, VOID["class"], VOID.entities) == real
    entities = int(str(described.value(DATASET, VOID.entities)))
    assert entities == len({t.subject for t in typed})


def test_every_dump_is_described_with_its_size(shipped: Release, described: Graph) -> None:
    for name in shipped.manifest["dumps"]:
        address = URIRef(f"{terms.BASE}dump/{name}")
        assert (DATASET, DCAT.distribution, address) in described
        size = (shipped.path / "dumps" / name).stat().st_size
        assert int(str(described.value(address, DCAT.byteSize))) == size
        assert described.value(address, DCTERMS.license)


def test_the_data_set_says_what_it_is(shipped: Release, described: Graph) -> None:
    assert described.value(DATASET, DCAT.version) == Literal(shipped.id)
    languages = {str(term.language) for term in described.objects(DATASET, DCTERMS.title)}  # type: ignore[attr-defined]
    assert languages == {"fr", "en"}
    assert (DATASET, RDF.type, VOID.Dataset) in described
