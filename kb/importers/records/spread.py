"""How an innovation spreads: origins, transfers, policies that support it or that it inspired."""

from __future__ import annotations

from rdflib import Graph, URIRef

from kb.importers.records import tables
from kb.importers.records.making import Making, add, french, integer, kind, own, string
from kb.importers.records.places import head
from kb.importers.records.reading import Node
from kb.terms import slug

UNSOURCED = "Aucune source n'est donnée pour ce transfert."


def write(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    """Write what a case, or a model, takes from others and gives to others."""
    _origin(graph, iri, case, making)
    making.note(graph, iri, case.text("derived_from_note"))
    add(graph, iri, "transferNote", french(case.text("transfers_warning")))
    for key in ("policies", "policies_add"):
        for n, ident in enumerate(case.texts(key)):
            add(graph, iri, "supportedBy", _policy(case, key, ident, making, n))
    transfers(graph, iri, case, making)
    influences(graph, iri, case, making)


def _policy(case: Node, key: str, ident: str, making: Making, n: int) -> URIRef | None:
    found = making.policies.get(ident)
    if found is None:
        case.refuse(key, "no policy record has this identifier", n)
    return found


def _origin(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    name = case.text("derived_from")
    if not name:
        return
    found = making.innovations.get(name) or making.models.get(slug(name))
    if found is None:
        case.refuse("derived_from", "neither a case nor a row of data/making/models.tsv")
    add(graph, iri, "derivedFrom", found)


def transfers(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    """Write the transfers of a record; a name is kept as written, a case takes its own name."""
    stem = str(iri).rpartition("/")[2]
    for n, item in enumerate(case.children("transfers"), start=1):
        made = kind(graph, own("transfer", stem, n), "Transfer")
        add(graph, iri, "hasTransfer", made)
        origin, target = item.text("from"), item.text("to")
        names = [making.labels["innovations"].known.get(x, (x, x)) for x in (origin, target)]
        add(graph, made, "transferFromName", string(names[0][0]))
        add(graph, made, "transferToName", string(names[1][0]))
        add(graph, made, "transferFrom", _end(origin, making))
        add(graph, made, "transferTo", _end(target, making))
        tables.label(graph, made, *(f"{names[0][i]} → {names[1][i]}" for i in (0, 1)))
        add(graph, made, "startYear", integer(item.whole("year")))
        add(graph, made, "networkName", string(item.text("network")))
        making.note(graph, made, item.text("note"))
        if making.cite(graph, made, item, "source") is None:
            making.note(graph, made, UNSOURCED)


def _end(name: str, making: Making) -> URIRef | None:
    """Return what one end of a transfer names: a case, else a model, else a territory."""
    for text in (name, head(name)):
        if found := making.innovations.get(text) or making.models.get(slug(text)):
            return found
    return making.places.named(name)


def influences(graph: Graph, iri: URIRef, case: Node, making: Making) -> None:
    """Write the policies a record says it inspired, with the delay where one is given."""
    for n, ident in enumerate(case.texts("informed_policy")):
        add(graph, iri, "informedPolicy", _policy(case, "informed_policy", ident, making, n))
    stem = str(iri).rpartition("/")[2]
    for n, item in enumerate(case.children("informed_policy"), start=1):
        made = kind(graph, own("influence", stem, n), "PolicyInfluence")
        add(graph, iri, "hasPolicyInfluence", made)
        name = item.text("policy")
        found = making.policies.get(name)
        add(graph, iri, "informedPolicy", found)
        add(graph, made, "influencedPolicy", found)
        add(graph, made, "policyName", None if found else string(name))
        add(graph, made, "delayYears", integer(item.whole("delay_years")))
        add(graph, made, "startYear", integer(item.whole("year")))
        making.note(graph, made, item.text("note"))
        making.cite(graph, made, item, "source")
