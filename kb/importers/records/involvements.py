"""Who takes part in a case: one involvement for each actor, one for each authority.

An authority that stands in both lists of a case has one involvement, with its role and its
postures. Postures are written as assessments, never on the involvement.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rdflib import Graph, URIRef

from kb.importers.records.bodies import LEVELS, TYPES, Body
from kb.importers.records.making import Making, add, kind, own, string, term
from kb.importers.records.reading import Node
from kb.terms import concept


@dataclass(slots=True)
class Cast:
    """The involvements of a case by body, and the postures the first reading gives them."""

    case: str
    by_body: dict[str, URIRef] = field(default_factory=dict)
    postures: list[tuple[URIRef, str]] = field(default_factory=list)
    count: int = 0

    def involve(self, graph: Graph, iri: URIRef, body: Body, name: str) -> URIRef:
        """Return the involvement of a body, made where it has none yet."""
        if body.slug not in self.by_body:
            self.count += 1
            made = own("involvement", self.case, self.count)
            self.by_body[body.slug] = made
            add(graph, iri, "hasInvolvement", made)
            add(graph, made, "involvedActor", body.iri)
        made = self.by_body[body.slug]
        add(graph, made, "nameInSource", string(name))
        return made


def write(graph: Graph, iri: URIRef, case: Node, making: Making) -> Cast:
    """Write the involvements of a case, actors first, in the order of the record."""
    cast = Cast(case.peek("id"))
    authorities = case.children("public_authorities")
    steering = {
        body.slug
        for item in authorities
        if (body := making.registry.find(item.peek("name"), case)) is not None
    }
    for item in case.children("actors"):
        name, sort = item.text("name"), item.text("type")
        body = making.registry.find(name, case)
        if body is None or sort not in TYPES:
            item.refuse("type", "no class for this type of actor")
            continue
        made = cast.involve(graph, iri, body, name)
        kind(graph, made, "PublicInvolvement" if body.slug in steering else "Involvement")
        add(graph, made, "involvementRole", term("involvement-role", item, "role",
                                                 item.text("role")))  # fmt: skip
    for item in authorities:
        _authority(graph, iri, item, case, cast, making)
    return cast


def _authority(
    graph: Graph, iri: URIRef, item: Node, case: Node, cast: Cast, making: Making
) -> None:
    name, level = item.text("name"), item.text("level")
    body = making.registry.find(name, case)
    if body is None or level not in LEVELS:
        item.refuse("level", "no class for this level of government")
        return
    made = kind(graph, cast.involve(graph, iri, body, name), "PublicInvolvement")
    add(graph, made, "governmentLevel", concept("level", body.chosen_level or level))
    for n, posture in enumerate(item.texts("roles")):
        if term("posture", item, "roles", posture, n) is not None:
            cast.postures.append((made, posture))
