"""Files of decided links as RDF: one named graph a linkset, so that a release carries them.

Each file of `data/links/` becomes a `void:Linkset` (https://www.w3.org/TR/void/#linkset) made by a
PROV activity that names model, list and target. Every decision is an `owl:Axiom` as SSSOM writes
mappings in RDF; only accepted ones are also stated, and never as `owl:sameAs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb import sssom
from kb.sssom import Link, MappingSet

SUFFIX = ".sssom.tsv"
A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
VOID, PROV = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/prov#"
OWL, SSSOM = "http://www.w3.org/2002/07/owl#", "https://w3id.org/sssom/"
DCTERMS = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"
VERSIONS = ("mapping_tool_version", "object_source_version", "subject_source_version")


def quads(path: Path, graph: ox.NamedNode) -> Iterator[ox.Quad]:
    """Yield the statements of a file of links; raises LinkFileProblem for a row that is none."""
    links = sssom.read(path)
    decided = [each for each in links.mappings if each.essaim_state in ("accepted", "rejected")]
    for subject, predicate, value in _about(links, graph, decided):
        yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)
    for each in decided:
        for subject, predicate, value in _decision(links, each, graph):
            yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)


Statement = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]


def _about(links: MappingSet, graph: ox.NamedNode, decided: list[Link]) -> Iterator[Statement]:
    activity = ox.NamedNode(f"{graph.value}/run")
    accepted = [each for each in decided if each.essaim_state == "accepted"]
    yield graph, A.value, ox.NamedNode(VOID + "Linkset")
    yield graph, VOID + "triples", ox.Literal(len(accepted))
    for predicate in sorted({each.predicate_id for each in accepted}):
        yield graph, VOID + "linkPredicate", ox.NamedNode(links.expanded(predicate))
    if "list" in links.about.get("curie_map", {}):
        yield graph, VOID + "subjectsTarget", ox.NamedNode(links.expanded("list:").rstrip("/"))
    if links.about.get("object_source"):
        target = links.expanded(str(links.about["object_source"]))
        yield graph, VOID + "objectsTarget", ox.NamedNode(target)
    if links.about.get("license"):
        yield graph, DCTERMS + "license", ox.NamedNode(str(links.about["license"]))
    yield graph, PROV + "wasGeneratedBy", activity
    yield activity, A.value, ox.NamedNode(PROV + "Activity")
    for version in VERSIONS:
        if links.about.get(version):
            told = f"{version}: {links.about[version]}"
            yield activity, DCTERMS + "identifier", ox.Literal(told)


def _decision(links: MappingSet, one: Link, graph: ox.NamedNode) -> Iterator[Statement]:
    key = hashlib.sha256("\t".join(one.pair).encode()).hexdigest()[:16]
    node = ox.NamedNode(f"{graph.value}/{key}")
    subject, predicate, target = (
        ox.NamedNode(links.expanded(curie))
        for curie in (one.subject_id, one.predicate_id, one.object_id)
    )
    yield node, A.value, ox.NamedNode(OWL + "Axiom")
    yield node, OWL + "annotatedSource", subject
    yield node, OWL + "annotatedProperty", predicate
    yield node, OWL + "annotatedTarget", target
    justification = ox.NamedNode(links.expanded(one.mapping_justification))
    yield node, SSSOM + "mapping_justification", justification
    yield node, SSSOM + "subject_label", ox.Literal(one.subject_label)
    if one.confidence:
        number = ox.Literal(one.confidence, datatype=ox.NamedNode(XSD + "decimal"))
        yield node, SSSOM + "confidence", number
    if one.mapping_date:
        day = ox.Literal(one.mapping_date, datatype=ox.NamedNode(XSD + "date"))
        yield node, SSSOM + "mapping_date", day
    if one.author_id:
        yield node, SSSOM + "author_id", ox.Literal(one.author_id)
    if one.comment:
        yield node, SSSOM + "comment", ox.Literal(one.comment)
    if one.essaim_state == "rejected":
        yield node, SSSOM + "predicate_modifier", ox.Literal("Not")
    else:
        yield subject, predicate.value, target
