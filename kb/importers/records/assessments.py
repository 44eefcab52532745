"""Both readings of a case, each as assessments; neither overwrites the other.

The first reading carries no evidence: its basis is *unverified*, or *inherited from the family*
where the record says so. A null of it is *not coded*, hence no assessment at all. The second one
judges each criterion apart, with confidence and evidence; *undecidable* rests on a search.
"""

from __future__ import annotations

from rdflib import PROV, RDF, Graph, Literal, URIRef

from kb.importers.records import pages
from kb.importers.records.involvements import Cast
from kb.importers.records.making import Making, add, french, kind, own, term
from kb.importers.records.reading import Node
from kb.terms import ESSAIM, concept, record

# No day of reading was recorded: the records were first published on this one (EDTF, ISO 8601-2).
READ_BY = (Literal("../2026-11-23"), Literal(2026))
CODERS = {"first": record("agent", "first-reading"), "second": record("agent", "second-reading")}
# What « generalisation » meant: the second codebook defines it, the first did not distinguish.
STAGES = {
    "first": {"generalisation": "regular-operation"},
    "second": {"generalisation": "implementation"},
}
LAW = {
    "I-1-market": "law2014-1-market",
    "I-1-policy": "law2014-1-policy",
    "I-2-form": "law2014-2-form",
    "I-2-process": "law2014-2-process",
    "I-2-work": "law2014-2-work",
    "codesign": "law2014-codesign",
}
UNDECIDABLE = concept("verdict", "undecidable")
STATUS = {"proposed-by-one-coder": "Codage proposé par un seul codeur, non validé par d'autres."}
ABROAD = (
    "Cas hors de France : l'article 15 de la loi de 2014 sert de grille, non de droit applicable."
)
OUTSIDE = "Autorité absente de la fiche lue, ajoutée par la seconde lecture."


def _reading(graph: Graph, iri: URIRef, case: str, which: str) -> URIRef:
    made = own("reading", case, which)
    kind(graph, made, "Reading")
    graph.add((made, RDF.type, PROV.Activity))
    add(graph, made, "readingOf", iri)
    add(graph, made, "coder", CODERS[which])
    for bound, value in zip(("edtf", "latestYear"), READ_BY, strict=True):
        add(graph, made, bound, value)
    return made


def _assessment(
    graph: Graph, case: str, which: str, facet: str, about: URIRef, criterion: str,
    verdict: URIRef, basis: str,
) -> URIRef:  # fmt: skip
    made = kind(graph, own("assessment", case, f"{which}-{facet}"), "Assessment")
    add(graph, made, "assesses", about)
    add(graph, made, "criterion", concept("criterion", criterion))
    add(graph, made, "verdict", verdict)
    add(graph, made, "coder", CODERS[which])
    add(graph, made, "partOfReading", own("reading", case, which))
    # What was searched and not found is not observed, and has no evidence to weigh.
    add(graph, made, "basis", concept("basis", "not-found" if verdict == UNDECIDABLE else basis))
    return made


def first(
    graph: Graph, iri: URIRef, case: Node, cast: Cast, cited: list[URIRef], making: Making
) -> None:
    """Write the first reading: what `coding` and the roles of the authorities say."""
    ident, coding = case.peek("id"), case.child("coding")
    reading = _reading(graph, iri, ident, "first")
    for page in cited:
        graph.add((reading, PROV.used, page))
    if coding:
        status = coding.text("status")
        making.note(graph, reading, STATUS.get(status, status))
        making.note(graph, reading, coding.text("role_note"))
        inherited = coding.text("basis") == "inherited-from-family"
        if not inherited and coding.peek("basis"):
            coding.refuse("basis", "no notation of the scheme basis")
        place = case.child("place")
        if place and place.peek("country") != "FR" and coding.value.get("law2014_branch"):
            making.note(graph, reading, ABROAD)
        _coded(graph, iri, ident, coding, "inherited-from-family" if inherited else "unverified")
    for n, (involvement, posture) in enumerate(cast.postures, start=1):
        verdict = concept("posture", posture)
        _assessment(graph, ident, "first", f"posture-{n}", involvement, "posture", verdict,
                    "unverified")  # fmt: skip


