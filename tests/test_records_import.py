"""What the conversion makes of small records written by hand, one test a rule."""

from __future__ import annotations

import gzip
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from rdflib import DC, DCTERMS, FOAF, PROV, RDF, RDFS, SKOS, Graph, Literal, URIRef
from rdflib.term import Node as Term

from kb.importers.records import Report, convert
from kb.terms import ESSAIM, concept, record

FIXTURES = Path(__file__).parent / "fixtures" / "records"


@dataclass(frozen=True)
class Made:
    """One conversion of the fixtures: its files as one graph, its report, its folders."""

    graph: Graph
    report: Report
    source: Path
    out: Path
    reference: Path

    def again(self) -> Report:
        return run(self.source, self.out, self.reference)

    def all(self, subject: Term, name: str) -> set[Term]:
        return set(self.graph.objects(subject, ESSAIM[name]))

    def one(self, subject: Term, name: str) -> Term | None:
        found = self.all(subject, name)
        assert len(found) <= 1, f"{subject} has several {name}"
        return next(iter(found), None)

    def notes(self, subject: Term) -> set[str]:
        return {str(text) for text in self.graph.objects(subject, SKOS.editorialNote)}

    def types(self, subject: Term) -> set[Term]:
        return set(self.graph.objects(subject, RDF.type))

    def labels(self, subject: Term) -> set[Term]:
        return set(self.graph.objects(subject, RDFS.label))


def run(source: Path, out: Path, reference: Path) -> Report:
    return convert(source, out, tables=source / "making", reference=reference)


def make(folder: Path) -> Made:
    source, reference, out = folder / "records", folder / "reference", folder / "data"
    shutil.copytree(FIXTURES, source)
    reference.mkdir()
    with gzip.open(reference / "cog-2026.nt.gz", "wb") as packed:
        packed.write((source / "cog.nt").read_bytes())
    report = run(source, out, reference)
    graph = Graph()
    for path in out.rglob("*.ttl"):
        graph.parse(path)
    return Made(graph, report, source, out, reference)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("records"))


CASE = record("innovation", "atelier-valbourg")
OTHER = record("innovation", "atelier-neuville")


def own(kind: str, number: int | str, case: str = "atelier-valbourg") -> URIRef:
    return record(kind, f"{case}-{number}")


def territory(name: str) -> URIRef:
    return record("territory", name)


def fr(text: str) -> Literal:
    return Literal(text, lang="fr")


# The whole run


def test_nothing_of_the_fixtures_is_left_over(made: Made) -> None:
    assert made.report.unplaced == []


def test_an_unknown_key_is_listed_not_dropped(tmp_path: Path) -> None:
    made = make(tmp_path)
    cases = json.loads((made.source / "cases.json").read_text(encoding="utf-8"))
    cases[0]["colour"] = {"hue": "blue"}
    cases[0]["actors"][0]["type"] = "Guilde"
    cases[0]["policies"] = ["loi-perdue"]
    (made.source / "cases.json").write_text(json.dumps(cases), encoding="utf-8")
    listed = {(item.where, item.reason) for item in made.again().unplaced}
    assert listed == {
        ("cases[atelier-valbourg].colour.hue", "no rule reads this key"),
        ("cases[atelier-valbourg].actors[0].type", "no class for this type of actor"),
        ("cases[atelier-valbourg].actors[0].role", "no rule reads this key"),
        ("cases[atelier-valbourg].policies[0]", "no policy record has this identifier"),
    }


def test_a_second_run_changes_no_file(made: Made) -> None:
    report = made.again()
    assert report.written == {}
    assert report.unchanged == made.report.written


def test_unknown_files_are_left_alone(tmp_path: Path) -> None:
    made = make(tmp_path)
    stranger = made.out / "innovations" / "stranger.ttl"
    stranger.write_text("# mine\n", encoding="utf-8")
    made.again()
    assert stranger.read_text(encoding="utf-8") == "# mine\n"


def test_every_label_that_stands_in_is_reported(made: Made) -> None:
    assert "innovations/atelier-neuville: no English label, 'Atelier de Neuville' stands in" in (
        made.report.lacking_labels
    )
    assert made.labels(OTHER) == {fr("Atelier de Neuville"), Literal("Atelier de Neuville", "en")}


def test_the_report_reads_as_lines(made: Made) -> None:
    lines = made.report.lines()
    assert "  innovations: 2, 0" in lines
    assert "  cases[].stages[].stage: 2" in lines


