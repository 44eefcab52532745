"""The documents of the reconciliation service beside candidates, in the published form."""

from __future__ import annotations

import json
from typing import Any

import pytest
import recon
from flask.testing import FlaskClient
from recon import EUSKO, ID, RENNES, VERSION, ids

from kb import terms


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
