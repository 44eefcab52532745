"""Pitfalls of the OOPS! catalogue (https://oops.linkeddata.es/catalogue.jsp) stay absent.

Not applied, on purpose: P13 (an inverse for each property), since SPARQL reads a property in
both directions and a second name would be a second way to write the same fact.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Namespace, URIRef

from kb.terms import ESSAIM

SDO = Namespace("https://schema.org/")
KINDS = (OWL.ObjectProperty, OWL.DatatypeProperty)
EXTERNAL_OK = {str(RDF), str(RDFS), str(OWL), "http://www.w3.org/2001/XMLSchema#"}


def classes(g: Graph) -> set[URIRef]:
    return {s for s in g.subjects(RDF.type, OWL.Class) if s in ESSAIM}


def properties(g: Graph) -> set[URIRef]:
    return {s for kind in KINDS for s in g.subjects(RDF.type, kind) if s in ESSAIM}


def own(g: Graph) -> set[URIRef]:
    annotations = {s for s in g.subjects(RDF.type, OWL.AnnotationProperty) if s in ESSAIM}
    return classes(g) | properties(g) | annotations


def name(term: URIRef) -> str:
    return str(term).removeprefix(str(ESSAIM))


def polysemous(g: Graph) -> Iterable[str]:
    counted = Counter(name(t).lower() for t in own(g))
    return [n for n, times in counted.items() if times > 1]


def equivalences(g: Graph) -> Iterable[object]:
    return [*g.subject_objects(OWL.equivalentClass), *g.subject_objects(OWL.equivalentProperty)]


def is_properties(g: Graph) -> Iterable[object]:
    return [p for p in properties(g) if name(p).lower() in {"is", "isa", "instanceof"}]


def unconnected(g: Graph) -> Iterable[object]:
    linking = (RDFS.domain, RDFS.range, SDO.domainIncludes, SDO.rangeIncludes, RDFS.subClassOf)
    used = {o for p in linking for o in g.objects(None, p)}
    used |= set(g.subjects(RDFS.subClassOf, None))
    return classes(g) - used


def wrong_inverses(g: Graph) -> Iterable[object]:
    for a, b in g.subject_objects(OWL.inverseOf):
        if a == b or set(g.objects(a, RDFS.domain)) != set(g.objects(b, RDFS.range)):
            yield a


def cycles(g: Graph) -> Iterable[object]:
    for relation in (RDFS.subClassOf, RDFS.subPropertyOf):
        for term in set(g.subjects(relation, None)):
            above = (x for parent in g.objects(term, relation)
                     for x in g.transitive_objects(parent, relation))  # fmt: skip
            if term in above:
                yield term


def merged_concepts(g: Graph) -> Iterable[object]:
    return [t for t in own(g) if re.search(r"[a-z](And|Or)[A-Z]", name(t))]


def unannotated(g: Graph) -> Iterable[object]:
    for term in own(g):
        for p in (RDFS.label, RDFS.comment):
            if sorted(o.language or "" for o in g.objects(term, p)) != ["en", "fr"]:
                yield name(term), p


def without_disjointness(g: Graph) -> Iterable[object]:
    apart: set[object] = set(g.subjects(OWL.disjointWith, None))
    for axiom in g.subjects(RDF.type, OWL.AllDisjointClasses):
        apart |= set(g.items(g.value(axiom, OWL.members)))
    return {ESSAIM.Actor, ESSAIM.Territory, ESSAIM.LocalAuthority, ESSAIM.Resource} - apart


def without_domain_or_range(g: Graph) -> Iterable[object]:
    for term in properties(g):
        for axiom, wish in ((RDFS.domain, SDO.domainIncludes), (RDFS.range, SDO.rangeIncludes)):
            if ((term, axiom, None) in g) == ((term, wish, None) in g):
                yield name(term), axiom


def several_domains(g: Graph) -> Iterable[object]:
    return [t for t in properties(g) for p in (RDFS.domain, RDFS.range)
            if len(set(g.objects(t, p))) > 1]  # fmt: skip


def misused_annotations(g: Graph) -> Iterable[object]:
    for term in own(g):
        labels = {str(o) for o in g.objects(term, RDFS.label)}
        for comment in map(str, g.objects(term, RDFS.comment)):
            if comment in labels or len(comment) < 20:
                yield name(term), comment


def miscellaneous(g: Graph) -> Iterable[object]:
    return [t for t in classes(g) if re.search(r"Other|Misc|Various", name(t))]


def badly_named(g: Graph) -> Iterable[object]:
    wrong = [t for t in classes(g) if not re.fullmatch(r"([A-Z][a-z]+)+", name(t))]
    return wrong + [
        t for t in properties(g) if not re.fullmatch(r"[a-z]+([A-Z][a-z]+)*\d?", name(t))
    ]


def recursive(g: Graph) -> Iterable[object]:
    article = r"(?:an? |the |une? |l[ea] |l')?"
    for term in classes(g):
        for label in g.objects(term, RDFS.label):
            for comment in g.objects(term, RDFS.comment):
                if label.language == comment.language and re.match(
                    article + re.escape(str(label)) + r"\b(?! of a| d'une?)", str(comment), re.I
                ):
                    yield name(term), str(comment)


def characteristics(g: Graph) -> Iterable[object]:
    kinds = (OWL.TransitiveProperty, OWL.SymmetricProperty, OWL.ReflexiveProperty)
    return [s for kind in kinds for s in g.subjects(RDF.type, kind)]


def same_label(g: Graph) -> Iterable[object]:
    counted = Counter((o.language, str(o).lower()) for t in classes(g)
                      for o in g.objects(t, RDFS.label))  # fmt: skip
    return [label for label, times in counted.items() if times > 1]


def untyped_classes(g: Graph) -> Iterable[object]:
    where = (RDFS.subClassOf, RDFS.domain, OWL.disjointWith)
    used = {o for p in where for o in g.objects(None, p)} | set(g.subjects(RDFS.subClassOf, None))
    for term in (s for s in g.subjects(RDF.type, OWL.ObjectProperty)):
        used |= set(g.objects(term, RDFS.range))
    return {c for c in used if not isinstance(c, BNode) and (c, RDF.type, OWL.Class) not in g}


def untyped_properties(g: Graph) -> Iterable[object]:
    kinds = (*KINDS, OWL.AnnotationProperty)
    for p in set(g.predicates()):
        if not any(str(p).startswith(n) for n in EXTERNAL_OK) and not any(
            (p, RDF.type, k) in g for k in kinds
        ):
            yield p


def file_extensions(g: Graph) -> Iterable[object]:
    return [s for s in g.subjects() if re.search(r"\.(owl|rdf|ttl|n3)\b", str(s))]


def headers(g: Graph) -> Iterable[object]:
    found = list(g.subjects(RDF.type, OWL.Ontology))
    return [] if found == [URIRef("https://w3id.org/essaim/ns")] else [found]


def hijacked(g: Graph) -> Iterable[object]:
    for s, p, o in g:
        foreign = isinstance(s, URIRef) and not str(s).startswith("https://w3id.org/essaim/")
        if foreign and p != RDF.type:
            yield s, p, o


def licence(g: Graph) -> Iterable[object]:
    term = URIRef("http://purl.org/dc/terms/license")
    return [] if list(g.objects(URIRef("https://w3id.org/essaim/ns"), term)) else ["no licence"]


RULES: list[tuple[str, Callable[[Graph], Iterable[object]], str]] = [
    ("P01", polysemous, "rename one of the terms that differ by case only"),
    ("P02-P12-P27-P31", equivalences, "no extension is the same; use rdfs:subClassOf or seeAlso"),
    ("P03", is_properties, "use rdf:type or rdfs:subClassOf instead of an 'is' property"),
    ("P04", unconnected, "give the class a parent, or a property that reaches it"),
    ("P05-P25", wrong_inverses, "make domain and range of an inverse pair mirror each other"),
    ("P06", cycles, "remove the parent that closes the circle"),
    ("P07", merged_concepts, "split the term: one name, one notion"),
    ("P08", unannotated, "give one rdfs:label and one rdfs:comment in fr and in en"),
    ("P10", without_disjointness, "state what the class excludes (owl:AllDisjointClasses)"),
    ("P11", without_domain_or_range, "write rdfs:domain or schema:domainIncludes (one of the "
     "two), and the same for the range"),
    ("P19", several_domains, "several domains mean all at once: use schema:domainIncludes"),
    ("P20", misused_annotations, "write a comment that says what the term is and how to use it"),
    ("P21", miscellaneous, "name the class by what its members share"),
    ("P22", badly_named, "classes UpperCamelCase, properties lowerCamelCase, ASCII letters"),
    ("P24", recursive, "do not begin the definition with the term it defines"),
    ("P26-P28-P29", characteristics, "declare no characteristic; SPARQL paths do the walking"),
    ("P32", same_label, "give each class a label of its own"),
    ("P34", untyped_classes, "declare the term in class position: a owl:Class"),
    ("P35", untyped_properties, "declare the property: object, datatype or annotation"),
    ("P36", file_extensions, "take the file extension out of the IRI"),
    ("P38-P39", headers, "declare <https://w3id.org/essaim/ns> a owl:Ontology, once"),
    ("P40", hijacked, "say nothing about terms of others; put it on our own term"),
    ("P41", licence, "state dcterms:license on the ontology"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "check", "remedy"), RULES, ids=[r[0] for r in RULES])
def test_pitfall_is_absent_from_the_ontology(
    rule: str,
    check: Callable[[Graph], Iterable[object]],
    remedy: str,
    ontology: Graph,
) -> None:
    found = list(check(ontology))
    assert not found, f"OOPS! {rule}: {remedy}; see {found[:5]}"


@pytest.mark.parametrize(
    ("rule", "check", "remedy"),
    [r for r in RULES if r[0] in {"P02-P12-P27-P31", "P06", "P26-P28-P29", "P34", "P40"}],
)
def test_pitfall_is_absent_with_the_alignments(
    rule: str,
    check: Callable[[Graph], Iterable[object]],
    remedy: str,
    merged: Graph,
) -> None:
    found = list(check(merged))
    assert not found, f"OOPS! {rule}: {remedy}; see {found[:5]}"
