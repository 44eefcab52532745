"""What the reconciliation service reads and refuses, and how it is reached over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
import recon
from flask.testing import FlaskClient

from kb.reconcile import BATCH, Malformed
from kb.reconcile.asked import batch_02, batch_10, extension, question_02, question_10
from web import create_app
from web.asking import Asking
from web.clients import Clients


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
