"""The query editor's side of the server: what it offers, its files, and whose they are."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient

import web
from kb import terms
from web import editor, i18n

STATIC = Path(web.__file__).parent / "static"
VENDORED = sorted(path for path in (STATIC / "vendor").iterdir() if path.is_dir())
SCRIPTS = sorted((STATIC / "editor").glob("*.js"))
COMPLETIONS = "/sparql/completions.json"


def offered(client: FlaskClient, language: str) -> dict[str, dict[str, Any]]:
    document = json.loads(client.get(COMPLETIONS, query_string={"lang": language}).data)
    return {term["name"]: term for term in document["terms"]}


def page(client: FlaskClient, language: str = "fr") -> str:
    answer = client.get("/sparql", query_string={"lang": language}, headers={"Accept": "text/html"})
    return answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("language", "label", "other"),
    [("fr", "répond au besoin", "addresses need"), ("en", "addresses need", "répond au besoin")],
)
def test_a_term_is_offered_by_its_names_in_both_languages(
    client: FlaskClient, language: str, label: str, other: str
) -> None:
    term = offered(client, language)["essaim:addressesNeed"]
    assert (term["kind"], term["label"], term["also"]) == ("property", label, [other])
    assert term["uses"] > 100


@pytest.mark.parametrize(
    ("name", "kind"),
    [("essaim:SocialInnovation", "class"), ("need:environnement", "concept"),
     ("rdfs:label", "property"), ("geo:lat", "property")],
)  # fmt: skip
def test_classes_concepts_and_borrowed_terms_are_offered(
    client: FlaskClient, name: str, kind: str
) -> None:
    assert offered(client, "fr")[name]["kind"] == kind


def test_all_our_prefixes_are_offered(client: FlaskClient) -> None:
    assert json.loads(client.get(COMPLETIONS).data)["prefixes"] == terms.prefixes()


def test_completions_are_not_sent_twice(client: FlaskClient) -> None:
    first = client.get(COMPLETIONS)
    again = client.get(COMPLETIONS, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_the_files_of_the_page_may_be_kept_for_good(client: FlaskClient) -> None:
    addresses = re.findall(r'"(/sparql/assets/[^"]+)"', page(client))
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = client.get(address)
        assert "Content-Encoding" not in plain.headers
        assert len(plain.data) > len(answer.data)


def test_an_old_version_is_asked_again(client: FlaskClient) -> None:
    answer = client.get("/sparql/assets/0/editor/page.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.mimetype == "text/javascript"


@pytest.mark.parametrize("name", ["../essaim.css", "essaim.css", "editor/", "editor/none.js"])
def test_nothing_else_is_sent(client: FlaskClient, name: str) -> None:
    assert client.get("/sparql/assets/0/" + name).status_code in (301, 308, 404)


def test_the_scripts_load_on_this_page_alone_and_wait_for_it(client: FlaskClient) -> None:
    tags = re.findall(r"<script[^>]*>", page(client))
    assert all("defer" in tag or 'type="module"' in tag or "json" in tag for tag in tags), tags
    home = client.get("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<script" not in home


def test_the_policy_is_as_strict_as_elsewhere(client: FlaskClient) -> None:
    here = client.get("/sparql", headers={"Accept": "text/html"})
    home = client.get("/", headers={"Accept": "text/html"})
    policy = here.headers["Content-Security-Policy"]
    assert policy == home.headers["Content-Security-Policy"]
    assert "unsafe" not in policy


@pytest.mark.parametrize("folder", VENDORED, ids=lambda path: path.name)
def test_a_vendored_library_says_whose_it_is(folder: Path) -> None:
    licence, readme = folder / "LICENSE", folder / "README.md"
    assert licence.is_file(), f"{folder.name}: add the LICENSE of the package"
    assert readme.is_file(), f"{folder.name}: add a README.md with package, version, checksums"
    text = readme.read_text(encoding="utf-8")
    for word in ("| package |", "| version |", "| source |", "| licence |"):
        assert word in text, f"{folder.name}/README.md: say the {word.strip('| ')}"


@pytest.mark.parametrize("folder", VENDORED, ids=lambda path: path.name)
def test_a_vendored_file_is_the_one_described(folder: Path) -> None:
    told = dict(
        re.findall(r"\| `([\w.-]+)` \| `([0-9a-f]{64})` \|", (folder / "README.md").read_text())
    )
    files = {path.name for path in folder.iterdir()} - {"LICENSE", "README.md"}
    assert set(told) == files, f"{folder.name}/README.md: list each file with its SHA-256"
    for name, digest in told.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_every_text_a_script_says_exists(path: Path) -> None:
    known = i18n.messages("en")
    said = re.findall(r"""\bt\("([\w.-]+)"[,)]""", path.read_text(encoding="utf-8"))
    assert [key for key in said if "editor." + key not in known] == []


def test_no_text_of_the_scripts_is_left_over() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    made = ("in.", "kind.")
    keys = [key.removeprefix("editor.") for key in i18n.messages("en") if key.startswith("editor.")]
    assert [key for key in keys if f'"{key}"' not in text and not key.startswith(made)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_why_it_exists_and_names_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("// "), f"{path.name}: begin with a comment that says why"
    assert len(text.splitlines()) <= 250, f"{path.name}: split it along a sentence"
    hosts = set(re.findall(r"https?://([\w.-]+)", text))
    assert hosts <= {"www.w3.org", "www.opengis.net"}, hosts  # names of vocabularies


def test_the_words_of_the_page_cannot_end_its_script() -> None:
    app = flask.Flask("none")
    with app.test_request_context("/?lang=fr"):
        assert "<" not in editor.words()


def test_the_form_works_without_a_script(client: FlaskClient) -> None:
    text = page(client, "en")
    assert re.search(r'<form action="/sparql" method="get"', text)
    assert '<textarea id="query" name="query"' in text
    assert text.count("/sparql?query=") >= 25
