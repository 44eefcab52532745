"""The vocabulary files are read, without a complaint, by the tools people will open them with."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, Graph, Literal, Namespace, URIRef, namespace

from kb import files, terms

FOLDER = files.root() / "ontology"
FILES = sorted(FOLDER.rglob("*.ttl"))
SCHEMES = sorted((FOLDER / "schemes").glob("*.ttl"))
CLOSED = {
    str(n._NS): n
    for n in (namespace.DCTERMS, namespace.FOAF, namespace.GEO, namespace.ORG, namespace.PROV,
              namespace.SDO, namespace.SKOS)
}  # fmt: skip
# Terms rdflib does not know, each read in the file its vocabulary publishes.
READ_IN_THEIR_FILES = {
    "http://data.europa.eu/m8g/": {"PublicOrganisation", "Participation", "hasLegalResource",
                                   "role"},
    "http://data.europa.eu/eli/ontology#": {"LegalResource", "based_on", "jurisdiction",
                                            "passed_by"},
    "http://rdf.insee.fr/def/geo#": {"CollectiviteTerritoriale", "Commune", "Departement",
                                     "Intercommunalite", "Pays", "Region",
                                     "TerritoireAdministratif", "codeINSEE", "codeISO",
                                     "subdivisionDirecteDe"},
    "http://purl.org/essglobal/vocab/": {"Network", "SSEInitiative", "legalForm"},
    "http://purl.org/essglobal/standard/activities/": {"a04", "a05", "a08", "a12", "a16", "a18"},
    "http://purl.org/essglobal/standard/themes/": {"T1", "T2", "T3", "T5", "T10", "T12"},
    "https://codelist.commonapproach.org/codeLists/ICNPOsector#": {"sec1", "sec3", "sec4",
                                                                    "sec5"},
    "http://metadata.un.org/sdg/": {str(n) for n in range(1, 18)},
    "http://www.w3.org/ns/dqv#": {"QualityAnnotation"},
}  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=[f.stem for f in FILES])
def test_rdflib_and_oxigraph_read_the_same_triples(path: Path) -> None:
    seen = set(pyoxigraph.parse(path=str(path), format=pyoxigraph.RdfFormat.TURTLE))
    assert len(seen) == len(Graph().parse(path)), f"{path.name}: the two readers disagree"


@pytest.mark.parametrize("path", FILES, ids=[f.stem for f in FILES])
def test_prefixes_agree_with_the_shared_list(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    shared = terms.prefixes()
    for prefix, iri in re.findall(r"@prefix ([\w-]+): <([^>]+)> \.", text):
        if prefix in shared:
            assert shared[prefix] == iri, f"{path.name}: {prefix}: means {shared[prefix]}"


@pytest.mark.parametrize("path", SCHEMES, ids=[f.stem for f in SCHEMES])
def test_skosify_finds_nothing_to_correct(path: Path) -> None:
    skosify = pytest.importorskip("skosify")
    before = Graph().parse(path)
    after = set(skosify.skosify(Graph().parse(path), default_language="fr"))
    changed = sorted(set(before) ^ after)
    assert not changed, f"{path.name}: write what skosify would write: {changed[:3]}"


def test_each_property_with_coded_values_names_its_schemes(ontology: Graph, schemes: Graph) -> None:
    known = set(schemes.subjects(RDF.type, SKOS.ConceptScheme))
    coded = set(ontology.subjects(RDFS.range, SKOS.Concept))
    named = {p: set(ontology.objects(p, terms.ESSAIM.valueScheme)) for p in coded}
    wrong = [p for p, found in named.items() if not found or not found <= known]
    assert not wrong, f"write essaim:valueScheme with a scheme that exists: {wrong}"
    assert known == {s for found in named.values() for s in found}, "a scheme serves no property"


def test_external_terms_are_seen_in_published_vocabularies(alignments: Graph) -> None:
    for iri in {t for triple in alignments for t in triple if isinstance(t, URIRef)}:
        own = str(iri).startswith(terms.BASE) or "creativecommons.org" in iri
        if own or str(iri).startswith((str(OWL), str(RDF), str(RDFS))):
            continue
        cut = max(str(iri).rfind("#"), str(iri).rfind("/")) + 1
        space, name = str(iri)[:cut], str(iri)[cut:]
        known = iri in CLOSED[space] if space in CLOSED else name in READ_IN_THEIR_FILES[space]
        assert known, f"{iri} was not seen in its vocabulary; correct or remove it"


def test_alignments_speak_of_terms_that_exist(
    alignments: Graph, ontology: Graph, schemes: Graph
) -> None:
    ours = {s for s in alignments.subjects() if str(s).startswith(terms.BASE)}
    ours -= set(alignments.subjects(RDF.type, OWL.Ontology))
    defined = set(ontology.subjects(RDF.type)) | set(schemes.subjects(RDF.type))
    lost = sorted(ours - defined)
    assert not lost, f"the term is not defined in essaim.ttl or the schemes: {lost}"


def test_matches_join_concepts_only(alignments: Graph, schemes: Graph) -> None:
    concepts = set(schemes.subjects(RDF.type, SKOS.Concept))
    kinds = [SKOS[f"{k}Match"] for k in ("exact", "close", "broad", "narrow", "related")]
    wrong = [s for k in kinds for s in alignments.subjects(k) if s not in concepts]
    assert not wrong, f"between classes use rdfs:subClassOf or rdfs:seeAlso: {wrong}"


def contradictions(graph: Graph) -> list[str]:
    """Return the classes HermiT finds empty; `["owl:Thing"]` when nothing can hold."""
    owlready2 = pytest.importorskip("owlready2")
    if not shutil.which("java"):
        pytest.skip("java is not installed, and HermiT runs on it")
    world = owlready2.World()
    text = graph.serialize(format="ntriples", encoding="utf-8")
    loaded = world.get_ontology("https://w3id.org/essaim/ns").load(fileobj=io.BytesIO(text))
    try:
        with loaded:
            owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return ["owl:Thing"]
    return sorted(str(c) for c in world.inconsistent_classes())


@pytest.mark.full
def test_hermit_finds_the_ontology_consistent(merged: Graph) -> None:
    empty = contradictions(merged)
    assert not empty, f"no thing can belong to {empty}; loosen a disjointness or a parent"


E = terms.ESSAIM
EX = Namespace("https://example.org/")
CONFUSIONS: dict[str, Callable[[], list[tuple]]] = {
    "an authority that is its territory": lambda: [
        (EX.pipriac, RDF.type, E.LocalAuthority), (EX.pipriac, RDF.type, E.Commune)],
    "an authority that is governed": lambda: [
        (EX.a, E.governs, EX.b), (EX.b, RDF.type, E.LocalAuthority)],
    "a model implemented as an occurrence": lambda: [
        (EX.tzcld, RDF.type, E.InnovationModel), (EX.tzcld, E.implementedIn, EX.pipriac)],
    "a year written as text": lambda: [(EX.x, E.startYear, Literal("vers 2014"))],
}  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("confusion", CONFUSIONS)
def test_hermit_catches_the_confusion(confusion: str, merged: Graph) -> None:
    confused = Graph()
    confused += merged
    for triple in CONFUSIONS[confusion]():
        confused.add(triple)
    assert contradictions(confused), f"the axioms let through {confusion}"
