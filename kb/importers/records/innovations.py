"""One file an innovation: the case itself, and the nodes that belong to it."""

from __future__ import annotations

from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb.importers.records import (
    assessments,
    course,
    involvements,
    needs,
    pages,
    people,
    spread,
    tables,
)
from kb.importers.records.making import Making, add, french, integer, kind, string
from kb.importers.records.places import Whereabouts
from kb.importers.records.reading import Node
from kb.terms import ESSAIM, record, slug


def write(making: Making, cases: list[Node], second: list[Node], read: list[Node]) -> None:
    """Write the file of every case, both its readings in it."""
    again = {node.text("id"): node for node in second}
    pages_of = {node.text("id"): node for node in read}
    for case in cases:
        ident = case.text("id")
        graph = making.files.open("innovations", ident)
        iri = kind(graph, making.innovations[ident], "SocialInnovation")
        whereabouts = _identity(graph, iri, case, making)
        cited = _sources(graph, iri, case, making)
        diagnosis = needs.diagnosis(graph, iri, case, making)
        needs.write(graph, iri, case, whereabouts.territories, diagnosis, making)
        cast = involvements.write(graph, iri, case, making)
        assessments.first(graph, iri, case, cast, cited, making)
        if ident in again:
            assessments.second(graph, iri, again[ident], case, cast, making)
        if ident in pages_of:
            assessments.pages_read(graph, pages_of[ident])
        course.write(graph, iri, case, making)
        people.mandates(graph, iri, case, making)
        spread.write(graph, iri, case, making)
        _perimeter(iri, whereabouts, making)


def _identity(graph: Graph, iri: URIRef, case: Node, making: Making) -> Whereabouts:
    ident, name = case.peek("id"), case.text("name")
    tables.label(graph, iri, *making.labels["innovations"].pair(ident, name))
    if name not in {str(label) for label in graph.objects(iri, RDFS.label)}:
        graph.add((iri, SKOS.altLabel, Literal(name)))
    add(graph, iri, "originalName", string(case.text("original_name")))
    add(graph, iri, "startYear", integer(case.whole("start_year")))
    add(graph, iri, "startYearNote", french(case.text("start_year_note")))
    add(graph, iri, "documentationDepth", string(case.text("depth")))
    add(graph, iri, "samplePart", string(case.text("part")))
    add(graph, iri, "postureNote", french(case.text("posture_notes")))
    family = case.text("family")
    add(graph, iri, "familyNote", string(family))
    add(graph, iri, "instantiates", making.models.get(slug(family)))
    if family and slug(family) not in making.models:
        case.refuse("family", "no model in data/making/models.tsv")
    making.facts(graph, iri, case.text("facts"), case.text("facts_add"))
    for key in ("source_note", "overlap_note"):
        making.note(graph, iri, case.text(key))
    for text in making.reviewed.get(ident, ()):
        making.note(graph, iri, text)
    found = making.places.locate(case)
    add(graph, iri, "implementedIn", *found.territories)
    add(graph, iri, "placeName", *(Literal(name) for name in found.names))
    for text in found.notes:
        making.note(graph, iri, text)
    return found


def _sources(graph: Graph, iri: URIRef, case: Node, making: Making) -> list[URIRef]:
    made: list[URIRef] = []
    for item in case.children("sources"):
        url = item.text("url")
        page = making.source(graph, iri, url, item.text("evidence"), item.flag("copy"))
        if page is None:
            item.refuse("url", "not a web address")
            continue
        made.append(page)
        making.cited.setdefault(pages.same(url), []).append(iri)
    return made


def _perimeter(iri: URIRef, found: Whereabouts, making: Making) -> None:
    """Write the perimeter of a project that is no official territory."""
    if not found.perimeter:
        return
    stem = "perimeter-" + str(iri).rpartition("/")[2]
    perimeter = record("territory", stem)
    add(making.files.open("innovations", stem.removeprefix("perimeter-")), iri,
        "implementedIn", perimeter)  # fmt: skip
    graph = making.files.open("territories", stem)
    graph.add((perimeter, RDF.type, ESSAIM.ProjectTerritory))
    labels = {label.language: label for label in _labels(making, iri)}
    text = found.perimeter[:1].upper() + found.perimeter[1:]
    tables.label(graph, perimeter, text, f"Project area of {labels.get('en', '')}")
    add(graph, perimeter, "placeName", Literal(found.perimeter))
    add(graph, perimeter, "withinTerritory", *found.territories)
    for page in _pages(making, iri):
        graph.add((perimeter, DCTERMS.source, page))


def _labels(making: Making, iri: URIRef) -> list[Literal]:
    graph = making.files.open("innovations", str(iri).rpartition("/")[2])
    return [term for term in graph.objects(iri, RDFS.label) if isinstance(term, Literal)]


def _pages(making: Making, iri: URIRef) -> list[URIRef]:
    graph = making.files.open("innovations", str(iri).rpartition("/")[2])
    return [term for term in graph.objects(iri, DCTERMS.source) if isinstance(term, URIRef)]
