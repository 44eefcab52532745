"""The shipped record files: well formed, linked, labelled, sourced, and free of contact data."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rdflib import DCTERMS, RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb import files, turtle
from kb.importers.records.bodies import ABOVE_COUNTRIES
from kb.terms import BASE, ESSAIM, bound_graph, concept

DATA = files.root() / "data"
FOLDERS = {
    "innovations": 275,
    "policies": 141,
    "resources": 142,
    "models": None,
    "actors": None,
    "authorities": None,
    "people": None,
    "territories": None,
    "agents": 4,
    "sources": None,
}
# Nodes that are read by themselves, hence named; the others belong to a page of theirs.
NAMED = ("innovation", "policy", "resource", "model", "actor", "authority", "person", "agent")
CONTACT = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}|(?:\+33|\b0)[1-9](?:[ .]?\d\d){4}\b")


def paths(folder: str) -> list[Path]:
    return sorted((DATA / folder).glob("*.ttl"))


@pytest.fixture(scope="module")
def graphs() -> dict[Path, Graph]:
    return {path: Graph().parse(path) for folder in FOLDERS for path in paths(folder)}


@pytest.fixture(scope="module")
def whole(graphs: dict[Path, Graph]) -> Graph:
    made = Graph()
    for graph in graphs.values():
        made += graph
    return made


def records(whole: Graph, kind: str) -> Iterator[URIRef]:
    prefix = f"{BASE}id/{kind}/"
    for subject in set(whole.subjects(RDF.type)):
        if isinstance(subject, URIRef) and subject.startswith(prefix):
            yield subject


@pytest.mark.parametrize(("folder", "count"), FOLDERS.items())
def test_every_record_has_a_file(folder: str, count: int | None) -> None:
    found = len(paths(folder))
    assert found == count if count else found, f"run `essaim import records` for {folder}"


def test_the_labelled_territories_are_all_there() -> None:
    assert len(list((DATA / "territories").glob("french-impact-*.ttl"))) == 23


@pytest.mark.parametrize("folder", FOLDERS)
def test_files_are_in_canonical_form(folder: str, graphs: dict[Path, Graph]) -> None:
    wrong = [
        path.name
        for path in paths(folder)
        if turtle.text(bound(graphs[path])) != path.read_text(encoding="utf-8")
    ]
    assert not wrong, f"rewrite with kb.turtle.save: {wrong[:5]}"


def bound(graph: Graph) -> Graph:
    """Return the graph under the project's prefixes, as a record file has them."""
    made = bound_graph()
    made += graph
    return made


@pytest.mark.parametrize("kind", NAMED)
def test_every_record_is_labelled_in_both_languages(kind: str, whole: Graph) -> None:
    lacking = []
    for record in records(whole, kind):
        languages = [
            label.language
            for label in whole.objects(record, RDFS.label)
            if isinstance(label, Literal) and label.strip()
        ]
        if sorted(str(language) for language in languages) != ["en", "fr"]:
            lacking.append(record)
    assert not lacking, f"give one label @fr and one @en: {lacking[:5]}"


@pytest.mark.parametrize("name", ["addressesNeed", "implementedIn", "familyNote"])
def test_every_innovation_has(name: str, whole: Graph) -> None:
    lacking = [i for i in records(whole, "innovation") if (i, ESSAIM[name], None) not in whole]
    assert not lacking, f"state essaim:{name} for {lacking[:5]}"


@pytest.mark.parametrize("kind", ["innovation", "policy", "resource"])
def test_every_record_has_a_source(kind: str, whole: Graph) -> None:
    lacking = [r for r in records(whole, kind) if (r, DCTERMS.source, None) not in whole]
    assert not lacking, f"name the page read: {lacking[:5]}"


def test_every_cited_page_says_how_it_was_read(whole: Graph) -> None:
    lacking = {
        page
        for page in whole.objects(None, DCTERMS.source)
        if (page, ESSAIM.readAs, None) not in whole
    }
    assert not lacking, f"state essaim:readAs for {sorted(lacking)[:5]}"


def test_every_identifier_used_is_described_somewhere(whole: Graph) -> None:
    known = {str(subject) for subject in set(whole.subjects())}
    for path in (DATA / "reference").glob("*.ttl"):
        known |= {str(subject) for subject in set(Graph().parse(path).subjects())}
    for path in (DATA / "reference").glob("cog-*.nt.gz"):
        text = gzip.decompress(path.read_bytes()).decode("utf-8")
        known |= set(re.findall(r"^<([^>]+)>", text, re.MULTILINE))
    used = {str(o) for o in set(whole.objects()) if str(o).startswith(f"{BASE}id/")}
    assert not used - known, f"no file describes {sorted(used - known)[:5]}"


