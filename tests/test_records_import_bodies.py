"""What the conversion makes of actors, authorities and their involvements."""

from __future__ import annotations

import pytest
from rdflib import SKOS, Literal
from records_made import Made, own, territory

from kb.terms import ESSAIM, concept, record

# Actors and authorities


@pytest.mark.parametrize(
    ("kind", "slug", "cls", "form"),
    [
        ("actor", "association-la-grange", "Association", None),
        ("actor", "le-fournil", "Enterprise", "scic"),
        ("authority", "ville-de-valbourg", "LocalAuthority", None),
        ("authority", "ccas-de-valbourg", "PublicBody", "public-service"),
        ("authority", "etat", "StateAuthority", None),
        ("authority", "communes-adoptantes-atelier-valbourg", "PublicActorGroup", None),
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
