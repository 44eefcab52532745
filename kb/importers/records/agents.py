"""Who speaks: the two readings, under neutral names, and the knowledge base itself."""

from __future__ import annotations

from rdflib import DCTERMS, FOAF, RDF, Literal

from kb.importers.records import tables
from kb.importers.records.files import Files
from kb.terms import record

AGENTS = {
    "first-reading": (
        "Première lecture",
        "First reading",
        "Codeur de la première lecture des cas : un codage proposé, non validé par d'autres.",
        "Coder of the first reading of the cases: a proposed coding, not validated by others.",
    ),
    "second-reading": (
        "Seconde lecture",
        "Second reading",
        "Codeur de la seconde lecture de 45 cas, faite sans voir la première. C'est une seconde "
        "lecture indépendante, non une validation par des chercheurs de terrain.",
        "Coder of the second reading of 45 cases, made without sight of the first. It is an "
        "independent second reading, not a validation by field researchers.",
    ),
    "essaim": (
        "essaim",
        "essaim",
        "Base de connaissances sur l'innovation sociale territoriale ; tient et publie les fiches.",
        "Knowledge base on territorial social innovation; keeps and publishes the records.",
    ),
}


def write(files: Files) -> None:
    """Write the file of every agent."""
    for stem, (name_fr, name_en, about_fr, about_en) in AGENTS.items():
        graph, iri = files.open("agents", stem), record("agent", stem)
        graph.add((iri, RDF.type, FOAF.Agent))
        graph.add((iri, FOAF.name, Literal(name_fr, lang="fr")))
        tables.label(graph, iri, name_fr, name_en)
        graph.add((iri, DCTERMS.description, Literal(about_fr, lang="fr")))
        graph.add((iri, DCTERMS.description, Literal(about_en, lang="en")))
