"""One file a document, and the dossier with its announced items.

A document is *about* a case or a policy when that record cites the document's own address.
"""

from __future__ import annotations

import re

from rdflib import DC, DCTERMS, FOAF, XSD, Graph, Literal, URIRef

from kb.importers.records import pages, tables
from kb.importers.records.making import Making, add, integer, kind, string
from kb.importers.records.places import head
from kb.importers.records.reading import Node
from kb.terms import concept, record

TYPES = {
    "analysis": "AnalysisDocument",
    "publication": "Publication",
    "case-study": "CaseStudy",
    "public-intervention": "PublicIntervention",
    "article": "Article",
    "about": "Resource",
    "video": "Video",
    "dossier": "Dossier",
    "proposal": "Proposal",
    "charter": "Charter",
}
# What the dossier page announces, type by type; the names of the items are not known.
ANNOUNCED = {
    "publication": 2,
    "video": 4,
    "proposal": 2,
    "case-study": 19,
    "analysis": 25,
    "charter": 1,
    "public-intervention": 5,
    "article": 2,
}
SOCIOECO = re.compile(r"https?://(?:[\w-]+\.)?socioeco\.org/bdf_((?:dossier|fiche-[a-z]+)-\d+)_")
LIST_UNKNOWN = (
    "La page du dossier annonce 60 documents en huit types ; la liste de leurs titres n'est pas "
    "connue. Les documents décrits ici sont des ressources liées ; leur appartenance est inconnue.",
    "The dossier page announces 60 documents of eight types; the list of their titles is not "
    "known. The documents described here are related resources whose membership is unknown.",
)


def write(making: Making, resources: list[Node]) -> None:
    """Write the file of every document."""
    for node in resources:
        ident, sort = node.text("id"), node.text("seed_type")
        graph = making.files.open("resources", ident)
        iri = record("resource", ident)
        if sort not in TYPES:
            node.refuse("seed_type", "no class for this type of document")
        kind(graph, iri, TYPES.get(sort, "Resource"))
        title = node.text("title")
        tables.label(graph, iri, *making.labels["resources"].pair(ident, title))
        language = node.text("lang")
        graph.add((iri, DCTERMS.title, Literal(title, lang=language or None)))
        if language:
            graph.add((iri, DCTERMS.language, Literal(language)))
        for author in node.texts("authors"):
            graph.add((iri, DC.creator, Literal(author)))
        add(graph, iri, "year", integer(node.whole("year")))
        add(graph, iri, "hostName", string(node.text("host")))
        add(graph, iri, "doi", string(node.text("doi")))
        making.facts(graph, iri, node.text("facts"))
        _membership(graph, iri, node)
        _place(graph, iri, node, making)
        _page(graph, iri, node, making)
        if sort == "dossier":
            _dossier(graph, iri, making)


def _membership(graph: Graph, iri: URIRef, node: Node) -> None:
    found = node.text("in_dossier")
    if found in ("unknown", "member", "is-the-dossier", "not-member"):
        add(graph, iri, "inDossier", concept("dossier-membership", found))
    elif found:
        node.refuse("in_dossier", "no notation of the scheme dossier-membership")


def _place(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    name = node.text("place")
    if not name:
        return
    add(graph, iri, "placeName", Literal(name))
    if found := making.places.named(head(name)):
        graph.add((iri, DCTERMS.spatial, found))


def _page(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    url, evidence, copy = node.text("url"), node.text("evidence"), node.flag("copy")
    page = making.source(graph, iri, url, evidence, copy)
    if page is None:
        node.refuse("url", "not a web address")
        return
    graph.add((iri, FOAF.page, page))
    if found := SOCIOECO.match(url):
        add(graph, iri, "socioecoId", Literal(found[1]))
    for about in making.cited.get(pages.same(url), ()):
        add(graph, iri, "documents", about)


def _dossier(graph: Graph, iri: URIRef, making: Making) -> None:
    add(graph, iri, "announcedTotal", Literal(sum(ANNOUNCED.values())))
    add(graph, iri, "itemListKnown", Literal("false", datatype=XSD.boolean))
    making.note(graph, iri, LIST_UNKNOWN[0])
    graph.add((iri, DCTERMS.description, Literal(LIST_UNKNOWN[1], lang="en")))
    stem = str(iri).rpartition("/")[2]
    for name, count in ANNOUNCED.items():
        made = kind(graph, record("announced", f"{stem}-{name}"), "AnnouncedItems")
        add(graph, iri, "announces", made)
        add(graph, made, "announcedType", concept("document-type", name))
        add(graph, made, "announcedCount", Literal(count))
