"""What the conversion makes of small records written by hand, one test a rule."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import DCTERMS, SKOS, Literal, URIRef
from rdflib.term import Node as Term
from records_made import CASE, OTHER, Made, fr, make, own, territory

from kb.terms import ESSAIM, concept, record

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