# The innovation


def test_labels_come_from_the_table_and_the_name_is_kept(made: Made) -> None:
    assert fr("Atelier de Valbourg (Vallée)") in made.labels(CASE)
    assert (CASE, SKOS.altLabel, Literal("Atelier de Valbourg")) in made.graph


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("startYear", Literal(2015)),
        ("startYearNote", fr("2015 ou 2016 selon la source")),
        ("documentationDepth", Literal("rich")),
        ("postureNote", fr("La ville prête un local.")),
        ("familyNote", Literal("atelier-partage")),
        ("transferNote", fr("Deux sources nient le lien.")),
        ("instantiates", record("model", "atelier-partage")),
    ],
)
def test_an_innovation_keeps_what_its_record_says(made: Made, name: str, value: Term) -> None:
    assert made.one(CASE, name) == value


def test_an_unknown_year_is_not_stated(made: Made) -> None:
    assert made.one(OTHER, "startYear") is None
    assert made.one(OTHER, "originalName") == Literal("Nei Duerf Atelier")
    assert made.one(OTHER, "samplePart") == Literal("francophone")


def test_facts_become_a_description_and_notes(made: Made) -> None:
    assert made.graph.value(CASE, DCTERMS.description) == fr(
        "Ouvert en 2015 avec 12 salariés. Budget de 10 000 €. Fondé en 2013. "
        "Créé en 1994 ou 1995 selon les sources. Art. 3 des statuts : une voix par membre."
    )
    assert {
        "Rôle propre de la commune non lu.",
        "Budget de 10 000 € (montant lu sur une copie).",
        "Suite non lue.",
        "adresse raccourcie",
        "Doute de relecture.",
    } <= made.notes(CASE)


def test_a_note_is_published_in_neutral_words(made: Made) -> None:
    assert "doublon possible" in made.notes(OTHER)
    assert "doublon à voir" not in made.notes(OTHER)


def test_sources_are_pages_with_their_way_of_reading(made: Made) -> None:
    atelier = URIRef("https://presse.example/atelier?q=a%20b")
    copy = URIRef("https://miroir.example/atelier")
    assert set(made.graph.objects(CASE, DCTERMS.source)) == {atelier, copy}
    assert made.types(atelier) == {ESSAIM.SourcePage}
    assert made.one(atelier, "readAs") == concept("reading-mode", "excerpt")
    assert made.one(atelier, "isCopy") is None
    assert made.one(copy, "isCopy") == Literal(True)
    partly = URIRef("https://presse.example/neuville")
    assert made.one(partly, "readAs") == concept("reading-mode", "partly-read")


# Territories


def test_a_french_place_is_its_communes_and_its_perimeter(made: Made) -> None:
    perimeter = territory("perimeter-atelier-valbourg")
    wide = {territory("commune-99001"), territory("place-paris-13e-arrondissement")}
    assert made.all(CASE, "implementedIn") == {*wide, perimeter}
    assert made.all(perimeter, "withinTerritory") == wide
    assert made.types(perimeter) == {ESSAIM.ProjectTerritory}
    assert made.labels(perimeter) == {
        fr("Quartier du Moulin"),
        Literal("Project area of Valbourg workshop", "en"),
    }
    assert Literal("Valbourg et ses hameaux") in made.all(CASE, "placeName")


def test_a_municipal_district_is_a_place_of_its_commune(made: Made) -> None:
    place = territory("place-paris-13e-arrondissement")
    assert made.types(place) == {ESSAIM.Place}
    assert made.one(place, "withinTerritory") == territory("commune-75056")


def test_a_place_abroad_is_its_municipality(made: Made) -> None:
    assert made.all(OTHER, "implementedIn") == {territory("municipality-lu-neuville")}
    assert "Région : common-knowledge (nom), code non lu." in made.notes(OTHER)


def test_what_the_reference_layer_contradicts_is_reported_and_noted(made: Made) -> None:
    assert "Valbourg n'est pas dans le territoire noté avec elle : Grandes Vallées." in (
        made.notes(CASE)
    )
    assert (
        "commune-99001: population '1200' in the JSON, '1300' in the layer"
        in made.report.differences
    )


# Needs and diagnoses


