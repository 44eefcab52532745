"""Facts as Turtle, each with where it comes from, and as columns added to the list."""

from __future__ import annotations

import csv
import hashlib
import io

import pyoxigraph as ox

from kb import terms
from kb.enrich.facts import Fact, Found
from kb.enrich.listed import Listed
from kb.terms import LANG_STRING, Iri, Literal, Term

A = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
OWL, PROV = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/ns/prov#"
DATE = ox.NamedNode("http://www.w3.org/2001/XMLSchema#dateTime")
BETWEEN = " | "


def turtle(found: Found) -> str:
    """Return the facts as Turtle: each stated, and annotated (`owl:Axiom`) with source and day.

    The same facts give the same text.
    """
    facts = {fact for facts in found.facts.values() for fact in facts}
    ordered = sorted(facts, key=lambda f: (f.item, f.property, str(f.value), f.source, f.seen))
    triples: list[ox.Triple] = []
    for fact in ordered:
        stated = ox.Triple(ox.NamedNode(fact.item), ox.NamedNode(fact.property), _term(fact.value))
        if not triples or stated != triples[-1]:  # two sources may say the same
            triples.append(stated)
    for fact in ordered:
        triples += _annotated(fact)
    made = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=terms.prefixes())
    return (made or b"").decode()


def _annotated(fact: Fact) -> list[ox.Triple]:
    value = _term(fact.value)
    told = "\t".join((fact.item, fact.property, str(value), fact.source, fact.seen))
    node = ox.NamedNode(f"{terms.BASE}enriched/{hashlib.sha256(told.encode()).hexdigest()[:16]}")
    day = ox.Literal(f"{fact.seen}T00:00:00Z", datatype=DATE)
    about = {
        OWL + "annotatedSource": ox.NamedNode(fact.item),
        OWL + "annotatedProperty": ox.NamedNode(fact.property),
        OWL + "annotatedTarget": value,
        PROV + "wasDerivedFrom": ox.NamedNode(fact.source),
        PROV + "generatedAtTime": day,
    }
    made = [ox.Triple(node, A, ox.NamedNode(OWL + "Axiom"))]
    return made + [ox.Triple(node, ox.NamedNode(name), object_) for name, object_ in about.items()]


def _term(value: Term) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Iri):
        return ox.NamedNode(value.value)
    if isinstance(value, Literal) and value.datatype != LANG_STRING:
        return ox.Literal(value.value, datatype=ox.NamedNode(value.datatype))
    return ox.Literal(value.value, language=getattr(value, "language", "") or None)


def columns(listed: Listed, found: Found) -> str:
    """Return the list with a column more for each property, `item` first; several values by |.

    A row whose identifier leads to several items gets these, and no facts: a person must choose.
    """
    named = sorted({_name(fact) for facts in found.facts.values() for fact in facts})
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*listed.sheet.columns, "item", *named])
    for row, identifier in listed.rows():
        items = found.items(identifier)
        cells = dict[str, list[str]]()
        for fact in found.facts.get(identifier, ()) if len(items) == 1 else ():
            cells.setdefault(_name(fact), []).append(str(fact.value.value))
        added = [BETWEEN.join(dict.fromkeys(cells.get(name, ()))) for name in named]
        writer.writerow([*row.cells.values(), BETWEEN.join(items), *added])
    return out.getvalue()


def _name(fact: Fact) -> str:
    """Return the title of the column of a property, with the language of a text in one."""
    name = terms.compact(fact.property)
    language = getattr(fact.value, "language", "")
    return f"{name}@{language}" if language else name