def _coded(graph: Graph, iri: URIRef, ident: str, coding: Node, basis: str) -> None:
    ambition = term("ambition", coding, "ambition", coding.text("ambition"))
    if ambition is not None:
        _assessment(graph, ident, "first", "ambition", iri, "ambition", ambition, basis)
    written = coding.text("stage")
    stage = term("stage", coding, "stage", STAGES["first"].get(written, written))
    if stage is not None:
        _assessment(graph, ident, "first", "stage", iri, "stage", stage, basis)
    branch = coding.whole("law2014_branch")
    if branch in (1, 2):
        _assessment(graph, ident, "first", f"law2014-{branch}", iri, f"law2014-{branch}",
                    concept("verdict", "yes"), basis)  # fmt: skip
    elif branch is not None:
        coding.refuse("law2014_branch", "neither branch 1 nor branch 2")


def second(graph: Graph, iri: URIRef, node: Node, case: Node, cast: Cast, making: Making) -> None:
    """Write the second reading of a case."""
    ident = case.peek("id")
    reading = _reading(graph, iri, ident, "second")
    if law := node.child("law2014"):
        _law(graph, iri, ident, law)
        making.note(graph, reading, _branch_note(law))
    for facet in ("ambition", "stage"):
        if part := node.child(facet):
            written = part.text("value")
            value = STAGES["second"].get(written, written) if facet == "stage" else written
            verdict = UNDECIDABLE if value == "undecidable" else term(facet, part, "value", value)
            if verdict is not None:
                made = _assessment(graph, ident, "second", facet, iri, facet, verdict, "observed")
                _evidence(graph, made, part)
    count = 0
    for key in ("postures", "postures_outside_record"):
        for item in node.children(key):
            count += 1
            outside = key == "postures_outside_record"
            _posture(graph, iri, item, case, cast, making, count, outside)


def _law(graph: Graph, iri: URIRef, ident: str, law: Node) -> None:
    for key, criterion in LAW.items():
        verdict = term("verdict", law, key, law.text(key))
        if verdict is not None:
            made = _assessment(graph, ident, "second", criterion, iri, criterion, verdict,
                               "observed")  # fmt: skip
            _evidence(graph, made, law)


def _branch_note(law: Node) -> str:
    """Check the branch against the criteria it is derived from; say so where it differs."""
    one = "yes" in (law.peek("I-1-market"), law.peek("I-1-policy"))
    two = "yes" in (law.peek("I-2-form"), law.peek("I-2-process"), law.peek("I-2-work"))
    derived = {(True, True): "both", (True, False): "1", (False, True): "2"}
    written = law.text("branch")
    if written == derived.get((one, two), "undecidable"):
        return ""
    return f"Branche notée par la seconde lecture : {written} ; les critères ne la donnent pas."


def _evidence(graph: Graph, made: URIRef, part: Node) -> None:
    confidence = term("confidence", part, "confidence", part.text("confidence"))
    if (made, ESSAIM.verdict, UNDECIDABLE) not in graph:
        add(graph, made, "confidence", confidence)
    add(graph, made, "evidenceText", french(part.text("evidence")))


def _posture(
    graph: Graph, iri: URIRef, item: Node, case: Node, cast: Cast, making: Making,
    count: int, outside: bool,
) -> None:  # fmt: skip
    name = item.text("authority")
    body = making.registry.find(name, case)
    verdict = term("posture", item, "posture", item.text("posture"))
    if body is None or verdict is None:
        item.refuse("authority", "an authority no list of the case names")
        return
    known = body.slug in cast.by_body
    involvement = kind(graph, cast.involve(graph, iri, body, name), "PublicInvolvement")
    if not known and body.level:
        add(graph, involvement, "governmentLevel", concept("level", body.level))
    made = _assessment(graph, case.peek("id"), "second", f"posture-{count}", involvement,
                       "posture", verdict, "observed")  # fmt: skip
    _evidence(graph, made, item)
    if outside:
        making.note(graph, made, OUTSIDE)


def pages_read(graph: Graph, node: Node) -> None:
    """State the pages the second reading used: those of the record, and more as excerpts."""
    reading = own("reading", node.peek("id"), "second")
    for key in ("record_sources", "read_in_addition_as_excerpt"):
        for n, url in enumerate(node.texts(key)):
            page = pages.page(url)
            if page is None:
                node.refuse(key, "not a web address", n)
                continue
            graph.add((reading, PROV.used, page))
            pages.describe(graph, page, "read-excerpt")
