"""The data set described for machines: DCAT 3 for catalogues, VoID for SPARQL clients.

All figures are counted on the release itself, by the queries of `queries/catalog/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rdflib import DCTERMS, RDF, XSD, Graph, Literal, Namespace, URIRef

from kb import files, terms
from kb.engine import Engine
from kb.queries import registry
from kb.rows import select

DCAT = Namespace("http://www.w3.org/ns/dcat#")
VOID = Namespace("http://rdfs.org/ns/void#")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
MEDIA = "https://www.iana.org/assignments/media-types/"
DATASET = URIRef(terms.BASE + "dataset")


@dataclass(frozen=True, slots=True)
class Dump:
    """One file of a release that can be downloaded."""

    name: str
    media_type: str
    size: int


def catalog(engine: Engine, version: str, dumps: list[Dump], issued: date) -> Graph:
    """Return the DCAT and VoID description of a release.

    `version` is the release id; `issued` the day it was built.
    """
    graph = terms.bound_graph()
    _describe_dataset(graph, version, issued)
    for dump in dumps:
        _add_dump(graph, dump)
    questions = registry(files.root() / "queries" / "catalog")
    _add_counts(graph, engine, questions["counts"].bound({}))
    _add_partitions(graph, engine, questions["class_partitions"].bound({}), VOID["class"])
    _add_partitions(graph, engine, questions["property_partitions"].bound({}), VOID.property)
    return graph


def _describe_dataset(graph: Graph, version: str, issued: date) -> None:
    for kind in (DCAT.Dataset, VOID.Dataset):
        graph.add((DATASET, RDF.type, kind))
    for language, title, text in WORDING:
        graph.add((DATASET, DCTERMS.title, Literal(title, lang=language)))
        graph.add((DATASET, DCTERMS.description, Literal(text, lang=language)))
    graph.add((DATASET, DCTERMS.license, URIRef(terms.LICENSE_DATA)))
    graph.add((DATASET, DCTERMS.issued, Literal(issued.isoformat(), datatype=XSD.date)))
    graph.add((DATASET, DCAT.version, Literal(version)))
    graph.add((DATASET, FOAF.homepage, URIRef(terms.BASE)))
    graph.add((DATASET, VOID.sparqlEndpoint, URIRef(terms.BASE + "sparql")))
    graph.add((DATASET, VOID.uriSpace, Literal(terms.BASE + "id/")))
    for language in ("fr", "en"):
        graph.add((DATASET, DCTERMS.language, Literal(language)))


WORDING = (
    ("fr", "essaim, base de connaissances de l'innovation sociale territoriale",
     "Innovations sociales, besoins, acteurs, rôles des collectivités, politiques publiques, "
     "territoires et sources, en données liées."),
    ("en", "essaim, a knowledge base of territorial social innovation",
     "Social innovations, needs, actors, roles of authorities, public policies, territories and "
     "sources, as linked data."),
)  # fmt: skip


def _add_dump(graph: Graph, dump: Dump) -> None:
    address = URIRef(f"{terms.BASE}dump/{dump.name}")
    graph.add((DATASET, DCAT.distribution, address))
    graph.add((DATASET, VOID.dataDump, address))
    graph.add((address, RDF.type, DCAT.Distribution))
    graph.add((address, DCAT.downloadURL, address))
    graph.add((address, DCAT.mediaType, URIRef(MEDIA + dump.media_type)))
    graph.add((address, DCAT.byteSize, Literal(dump.size, datatype=XSD.nonNegativeInteger)))
    graph.add((address, DCTERMS.license, URIRef(terms.LICENSE_DATA)))


def _add_counts(graph: Graph, engine: Engine, text: str) -> None:
    for row in select(engine, text, deadline_s=300):
        for name, value in row.items():
            graph.add((DATASET, VOID[name], Literal(str(value), datatype=XSD.integer)))


def _add_partitions(graph: Graph, engine: Engine, text: str, kind: URIRef) -> None:
    name = str(kind).rpartition("#")[2]
    count = VOID.entities if name == "class" else VOID.triples
    for row in select(engine, text, deadline_s=300):
        part = URIRef(f"{DATASET}/{name}/{terms.slug(terms.compact(str(row['term'])))}")
        graph.add((DATASET, VOID[name + "Partition"], part))
        graph.add((part, kind, URIRef(str(row["term"]))))
        graph.add((part, count, Literal(str(row["count"]), datatype=XSD.integer)))
