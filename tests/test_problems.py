"""Every code that an error answer may have leads to a page, in two languages (RFC 9457 §3.1.1)."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from kb import explain, files
from kb.explain.explanation import LANGUAGES
from kb.reconcile import malformed
from web import problems

CODE = re.compile(r'"((?:refused|too|not)-[a-z-]+|busy|unavailable|crashed|syntax)"')
PROGRAM = {"Accept": "application/sparql-results+json, application/problem+json"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", problems.codes())
def test_every_code_has_its_page(client: FlaskClient, code: str, language: str) -> None:
    answer = client.get(f"/doc/problems/{code}", query_string={"lang": language})
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert answer.text.count("<h2>") >= 4, "say what it means, what to do, and give an example"
    assert not re.search(r"\{\w+\}", re.sub(r"<pre.*?</pre>", "", answer.text, flags=re.DOTALL))


def test_every_code_in_the_sources_has_a_page() -> None:
    known = {*problems.codes(), *malformed.codes()}
    for folder in ("kb/engine", "web", "kb"):
        for path in (files.root() / folder).glob("*.py"):
            lacking = set(CODE.findall(path.read_text(encoding="utf-8"))) - known
            assert not lacking, f"{path.name}: add {lacking} to kb/explain/examples.json"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_words_of_its_language(language: str) -> None:
    other = next(name for name in LANGUAGES if name != language)
    for code in explain.causes():
        one, another = explain.cause(code, language), explain.cause(code, other)
        assert one.title != another.title
        assert one.remedy != another.remedy
        assert one.example[0] != one.example[1]


def test_the_list_leads_to_every_page(client: FlaskClient) -> None:
    page = client.get("/doc/problems").text
    assert set(re.findall(r'href="/doc/problems/([^"]+)"', page)) == set(problems.codes())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/sparql?query=SELEC", "syntax"),
        ("/sparql?query=DROP+ALL", "refused-update"),
        ("/sparql?query=ASK{SERVICE<http://x/>{}}", "refused-service"),
        ("/reconcile?queries=[", "reconcile-not-json"),
    ],
)
def test_a_problem_names_its_page(client: FlaskClient, path: str, code: str) -> None:
    told = client.get(path, headers=PROGRAM).get_json(force=True)
    assert told["type"] == f"http://localhost/doc/problems/{code}"
    assert client.get(told["type"]).status_code == 200


def test_a_page_that_explains_leads_there(client: FlaskClient) -> None:
    page = client.get("/sparql?query=DROP+ALL", headers={"Accept": "text/html"}).text
    assert 'href="/doc/problems/refused-update"' in page
    assert 'href="/doc/problems"' in page


def test_a_form_no_query_has_is_a_problem_with_a_page(client: FlaskClient) -> None:
    answer = client.get("/sparql?query=ASK{}", headers={"Accept": "application/problem+json"})
    assert answer.status_code == 406
    assert answer.get_json(force=True)["type"].endswith("/doc/problems/not-acceptable")


def test_a_problem_of_http_alone_is_blank(client: FlaskClient) -> None:
    assert client.get("/none", headers=PROGRAM).get_json(force=True)["type"] == "about:blank"
    assert client.get("/doc/problems/none").status_code == 404
