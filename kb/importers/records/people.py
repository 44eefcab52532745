"""Elected people, one file each with all their mandates; public office only.

One mandate named by several cases (same role, same body, same years) is one node with all its
sources. A mandate whose holder the record does not name stays in the file of its innovation.
"""

from __future__ import annotations

from rdflib import FOAF, RDF, Graph, Literal, URIRef

from kb.importers.records import tables
from kb.importers.records.making import Making, add, integer, kind, own, string
from kb.importers.records.places import head
from kb.importers.records.reading import Node
from kb.terms import ESSAIM, concept, record, slug

UNSOURCED = "Mandat donné par la fiche sans page propre ; les sources sont celles de l'innovation."


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


def _roles(making: Making) -> dict[str, list[str]]:
    found = tables.rows(making.tables / "mandate-roles.tsv", ("as_written", "role"))
    return {row["as_written"]: row["role"].split() for row in found}


def person(name: str, making: Making) -> Graph:
    """Return the file of a person, the person described in it."""
    graph = making.files.open("people", slug(name))
    iri = record("person", slug(name))
    graph.add((iri, RDF.type, FOAF.Person))
    graph.add((iri, FOAF.name, Literal(name)))
    tables.label(graph, iri, name, name)
    return graph


def _mandate(
    graph: Graph, item: Node, name: str, unnamed: URIRef, roles: dict[str, list[str]]
) -> URIRef:
    role, body = item.text("person_role"), item.text("body")
    start, end = item.whole("start"), item.whole("end")
    made = _same(graph, role, body, start, end) if name else None
    if made is None:
        made = _next(graph, name) if name else unnamed
        _describe(graph, made, name, role, roles)
        add(graph, made, "mandateBodyName", string(body))
        add(graph, made, "startYear", integer(start))
        add(graph, made, "endYear", integer(end))
    if role not in roles:
        item.refuse("person_role", "no row in data/making/mandate-roles.tsv")
    return made


def _describe(
    graph: Graph, made: URIRef, name: str, role: str, roles: dict[str, list[str]]
) -> None:
    kind(graph, made, "ElectedMandate")
    if name:
        add(graph, made, "holder", record("person", slug(name)))
    add(graph, made, "mandateRoleName", string(role))
    add(graph, made, "mandateRole", *(concept("mandate-role", one) for one in roles.get(role, ())))


def _next(graph: Graph, name: str) -> URIRef:
    count = len(set(graph.subjects(RDF.type, ESSAIM.ElectedMandate)))
    return own("mandate", slug(name), count + 1)


def _same(graph: Graph, role: str, body: str, start: int | None, end: int | None) -> URIRef | None:
    """Return the mandate already written with that role, body and years."""
    wanted = (role, body, start, end)
    for made in graph.subjects(RDF.type, ESSAIM.ElectedMandate):
        if isinstance(made, URIRef):
            texts = [graph.value(made, ESSAIM[p]) for p in ("mandateRoleName", "mandateBodyName")]
            years = [graph.value(made, ESSAIM[p]) for p in ("startYear", "endYear")]
            found = (
                *(str(text or "") for text in texts),
                *(None if year is None else int(str(year)) for year in years),
            )
            if found == wanted:
                return made
    return None


def _elected(
    graph: Graph, iri: URIRef, case: Node, roles: dict[str, list[str]], making: Making
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
        _describe(target, made, name, role, roles)
        body = making.registry.near(head("Ville de " + role.rpartition(" de ")[2]), case)
        add(target, made, "mandateBody", body.iri if body and " de " in role else None)
        making.note(target, made, UNSOURCED)
        add(graph, iri, "involvesMandate", made)
    making.note(target, record("person", slug(name)), found.text("note"))
