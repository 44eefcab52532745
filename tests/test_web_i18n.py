"""Two languages: the same texts in both, none left over, and the reader's choice kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import web
from web import i18n

SOURCES = [
    path for suffix in ("*.py", "*.html") for path in Path(web.__file__).parent.rglob(suffix)
]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
USED = set(re.findall(r"""\bt\(["']([a-z0-9.-]+)["']""", TEXT))
BY_NAME = ("col.", "editor.", "term.", "kind.", "error.4", "error.5")  # made of a name met


def test_the_languages_have_the_same_keys() -> None:
    fr, en = i18n.messages("fr"), i18n.messages("en")
    assert sorted(set(fr) ^ set(en)) == [], "add the missing texts to web/messages/"


def test_every_text_asked_for_exists() -> None:
    assert sorted(key for key in USED - set(i18n.messages("fr")) if not key.endswith(".")) == []


def test_no_text_is_left_over() -> None:
    left = {key for key in i18n.messages("fr") if not key.startswith(BY_NAME)} - USED
    assert sorted(left) == [], "remove these keys from both files of web/messages/"


def test_texts_have_the_same_values_to_fill_in() -> None:
    values = {
        language: {k: set(re.findall(r"\{(\w+)\}", v)) for k, v in i18n.messages(language).items()
                   if not k.startswith("sparql.first")}
        for language in i18n.LANGUAGES
    }  # fmt: skip
    assert values["fr"] == values["en"]


def language_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)"', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("header", "expected"),
    [("", "fr"), ("en", "en"), ("en-GB,fr;q=0.5", "en"), ("de, fr;q=0.2, en;q=0.1", "fr"),
     ("de", "fr"), ("en;q=0", "fr")],
)  # fmt: skip
def test_the_browser_is_listened_to(client: FlaskClient, header: str, expected: str) -> None:
    answer = client.get("/", headers={"Accept-Language": header, "Accept": "text/html"})
    assert language_of(answer.get_data(as_text=True)) == expected
    assert answer.headers["Content-Language"] == expected
    assert "Accept-Language" in answer.headers["Vary"]


def test_a_choice_is_kept(client: FlaskClient) -> None:
    chosen = client.get("/?lang=en", headers={"Accept": "text/html"})
    assert language_of(chosen.get_data(as_text=True)) == "en"
    later = client.get("/needs", headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert language_of(later.get_data(as_text=True)) == "en"


@pytest.mark.parametrize("value", ["de", "", "../fr", '"><script>'])
def test_an_unknown_language_changes_nothing(client: FlaskClient, value: str) -> None:
    answer = client.get("/", query_string={"lang": value}, headers={"Accept": "text/html"})
    assert language_of(answer.get_data(as_text=True)) == "fr"
    assert "Set-Cookie" not in answer.headers
