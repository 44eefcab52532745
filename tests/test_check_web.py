"""A file checked over HTTP: reports by Accept, the page, repairs, and files that mean harm."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from kb import files
from web import check, listing
from web.asking import Asking
from web.clients import Clients

EXAMPLES = files.root() / "shapes" / "examples"
FAULTY = (EXAMPLES / "invalid" / "actor-body-kind.ttl").read_bytes()
UNENDED = (
    b"@prefix essaim: <https://w3id.org/essaim/ns#>\n<http://example.org/a> a essaim:Actor .\n"
)
TURTLE, JSON = "text/turtle", "application/json"
HOSTILE = {
    "brackets": (b"<http://a> <http://b> " + b"[ <http://b> " * 100_000, TURTLE),
    "parentheses": (b"<http://a> <http://b> " + b"(" * 100_000, TURTLE),
    "prefixes": (b"".join(b"@prefix p%d: <u:> .\n" % n for n in range(200_000)), TURTLE),
    "statements": (b"<u:a> <u:b> " + b",".join(b"%d" % n for n in range(600_000)) + b" .", TURTLE),
    "integer": (b"<http://a> <http://b> " + b"9" * 10_000 + b" .", TURTLE),
    "nul": (b"\x00" * 1_000 + b"<a> \x00", TURTLE),
    "bytes": (bytes(range(128, 256)) * 50, TURTLE),
    "surrogate": (b'<http://a> <http://b> "\\uD800" .', TURTLE),
    "objects": (b'{"@id": ' * 100_000, "application/ld+json"),
    "context": (b'{"@context": "http://127.0.0.1:9/c", "@id": "http://a"}', "application/ld+json"),
    "entities": (b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">'
                 + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10)
                            for n in range(20)) + b"]><r>&u;</r>", "application/rdf+xml"),
}  # fmt: skip


def reported(
    client: FlaskClient, data: bytes, kind: str = TURTLE, **given: str
) -> dict[str, object]:
    answer = client.post("/check", data=data, content_type=kind, headers={"Accept": JSON},
                         query_string={"lang": "en", **given})  # fmt: skip
    assert answer.status_code == 200, answer.text
    report: dict[str, object] = json.loads(answer.data)
    return report


def shown(client: FlaskClient, **sent: object) -> str:
    answer = client.post("/check?lang=en", data=sent, headers={"Accept": "text/html"},
                         content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("accept", "kind", "holds"),
    [("*/*", "text/plain", "error[C-actor-body-kind]"), (JSON, JSON, '"line": 10'),
     ("application/sarif+json", "application/sarif+json", '"startLine": 10'),
     (TURTLE, TURTLE, "sh:ValidationReport"),
     ("application/ld+json", "application/ld+json", "ValidationReport"),
     ("application/xml", "application/xml", "<testsuite"), ("text/html", "text/html", 'id="L10"')],
)  # fmt: skip
def test_a_report_comes_in_the_form_asked_for(
    client: FlaskClient, accept: str, kind: str, holds: str
) -> None:
    answer = client.post("/check?lang=en", data=FAULTY, content_type=TURTLE,
                         headers={"Accept": accept})  # fmt: skip
    assert (answer.status_code, answer.mimetype) == (200, kind)
    assert holds in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["github", "html", "text"])
def test_a_format_can_be_named(client: FlaskClient, name: str) -> None:
    answer = client.post("/check", query_string={"format": name}, data=FAULTY, content_type=TURTLE)
    assert answer.status_code == 200
    assert "C-actor-body-kind" in answer.text


def test_codes_are_chosen_and_left_out(client: FlaskClient) -> None:
    assert reported(client, FAULTY, ignore="C-actor")["findings"] == []
    assert reported(client, FAULTY, select="S")["findings"] == []
    refused = client.post("/check", query_string={"select": "--help x"}, data=FAULTY,
                          content_type=TURTLE)  # fmt: skip
    assert refused.status_code == 400


def test_a_file_of_a_form_is_checked_by_its_ending(client: FlaskClient) -> None:
    rows = b"<http://a> <http://b> <http://c>\n"
    answer = client.post("/check?lang=en", data={"file": (io.BytesIO(rows), "x.nt")},
                         content_type="multipart/form-data", headers={"Accept": JSON})  # fmt: skip
    assert json.loads(answer.data)["findings"][0]["code"].startswith("S")


def test_safe_repairs_come_as_text(client: FlaskClient) -> None:
    answer = client.post("/check?fix=1", data=UNENDED, content_type=TURTLE)
    assert (answer.status_code, answer.mimetype) == (200, TURTLE)
    assert answer.text.startswith("@prefix essaim: <https://w3id.org/essaim/ns#> .\n")


@pytest.mark.parametrize(("language", "word"), [("fr", "Votre fichier"), ("en", "Your file")])
def test_the_page_is_a_plain_form(client: FlaskClient, language: str, word: str) -> None:
    page = client.get("/check", query_string={"lang": language}).text
    assert word in page
    assert 'method="post"' in page
    assert "http://" not in re.sub(r'href="[^"]*"', "", page).replace("http://localhost", "")
    assert 'href="/check"' in client.get("/").text


def test_a_repair_is_made_by_its_button(client: FlaskClient) -> None:
    text = UNENDED.decode()
    page = shown(client, text=text.replace("\n", "\r\n"))
    button = re.search(r'name="make" value="([^"]*)"', page)
    assert button, "the missing dot is proposed as a button"
    after = shown(client, text=text, make=html.unescape(button[1]))
    assert "ns#&gt; .\n" in after
    changed = shown(client, text=text + "# more\n", make=html.unescape(button[1]))
    assert "The text has changed" in changed


@pytest.mark.parametrize("value", ["", "[]", '["x",[[0,1,""]]]', "[" * 100_000, '{"a": 1}', "null"])
def test_a_forged_button_changes_nothing(value: str) -> None:
    assert listing.made("abc", value) is None


def test_repairs_beyond_the_text_are_not_made() -> None:
    for edits in ([[0, 9, ""]], [[2, 1, ""]], [[-1, 1, ""]], [[0, 2, ""], [1, 3, ""]]):
        assert listing.made("abc", json.dumps([listing.mark_of("abc"), edits])) is None


def test_the_place_is_marked_in_its_line(client: FlaskClient) -> None:
    page = shown(client, text=FAULTY.decode())
    assert '<mark class="error">actor:voisin</mark>' in page
    assert 'href="#L10"' in page


def test_a_checked_text_never_becomes_markup(client: FlaskClient) -> None:
    page = shown(client, text="</textarea><script>alert(1)</script>")
    assert "<script>alert" not in page


def test_a_long_text_is_shown_around_its_findings(client: FlaskClient) -> None:
    text = UNENDED.decode() + "# line\n" * 5_000
    page = shown(client, text=text)
    assert 'id="L1"' in page
    assert 'id="L4000"' not in page


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/sparql-query"])
def test_other_files_are_refused(client: FlaskClient, kind: str) -> None:
    assert client.post("/check", data=b"x", content_type=kind).status_code == 415


def test_what_curl_sends_without_a_type_is_explained(client: FlaskClient) -> None:
    answer = client.post("/check?lang=en", data=FAULTY,
                         content_type="application/x-www-form-urlencoded")  # fmt: skip
    assert answer.status_code == 400
    assert "curl -F file=@record.ttl" in answer.text


@pytest.mark.parametrize("size", [5_000_001, 50_000_000])
@pytest.mark.parametrize("kind", [TURTLE, "multipart/form-data"])
def test_a_large_file_is_refused(client: FlaskClient, kind: str, size: int) -> None:
    data = b"#" * size
    sent = {"file": (io.BytesIO(data), "a.ttl")} if kind != TURTLE else data
    answer = client.post("/check", data=sent, content_type=kind, headers={"Accept": JSON})
    assert answer.status_code == 413


def test_a_file_larger_than_other_requests_is_checked(client: FlaskClient) -> None:
    report = reported(client, b"# a line of nothing\n" * 100_000)
    assert report["conforms"] is True


@pytest.fixture
def _no_place() -> Iterator[None]:
    for _ in range(check.CHILDREN):
        check.children.acquire()
    yield
    for _ in range(check.CHILDREN):
        check.children.release()


@pytest.mark.usefixtures("_no_place")
def test_more_checks_than_children_are_told_to_come_back(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "WAIT_S", 0.05)
    answer = client.post("/check", data=FAULTY, content_type=TURTLE)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_checks_count_as_questions_of_their_client(app: Flask) -> None:
    served = app.extensions["essaim"]
    before = served._public
    served._public = Asking(served.release.engine, Clients(per_minute=1))
    try:
        sent = [app.test_client().post("/check", data=b"", content_type=TURTLE) for _ in "ab"]
    finally:
        served._public = before
    assert [answer.status_code for answer in sent] == [200, 429]


@pytest.mark.full
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_findings(client: FlaskClient, name: str) -> None:
    data, kind = HOSTILE[name]
    answer = client.post("/check", data=data, content_type=kind, headers={"Accept": JSON})
    report = json.loads(answer.data)
    assert answer.status_code == (422 if report["obstacles"] else 200)
    assert isinstance(report["findings"], list)
    assert "Traceback" not in json.dumps(report)
    assert client.get("/healthz").status_code == 200


@pytest.mark.full
@pytest.mark.parametrize(
    "path", sorted((EXAMPLES / "invalid").glob("actor-*.ttl")), ids=lambda p: p.stem
)
def test_the_page_tells_what_the_command_tells(client: FlaskClient, path: Path) -> None:
    page = shown(client, text=path.read_text(encoding="utf-8"))
    assert f"C-{path.stem}" in page