def test_a_case_has_one_need_statement(made: Made) -> None:
    need = own("need", 1)
    assert made.all(CASE, "addressesNeed") == {need}
    assert made.all(need, "needConcept") == {concept("need", "emploi"), concept("need", "habitat")}
    assert made.all(need, "poorlyMetBy") == {
        concept("poorly-met-by", "market"),
        concept("poorly-met-by", "public-policy"),
    }
    assert made.all(need, "basis") == {
        concept("basis", "stated"),
        concept("basis", "guessed-from-name"),
    }
    assert made.one(need, "statementText") == fr("Peu d'emplois sur place.")
    assert made.one(need, "identifiedIn") == own("diagnosis", 1)
    assert territory("commune-99001") in made.all(need, "needTerritory")
    assert made.notes(need) == {"besoin lu, attribution codée"}
    source = made.graph.value(need, DCTERMS.source)
    assert source == URIRef("https://presse.example/besoin")


def test_a_case_with_means_for_needs_says_so(made: Made) -> None:
    notes = made.notes(own("need", 1, "atelier-neuville"))
    assert any("Seuls des moyens" in text for text in notes)


def test_odd_keys_of_a_diagnosis_become_readable_french(made: Made) -> None:
    diagnosis = own("diagnosis", 1)
    assert made.types(diagnosis) == {ESSAIM.SharedDiagnosis}
    assert made.graph.value(diagnosis, DCTERMS.description) == fr(
        "80 entretiens ; 70 questionnaires ; auteur : La Grange"
    )
    assert made.one(diagnosis, "conductedByName") == Literal("habitants")
    assert made.notes(diagnosis) == {"annoncé"}


def test_a_shared_diagnosis_counts_its_participants(made: Made) -> None:
    diagnosis = own("diagnosis", 1, "atelier-neuville")
    assert made.types(diagnosis) == {ESSAIM.SharedDiagnosis}
    assert made.one(diagnosis, "participantCount") == Literal(110)
    assert made.one(diagnosis, "proposalCount") == Literal(300)


# Actors and authorities


@pytest.mark.parametrize(
    ("kind", "slug", "cls", "form"),
    [
        ("actor", "association-la-grange", "Association", None),
        ("actor", "le-fournil", "Enterprise", "scic"),
        ("authority", "ville-de-valbourg", "LocalAuthority", None),
        ("authority", "ccas-de-valbourg", "PublicBody", "public-service"),
        ("authority", "etat", "StateAuthority", None),
        ("authority", "communes-adoptantes-atelier-valbourg", "PublicActor", None),
        ("authority", "cpas-du-val", "PublicBody", None),
        ("authority", "union-europeenne-fonds", "SupranationalBody", None),
        ("authority", "toulmonde-habitat", "PublicBody", None),
    ],
)
def test_a_body_has_its_class_and_form(
    made: Made, kind: str, slug: str, cls: str, form: str | None
) -> None:
    body = record(kind, slug)
    assert made.types(body) == {ESSAIM[cls]}
    assert made.one(body, "legalForm") == (concept("legal-form", form) if form else None)


def test_one_name_in_several_spellings_is_one_body(made: Made) -> None:
    relais = record("actor", "le-relais-d-amont")
    assert (made.out / "actors" / "le-relais-d-amont.ttl").is_file()
    assert made.types(relais) == {ESSAIM.Association}
    assert "Noté aussi sous un autre type : ReseauESS." in made.notes(relais)


def test_the_tables_join_two_names_of_one_body(made: Made) -> None:
    commune = record("authority", "commune-de-neuville")
    assert (commune, SKOS.altLabel, Literal("Gemeng Neuville")) in made.graph
    assert not (made.out / "authorities" / "gemeng-neuville.ttl").exists()


def test_one_name_in_two_countries_is_two_bodies(made: Made) -> None:
    french, luxembourgish = record("authority", "etat"), record("authority", "etat-lu")
    assert made.all(french, "inCountry") == {territory("country-fr")}
    assert made.all(luxembourgish, "inCountry") == {territory("country-lu")}


def test_a_body_above_countries_is_in_none(made: Made) -> None:
    assert not made.all(record("authority", "union-europeenne-fonds"), "inCountry")


def test_a_plural_entry_belongs_to_its_case(made: Made) -> None:
    bodies = {
        record("authority", f"communes-adoptantes-{case}")
        for case in ("atelier-valbourg", "atelier-neuville")
    }
    assert all(any("Entrée plurielle" in text for text in made.notes(body)) for body in bodies)


def test_a_service_is_part_of_the_body_it_names(made: Made) -> None:
    service = record("authority", "etat-prefecture")
    assert made.one(service, "partOfBody") == record("authority", "etat")


