"""The reconciliation service: what it proposes, in the form that the specification publishes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import recon
from flask import Flask
from flask.testing import FlaskClient

from kb import terms
from kb.reconcile import BATCH, Malformed
from kb.reconcile.asked import batch_02, batch_10, extension, question_02, question_10
from web import create_app
from web.asking import Asking
from web.clients import Clients
from web.proposals import Service
from web.site import Site

ID = terms.BASE + "id/"
RENNES, EUSKO = ID + "territory/commune-35238", ID + "innovation/eusko"
CITY = ID + "authority/ville-de-rennes"
VERSION = {"": "0.2", "/1.0": "1.0-draft"}


@pytest.fixture(scope="module")
def known(app: Flask) -> Service:
    with app.test_request_context("/reconcile"):
        site: Site = app.extensions["essaim"]
        return site.once(Service)


def ask(client: FlaskClient, query: object, path: str = "/reconcile") -> Any:
    answer = client.post(path, data={"queries": json.dumps({"q": query})})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    recon.archive() and recon.check(answer.json, "0.2", "reconciliation-result-batch")
    return answer.json["q"]  # type: ignore[index]


def match(client: FlaskClient, *conditions: dict[str, Any], **more: Any) -> Any:
    query = {"conditions": conditions, **more}
    answer = client.post("/reconcile/1.0/match", json={"queries": [query]})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    recon.archive() and recon.check(answer.json, "1.0-draft", "reconciliation-result-batch")
    return answer.json["results"][0]  # type: ignore[index]


def ids(found: Any) -> list[str]:
    return [one["id"].removeprefix(ID) for one in found]


def prop(name: str, value: object) -> dict[str, Any]:
    return {"pid": name, "v": value}


# The documents of the API


@pytest.mark.parametrize("language", ["", "/fr", "/en"])
@pytest.mark.parametrize("version", ["", "/1.0"])
def test_the_manifest_is_that_of_the_specification(
    client: FlaskClient, language: str, version: str
) -> None:
    answer = client.get("/reconcile" + language + version)
    manifest = answer.json
    recon.check(manifest, VERSION[version], "manifest")
    assert manifest
    assert manifest["batchSize"] >= 50
    assert len(manifest["defaultTypes"]) == 7
    root = "http://localhost/reconcile" + language
    assert manifest["view"]["url"].startswith(root + version + "/view?id=")
    assert answer.headers["Content-Language"] == (language[1:] or "fr")


@pytest.mark.parametrize("version", ["", "/1.0"])
@pytest.mark.parametrize(
    ("kind", "schema", "prefix", "expected"),
    [
        ("entity", "entities", "Rennes", RENNES),
        ("entity", "entities", "ren met", ID + "authority/rennes-metropole"),
        ("entity", "entities", EUSKO, EUSKO),
        ("entity", "entities", "35238", RENNES),
        ("type", "types", "comm", str(terms.ESSAIM.Commune)),
        ("type", "types", str(terms.ESSAIM.Actor), str(terms.ESSAIM.Actor)),
        ("type", "types", "", str(terms.ESSAIM.SocialInnovation)),
        ("property", "properties", "insee", str(terms.ESSAIM.inseeCode)),
        ("property", "properties", "siren", str(terms.ESSAIM.siren)),
        ("property", "properties", "essaim:siren", str(terms.ESSAIM.siren)),
    ],
)
def test_what_one_begins_to_write_is_completed(
    client: FlaskClient, version: str, kind: str, schema: str, prefix: str, expected: str
) -> None:
    path = f"/reconcile{version}/suggest/{kind}"
    answer = client.get(path, query_string={"prefix": prefix}).json
    recon.check(answer, VERSION[version], f"suggest-{schema}-response")
    assert answer
    assert expected in [one["id"] for one in answer["result"]]


def test_suggestions_go_on_where_the_cursor_says(client: FlaskClient) -> None:
    def page(cursor: int) -> list[str]:
        found = client.get(f"/reconcile/suggest/entity?prefix=saint&cursor={cursor}").json
        return [one["id"] for one in (found or {})["result"]]

    first, second = page(0), page(20)
    assert len(first) == len(second) == 20
    assert not set(first) & set(second)
    assert page(10) == first[10:] + second[:10]


def test_suggestions_keep_to_a_type(client: FlaskClient) -> None:
    answer = client.get("/reconcile/suggest/entity?prefix=rennes&type=essaim:PublicActor").json
    assert answer
    assert "authority/ville-de-rennes" in ids(answer["result"])
    assert all("/authority/" in one["id"] for one in answer["result"])


@pytest.mark.parametrize(
    ("kind", "id_", "words"),
    [("entity", EUSKO, "Eusko"), ("type", str(terms.ESSAIM.Commune), "Commune"),
     ("property", str(terms.ESSAIM.siren), "SIREN")],
)  # fmt: skip
def test_a_flyout_says_more(client: FlaskClient, kind: str, id_: str, words: str) -> None:
    answer = client.get(f"/reconcile/flyout/{kind}", query_string={"id": id_}).json
    assert answer
    assert set(answer) == {"id", "html"}
    assert answer["id"] == id_
    assert words in answer["html"]


@pytest.mark.parametrize("version", ["", "/1.0"])
@pytest.mark.parametrize(("language", "words"), [("fr", "Commune"), ("en", "French commune")])
def test_a_preview_can_be_framed(
    client: FlaskClient, version: str, language: str, words: str
) -> None:
    answer = client.get(f"/reconcile/{language}{version}/preview", query_string={"id": RENNES})
    body = answer.get_data(as_text=True)
    assert f'<html lang="{language}">' in body
    assert "Rennes" in body
    assert words in body
    assert "35238" in body
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_other_pages_still_refuse_frames(client: FlaskClient) -> None:
    assert client.get("/reconcile").headers["X-Frame-Options"] == "DENY"
    assert client.get("/").headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("id_", [RENNES, "id/territory/commune-35238", "35238"])
def test_an_id_leads_to_its_page(client: FlaskClient, id_: str) -> None:
    answer = client.get("/reconcile/view", query_string={"id": id_})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/doc/id/territory/commune-35238"
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("id_", ["https://example.org/", "//example.org", "javascript:alert(1)"])
def test_a_view_leads_nowhere_else(client: FlaskClient, id_: str) -> None:
    assert client.get("/reconcile/view", query_string={"id": id_}).status_code == 404


@pytest.mark.parametrize("version", ["", "/1.0"])
@pytest.mark.parametrize("kind", ["Commune", "essaim:PublicActor", "scheme/need", "Resource", ""])
def test_properties_are_proposed(client: FlaskClient, version: str, kind: str) -> None:
    answer = client.get(f"/reconcile{version}/extend/propose?type={kind}&limit=3").json
    recon.check(answer, VERSION[version], "data-extension-property-proposal")
    assert answer
    assert len(answer["properties"]) == 3
    assert not [one for one in answer["properties"] if ":" in one["name"]], "name it in messages/"


def test_every_property_and_type_has_a_name(client: FlaskClient) -> None:
    for language in ("fr", "en"):
        found = client.get(f"/reconcile/{language}/extend/propose").json
        assert found
        assert not [one for one in found["properties"] if ":" in one["name"]]
        types = client.get(f"/reconcile/{language}/suggest/type").json
        assert types
        assert not [one for one in types["result"] if ":" in one["name"]]


EXTENSION = {
    "ids": [RENNES, "id/innovation/eusko", "nothing"],
    "properties": [
        {"id": "inseeCode"},
        {"id": str(terms.ESSAIM.withinTerritory)},
        {"id": "populationCount"},
        {"id": "startYear"},
        {"id": "dcterms:description", "settings": {"limit": "1"}},
        {"id": "implementedIn", "settings": {"content": "iri"}},
    ],
}


def cells_02(client: FlaskClient, asked: object) -> Any:
    answer = client.post("/reconcile/en", data={"extend": json.dumps(asked)}).json
    recon.check(answer, "0.2", "data-extension-response")
    return answer["rows"]  # type: ignore[index]


def cells_10(client: FlaskClient, asked: object) -> Any:
    answer = client.post("/reconcile/en/1.0/extend", json=asked).json
    recon.check(answer, "1.0-draft", "data-extension-response")
    rows = answer["rows"]  # type: ignore[index]
    return {row["id"]: {one["id"]: one["values"] for one in row["properties"]} for row in rows}


@pytest.mark.parametrize("cells", [cells_02, cells_10])
def test_columns_are_filled(client: FlaskClient, cells: Any) -> None:
    rows = cells(client, EXTENSION)
    assert list(rows) == EXTENSION["ids"]
    assert rows[RENNES]["inseeCode"] == [{"str": "35238"}]
    place = {"id": ID + "territory/departement-35", "name": "Ille-et-Vilaine"}
    assert rows[RENNES][str(terms.ESSAIM.withinTerritory)] == [place]
    assert isinstance(rows[RENNES]["populationCount"][0]["int"], int)
    eusko = rows["id/innovation/eusko"]
    assert eusko["startYear"] == [{"int": 2013}]
    assert len(eusko["dcterms:description"]) == 1
    assert eusko["implementedIn"] == [{"str": ID + "territory/commune-64102"}]
    assert not any(rows["nothing"].values())


# What is proposed


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


# The examples of the specification


def cases(kind: str, verdict: str) -> list[tuple[str, str]]:
    return recon.examples(kind, verdict) or [("0.2", "")]


@pytest.mark.parametrize(("version", "path"), cases("reconciliation-query-batch", "valid"))
def test_a_valid_query_is_read(version: str, path: str) -> None:
    text = recon.texts()[path]
    if version == "0.2":
        assert all(question_02(item).conditions for item in batch_02(text).values())
    for item in batch_10(text) if version != "0.2" else ():
        if "matchQualifier" in json.dumps(item):
            with pytest.raises(Malformed, match="matchQualifier"):
                question_10(item)
        else:
            assert question_10(item).conditions


@pytest.mark.parametrize(("version", "path"), cases("reconciliation-query-batch", "invalid"))
def test_an_invalid_query_is_refused(version: str, path: str, client: FlaskClient) -> None:
    text = recon.texts()[path]
    if version == "0.2":
        answer = client.post("/reconcile", data={"queries": text})
        results = list((answer.json or {}).values())
    else:
        answer = client.post("/reconcile/1.0/match", data=text, content_type="application/json")
        results = (answer.json or {}).get("results", [])
    assert answer.status_code in (200, 400)
    assert answer.status_code == 400 or (results and all("error" in one for one in results))


@pytest.mark.parametrize(("version", "path"), cases("data-extension-query", "valid"))
def test_a_valid_extension_is_read(version: str, path: str) -> None:
    text = recon.texts()[path]
    if "settings" not in text:
        assert extension(text).ids
    else:  # those settings are of another service
        with pytest.raises(Malformed, match="setting"):
            extension(text)


@pytest.mark.parametrize("verdict", ["valid", "invalid"])
def test_our_validator_judges_as_the_specification_does(verdict: str) -> None:
    """The schemas are read as they are meant: their own examples say so."""
    recon.texts()
    for kind in ("manifest", "reconciliation-result-batch", "suggest-entities-response",
                 "data-extension-response", "data-extension-property-proposal"):  # fmt: skip
        for version, path in recon.examples(kind, verdict):
            is_valid = recon.validator(version, kind).is_valid(json.loads(recon.texts()[path]))
            assert is_valid == (verdict == "valid"), path


# HTTP


@pytest.mark.parametrize(
    "path",
    ["", "/1.0", "/1.0/match", "/suggest/entity", "/preview", "/view", "/nothing", "/flyout/type"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_other_origins_may_read_every_answer(client: FlaskClient, path: str, method: str) -> None:
    answer = client.open("/reconcile" + path, method=method, headers={"Origin": "http://a.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.status_code < 500


def test_an_old_client_gets_a_script(client: FlaskClient) -> None:
    answer = client.get("/reconcile?callback=jQuery1_2.call")
    body = answer.get_data(as_text=True)
    assert answer.mimetype == "text/javascript"
    assert body.startswith("/**/jQuery1_2.call({")
    assert body.endswith("});")
    for bad in ("alert(1)", "a;b", "<script>", "a.", "é", "x" * 200):
        refused = client.get("/reconcile", query_string={"callback": bad})
        assert (refused.status_code, refused.mimetype) == (400, "application/problem+json")


def test_a_batch_counts_as_one_question(shipped: Any) -> None:
    public = Asking(shipped.engine, Clients(per_minute=2))
    client = create_app(shipped, public=public).test_client()
    queries = json.dumps({str(n): {"query": "Rennes"} for n in range(BATCH)})
    for _ in range(2):
        assert client.post("/reconcile", data={"queries": queries}).status_code == 200
    refused = client.post("/reconcile", data={"queries": queries})
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert client.get("/reconcile").status_code == 200
