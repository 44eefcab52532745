"""One file a policy: the instrument and the level are concepts, the rest is as written."""

from __future__ import annotations

import re

from rdflib import DCTERMS, FOAF, RDF, XSD, Graph, Literal, URIRef

from kb.importers.records import pages, tables
from kb.importers.records.making import Making, add, integer, kind, string, term
from kb.importers.records.places import territory
from kb.importers.records.reading import Node
from kb.terms import ESSAIM, concept, slug

# Kinds of number with a property of their own; the others are kept with their name.
NUMBERS = {"JORFTEXT": "jorftext", "NOR": "nor", "CELEX": "celex"}


def write(making: Making, policies: list[Node]) -> None:
    """Write the file of every policy."""
    chosen = {
        row["id"]: row
        for row in tables.rows(making.tables / "policies.tsv", ("id", "level", "note"))
    }
    areas = {
        row["code"]: row["territory"]
        for row in tables.rows(making.tables / "jurisdictions.tsv", ("code", "territory"))
    }
    for node in policies:
        ident = node.text("id")
        graph = making.files.open("policies", ident)
        iri = kind(graph, making.policies[ident], "PublicPolicy")
        title = node.text("title")
        tables.label(graph, iri, *making.labels["policies"].pair(ident, title))
        graph.add((iri, DCTERMS.title, Literal(title)))
        if node.text("kind") not in ("", "policy"):
            node.refuse("kind", "a record of policies.json that is no policy")
        _nature(graph, iri, node, chosen.get(ident, {}), making)
        _jurisdiction(graph, iri, node, areas)
        _dates(graph, iri, node, making)
        _numbers(graph, iri, node, making)
        _relations(graph, iri, node, making)
        _pages(graph, iri, node, making)
        making.facts(graph, iri, node.text("facts"), node.text("facts_add"))


def _nature(graph: Graph, iri: URIRef, node: Node, chosen: dict[str, str], making: Making) -> None:
    add(graph, iri, "policyInstrument", term("instrument", node, "instrument",
                                             node.text("instrument")))  # fmt: skip
    level = node.text("level")
    if chosen.get("level"):
        add(graph, iri, "governmentLevel", concept("level", chosen["level"]))
        making.note(graph, iri, f"Échelon noté « {level} » ; {chosen['note']}.")
    else:
        add(graph, iri, "governmentLevel", term("level", node, "level", level))
    for n, posture in enumerate(node.texts("authority_roles")):
        add(graph, iri, "enablesPosture", term("posture", node, "authority_roles", posture, n))
    for n, need in enumerate(node.texts("needs")):
        add(graph, iri, "addressesNeedConcept", term("need", node, "needs", need, n))


def _jurisdiction(graph: Graph, iri: URIRef, node: Node, areas: dict[str, str]) -> None:
    code = node.text("jurisdiction")
    add(graph, iri, "jurisdictionCode", string(code))
    if code in areas:
        add(graph, iri, "appliesTo", territory(areas[code]) if areas[code] else None)
    elif re.fullmatch(r"[A-Z]{2}", code):
        add(graph, iri, "appliesTo", territory(f"country-{code.lower()}"))
    elif found := re.fullmatch(r"FR-(\d{2,3}|2[AB])", code):
        add(graph, iri, "appliesTo", territory(f"departement-{found[1].lower()}"))


def _dates(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    for key, name in (("date", "start"), ("end", "end")):
        written = node.text(key)
        if not written:
            continue
        if not re.fullmatch(r"\d{4}(-\d\d){0,2}", written):
            node.refuse(key, "neither a year, a month nor a day")
            continue
        add(graph, iri, f"{name}Year", integer(int(written[:4])))
        if len(written) == 10:
            add(graph, iri, f"{name}Date", Literal(written, datatype=XSD.date))
        elif len(written) == 7:
            add(graph, iri, "dateAsWritten", Literal(written))
    making.note(graph, iri, node.text("date_note"))


def _numbers(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    if numbers := node.child("identifiers"):
        for key in numbers.names():
            value = numbers.text(key)
            if key not in NUMBERS:
                graph.add((iri, DCTERMS.identifier, Literal(f"{key} {value}")))
                continue
            plain, _, remark = value.partition(" (")
            add(graph, iri, NUMBERS[key], Literal(plain))
            if remark:
                making.note(graph, iri, f"{key} {plain} : ({remark}")
    making.note(graph, iri, node.text("identifiers_note"))
    if eli := node.text("eli"):
        found = pages.page(eli)
        add(graph, iri, "eli", found)
        if found is None:
            node.refuse("eli", "not a web address")


def _relations(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    for name in node.texts("based_on"):
        found = making.policies.get(name)
        add(graph, iri, "legalBasis" if found else "legalBasisName", found or Literal(name))
    making.note(graph, iri, node.text("based_on_note"))
    for name in node.texts("inspired_by"):
        origin = making.innovations.get(name) or making.models.get(slug(name))
        add(graph, iri, "inspiredBy" if origin else "inspiredByName", origin or Literal(name))
    for name in node.texts("french_partners"):
        add(graph, iri, "partnerName", Literal(name))
    for n, name in enumerate(node.texts("about")):
        case = making.innovations.get(name)
        if case is None:
            node.refuse("about", "no case has this identifier", n)
        else:
            graph.add((iri, DCTERMS.relation, case))


def _pages(graph: Graph, iri: URIRef, node: Node, making: Making) -> None:
    url, evidence, copy = node.text("url"), node.text("evidence"), node.flag("copy")
    if evidence and evidence not in pages.READ:
        node.refuse("evidence", "no notation of the scheme reading-mode")
    if page := pages.page(url):
        graph.add((iri, FOAF.page, page))
        making.cited.setdefault(pages.same(url), []).append(iri)
    elif url:
        node.refuse("url", "not a web address")
    sources = [node.text("source"), *node.texts("sources")]
    for n, source in enumerate(sources):
        if source and making.source(graph, iri, source, evidence, copy and not n) is None:
            node.refuse("source" if not n else "sources", "not a web address", n - 1 if n else None)
        making.cited.setdefault(pages.same(source), []).append(iri)
    for n, source in enumerate(node.texts("other_sources")):
        if making.source(graph, iri, source, "read-excerpt") is None:
            node.refuse("other_sources", "not a web address", n)
        making.cited.setdefault(pages.same(source), []).append(iri)
    for item in node.children("more_sources"):
        source, how = item.text("url"), item.text("evidence")
        if making.source(graph, iri, source, how) is None:
            item.refuse("url", "not a web address")
        making.cited.setdefault(pages.same(source), []).append(iri)
    if (None, RDF.type, ESSAIM.SourcePage) not in graph and page:
        making.source(graph, iri, url, evidence, copy)
