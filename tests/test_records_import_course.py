"""What the conversion makes of readings, the course of a case, policies and documents."""

from __future__ import annotations

from rdflib import DC, DCTERMS, FOAF, PROV, RDF, SKOS, Literal, URIRef
from records_made import CASE, OTHER, Made, fr, own, territory

from kb.terms import ESSAIM, concept, record

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
