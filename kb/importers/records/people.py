"""Elected people, one file each with all their mandates; public office only.

One mandate named by several cases (same role, same body, same years) is one node with all its
sources. A mandate whose holder the record does not name stays in the file of its innovation.
"""

from __future__ import annotations

from dataclasses import dataclass

from rdflib import FOAF, RDF, Graph, Literal, URIRef

from kb.importers.records import tables
from kb.importers.records.making import Making, add, integer, kind, own, string
from kb.importers.records.places import head
from kb.importers.records.reading import Node
from kb.terms import ESSAIM, concept, record, slug

UNSOURCED = "Mandat donné par la fiche sans page propre ; les sources sont celles de l'innovation."


@dataclass(frozen=True, slots=True)
class Office:
    """What the table says of an office: its concepts, its name where that says more than they."""

    concepts: list[URIRef]
    name: Literal | None


def mandates(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    """Write the mandates a case names, and link them to it."""
    roles = _roles(making)
    for n, item in enumerate(case.children("mandates"), start=1):
        name = item.text("name")
        target = person(name, making) if name else graph
        made = _mandate(target, item, name, own("mandate", case.peek("id"), n), roles)
        add(graph, iri, "involvesMandate", made)
        body = item.peek("body")
        found = making.registry.near(body, case)
        add(target, made, "mandateBody", found.iri if found and found.public else None)
        making.note(target, made, item.text("note"))
        making.cite(target, made, item, "source")
    _elected(graph, iri, case, roles, making)


def _roles(making: Making) -> dict[str, Office]:
    found = tables.rows(making.tables / "mandate-roles.tsv", ("as_written", "role", "language"))
    return {
        row["as_written"]: Office(
            [concept("mandate-role", one) for one in row["role"].split()],
            Literal(row["as_written"], lang=row["language"]) if row["language"] else None,
        )
        for row in found
    }


def person(name: str, making: Making) -> Graph:
    """Return the file of a person, the person described in it."""
    graph = making.files.open("people", slug(name))
    iri = record("person", slug(name))
    graph.add((iri, RDF.type, FOAF.Person))
    graph.add((iri, FOAF.name, Literal(name)))
    tables.label(graph, iri, name, name)
    return graph


def _mandate(
    graph: Graph, item: Node, name: str, unnamed: URIRef, roles: dict[str, Office]
) -> URIRef:
    role, body = item.text("person_role"), item.text("body")
    start, end = item.whole("start"), item.whole("end")
    office = roles.get(role, Office([], string(role)))
    made = _same(graph, office, body, start, end) if name else None
    if made is None:
        made = _next(graph, name) if name else unnamed
        _describe(graph, made, name, office)
        add(graph, made, "mandateBodyName", string(body))
        add(graph, made, "startYear", integer(start))
        add(graph, made, "endYear", integer(end))
    if role not in roles:
        item.refuse("person_role", "no row in data/making/mandate-roles.tsv")
    return made


def _describe(graph: Graph, made: URIRef, name: str, office: Office) -> None:
    kind(graph, made, "ElectedMandate")
    if name:
        add(graph, made, "holder", record("person", slug(name)))
    add(graph, made, "mandateRoleName", office.name)
    add(graph, made, "mandateRole", *office.concepts)


def _next(graph: Graph, name: str) -> URIRef:
    count = len(set(graph.subjects(RDF.type, ESSAIM.ElectedMandate)))
    return own("mandate", slug(name), count + 1)


def _same(
    graph: Graph, office: Office, body: str, start: int | None, end: int | None
) -> URIRef | None:
    """Return the mandate already written with that office, body and years."""
    wanted = (office.name, string(body), integer(start), integer(end))
    for made in graph.subjects(RDF.type, ESSAIM.ElectedMandate):
        if isinstance(made, URIRef):
            names = ("mandateRoleName", "mandateBodyName", "startYear", "endYear")
            found = tuple(graph.value(made, ESSAIM[name]) for name in names)
            same = set(graph.objects(made, ESSAIM.mandateRole)) == set(office.concepts)
            if same and found == wanted:
                return made
    return None


def _elected(
    graph: Graph, iri: URIRef, case: Node, roles: dict[str, Office], making: Making
) -> None:
    """Write the mandates of `elected_role`, which gives a person and the names of the roles."""
    found = case.child("elected_role")
    if found is None:
        return
    name = found.text("person")
    target = person(name, making)
    for role in found.texts("roles"):
        if role not in roles:
            making.note(graph, iri, f"{name} : {role} (fonction qui n'est pas un mandat public).")
            continue
        made = _next(target, name)
        _describe(target, made, name, roles[role])
        body = making.registry.near(head("Ville de " + role.rpartition(" de ")[2]), case)
        add(target, made, "mandateBody", body.iri if body and " de " in role else None)
        making.note(target, made, UNSOURCED)
        add(graph, iri, "involvesMandate", made)
    making.note(target, record("person", slug(name)), found.text("note"))
