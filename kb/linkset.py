"""Files of links as RDF: one named graph a linkset, so that a release carries what was decided.

Each file of `data/links/` becomes a `void:Linkset` (https://www.w3.org/TR/void/#linkset) made by a
PROV activity that names tool, list and target. Every link is an `owl:Axiom`, as SSSOM writes
mappings in RDF, with its state (`essaim:linkState`). Only accepted ones are also stated, and never
as `owl:sameAs`. A file of proposals becomes the same, but no release reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from kb import sssom, terms
from kb.sssom import Link, MappingSet

SUFFIX = ".sssom.tsv"
A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
VOID, PROV = "http://rdfs.org/ns/void#", "http://www.w3.org/ns/prov#"
OWL, SSSOM = "http://www.w3.org/2002/07/owl#", "https://w3id.org/sssom/"
DCTERMS = "http://purl.org/dc/terms/"
XSD = "http://www.w3.org/2001/XMLSchema#"
VERSIONS = ("mapping_tool_version", "object_source_version", "subject_source_version")
NS = terms.BASE + "ns#"
STATE = terms.BASE + "scheme/link-state/"
DECIDED = ("accepted", "rejected")
EVERY = ("proposed", *DECIDED)
TEXTS = ("subject_label", "object_label", "match_string", "similarity_measure", "author_id",
         "comment", "other")  # fmt: skip
NUMBERS = ("confidence", "similarity_score")

Statement = tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]


def quads(path: Path, graph: ox.NamedNode, states: tuple[str, ...] = DECIDED) -> Iterator[ox.Quad]:
    """Yield the statements of a file of links; raises LinkFileProblem for a row that is none.

    `states` are those taken: a release takes what was decided, `EVERY` the proposals too.
    """
    links = sssom.read(path)
    taken = [each for each in links.mappings if each.essaim_state in states]
    for subject, predicate, value in _about(links, graph, taken):
        yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)
    for each in taken:
        for subject, predicate, value in _link(links, each, graph):
            yield ox.Quad(subject, ox.NamedNode(predicate), value, graph)


def _about(links: MappingSet, graph: ox.NamedNode, taken: list[Link]) -> Iterator[Statement]:
    accepted = [each for each in taken if each.essaim_state == "accepted"]
    yield graph, A.value, ox.NamedNode(VOID + "Linkset")
    yield graph, VOID + "triples", ox.Literal(len(accepted))
    for predicate in sorted({each.predicate_id for each in taken}):
        yield graph, VOID + "linkPredicate", ox.NamedNode(links.expanded(predicate))
    if links.about.get("license"):
        yield graph, DCTERMS + "license", ox.NamedNode(str(links.about["license"]))
    yield from _made(links, graph)


def _made(links: MappingSet, graph: ox.NamedNode) -> Iterator[Statement]:
    """Yield how a set was made: by which tool, from which list and target, in which versions."""
    activity = ox.NamedNode(f"{graph.value}/run")
    yield graph, PROV + "wasGeneratedBy", activity
    yield activity, A.value, ox.NamedNode(PROV + "Activity")
    ends = {}
    if "list" in links.about.get("curie_map", {}):
        ends["subjectsTarget"] = links.expanded("list:").rstrip("/")
    if links.about.get("object_source"):
        ends["objectsTarget"] = links.expanded(str(links.about["object_source"]))
    for end, address in ends.items():
        yield graph, VOID + end, ox.NamedNode(address)
        yield activity, PROV + "used", ox.NamedNode(address)
    for version in VERSIONS:
        if links.about.get(version):
            told = f"{version}: {links.about[version]}"
            yield activity, DCTERMS + "identifier", ox.Literal(told)


def _link(links: MappingSet, one: Link, graph: ox.NamedNode) -> Iterator[Statement]:
    key = hashlib.sha256("\t".join(one.pair).encode()).hexdigest()[:16]
    node = ox.NamedNode(f"{graph.value}/{key}")
    subject, predicate, target = (
        ox.NamedNode(links.expanded(curie))
        for curie in (one.subject_id, one.predicate_id, one.object_id)
    )
    for kind in (NS + "Link", OWL + "Axiom"):
        yield node, A.value, ox.NamedNode(kind)
    yield node, NS + "linkState", ox.NamedNode(STATE + one.essaim_state)
    yield node, OWL + "annotatedSource", subject
    yield node, OWL + "annotatedProperty", predicate
    yield node, OWL + "annotatedTarget", target
    justification = ox.NamedNode(links.expanded(one.mapping_justification))
    yield node, SSSOM + "mapping_justification", justification
    yield from _evidence(links, one, node)
    if one.essaim_state == "rejected":
        yield node, SSSOM + "predicate_modifier", ox.Literal("Not")
    elif one.essaim_state == "accepted":
        yield subject, predicate.value, target


def _evidence(links: MappingSet, one: Link, node: ox.NamedNode) -> Iterator[Statement]:
    """Yield what speaks for a link, who decided on it and when."""
    for name in TEXTS:
        if value := getattr(one, name):
            yield node, SSSOM + name, ox.Literal(value)
    for name in NUMBERS:
        if value := getattr(one, name):
            number = ox.Literal(value, datatype=ox.NamedNode(XSD + "decimal"))
            yield node, SSSOM + name, number
    if one.mapping_date:
        day = ox.Literal(one.mapping_date, datatype=ox.NamedNode(XSD + "date"))
        yield node, SSSOM + "mapping_date", day
    if one.author_id.startswith("orcid:"):
        yield node, PROV + "wasAttributedTo", ox.NamedNode(links.expanded(one.author_id))


def trig(path: Path, name: str) -> bytes:
    """Return a file of links, proposals among them, as TriG with the graph it would be."""
    graph = ox.NamedNode(f"{terms.BASE}graph/link/{name}")
    prefixes = terms.prefixes() | {"sssom": SSSOM}
    made = ox.serialize(quads(path, graph, EVERY), format=ox.RdfFormat.TRIG, prefixes=prefixes)
    return made or b""
