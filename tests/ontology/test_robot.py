"""Rules of ROBOT's report (https://robot.obolibrary.org/report) and of OWL 2 DL, kept by test.

ROBOT's `missing_superclass` is not applied: the top classes get their parents in the alignments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from rdflib import DCTERMS, OWL, RDF, RDFS, SKOS, BNode, Graph, Literal, Namespace, URIRef

from kb.terms import ESSAIM

XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
HEADER = URIRef("https://w3id.org/essaim/ns")
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
# OWL 2 Structural Specification §4: the datatypes a reasoner must know; xsd:date is not one.
DATATYPES = {
    RDF.PlainLiteral, RDF.XMLLiteral, RDFS.Literal, OWL.real, OWL.rational,
    XSD.decimal, XSD.integer, XSD.nonNegativeInteger, XSD.positiveInteger, XSD.long, XSD.int,
    XSD.double, XSD.float, XSD.string, XSD.normalizedString, XSD.token, XSD.language, XSD.Name,
    XSD.NCName, XSD.NMTOKEN, XSD.boolean, XSD.hexBinary, XSD.base64Binary, XSD.anyURI,
    XSD.dateTime, XSD.dateTimeStamp,
}  # fmt: skip
OFFENDERS = Iterable[object]


def own(g: Graph) -> set[URIRef]:
    return {s for kind in KINDS for s in g.subjects(RDF.type, kind) if s in ESSAIM}


def texts(g: Graph, p: URIRef) -> list[tuple[URIRef, Literal]]:
    return [(t, o) for t in own(g) for o in g.objects(t, p)]


def missing(p: URIRef) -> Callable[[Graph], OFFENDERS]:
    return lambda g: [t for t in own(g) if (t, p, None) not in g]


def missing_of_ontology(p: URIRef) -> Callable[[Graph], OFFENDERS]:
    return lambda g: [] if (HEADER, p, None) in g else [p]


def duplicate(p: URIRef) -> Callable[[Graph], OFFENDERS]:
    def check(g: Graph) -> OFFENDERS:
        counted = Counter((o.language, str(o).strip().casefold()) for _, o in texts(g, p))
        return [text for text, times in counted.items() if times > 1]

    return check


def multiple(p: URIRef) -> Callable[[Graph], OFFENDERS]:
    def check(g: Graph) -> OFFENDERS:
        counted = Counter((t, o.language) for t, o in texts(g, p))
        return [term for term, times in counted.items() if times > 1]

    return check


def whitespace(g: Graph) -> OFFENDERS:
    return [o for _, _, o in g if isinstance(o, Literal)
            and (str(o) != str(o).strip() or "  " in o or "\n" in o or not str(o))]  # fmt: skip


def untagged(g: Graph) -> OFFENDERS:
    tagged = (RDFS.label, RDFS.comment, SKOS.example)
    return [(t, o) for p in tagged for t, o in texts(g, p) if o.language not in ("fr", "en")]


def lowercase_definition(g: Graph) -> OFFENDERS:
    return [o for _, o in texts(g, RDFS.comment) if o[0].islower()]


def unfinished_definition(g: Graph) -> OFFENDERS:
    return [o for _, o in texts(g, RDFS.comment) if not o.endswith(".")]


def capitals(g: Graph) -> OFFENDERS:
    return [o for t, o in texts(g, RDFS.label)
            if (t, RDF.type, OWL.Class) in g and not o[0].isupper()]  # fmt: skip


def deprecated(g: Graph) -> OFFENDERS:
    gone = set(g.subjects(OWL.deprecated, None))
    return [(s, o) for s, _, o in g if o in gone]


def foreign_home(g: Graph) -> OFFENDERS:
    return [t for t in own(g) if list(g.objects(t, RDFS.isDefinedBy)) != [HEADER]]


def punned(g: Graph) -> OFFENDERS:
    kinds = Counter(s for kind in KINDS for s in set(g.subjects(RDF.type, kind)))
    individuals = {s for s, o in g.subject_objects(RDF.type) if o in ESSAIM}
    return [t for t, times in kinds.items() if times > 1 or t in individuals]


def builtin(g: Graph) -> OFFENDERS:
    reserved = (str(RDF), str(RDFS), str(OWL), str(XSD))
    return [s for s in g.subjects() if isinstance(s, URIRef) and str(s).startswith(reserved)]


def outside_datatype_map(g: Graph) -> OFFENDERS:
    data = set(g.subjects(RDF.type, OWL.DatatypeProperty))
    ranges = [(p, r) for p in data for r in g.objects(p, RDFS.range) if r not in DATATYPES]
    return ranges + [o for o in g.objects() if isinstance(o, Literal)
                     and o.datatype and o.datatype not in DATATYPES]  # fmt: skip


def object_ranges(g: Graph) -> OFFENDERS:
    return [(p, r) for p in g.subjects(RDF.type, OWL.ObjectProperty)
            for r in g.objects(p, RDFS.range) if r in DATATYPES]  # fmt: skip


def annotation_axioms(g: Graph) -> OFFENDERS:
    axioms = (RDFS.domain, RDFS.range, RDFS.subPropertyOf, OWL.inverseOf)
    return [p for p in g.subjects(RDF.type, OWL.AnnotationProperty)
            for a in axioms if (p, a, None) in g]  # fmt: skip


def blank_nodes(g: Graph) -> OFFENDERS:
    for node in {s for s in g.subjects() if isinstance(s, BNode)}:
        is_list = (node, RDF.first, None) in g
        if not is_list and (node, RDF.type, OWL.AllDisjointClasses) not in g:
            yield node


RULES: list[tuple[str, Callable[[Graph], OFFENDERS], str]] = [
    ("missing_label", missing(RDFS.label), "write rdfs:label in fr and en"),
    ("missing_definition", missing(RDFS.comment), "write rdfs:comment in fr and en"),
    ("missing_example", missing(SKOS.example), "write a short concrete skos:example"),
    ("missing_ontology_title", missing_of_ontology(DCTERMS.title), "write dcterms:title"),
    ("missing_ontology_description", missing_of_ontology(DCTERMS.description), "write it"),
    ("missing_ontology_license", missing_of_ontology(DCTERMS.license), "write dcterms:license"),
    ("missing_ontology_version", missing_of_ontology(OWL.versionIRI), "write owl:versionIRI"),
    ("missing_ontology_creator", missing_of_ontology(DCTERMS.creator), "write dcterms:creator"),
    ("duplicate_label", duplicate(RDFS.label), "give each term a label of its own"),
    ("duplicate_definition", duplicate(RDFS.comment), "say what sets the two terms apart"),
    ("multiple_labels", multiple(RDFS.label), "keep one rdfs:label per language"),
    ("multiple_definitions", multiple(RDFS.comment), "keep one rdfs:comment per language"),
    ("annotation_whitespace", whitespace, "remove leading, trailing and double spaces"),
    ("missing_language_tag", untagged, "tag the text @fr or @en"),
    ("lowercase_definition", lowercase_definition, "begin the comment with a capital"),
    ("unfinished_definition", unfinished_definition, "end the comment with a full stop"),
    ("label_formatting", capitals, "begin the label of a class with a capital"),
    ("deprecated_class_reference", deprecated, "point to the term that replaces it"),
    ("missing_is_defined_by", foreign_home, "rdfs:isDefinedBy <https://w3id.org/essaim/ns>"),
    ("illegal_use_of_built_in_vocabulary", builtin, "say nothing about RDF, RDFS, OWL or XSD"),
    ("OWL 2 DL: punning", punned, "one kind per IRI: class, object, datatype or annotation"),
    ("OWL 2 DL: datatype map", outside_datatype_map, "leave xsd:date and others to SHACL"),
    ("OWL 2 DL: object range", object_ranges, "an object property ranges over a class"),
    ("OWL 2 DL: annotation axioms", annotation_axioms, "drop the axiom or declare the kind"),
    ("OWL 2 DL: blank nodes", blank_nodes, "name the node, or keep it in a list"),
]


@pytest.mark.parametrize(("rule", "check", "remedy"), RULES, ids=[r[0] for r in RULES])
def test_the_ontology_keeps_the_rule(
    rule: str, check: Callable[[Graph], OFFENDERS], remedy: str, ontology: Graph
) -> None:
    found = list(check(ontology))
    assert not found, f"ROBOT {rule}: {remedy}; see {found[:5]}"


@pytest.mark.parametrize(
    ("rule", "check", "remedy"), [r for r in RULES if r[0].startswith("OWL 2 DL")]
)
def test_the_alignments_stay_in_owl_2_dl(
    rule: str, check: Callable[[Graph], OFFENDERS], remedy: str, merged: Graph
) -> None:
    found = list(check(merged))
    assert not found, f"{rule}: {remedy}; see {found[:5]}"