def test_every_concept_used_is_in_a_scheme(whole: Graph) -> None:
    known: set[str] = set()
    for path in (files.root() / "ontology" / "schemes").glob("*.ttl"):
        known |= {str(s) for s in Graph().parse(path).subjects(RDF.type, SKOS.Concept)}
    if not known:
        pytest.skip("no scheme is there yet")
    used = {str(o) for o in set(whole.objects()) if str(o).startswith(f"{BASE}scheme/")}
    assert not used - known, f"no scheme has {sorted(used - known)[:5]}"


def test_every_term_used_is_in_the_ontology(whole: Graph) -> None:
    ontology = Graph().parse(files.root() / "ontology" / "essaim.ttl")
    known = {str(s) for s in set(ontology.subjects())}
    used = {str(p) for p in set(whole.predicates())}
    used |= {str(o) for o in set(whole.objects(None, RDF.type))}
    wrong = {term for term in used if term.startswith(str(ESSAIM))} - known
    assert not wrong, f"the ontology lacks {sorted(wrong)}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_record_holds_contact_data(folder: str, graphs: dict[Path, Graph]) -> None:
    found = [
        (path.name, str(value))
        for path in paths(folder)
        for value in graphs[path].objects()
        if isinstance(value, Literal) and CONTACT.search(str(value))
    ]
    assert not found, f"take the e-mail or telephone out: {found[:3]}"


def test_a_node_is_described_in_one_file_only(graphs: dict[Path, Graph]) -> None:
    homes: dict[str, set[Path]] = {}
    for path, graph in graphs.items():
        for subject in set(graph.subjects(RDF.type)):
            if str(subject).startswith(f"{BASE}id/"):
                homes.setdefault(str(subject), set()).add(path)
    split = {iri: sorted(p.name for p in where) for iri, where in homes.items() if len(where) > 1}
    assert not split, f"keep a node in one file: {dict(list(split.items())[:3])}"


def test_no_posture_is_stated_outside_an_assessment(whole: Graph) -> None:
    assert (None, ESSAIM.posture, None) not in whole


def test_every_assessment_is_complete(whole: Graph) -> None:
    for name in ("assesses", "criterion", "verdict", "coder", "partOfReading", "basis"):
        lacking = [
            a
            for a in whole.subjects(RDF.type, ESSAIM.Assessment)
            if len(list(whole.objects(a, ESSAIM[name]))) != 1
        ]
        assert not lacking, f"state one essaim:{name} for {lacking[:5]}"


def test_observed_assessments_bring_confidence_and_evidence(whole: Graph) -> None:
    for observed in whole.subjects(ESSAIM.basis, concept("basis", "observed")):
        for name in ("confidence", "evidenceText"):
            assert (observed, ESSAIM[name], None) in whole, f"{observed} lacks essaim:{name}"


def test_a_public_involvement_is_of_a_public_actor(whole: Graph) -> None:
    wrong = [
        involvement
        for involvement in whole.subjects(RDF.type, ESSAIM.PublicInvolvement)
        if f"{BASE}id/authority/" not in str(whole.value(involvement, ESSAIM.involvedActor))
    ]
    assert not wrong


def test_only_local_authorities_govern(whole: Graph) -> None:
    for body in whole.subjects(ESSAIM.governs):
        assert (body, RDF.type, ESSAIM.LocalAuthority) in whole


def test_an_authority_is_in_a_country_or_above_them(whole: Graph) -> None:
    above = {concept("level", level) for level in ABOVE_COUNTRIES}
    for body in records(whole, "authority"):
        if whole.value(body, ESSAIM.governmentLevel) not in above:
            assert (body, ESSAIM.inCountry, None) in whole, f"{body} is in no country"


@pytest.mark.parametrize(("first", "last"), [("startYear", "endYear"), ("startDate", "endDate")])
def test_dates_are_in_order(first: str, last: str, whole: Graph) -> None:
    wrong = [
        node
        for node, start in whole.subject_objects(ESSAIM[first])
        for end in whole.objects(node, ESSAIM[last])
        if str(start) > str(end)
    ]
    assert not wrong, f"the end comes before the start: {wrong[:5]}"


def test_sirens_pass_their_check_digit(whole: Graph) -> None:
    for name in ("siren", "candidateSiren"):
        for value in whole.objects(None, ESSAIM[name]):
            digits = [int(digit) for digit in str(value)]
            doubled = [sum(divmod(2 * d, 10)) if n % 2 else d for n, d in enumerate(digits)]
            assert (len(digits), sum(doubled) % 10) == (9, 0), f"{value} is no SIREN"


def test_every_mandate_of_a_person_is_of_that_person(whole: Graph) -> None:
    for mandate, holder in whole.subject_objects(ESSAIM.holder):
        slug = str(holder).rpartition("/")[2]
        assert re.fullmatch(rf".*/mandate/{slug}-\d+", str(mandate))
