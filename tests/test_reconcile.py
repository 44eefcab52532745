"""What the reconciliation service proposes, and when it is sure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from recon import CITY, EUSKO, ID, RENNES, ask, ids, match, prop

from kb import terms
from kb.reconcile import Entity, Known
from kb.reconcile.asked import question_02
from kb.reconcile.names import Names
from web.proposals import Service
from web.site import Site


@pytest.fixture(scope="module")
def known(app: Flask) -> Service:
    with app.test_request_context("/reconcile"):
        site: Site = app.extensions["essaim"]
        return site.once(Service)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rennes", RENNES),
        ("  rennes ", RENNES),
        ("35238", RENNES),
        (RENNES, RENNES),
        ("id/territory/commune-35238", RENNES),
        ("Brittany", ID + "territory/region-53"),
        ("Q31", ID + "territory/country-be"),
        ("http://www.wikidata.org/entity/Q31", ID + "territory/country-be"),
        ("VILLE DE RENNES", CITY),
        ("City of Rennes", CITY),
        ("health", terms.BASE + "scheme/need/sante"),
        ("accès aux soins", terms.BASE + "scheme/need/sante"),
    ],
)
def test_a_name_or_an_id_finds_its_thing(client: FlaskClient, text: str, expected: str) -> None:
    first = ask(client, {"query": text})["result"][0]
    assert (first["id"], first["match"], first["score"]) == (expected, True, 100)
    first = match(client, {"matchType": "name", "propertyValue": text})["candidates"][0]
    assert (first["id"], first["match"]) == (expected, True)


def test_every_kind_is_found_by_every_name(known: Service) -> None:
    """A sample of all kinds: a name that one thing alone has is a match, shared ones are not."""
    entities = list(known.known.entities.values())
    records = [one for one in entities if "/territory/" not in one.iri]
    for entity in [*records[::9], *entities[::1500]]:
        for name, _ in entity.names:
            found = known.matcher.candidates(question_02({"query": name, "limit": 100}))
            best = [one.id for one in found if one.score == 100]
            assert entity.iri in best, f"{name!r} does not find {entity.iri}"
            assert sum(one.match for one in found) <= 1
            if len(best) == 1:
                assert found[0].match
                assert found[0].id == entity.iri


def test_namesakes_are_left_to_a_person(client: FlaskClient) -> None:
    found = ask(client, {"query": "Saint-Denis", "limit": 10})["result"]
    assert len([one for one in found if one["score"] == 100]) > 1
    assert not any(one["match"] for one in found)


@pytest.mark.parametrize(
    "place",
    [prop("withinTerritory", "Seine-Saint-Denis"), prop("essaim:inseeCode", "93"),
     prop("inseeCode", 93), prop("withinTerritory", {"id": ID + "territory/departement-93"}),
     prop("placeName", ["Atlantis", "Seine-Saint-Denis"])],
)  # fmt: skip
def test_a_place_tells_namesakes_apart(client: FlaskClient, place: dict[str, Any]) -> None:
    found = ask(client, {"query": "Saint-Denis", "type": "Commune", "properties": [place]})[
        "result"
    ]
    assert (found[0]["id"], found[0]["match"]) == (ID + "territory/commune-93066", True)
    assert not any(one["match"] for one in found[1:])


def test_a_number_outweighs_a_spelling(client: FlaskClient) -> None:
    asked = {"query": "Rennes (mairie)", "type": "essaim:PublicActor",
             "properties": [prop("siren", "213 502 388")]}  # fmt: skip
    first = ask(client, asked)["result"][0]
    assert (first["id"], first["match"]) == (CITY, True)


def test_a_number_of_somebody_else_is_no_match(client: FlaskClient) -> None:
    asked = {"query": "Accorderie de Chambéry", "properties": [prop("siren", "213502388")]}
    found = ask(client, asked)["result"]
    assert not [one for one in found if one["match"] and one["id"] == CITY]
    wrong = {"query": "Ville de Rennes", "properties": [prop("siren", "216902668")]}
    assert not any(one["match"] for one in ask(client, wrong)["result"])


def test_a_number_alone_is_enough(client: FlaskClient) -> None:
    found = ask(client, {"properties": [prop("siren", "213502388")]})["result"]
    assert [(one["id"], one["match"]) for one in found] == [(CITY, True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Rennnes", RENNES), ("Ville de Renes", CITY), ("Eusko", EUSKO),
     ("monnaie locale Eusko", EUSKO),
     ("Accorderie Chambery", ID + "actor/accorderie-de-chambery")],
)  # fmt: skip
def test_a_spelling_that_differs_is_proposed(client: FlaskClient, text: str, expected: str) -> None:
    found = ask(client, {"query": text, "limit": 15})["result"]
    assert expected in [one["id"] for one in found]
    assert not any(one["match"] for one in found)


@pytest.mark.parametrize(
    ("kind", "space"),
    [("SocialInnovation", "id/innovation/"), ("Actor", "id/a"), ("PublicActor", "id/authority/"),
     ("PublicPolicy", "id/policy/"), ("Territory", "id/territory/"), ("Resource", "id/resource/"),
     ("scheme/need", "scheme/need/"), ("Commune", "id/territory/commune-")],
)  # fmt: skip
def test_a_type_binds(client: FlaskClient, kind: str, space: str) -> None:
    found = ask(client, {"query": "logement social à Rennes", "type": kind, "limit": 50})["result"]
    assert found
    assert all(one["id"].startswith(terms.BASE + space) for one in found)
    names = {"query": "Rennes", "type": [kind, "Territory"], "type_strict": "all"}
    assert all("/territory/" in one["id"] for one in ask(client, names)["result"])


def test_a_type_may_only_be_wished(client: FlaskClient) -> None:
    asked = {"query": "Ville de Rennes", "type": "SocialInnovation", "type_strict": "should"}
    assert ask(client, asked)["result"][0]["id"] == CITY


def test_conditions_may_be_required_or_excluded(client: FlaskClient) -> None:
    name = {"matchType": "name", "propertyValue": "Saint-Denis"}
    within = {"matchType": "property", "propertyId": "withinTerritory",
              "propertyValue": "Seine-Saint-Denis"}  # fmt: skip
    kept = match(client, name, {**within, "required": True}, limit=50)["candidates"]
    assert kept
    assert all(
        {"id": "essaim:withinTerritory", "value": True}.items() <= one.items()
        for one in (next(f for f in c["features"] if "within" in f["id"]) for c in kept)
    )
    others = match(client, name, {**within, "required": True, "matchQuantifier": "none"}, limit=50)
    assert not set(ids(kept)) & set(ids(others["candidates"]))
    by_id = match(client, {"matchType": "id", "propertyValue": [RENNES, "35238"]})["candidates"]
    assert [(one["id"], one["match"]) for one in by_id] == [(RENNES, True)]
    need = {
        "matchType": "property",
        "propertyId": "addressesNeedConcept",
        "propertyValue": {"id": terms.BASE + "scheme/need/pauvrete"},
        "required": True,
    }
    plan = {"matchType": "name", "propertyValue": "Second plan fédéral de lutte"}
    found = match(client, plan, need, type="PublicPolicy")["candidates"]
    assert ids(found)[0] == "policy/be-plan-pauvrete-2012"


def test_what_was_asked_beside_a_query_does_not_change_it(client: FlaskClient) -> None:
    queries = {str(n): {"query": name} for n, name in enumerate(["Rennes", "Lyon", "x", "Eusko"])}
    together = client.post("/reconcile", data={"queries": json.dumps(queries)}).json
    for key, query in queries.items():
        assert (together or {})[key] == ask(client, query)


def test_names_come_in_the_language_of_the_reader(client: FlaskClient) -> None:
    def name(path: str, **headers: str) -> str:
        queries = json.dumps({"q": {"query": "Bretagne", "type": "Region"}})
        answer = client.get(path, query_string={"queries": queries}, headers=headers)
        return str((answer.json or {})["q"]["result"][0]["name"])

    assert name("/reconcile") == name("/reconcile/fr") == "Bretagne"
    assert name("/reconcile/en") == "Brittany"
    assert name("/reconcile", **{"Accept-Language": "en"}) == "Brittany"
    assert name("/reconcile/fr", **{"Accept-Language": "en"}) == "Bretagne"


def test_an_index_goes_with_its_release(tmp_path: Path) -> None:
    for name in ("gone.names", "older", "older.names", "gone.store"):
        (tmp_path / name).mkdir()
    here = Entity(RENNES, (("Rennes", "fr"),), ("Commune",), ())
    Names(Known({RENNES: here}, {}, {}, {}), tmp_path / "new.names")
    kept = sorted(each.name for each in tmp_path.iterdir())
    assert kept == ["gone.store", "new.names", "older", "older.names"]
