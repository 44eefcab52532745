"""The record files of the registry: one for every actor and every authority."""

from __future__ import annotations

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb.importers.records import tables
from kb.importers.records.bodies import ABOVE_COUNTRIES, Body, Registry
from kb.importers.records.files import Files
from kb.importers.records.governs import governed
from kb.importers.records.places import Places, head, territory
from kb.importers.records.tables import Labels
from kb.terms import ESSAIM, concept

PLURAL = "Entrée plurielle : plusieurs acteurs publics sous un seul nom, propres à ce cas."


def write(registry: Registry, files: Files, places: Places, labels: dict[str, Labels]) -> None:
    """Write the file of every body."""
    for body in registry.bodies.values():
        graph = files.open("authorities" if body.public else "actors", body.slug)
        iri = body.iri
        graph.add((iri, RDF.type, ESSAIM[body.kind]))
        if body.legal_form:
            graph.add((iri, ESSAIM.legalForm, concept("legal-form", body.legal_form)))
        if body.public:
            _authority(graph, iri, body, registry, places)
        _label(graph, iri, body, labels)
        for name in body.names:
            if name not in {str(label) for label in graph.objects(iri, RDFS.label)}:
                graph.add((iri, SKOS.altLabel, Literal(name)))
        for note in _notes(body):
            graph.add((iri, SKOS.editorialNote, Literal(note, lang="fr")))


def _label(graph: Graph, iri: URIRef, body: Body, labels: dict[str, Labels]) -> None:
    """Label a body from either table, by any of its names; a proper name stands for itself."""
    order = ("authorities", "actors") if body.public else ("actors", "authorities")
    for table in order:
        for name in (body.name, *body.names):
            if name in labels[table].known:
                tables.label(graph, iri, *labels[table].pair(name, body.name))
                return
    tables.label(graph, iri, *labels[order[0]].pair(body.name, body.name))


def _authority(graph: Graph, iri: URIRef, body: Body, registry: Registry, places: Places) -> None:
    if body.level:
        graph.add((iri, ESSAIM.governmentLevel, concept("level", body.level)))
    if body.level not in ABOVE_COUNTRIES:
        for country in body.countries:
            graph.add((iri, ESSAIM.inCountry, territory(f"country-{country.lower()}")))
    whole = registry.find(head(body.name), body.cases[0]) if head(body.name) != body.name else None
    if whole and whole.public and whole is not body and not whole.plural:
        graph.add((iri, ESSAIM.partOfBody, whole.iri))
    found = governed(body, places)
    if found.territory:
        graph.add((iri, ESSAIM.governs, URIRef(found.territory)))
    if found.siren:
        graph.add((iri, ESSAIM.siren, Literal(found.siren)))
    if found.note:
        graph.add((iri, SKOS.editorialNote, Literal(found.note, lang="fr")))


def _notes(body: Body) -> list[str]:
    made = [PLURAL] if body.plural else []
    others = [name for name, _ in body.types.most_common()[1:]]
    if others:
        made.append(f"Noté aussi sous un autre type : {', '.join(others)}.")
    levels = [level for level in body.levels if level != body.level]
    if levels and body.chosen_level:
        written = ", ".join(f"« {level} »" for level in body.levels)
        made.append(f"Échelon noté {written} dans les fiches, précisé ici : « {body.level} ».")
    elif levels:
        made.append(f"Noté aussi à un autre échelon : {', '.join(levels)}.")
    return made