@pytest.mark.parametrize(
    ("slug", "governs", "siren"),
    [
        ("ville-de-valbourg", "commune-99001", "219900015"),
        ("cc-du-val", "epci-249900017", "249900017"),
        ("departement-de-la-vallee", "departement-99", None),
        ("commune-de-neuville", "municipality-lu-neuville", None),
        ("cpas-du-val", None, None),
        ("region-haute-vallee", None, None),
    ],
)
def test_an_authority_governs_only_what_its_name_says(
    made: Made, slug: str, governs: str | None, siren: str | None
) -> None:
    body = record("authority", slug)
    assert made.one(body, "governs") == (territory(governs) if governs else None)
    assert made.one(body, "siren") == (Literal(siren) if siren else None)


def test_a_former_region_says_that_it_governs_nothing(made: Made) -> None:
    notes = made.notes(record("authority", "region-haute-vallee"))
    assert notes == {"Ancienne région : elle n'administre plus de territoire actuel."}


# Involvements


def test_actors_are_numbered_before_authorities(made: Made) -> None:
    names = [made.one(own("involvement", n), "nameInSource") for n in range(1, 14)]
    assert [str(name) for name in names if name is not None] == [
        *("Association La Grange", "Le Fournil", "Ville de Valbourg", "CCAS de Valbourg"),
        *("Le  Relais d’Amont", "CC du Val", "Département de la Vallée", "Région Haute-Vallée"),
        *("État", "État (préfecture)", "Communes adoptantes", "CPAS du Val"),
        "Toulmonde Habitat",
    ]


def test_an_actor_that_is_also_an_authority_has_one_involvement(made: Made) -> None:
    ville = own("involvement", 3)
    assert made.types(ville) == {ESSAIM.PublicInvolvement}
    assert made.one(ville, "involvementRole") == concept("involvement-role", "partner")
    assert made.one(ville, "governmentLevel") == concept("level", "commune")
    assert made.one(ville, "involvedActor") == record("authority", "ville-de-valbourg")


def test_a_public_actor_without_postures_has_a_plain_involvement(made: Made) -> None:
    assert made.types(own("involvement", 4)) == {ESSAIM.Involvement}


def test_no_posture_is_stated_on_an_involvement(made: Made) -> None:
    assert not list(made.graph.subject_objects(ESSAIM.posture))


# Readings


def test_the_first_reading_is_unverified_or_inherited(made: Made) -> None:
    ambition = own("assessment", "first-ambition")
    assert made.one(ambition, "verdict") == concept("ambition", "transformative")
    assert made.one(ambition, "basis") == concept("basis", "inherited-from-family")
    assert made.one(ambition, "coder") == record("agent", "first-reading")
    assert made.one(ambition, "partOfReading") == own("reading", "first")
    law = own("assessment", "first-law2014-1")
    assert made.one(law, "criterion") == concept("criterion", "law2014-1")
    assert made.one(law, "verdict") == concept("verdict", "yes")
    posture = own("assessment", "first-posture-1")
    assert made.one(posture, "assesses") == own("involvement", 3)
    assert made.one(posture, "verdict") == concept("posture", "funder")
    assert made.one(posture, "basis") == concept("basis", "unverified")


def test_what_is_not_coded_has_no_assessment(made: Made) -> None:
    for facet in ("ambition", "law2014-1", "law2014-2"):
        assert not made.types(own("assessment", f"first-{facet}", "atelier-neuville"))


def test_generalisation_means_what_each_reading_meant(made: Made) -> None:
    first, second = own("assessment", "first-stage"), own("assessment", "second-stage")
    assert made.one(first, "verdict") == concept("stage", "regular-operation")
    assert made.one(second, "verdict") == concept("stage", "implementation")


def test_the_second_reading_judges_each_criterion(made: Made) -> None:
    form = own("assessment", "second-law2014-2-form")
    assert made.one(form, "verdict") == concept("verdict", "undecidable")
    assert made.one(form, "basis") == concept("basis", "not-found")
    assert (form, ESSAIM.confidence, None) not in made.graph
    market = own("assessment", "second-law2014-1-market")
    assert made.one(market, "confidence") == concept("confidence", "high")
    assert made.one(market, "evidenceText") == fr("Offre trop chère.")
    ambition = own("assessment", "second-ambition")
    assert made.one(ambition, "verdict") == concept("verdict", "undecidable")
    assert made.one(ambition, "basis") == concept("basis", "not-found")


