"""The shipped records use the terms as the ontology means them.

OWL would infer a type where a record contradicts a domain; people expect a complaint. So domains
and ranges are read here as conditions on every node whose type the records state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Namespace, URIRef

from kb import files
from kb.terms import ESSAIM

SDO = Namespace("https://schema.org/")
Statement = tuple[str, str, ox.NamedNode | ox.BlankNode | ox.Literal, str]


@dataclass
class Records:
    """The types each node states, with all their parents, and the essaim statements."""

    types: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    statements: list[Statement] = field(default_factory=list)


@pytest.fixture(scope="module")
def records(ontology: Graph) -> Records:
    read = Records()
    for path in sorted((files.root() / "data").rglob("*.ttl")):
        for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE):
            subject, predicate = quad.subject.value, quad.predicate.value
            if predicate == str(RDF.type):
                read.types[subject] |= parents(ontology, quad.object.value)
            elif predicate.startswith(str(ESSAIM)):
                read.statements.append((subject, predicate, quad.object, path.name))
    return read


def parents(ontology: Graph, iri: str) -> set[str]:
    return {str(c) for c in ontology.transitive_objects(URIRef(iri), RDFS.subClassOf)} | {iri}


def named(ontology: Graph, axioms: Iterable[object]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for axiom in axioms:
        for term, value in ontology.subject_objects(axiom):
            found[str(term)].add(str(value))
    return found


def test_each_term_is_defined(records: Records, ontology: Graph) -> None:
    known = {str(s) for s in ontology.subjects(RDF.type)}
    used = {(p, where) for _, p, _, where in records.statements}
    used |= {(t, s) for s, types in records.types.items() for t in types if t in ESSAIM}
    unknown = sorted(pair for pair in used if pair[0] not in known)
    assert not unknown, f"define the term in ontology/essaim.ttl or mend the record: {unknown[:5]}"


def test_a_property_is_used_on_the_classes_it_is_for(records: Records, ontology: Graph) -> None:
    domains = named(ontology, (RDFS.domain, SDO.domainIncludes))
    wrong = [(s, p, where) for s, p, _, where in records.statements
             if s in records.types and p in domains
             and not domains[p] & records.types[s]]  # fmt: skip
    assert not wrong, f"mend the record, or widen the domain and say why: {wrong[:5]}"


def test_a_value_is_of_the_kind_and_class_expected(records: Records, ontology: Graph) -> None:
    ranges = named(ontology, (RDFS.range, SDO.rangeIncludes))
    objects = {str(p) for p in ontology.subjects(RDF.type, OWL.ObjectProperty)}

    def misfits() -> Iterator[tuple[str, str, str]]:
        for subject, p, value, where in records.statements:
            if (p in objects) == isinstance(value, ox.Literal):
                yield subject, p, where
            elif p in objects and value.value in records.types:
                wanted = {r for r in ranges[p] if r.startswith(str(ESSAIM))}
                if wanted and not wanted & records.types[value.value]:
                    yield subject, p, where

    wrong = list(misfits())
    assert not wrong, f"point to a node of the expected class: {wrong[:5]}"


def test_a_coded_value_is_a_concept_of_its_scheme(
    records: Records, ontology: Graph, schemes: Graph
) -> None:
    allowed: dict[str, set[str]] = defaultdict(set)
    for p, scheme in ontology.subject_objects(ESSAIM.valueScheme):
        allowed[str(p)] |= {str(c) for c in schemes.subjects(SKOS.inScheme, scheme)}
    wrong = [(s, p, str(value), where) for s, p, value, where in records.statements
             if p in allowed and getattr(value, "value", "") not in allowed[p]]  # fmt: skip
    assert not wrong, f"take the value from the scheme of the property: {wrong[:5]}"


def test_no_node_belongs_to_two_disjoint_classes(records: Records, ontology: Graph) -> None:
    groups = [{str(c) for c in ontology.items(ontology.value(a, OWL.members))}
              for a in ontology.subjects(RDF.type, OWL.AllDisjointClasses)]  # fmt: skip
    groups += [{str(a), str(b)} for a, b in ontology.subject_objects(OWL.disjointWith)]
    torn = [(node, sorted(types & group)) for node, types in records.types.items()
            for group in groups if len(types & group) > 1]  # fmt: skip
    assert not torn, f"make two records of it (an authority is not its territory): {torn[:5]}"
