"""Issues of qSKOS (https://github.com/cmader/qSKOS) stay absent from each concept scheme."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, SKOS, Graph, Literal, URIRef

from kb import files

FILES = sorted((files.root() / "ontology" / "schemes").glob("*.ttl"))
OFFENDERS = Iterable[object]
HIERARCHY = (SKOS.broader, SKOS.narrower)
TEXTS = (SKOS.prefLabel, SKOS.altLabel, SKOS.definition, SKOS.scopeNote, SKOS.example)


def concepts(g: Graph) -> set[URIRef]:
    return set(g.subjects(RDF.type, SKOS.Concept))


def tops(g: Graph) -> set[URIRef]:
    return set(g.objects(None, SKOS.hasTopConcept))


def above(g: Graph, concept: URIRef) -> set[URIRef]:
    return {x for parent in g.objects(concept, SKOS.broader)
            for x in g.transitive_objects(parent, SKOS.broader)}  # fmt: skip


def orphans(g: Graph) -> OFFENDERS:
    return [c for c in concepts(g) - tops(g) if (c, SKOS.broader, None) not in g]


def cycles(g: Graph) -> OFFENDERS:
    return [c for c in concepts(g) if c in above(g, c)]


def omitted_tops(g: Graph) -> OFFENDERS:
    return [s for s in g.subjects(RDF.type, SKOS.ConceptScheme)
            if (s, SKOS.hasTopConcept, None) not in g]  # fmt: skip


def tops_with_broader(g: Graph) -> OFFENDERS:
    return [c for c in tops(g) if (c, SKOS.broader, None) in g]


def empty_labels(g: Graph) -> OFFENDERS:
    return [(s, p) for p in TEXTS for s, o in g.subject_objects(p) if len(str(o).strip()) < 2]


def bad_tags(g: Graph) -> OFFENDERS:
    return [(s, o) for p in TEXTS for s, o in g.subject_objects(p)
            if not isinstance(o, Literal) or o.language not in ("fr", "en")]  # fmt: skip


def incomplete_languages(g: Graph) -> OFFENDERS:
    for c in concepts(g) | set(g.subjects(RDF.type, SKOS.Collection)):
        for p in (SKOS.prefLabel, SKOS.definition):
            if sorted(o.language for o in g.objects(c, p)) != ["en", "fr"]:
                yield c, p
        if {o.language for o in g.objects(c, SKOS.scopeNote)} not in (set(), {"fr", "en"}):
            yield c, SKOS.scopeNote


def conflicting_labels(g: Graph) -> OFFENDERS:
    bearers: dict[tuple[str, str], list[tuple[object, object]]] = defaultdict(list)
    for p in (SKOS.prefLabel, SKOS.altLabel, SKOS.hiddenLabel):
        for c in concepts(g):
            for o in g.objects(c, p):
                bearers[o.language, str(o).casefold()].append((c, p))
    return [label for label, found in bearers.items() if len(found) > 1]


def one_way(g: Graph) -> OFFENDERS:
    pairs = ((SKOS.broader, SKOS.narrower), (SKOS.narrower, SKOS.broader),
             (SKOS.related, SKOS.related), (SKOS.topConceptOf, SKOS.hasTopConcept),
             (SKOS.hasTopConcept, SKOS.topConceptOf))  # fmt: skip
    return [(s, p, o) for p, back in pairs for s, o in g.subject_objects(p)
            if (o, back, s) not in g]  # fmt: skip


def disjoint_relations(g: Graph) -> OFFENDERS:
    return [(a, b) for a, b in g.subject_objects(SKOS.related) if b in above(g, a) or a == b]


def redundant_hierarchy(g: Graph) -> OFFENDERS:
    for c in concepts(g):
        parents = set(g.objects(c, SKOS.broader))
        if any(p in above(g, q) for p in parents for q in parents):
            yield c


def reflexive(g: Graph) -> OFFENDERS:
    return [s for p in (*HIERARCHY, SKOS.related) for s, o in g.subject_objects(p) if s == o]


def solely_transitive(g: Graph) -> OFFENDERS:
    return [*g.subject_objects(SKOS.broaderTransitive),
            *g.subject_objects(SKOS.narrowerTransitive)]  # fmt: skip


def mappings_inside(g: Graph) -> OFFENDERS:
    kinds = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch,
             SKOS.relatedMatch)  # fmt: skip
    return [(s, o) for p in kinds for s, o in g.subject_objects(p)]


def undocumented(g: Graph) -> OFFENDERS:
    kinds = (SKOS.definition, SKOS.example)
    return [(c, p) for c in concepts(g) for p in kinds if (c, p, None) not in g]


def bad_notations(g: Graph) -> OFFENDERS:
    for c in concepts(g):
        found = [str(o) for o in g.objects(c, SKOS.notation)]
        tail = str(c).rsplit("/", 1)[-1]
        if found != [tail] or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", tail):
            yield c, found


def outside_scheme(g: Graph) -> OFFENDERS:
    (scheme,) = g.subjects(RDF.type, SKOS.ConceptScheme)
    return [c for c in concepts(g) if list(g.objects(c, SKOS.inScheme)) != [scheme]
            or str(c).rsplit("/", 1)[0] != str(scheme)]  # fmt: skip


def undefined_resources(g: Graph) -> OFFENDERS:
    known = concepts(g)
    relations = (*HIERARCHY, SKOS.related, SKOS.member, SKOS.hasTopConcept)
    return [o for p in relations for o in g.objects(None, p) if o not in known]


def bare_scheme(g: Graph) -> OFFENDERS:
    (scheme,) = g.subjects(RDF.type, SKOS.ConceptScheme)
    for p in (SKOS.prefLabel, DCTERMS.title, DCTERMS.description):
        if sorted(o.language for o in g.objects(scheme, p)) != ["en", "fr"]:
            yield scheme, p


def repeated_definitions(g: Graph) -> OFFENDERS:
    counted = Counter((o.language, str(o)) for o in g.objects(None, SKOS.definition))
    return [text for text, times in counted.items() if times > 1]


RULES: list[tuple[str, Callable[[Graph], OFFENDERS], str]] = [
    ("orphan concepts", orphans, "give the concept a broader one, or make it a top concept"),
    ("cyclic hierarchical relations", cycles, "remove the broader link that closes the circle"),
    ("omitted top concepts", omitted_tops, "write skos:hasTopConcept on the scheme"),
    ("top concepts having broader", tops_with_broader, "it is either a top or a narrower one"),
    ("empty labels", empty_labels, "write the text or remove the empty one"),
    ("omitted or invalid language tags", bad_tags, "tag the text @fr or @en, lower case"),
    ("incomplete language coverage", incomplete_languages, "write it in fr and in en"),
    ("label conflicts", conflicting_labels, "a label names one concept of the scheme, once"),
    ("unidirectionally related", one_way, "write the relation at both ends"),
    ("disjoint label or relation clash", disjoint_relations, "related excludes broader"),
    ("hierarchical redundancy", redundant_hierarchy, "drop the parent reached by another"),
    ("reflexively related", reflexive, "a concept is not related to itself"),
    ("solely transitively related", solely_transitive, "write skos:broader; it is derived"),
    ("mapping relations misuse", mappings_inside, "mappings go to ontology/alignments.ttl"),
    ("undocumented concepts", undocumented, "write skos:definition and skos:example"),
    ("notation is the last segment", bad_notations, "skos:notation = end of the IRI"),
    ("concept outside its scheme", outside_scheme, "skos:inScheme and the IRI must agree"),
    ("undefined SKOS resources", undefined_resources, "define the concept or fix its IRI"),
    ("undocumented scheme", bare_scheme, "label, title and description in fr and en"),
    ("repeated definitions", repeated_definitions, "say what sets the concepts apart"),
]


@pytest.mark.parametrize(("rule", "check", "remedy"), RULES, ids=[r[0] for r in RULES])
@pytest.mark.parametrize("path", FILES, ids=[f.stem for f in FILES])
def test_the_scheme_keeps_the_rule(
    path: Path,
    rule: str,
    check: Callable[[Graph], OFFENDERS],
    remedy: str,
    read: Callable[[Path], Graph],
) -> None:
    found = list(check(read(path)))
    assert not found, f"{path.name}: qSKOS {rule}: {remedy}; see {found[:5]}"


DECIDED = ("posture", "stage", "ambition", "criterion")


@pytest.mark.parametrize("scheme", DECIDED)
def test_coded_values_state_their_decision_rule(scheme: str, read: Callable[[Path], Graph]) -> None:
    g = read(files.root() / "ontology" / "schemes" / f"{scheme}.ttl")
    bare = [c for c in concepts(g) if (c, SKOS.scopeNote, None) not in g]
    assert not bare, f"write the minimum act or decision rule in skos:scopeNote: {bare}"


@pytest.mark.parametrize("scheme", [*DECIDED, "verdict", "basis", "confidence"])
def test_the_codebook_can_be_read_in_either_language(
    scheme: str, read: Callable[[Path], Graph]
) -> None:
    g = read(files.root() / "ontology" / "schemes" / f"{scheme}.ttl")
    half = [c for c in concepts(g)
            if {o.language for o in g.objects(c, SKOS.example)} != {"fr", "en"}]  # fmt: skip
    assert not half, f"give an example (skos:example) in fr and in en: {half}"


def test_the_law_is_coded_in_full_and_cited(read: Callable[[Path], Graph]) -> None:
    g = read(files.root() / "ontology" / "schemes" / "criterion.ttl")
    law = URIRef("https://www.legifrance.gouv.fr/loda/id/JORFTEXT000029313296")
    parts = ("scope", "1", "1-market", "1-policy", "2", "2-form", "2-process", "2-work",
             "codesign", "finance", "ii", "iii")  # fmt: skip
    base = "https://w3id.org/essaim/scheme/criterion/law2014-"
    bare = [p for p in parts if (URIRef(base + p), DCTERMS.source, law) not in g]
    assert not bare, f"define each part of article 15 and cite the act: {bare}"


def test_both_sides_of_the_opposition_can_be_counted(read: Callable[[Path], Graph]) -> None:
    g = read(files.root() / "ontology" / "schemes" / "posture.ttl")
    base = "https://w3id.org/essaim/scheme/posture/"
    sides = {side: set(g.objects(URIRef(f"{base}collection/{side}"), SKOS.member))
             for side in ("enabling", "administering", "resisting")}  # fmt: skip
    assert {URIRef(base + p) for p in ("facilitator", "animator", "risk-taker")} <= sides[
        "enabling"
    ]
    assert {URIRef(base + p) for p in ("administrator", "planner")} <= sides["administering"]
    counted = Counter(m for members in sides.values() for m in members)
    assert max(counted.values()) == 1, "a posture belongs to one side only"