def test_a_branch_the_criteria_do_not_give_is_noted(made: Made) -> None:
    assert any("Branche notée" in text for text in made.notes(own("reading", "second")))


def test_an_authority_outside_the_record_is_added(made: Made) -> None:
    added = own("involvement", 13)
    assert made.types(added) == {ESSAIM.PublicInvolvement}
    posture = own("assessment", "second-posture-2")
    assert made.one(posture, "assesses") == added
    assert made.notes(posture) == {
        "Autorité absente de la fiche lue, ajoutée par la seconde lecture."
    }


def test_a_reading_names_the_pages_it_used(made: Made) -> None:
    used = set(made.graph.objects(own("reading", "second"), PROV.used))
    assert used == {
        URIRef("https://miroir.example/atelier"),
        URIRef("https://presse.example/autre"),
    }


# Course, people, spread


def test_stages_are_dated_periods(made: Made) -> None:
    first, second = own("stage", 1), own("stage", 2)
    assert made.all(CASE, "hasStage") == {first, second}
    assert (made.one(first, "startYear"), made.one(first, "endYear")) == (
        Literal(2013),
        Literal(2015),
    )
    assert made.one(second, "startYear") is None
    assert made.one(second, "stage") == concept("stage", "regular-operation")


def test_funding_keeps_the_name_the_amount_and_the_currency(made: Made) -> None:
    state, gifts = own("funding", 1), own("funding", 2)
    assert {state, gifts} <= made.all(CASE, "hasInvolvement")
    assert made.one(state, "involvedActor") == record("authority", "etat")
    assert str(made.one(state, "amount")) == "47756.56"
    assert made.one(state, "currency") == Literal("EUR")
    assert made.one(gifts, "involvedActor") is None
    assert made.one(gifts, "currency") == Literal("CHF")
    assert made.one(gifts, "startYear") is None


def test_a_mandate_named_by_two_cases_is_one(made: Made) -> None:
    mandate = record("mandate", "ana-prevot-1")
    assert made.one(mandate, "holder") == record("person", "ana-prevot")
    assert made.one(mandate, "mandateBody") == record("authority", "ville-de-valbourg")
    assert made.one(mandate, "mandateBodyName") == Literal("Ville de Valbourg (2014)")
    assert made.one(mandate, "mandateRole") == concept("mandate-role", "mayor")
    assert made.one(mandate, "mandateRoleName") is None
    assert len(set(made.graph.objects(mandate, DCTERMS.source))) == 2
    assert {mandate} == made.all(OTHER, "involvesMandate")
    assert (record("person", "ana-prevot"), RDF.type, FOAF.Person) in made.graph


def test_a_mandate_without_a_name_has_no_holder(made: Made) -> None:
    mandate = own("mandate", 2)
    assert mandate in made.all(CASE, "involvesMandate")
    assert made.one(mandate, "holder") is None


def test_what_is_no_public_office_is_a_note(made: Made) -> None:
    assert made.one(record("mandate", "leo-martel-1"), "mandateRoleName") == Literal(
        "conseiller municipal", lang="fr"
    )
    assert "Léo Martel : président fondateur (fonction qui n'est pas un mandat public)." in (
        made.notes(CASE)
    )


def test_a_transfer_names_both_ends_and_links_what_is_known(made: Made) -> None:
    first, second = own("transfer", 1), own("transfer", 2)
    assert made.one(first, "transferFrom") == CASE
    assert made.one(first, "transferTo") == OTHER
    assert made.one(second, "transferFrom") == territory("municipality-lu-neuville")
    assert made.one(second, "transferTo") is None
    assert made.one(second, "transferToName") == Literal("Ailleurs")
    assert "Aucune source n'est donnée pour ce transfert." in made.notes(second)


def test_an_origin_is_a_case_or_a_model(made: Made) -> None:
    assert made.one(OTHER, "derivedFrom") == record("model", "atelier-partage")


def test_merged_families_are_one_model(made: Made) -> None:
    model = record("model", "atelier-partage")
    assert made.one(OTHER, "instantiates") == model
    assert set(made.graph.objects(model, SKOS.altLabel)) >= {
        Literal("atelier-partage"),
        Literal("atelier-mutualise"),
    }
    assert made.one(model, "informedPolicy") == record("policy", "plan-essai-2018")
    assert made.one(model, "hasTransfer") == own("transfer", 1, "atelier-partage")


