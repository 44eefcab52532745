"""A client of the reconciliation service over HTTP, as OpenRefine goes about a project."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import recon
from flask import Flask
from waitress.server import create_server

pytestmark = pytest.mark.full

ROWS = [  # name, code of the département, what it is
    ("Rennes", "35", "id/territory/commune-35238"),
    ("Saint-Denis", "93", "id/territory/commune-93066"),
    ("saint denis", "974", "id/territory/commune-97411"),
    ("PIPRIAC", "35", "id/territory/commune-35219"),
    ("Bayonne", "64", "id/territory/commune-64102"),
    ("Ville de nulle part", "35", ""),
]


@pytest.fixture(scope="module")
def root(app: Flask) -> Iterator[str]:
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    runner = threading.Thread(target=server.run, daemon=True)
    runner.start()
    yield f"http://127.0.0.1:{server.effective_port}/reconcile/en"
    server.close()
    runner.join(10)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def test_a_project_is_reconciled_and_extended(root: str, http: httpx.Client) -> None:
    manifest = http.get(root).json()
    assert "0.2" in manifest["versions"]
    guessed = _types(http, root)
    assert guessed[0].endswith("#Commune")
    suggest = manifest["suggest"]["property"]
    found = http.get(
        suggest["service_url"] + suggest["service_path"], params={"prefix": "within"}
    ).json()
    within = found["result"][0]["id"]
    assert within.endswith("#withinTerritory")
    matched = _matched(http, root, within)
    for name, _, expected in ROWS:
        assert matched.get(name, "").endswith(expected), name
    assert "Ville de nulle part" not in matched
    first = next(iter(matched.values()))
    _looked_at(http, manifest, first)
    _extended(http, root, manifest, list(matched.values()))


def _types(http: httpx.Client, root: str) -> list[str]:
    """Guess the type of a column from the candidates of its first rows."""
    queries = {f"q{n}": {"query": name, "limit": 3} for n, (name, _, _) in enumerate(ROWS)}
    answer = http.post(root, data={"queries": json.dumps(queries)}).json()
    counted: dict[str, float] = {}
    for one in answer.values():
        for rank, candidate in enumerate(one["result"]):
            kind = candidate["type"][0]["id"]
            counted[kind] = counted.get(kind, 0) + 1 / (1 + rank)
    return sorted(counted, key=lambda kind: -counted[kind])


def _matched(http: httpx.Client, root: str, within: str) -> dict[str, str]:
    queries = {
        name: {"query": name, "type": "essaim:Commune", "type_strict": "should", "limit": 6,
               "properties": [{"pid": within, "v": area}]}
        for name, area, _ in ROWS
    }  # fmt: skip
    answer: dict[str, Any] = http.post(root, data={"queries": json.dumps(queries)}).json()
    return {
        name: one["result"][0]["id"]
        for name, one in answer.items()
        if one["result"] and one["result"][0]["match"]
    }


def _looked_at(http: httpx.Client, manifest: Any, iri: str) -> None:
    preview = http.get(manifest["preview"]["url"].replace("{{id}}", quote(iri, safe="")))
    assert preview.status_code == 200
    assert "X-Frame-Options" not in preview.headers
    view = manifest["view"]["url"].replace("{{id}}", quote(iri, safe=""))
    page = http.get(view, follow_redirects=True, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    entity = manifest["suggest"]["entity"]
    flyout = entity["flyout_service_url"] + entity["flyout_service_path"]
    assert http.get(flyout.replace("${id}", quote(iri, safe=""))).json()["id"] == iri


def _extended(http: httpx.Client, root: str, manifest: Any, ids: list[str]) -> None:
    propose = manifest["extend"]["propose_properties"]
    address = propose["service_url"] + propose["service_path"]
    proposed = http.get(address, params={"type": "essaim:Commune"}).json()["properties"]
    code = next(one["id"] for one in proposed if one["id"].endswith("#inseeCode"))
    asked = {"ids": ids, "properties": [{"id": code}]}
    answer = http.post(root, data={"extend": json.dumps(asked)}).json()
    if recon.archive():
        recon.check(answer, "0.2", "data-extension-response")
    assert all(iri.endswith(answer["rows"][iri][code][0]["str"]) for iri in ids)


def test_a_browser_may_ask_from_another_page(root: str, http: httpx.Client) -> None:
    wanted = {"Origin": "http://a.example", "Access-Control-Request-Method": "POST",
              "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    asked = http.options(root + "/1.0/match", headers=wanted)
    assert asked.status_code in (200, 204)
    assert asked.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]


def test_batches_asked_at_once_get_the_same_answers(root: str, http: httpx.Client) -> None:
    queries = json.dumps({str(n): {"query": row[0]} for n, row in enumerate(ROWS)})
    expected = http.post(root, data={"queries": queries}).json()
    got = []

    def ask() -> None:
        got.append(httpx.post(root, data={"queries": queries}, timeout=60).json())

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert got == [expected] * 6


def test_a_batch_of_fifty_does_not_keep_one_waiting(root: str, http: httpx.Client) -> None:
    """Two seconds is far above what it takes; it catches a scan of all names."""
    names = ["Renes", "Saint Deni", "comunauté de commune", "Accorderi", "tiers lieu de Bretagn"]
    queries = json.dumps({str(n): {"query": names[n % 5] + str(n)} for n in range(50)})
    http.post(root, data={"queries": queries})
    before = time.perf_counter()
    answer = http.post(root, data={"queries": queries})
    assert answer.status_code == 200
    assert time.perf_counter() - before < 2
