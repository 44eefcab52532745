"""The need a case answers, by whom it is poorly met, and the diagnosis it comes from."""

from __future__ import annotations

from rdflib import DCTERMS, Graph, Literal, URIRef

from kb.importers.records import tables
from kb.importers.records.making import Making, add, french, integer, kind, own, string, term
from kb.importers.records.reading import Node
from kb.terms import concept

BASES = {
    "stated": "stated",
    "inferred-by-coder": "inferred-by-coder",
    "guessed-from-name": "guessed-from-name",
}
POORLY_MET = {
    "market": ("market",),
    "public-policy": ("public-policy",),
    "both": ("market", "public-policy"),
}
# Needs of the record that are means; a case with nothing else has its need still to be stated.
MEANS = {"accompagnement-innovation", "developpement-economique-local", "finance-solidaire"}
ONLY_MEANS = "Seuls des moyens sont notés comme besoins ; le besoin social reste à énoncer."
# Keys of a diagnosis that are counts, and what is counted.
COUNTED = {
    "interviews": "entretiens",
    "questionnaires": "questionnaires",
    "workshops": "ateliers",
    "organisations": "organisations",
    "households": "ménages",
}
SAID = {
    "document": "document : ",
    "author": "auteur : ",
    "commissioned_by": "commande : ",
    "handed_to": "remis à : ",
}


def write(
    graph: Graph,
    iri: URIRef,
    case: Node,
    territories: list[URIRef],
    diagnosis: URIRef | None,
    making: Making,
) -> None:
    """Write the one need statement of a case."""
    need = kind(graph, own("need", case.peek("id"), 1), "NeedStatement")
    add(graph, iri, "addressesNeed", need)
    names = case.texts("needs")
    for n, name in enumerate(names):
        add(graph, need, "needConcept", term("need", case, "needs", name, n))
    if names and set(names) <= MEANS:
        making.note(graph, need, ONLY_MEANS)
    add(graph, need, "needTerritory", *territories)
    add(graph, need, "statementText", french(case.text("need_statement")))
    by_whom = case.text("need_poorly_met_by")
    for notation in POORLY_MET.get(by_whom, ()):
        add(graph, need, "poorlyMetBy", concept("poorly-met-by", notation))
    if by_whom and by_whom not in POORLY_MET:
        case.refuse("need_poorly_met_by", "neither market, public-policy nor both")
    for key in ("need_basis", "needs_basis"):
        basis = case.text(key)
        if basis in BASES:
            add(graph, need, "basis", concept("basis", BASES[basis]))
        elif basis:
            case.refuse(key, "no notation of the scheme basis")
    making.note(graph, need, case.text("need_coding"))
    making.cite(graph, need, case, "need_source")
    add(graph, need, "identifiedIn", diagnosis)


def diagnosis(graph: Graph, iri: URIRef, case: Node, making: Making) -> URIRef | None:
    """Write the diagnosis of a case and return it."""
    whole, shared = case.child("diagnosis"), case.child("shared_diagnosis")
    found = shared or whole
    if found is None:
        return None
    is_shared = shared is not None or found.flag("shared")
    made = own("diagnosis", case.peek("id"), 1)
    kind(graph, made, "SharedDiagnosis" if is_shared else "Diagnosis")
    add(graph, iri, "hasDiagnosis", made)
    title = found.text("title")
    name = making.labels["innovations"].known.get(case.peek("id"), (case.peek("name"),) * 2)
    tables.label(graph, made, f"Diagnostic : {name[0]}", f"Diagnosis: {name[1]}")
    if title:
        graph.add((made, DCTERMS.title, Literal(title)))
    add(graph, made, "startYear", integer(found.whole("year")))
    add(graph, made, "conductedByName", string(found.text("by")))
    add(graph, made, "method", french(found.text("method")))
    add(graph, made, "participantCount", integer(found.whole("participants")))
    add(graph, made, "proposalCount", integer(found.whole("proposals")))
    if text := _composed(found):
        graph.add((made, DCTERMS.description, Literal(text, lang="fr")))
    making.note(graph, made, found.text("status"))
    making.cite(graph, made, found, "source")
    return made


def _composed(found: Node) -> str:
    counts = [(found.whole(key), what) for key, what in COUNTED.items()]
    said = [(prefix, found.text(key)) for key, prefix in SAID.items()]
    parts = [f"{count} {what}" for count, what in counts if count is not None]
    parts += [prefix + text for prefix, text in said if text]
    return " ; ".join(parts)