def test_policies_support_and_are_inspired(made: Made) -> None:
    law, plan = record("policy", "loi-essai-2016"), record("policy", "plan-essai-2018")
    assert made.all(CASE, "supportedBy") == {law, plan}
    assert made.all(CASE, "informedPolicy") == {plan}
    influence = own("influence", 1, "atelier-neuville")
    assert made.one(influence, "policyName") == Literal("Loi à venir")
    assert made.one(influence, "delayYears") == Literal(7)


# Policies, documents, labels, agents


def test_a_policy_keeps_its_dates_as_far_as_they_are_known(made: Made) -> None:
    law = record("policy", "loi-essai-2016")
    assert str(made.one(law, "startDate")) == "2016-02-29"
    assert made.one(law, "startYear") == Literal(2016)
    assert made.one(law, "endYear") == Literal(2021)
    assert made.one(law, "endDate") is None
    assert made.one(law, "dateAsWritten") == Literal("2021-07")
    assert "veille de l'article" in made.notes(law)


def test_a_policy_has_its_numbers_and_relations(made: Made) -> None:
    law = record("policy", "loi-essai-2016")
    assert made.one(law, "jorftext") == Literal("JORFTEXT000000000001")
    assert made.one(law, "nor") == Literal("ABCX0000001L")
    assert made.one(law, "celex") == Literal("32000L0001")
    assert (law, DCTERMS.identifier, Literal("appel VP/1")) in made.graph
    assert made.one(law, "legalBasis") == record("policy", "plan-essai-2018")
    assert made.one(law, "legalBasisName") == Literal("Charte ancienne")
    assert made.one(law, "inspiredBy") == CASE
    assert made.one(law, "inspiredByName") == Literal("Vieux modèle")
    assert made.one(law, "partnerName") == Literal("Valbourg")
    assert (law, DCTERMS.relation, CASE) in made.graph
    assert made.one(law, "appliesTo") == territory("country-fr")
    assert len(set(made.graph.objects(law, DCTERMS.source))) == 4
    assert made.one(URIRef("https://loi.example/copie"), "isCopy") == Literal(True)


def test_a_level_the_table_corrects_says_what_was_written(made: Made) -> None:
    plan = record("policy", "plan-essai-2018")
    assert made.one(plan, "governmentLevel") == concept("level", "international")
    assert "Échelon noté « region » ; plan international." in made.notes(plan)
    assert made.one(plan, "appliesTo") is None
    assert made.one(plan, "jurisdictionCode") == Literal("UN")


def test_a_document_is_about_the_record_that_cites_it(made: Made) -> None:
    study = record("resource", "etude-essai")
    assert made.types(study) == {ESSAIM.CaseStudy}
    assert made.all(study, "documents") == {CASE}
    assert made.one(study, "doi") == Literal("10.1234/abc")
    assert (study, DCTERMS.title, Literal("Étude d'essai", lang="en")) in made.graph
    assert made.types(record("resource", "page-essai")) == {ESSAIM.Resource}
    assert (record("resource", "page-essai"), DC.creator, Literal("X")) in made.graph


def test_the_dossier_announces_sixty_items_of_unknown_names(made: Made) -> None:
    dossier = record("resource", "dossier-essai")
    counts = [made.one(items, "announcedCount") for items in made.all(dossier, "announces")]
    assert len(counts) == 8
    assert sum(int(str(count)) for count in counts) == 60
    assert made.one(dossier, "announcedTotal") == Literal(60)
    assert made.one(dossier, "itemListKnown") == Literal(False)
    assert made.one(dossier, "socioecoId") == Literal("dossier-9")
    assert made.one(dossier, "inDossier") == concept("dossier-membership", "is-the-dossier")
    assert (dossier, DCTERMS.spatial, territory("commune-99001")) in made.graph


def test_a_label_is_awarded_to_a_project_territory(made: Made) -> None:
    award = record("label-award", "french-impact-grand-val")
    assert made.one(award, "awardedTo") == territory("french-impact-grand-val")
    assert str(made.one(award, "awardDate")) == "2019-02-25"
    assert made.one(award, "candidateSiren") == Literal("249900017")
    later = record("label-award", "french-impact-petit-val")
    assert made.one(later, "dateAsWritten") == Literal("2019-12")
    assert made.one(later, "awardDate") is None


def test_the_coders_have_neutral_names(made: Made) -> None:
    second = record("agent", "second-reading")
    assert made.labels(second) == {fr("Seconde lecture"), Literal("Second reading", "en")}
    assert made.types(record("agent", "essaim")) == {FOAF.Agent}
