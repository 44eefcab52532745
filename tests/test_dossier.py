"""A saved dossier page becomes document records, and nothing on it is dropped silently."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rdflib import DC, DCTERMS, RDF, RDFS, Graph, Literal, URIRef

from kb import files
from kb.importers import ImportProblem, bdf, dossier, dossier_records
from kb.importers.dossier import Dossier
from kb.terms import ESSAIM, concept, record

PAGES = Path(__file__).parent / "pages"
HERE = "https://socioeco.org/bdf_dossier-29_fr.html"

KNOWN = """
PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX dcterms: <http://purl.org/dc/terms/>
<https://w3id.org/essaim/id/resource/budget-ouvert> a essaim:CaseStudy ;
    dcterms:title "Budget ouvert : cas d'essai"@fr ;
    dcterms:description "Une note écrite à la main."@fr ;
    essaim:inDossier <https://w3id.org/essaim/scheme/dossier-membership/unknown> ;
    essaim:socioecoId "fiche-document-85" .
"""


def resource(name: str) -> URIRef:
    return record("resource", name)


@pytest.fixture
def full() -> Dossier:
    return dossier.read_file(PAGES / "dossier-29_fr.html")


@pytest.mark.parametrize(
    "link",
    [
        "https://socioeco.org/bdf_fiche-document-2632_fr.html",
        "http://www.socioeco.org/bdf_fiche-document-2632_pt.html",
        "https://ripess2.socioeco.org/bdf_fiche-document-2632_es.html",
        "http://www-spip1.socioeco.org/bdf_fiche-document-2632_en.html",
        "https://ucc.socioeco.org/bdf_fiche-document-2632_it.html#top",
    ],
)
def test_host_aliases_and_languages_are_one_identifier(link: str) -> None:
    address = bdf.read(link)
    assert address is not None
    assert (address.site, address.identifier) == ("socioeco.org", "fiche-document-2632")


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/bdf_fiche-document-2632_fr.html",
        "https://notsocioeco.org/bdf_fiche-document-2632_fr.html",
        "https://socioeco.org/actu233.html",
        "ftp://socioeco.org/bdf_fiche-document-1_fr.html",
        "http://[broken/bdf_fiche-document-1_fr.html",
        "",
    ],
)
def test_other_addresses_are_no_page_of_the_engine(link: str) -> None:
    assert bdf.read(link) is None


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Publications (2)", "publication"),
        ("Vidéos : 4", "video"),
        ("2 propositions", "proposal"),
        ("ÉTUDES DE CAS (19)", "case-study"),
        ("Documents d'analyse / working papers / articles (25)", "analysis"),
        ("Charte / Manifeste (1)", "charter"),
        ("Interventions publiques 5", "public-intervention"),
        ("Articles (2)", "article"),
        ("Case studies", "case-study"),
        ("Estudios de caso (3)", "case-study"),
        ("Jeux pédagogiques (3)", None),
        ("Introduction", None),
    ],
)
def test_a_heading_names_its_document_type(heading: str, kind: str | None) -> None:
    assert dossier.type_of(heading) == kind


def test_the_eight_sections_are_read_with_their_counts(full: Dossier) -> None:
    counts = {section.type: section.announced for section in full.sections}
    assert counts == {
        "publication": 2, "case-study": 3, "analysis": 2, "article": 1,
        "public-intervention": 1, "charter": 1, "proposal": 1, "video": 1,
    }  # fmt: skip
    assert full.is_complete
    assert full.unread == ()


def test_an_item_has_what_its_entry_says_and_no_more(full: Dossier) -> None:
    said = {item.address.identifier: item for item in full.items}
    assert said["fiche-publication-11"].authors == ("Camille Essai",)
    assert said["fiche-publication-11"].year == 2019
    assert said["fiche-document-9608"].authors == ("Robin Test", "Sam Test")
    assert said["fiche-document-105"].authors == ()
    assert said["fiche-document-105"].year is None


def test_a_year_in_a_title_is_no_date(full: Dossier) -> None:
    canteen = next(item for item in full.items if item.address.number == 101)
    assert canteen.title == "Une cantine d'essai, 1998 à 2004"
    assert canteen.year is None


def test_language_belongs_to_the_record(full: Dossier) -> None:
    spoken = {item.address.number: item.language for item in full.items}
    assert (spoken[9608], spoken[102], spoken[2632], spoken[101]) == ("en", "es", "es", "fr")


def test_every_entry_of_a_broken_page_is_read_or_reported() -> None:
    found = dossier.read_file(PAGES / "dossier-29_fr_broken.html", HERE)
    assert [(item.type, item.title) for item in found.items] == [
        ("case-study", "Premier cas, sans fermeture"),
        ("video", "Vidéo d'essai"),
    ]
    assert [entry.reason for entry in found.unread] == [
        "no link to a fiche",
        "the link to fiche-document-203 has no title",
        "fiche-document-201 is already listed as case-study",
        "no link to a fiche",
    ]
    assert not found.is_complete


def test_items_of_an_unknown_section_are_reported() -> None:
    url = "https://socioeco.org/bdf_dossier-31_fr.html"
    found = dossier.read_file(PAGES / "dossier-31_fr_unknown_section.html", url)
    assert [entry.section for entry in found.unread] == ["Jeux pédagogiques (2)"] * 2
    assert [section.announced for section in found.sections] == [None]


@pytest.mark.parametrize(
    ("html", "url", "words"),
    [
        ("<h1>x</h1>", "https://socioeco.org/bdf_fiche-document-1_fr.html", "no dossier address"),
        ("<h1>x</h1>", "https://example.org/", "no dossier address; give one like"),
        ("  \n", HERE, "the page is empty; save it again"),
        ("<h1>x</h1><p>Bonjour</p>", HERE, "no section of the eight document types"),
        ("\x00\x01 not a page", HERE, "no section of the eight document types"),
        ("<h2>Vidéos (1)</h2>", HERE, "the page has no title"),
        (
            '<link rel="canonical" href="https://socioeco.org/bdf_dossier-30_fr.html">',
            HERE,
            "the page says it is dossier-30",
        ),
    ],
)
def test_a_page_that_is_no_dossier_is_refused(html: str, url: str, words: str) -> None:
    with pytest.raises(ImportProblem, match=words):
        dossier.read_dossier(html, url)


def test_a_saved_page_without_address_asks_for_it() -> None:
    with pytest.raises(ImportProblem, match="does not say its address; give it with --url"):
        dossier.read_file(PAGES / "dossier-29_fr_broken.html")


def test_a_missing_page_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"nowhere\.html: the page cannot be read"):
        dossier.read_file(tmp_path / "nowhere.html")


def test_records_say_type_title_language_and_membership(full: Dossier, tmp_path: Path) -> None:
    report = dossier_records.write(full, tmp_path)
    assert (report.added, report.recognised, report.complete) == (12, 0, True)
    iri = resource("socioeco-fiche-document-9608")
    graph = Graph().parse(tmp_path / "socioeco-fiche-document-9608.ttl")
    assert graph.value(iri, RDF.type) == ESSAIM.Publication
    assert graph.value(iri, DCTERMS.title) == Literal("A test book about towns", lang="en")
    assert graph.value(iri, DCTERMS.language) == Literal("en")
    assert graph.value(iri, DCTERMS.isPartOf) == resource("socioeco-dossier-29")
    assert graph.value(iri, ESSAIM.inDossier) == concept("dossier-membership", "member")
    assert graph.value(iri, ESSAIM.socioecoId) == Literal("fiche-document-9608")
    assert {str(name) for name in graph.objects(iri, DC.creator)} == {"Robin Test", "Sam Test"}
    labels = [label for label in graph.objects(iri, RDFS.label) if isinstance(label, Literal)]
    assert {label.language for label in labels} == {"fr", "en"}


def test_a_known_document_is_recognised_and_keeps_its_notes(full: Dossier, tmp_path: Path) -> None:
    path = tmp_path / "budget-ouvert.ttl"
    path.write_text(KNOWN, encoding="utf-8")
    report = dossier_records.write(full, tmp_path)
    graph, iri = Graph().parse(path), resource("budget-ouvert")
    assert (report.added, report.recognised, report.differences) == (11, 1, ())
    assert graph.value(iri, DCTERMS.description) == Literal("Une note écrite à la main.", lang="fr")
    assert list(graph.objects(iri, ESSAIM.inDossier)) == [concept("dossier-membership", "member")]
    assert not (tmp_path / "socioeco-fiche-document-85.ttl").exists()


def test_reading_a_page_twice_changes_nothing(full: Dossier, tmp_path: Path) -> None:
    dossier_records.write(full, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = dossier_records.write(full, tmp_path)
    assert (again.added, again.recognised) == (0, 12)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_dossier_lists_its_parts(full: Dossier, tmp_path: Path) -> None:
    dossier_records.write(full, tmp_path)
    graph, iri = (
        Graph().parse(tmp_path / "socioeco-dossier-29.ttl"),
        resource("socioeco-dossier-29"),
    )
    assert len(set(graph.objects(iri, DCTERMS.hasPart))) == 12
    assert graph.value(iri, ESSAIM.itemListKnown) == Literal(True)
    assert graph.value(iri, ESSAIM.announcedTotal) == Literal(12)


def test_counts_of_a_known_dossier_are_compared_and_kept(full: Dossier, tmp_path: Path) -> None:
    dossier_records.write(full, tmp_path)
    path = tmp_path / "socioeco-dossier-29.ttl"
    text = path.read_text(encoding="utf-8").replace("itemListKnown true", "itemListKnown false")
    path.write_text(text.replace("announcedCount 3", "announcedCount 19"), encoding="utf-8")
    report = dossier_records.write(full, tmp_path)
    assert report.differences == ("case-study: the page announces 3, the dossier's record 19",)
    known = Graph().parse(path).value(resource("socioeco-dossier-29"), ESSAIM.itemListKnown)
    assert known == Literal(False)


def test_a_number_of_another_site_is_another_document(tmp_path: Path) -> None:
    (tmp_path / "budget-ouvert.ttl").write_text(KNOWN, encoding="utf-8")
    report = dossier_records.build(PAGES / "dossier-110_en.html", tmp_path)
    graph = Graph().parse(tmp_path / "citego-fiche-document-85.ttl")
    iri = resource("citego-fiche-document-85")
    assert report.recognised == 0
    assert graph.value(iri, ESSAIM.socioecoId) is None
    assert graph.value(iri, ESSAIM.inDossier) is None
    assert graph.value(iri, DCTERMS.isPartOf) == resource("citego-dossier-110")


def test_a_file_in_the_way_is_not_overwritten(full: Dossier, tmp_path: Path) -> None:
    (tmp_path / "socioeco-fiche-document-101.ttl").write_text("", encoding="utf-8")
    with pytest.raises(ImportProblem, match="does not state 'fiche-document-101'"):
        dossier_records.write(full, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_an_unreadable_record_is_named(full: Dossier, tmp_path: Path) -> None:
    (tmp_path / "x.ttl").write_text("<a> <b>", encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"x\.ttl: not valid Turtle"):
        dossier_records.write(full, tmp_path)


def test_a_page_in_another_encoding_is_read(tmp_path: Path) -> None:
    text = (PAGES / "dossier-29_fr.html").read_text(encoding="utf-8")
    plain = text.replace('<meta charset="utf-8">', "").replace("—", "-")
    path = tmp_path / "page.html"
    path.write_bytes(plain.encode("windows-1252"))
    titles = {item.title for item in dossier.read_file(path).items}
    assert "Vidéo d'essai" in titles


def test_the_shipped_resources_accept_the_page(full: Dossier, tmp_path: Path) -> None:
    shipped = files.root() / "data" / "resources"
    if not (shipped / "socioeco-85.ttl").is_file():
        pytest.skip("the shipped resources are not there")
    shutil.copytree(shipped, tmp_path, dirs_exist_ok=True)
    report = dossier_records.write(full, tmp_path)
    assert report.recognised >= 1
    assert not report.complete or report.differences
