"""Bad requests to the reconciliation service: each gets its own clean error, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
import recon
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.reconcile import BATCH
from kb.reconcile.malformed import messages

GOOD = {"query": "Rennes"}
NAME = {"matchType": "name", "propertyValue": "Rennes"}
DEEP = 50_000


def post(client: FlaskClient, text: str | bytes, version: str = "0.2") -> Any:
    if version == "0.2":
        return client.post("/reconcile", data={"queries": text})
    return client.post("/reconcile/1.0/match", data=text, content_type="application/json")


def is_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.get_data(as_text=True)[:300]
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["detail"]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("version", ["0.2", "1.0"])
@pytest.mark.parametrize(
    "text",
    ["", "zz", "[]", "null", "3", '"x"', "{", '{"q": NaN}', "[" * DEEP, '{"a":' * DEEP,
     '{"q": {"query": "x", "limit": ' + "9" * 5_000 + "}}", '{"queries": {}}x', "\ufeff{}"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_no_batch_is_refused_whole(client: FlaskClient, version: str, text: str) -> None:
    is_problem(post(client, text, version), 400)


def test_a_body_that_is_no_json_is_refused(client: FlaskClient) -> None:
    is_problem(post(client, b"\xff\xfe", "1.0"), 400)
    is_problem(client.post("/reconcile/1.0/match", data={"queries": "{}"}), 415)
    is_problem(client.post("/reconcile/1.0/extend", data="{}"), 415)
    is_problem(client.post("/reconcile", json={"q": GOOD}), 400)


@pytest.mark.parametrize("count", [BATCH + 1, 10_000])
def test_a_batch_too_big_is_413(client: FlaskClient, count: int) -> None:
    is_problem(post(client, json.dumps({str(n): GOOD for n in range(count)})), 413)
    many = {"queries": [{"conditions": [NAME]}] * count}
    is_problem(post(client, json.dumps(many), "1.0"), 413)


def test_a_request_too_big_is_413(client: FlaskClient) -> None:
    is_problem(post(client, "x" * 2_000_000), 413)
    is_problem(post(client, "x" * 2_000_000, "1.0"), 413)


BAD_02 = [
    None, 3, "Rennes", [], {}, {"query": ""}, {"query": "  "}, {"query": 3}, {"query": None},
    {"query": ["Rennes"]}, {"query": "x" * 1_001}, {"query": "\ud800"}, {**GOOD, "limit": 0},
    {**GOOD, "limit": -1}, {**GOOD, "limit": "5"}, {**GOOD, "limit": True}, {**GOOD, "limit": 2.5},
    {**GOOD, "limit": None}, {**GOOD, "type": 3}, {**GOOD, "type": "Nothing"},
    {**GOOD, "type": ["Commune", None]}, {**GOOD, "type": ["Commune"] * 31},
    {**GOOD, "type_strict": "perhaps"}, {**GOOD, "type_strict": []}, {**GOOD, "other": 1},
    {**GOOD, "properties": {}}, {**GOOD, "properties": [3]}, {**GOOD, "properties": [{"pid": "a"}]},
    {**GOOD, "properties": [{"pid": "nothing", "v": "x"}]},
    {**GOOD, "properties": [{"pid": 3, "v": "x"}]},
    {**GOOD, "properties": [{"pid": "siren", "v": []}]},
    {**GOOD, "properties": [{"pid": "siren", "v": None}]},
    {**GOOD, "properties": [{"pid": "siren", "v": {"name": "x"}}]},
    {**GOOD, "properties": [{"pid": "siren", "v": [["x"]]}]},
    {**GOOD, "properties": [{"pid": "siren", "v": "x"}] * 31},
    {**GOOD, "properties": [{"pid": "siren", "v": ["x"] * 101}]},
]  # fmt: skip
BAD_10 = [
    None, [], {}, {"conditions": []}, {"conditions": {}}, {"conditions": [3]},
    {"conditions": [{"propertyValue": "x"}]}, {"conditions": [{**NAME, "matchType": "other"}]},
    {"conditions": [{**NAME, "matchQuantifier": "some"}]},
    {"conditions": [{**NAME, "matchQualifier": "ExactMatch"}]},
    {"conditions": [{**NAME, "required": "yes"}]}, {"conditions": [{**NAME, "propertyValue": []}]},
    {"conditions": [{"matchType": "property", "propertyValue": "x"}]},
    {"conditions": [{"matchType": "property", "propertyId": "nothing", "propertyValue": "x"}]},
    {"conditions": [NAME], "type": ["Commune"]}, {"conditions": [NAME], "type": "Nothing"},
    {"conditions": [NAME], "lang": 3}, {"conditions": [NAME], "dir": "up"},
    {"conditions": [NAME], "query": "x"}, {"conditions": [NAME] * 31},
]  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_bad_query_harms_no_other(client: FlaskClient, language: str) -> None:
    for start in range(0, len(BAD_02), 10):
        bad = {f"bad{n}": item for n, item in enumerate(BAD_02[start : start + 10])}
        queries = json.dumps({"first": GOOD, **bad, "last": GOOD})
        answer = client.post(f"/reconcile/{language}", data={"queries": queries})
        check(answer, "0.2", list((answer.json or {}).values()), "result")
    bad_10 = json.dumps({"queries": [{"conditions": [NAME]}, *BAD_10, {"conditions": [NAME]}]})
    path = f"/reconcile/{language}/1.0/match"
    answer = client.post(path, data=bad_10, content_type="application/json")
    check(answer, "1.0-draft", (answer.json or {})["results"], "candidates")


def check(answer: Any, version: str, results: list[Any], name: str) -> None:
    assert answer.status_code == 200
    if recon.archive():
        recon.check(answer.json, version, "reconciliation-result-batch")
    first, *bad, last = results
    assert first == last
    assert "error" not in first
    assert first[name][0]["match"]
    for number, one in enumerate(bad):
        assert one[name] == [], f"query {number} was answered"
        assert set(one["error"]) == {"code", "message"}


def test_a_key_may_be_any_text(client: FlaskClient) -> None:
    keys = ["", "é", "</script>", "__proto__", "\u2028", "q" * 5_000]
    answer = post(client, json.dumps(dict.fromkeys(keys, GOOD)))
    assert list(answer.json) == keys
    is_problem(post(client, '{"\\ud800": {"query": "x"}}'), 400)


@pytest.mark.parametrize(
    "text",
    ["'); DROP TABLE words; --", '" OR "1"="1', "*", "NEAR(a b)", "\x00", "\u202e", "😀" * 300,
     "a " * 500, "x" * 1_000, "- — –", "http://", "https://w3id.org/essaim/", "{{7*7}}", "%s{0}"],
)  # fmt: skip
def test_any_text_may_be_a_name(client: FlaskClient, text: str) -> None:
    found = post(client, json.dumps({"q": {"query": text}})).json["q"]
    assert "error" not in found
    assert not any(one["match"] for one in found["result"])
    for path in ("suggest/entity", "suggest/type", "suggest/property", "1.0/suggest/entity"):
        answer = client.get("/reconcile/" + path, query_string={"prefix": text})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/suggest/entity?prefix=a&cursor=-1", 400), ("/suggest/entity?prefix=a&cursor=x", 400),
        ("/suggest/type?cursor=99999999999", 400), ("/suggest/nothing", 404),
        ("/preview", 400), ("/preview?id=nothing", 404), ("/preview?id=53", 404),
        ("/view?id=", 400), ("/flyout/entity?id=nothing", 404), ("/flyout/type?id=nothing", 404),
        ("/flyout/property", 400), ("/extend/propose?type=nothing", 400),
        ("/extend/propose?type=Commune&limit=x", 400), ("?query=Rennes", 400),
        ("?queries=%ff", 400), ("?extend=[]", 400), ("?extend={}", 400), ("?extend=x", 400),
    ],
)  # fmt: skip
def test_a_request_that_cannot_be_answered_says_why(
    client: FlaskClient, path: str, status: int
) -> None:
    answer = client.get("/reconcile" + path)
    if "nothing" in path and status == 404 and "?" not in path:
        assert answer.status_code == 404
    else:
        is_problem(answer, status)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"ids": "x", "properties": []}, 400), ({"ids": [3], "properties": []}, 400),
        ({"ids": [], "properties": [{}]}, 400), ({"ids": [], "properties": [{"id": "no"}]}, 400),
        ({"ids": ["x"] * 501, "properties": []}, 413), ({"ids": [""], "properties": []}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": []}]}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": {"limit": "-1"}}]}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": {"limit": {}}}]}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": {"content": []}}]}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": {"other": 1}}]}, 400),
        ({"ids": [], "properties": [{"id": "siren", "settings": {"limit": ""}}]}, 200),
        ({"ids": [], "properties": []}, 200),
    ],
)  # fmt: skip
def test_an_extension_that_cannot_be_read_says_why(
    client: FlaskClient, asked: Any, status: int
) -> None:
    for answer in (
        client.post("/reconcile", data={"extend": json.dumps(asked)}),
        client.post("/reconcile/1.0/extend", json=asked),
    ):
        if status == 200:
            assert answer.status_code == 200
        else:
            is_problem(answer, status)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["Rennes", "Commune", "siren", "name", "property", "any"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["query", "type", "limit", "properties", "pid", "v", "id", "conditions",
                         "matchType", "propertyId", "propertyValue", "required", "ids", "settings",
                         "matchQuantifier", "type_strict", "queries"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(JSON, JSON)
def test_no_json_makes_an_accident(client: FlaskClient, one: Any, other: Any) -> None:
    queries = json.dumps({"a": one, "b": other})
    assert client.post("/reconcile", data={"queries": queries}).status_code in (200, 400)
    found = client.post("/reconcile/1.0/match", data=json.dumps({"queries": [one, other]}),
                        content_type="application/json")  # fmt: skip
    assert found.status_code in (200, 400)
    for asked in (one, {"ids": one, "properties": other}):
        answer = client.post("/reconcile", data={"extend": json.dumps(asked)})
        assert answer.status_code in (200, 400)


def test_errors_are_said_in_both_languages(client: FlaskClient) -> None:
    assert set(messages("fr")) == set(messages("en"))
    for language, words in (("fr", "est vide"), ("en", "is empty")):
        queries = json.dumps({"q": {"query": ""}})
        answer = client.post(f"/reconcile/{language}", data={"queries": queries}).json
        assert words in (answer or {})["q"]["error"]["message"]
