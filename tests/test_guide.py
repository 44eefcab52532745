"""The pages of codes and rules: every address that a finding names leads to one, in two languages.

The set of invalid examples and the gallery of mistakes are what can be told of records.
"""

from __future__ import annotations

import re
from functools import cache

import pytest
from check import positions
from flask.testing import FlaskClient

from kb import terms
from kb.check.guide import EXAMPLES, SHAPED, codes, guide, rules_by_code
from kb.check.words import LANGUAGES
from kb.check.words import guide as address

ALL = [*codes(), *rules_by_code()]


@cache
def addresses() -> list[str]:
    told = [one for kind in ("invalid", "mistakes") for one in positions.report(kind).told]
    causes = [one.cause for one in told if one.cause]
    return sorted({found for one in (*told, *causes) if (found := address(one))})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_address_that_a_finding_names_is_a_page(client: FlaskClient, language: str) -> None:
    assert len(addresses()) > 250
    for found in addresses():
        path = found.replace(terms.BASE, "/")
        answer = client.get(path, query_string={"lang": language})
        assert answer.status_code == 200, f"{path} is {answer.status_code}"
        assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("code", ALL)
def test_every_rule_says_what_why_and_how(code: str) -> None:
    pages = [guide(code, language) for language in LANGUAGES]
    for page in pages:
        assert page.title
        assert all(page.why), f"add why.of.{page.code[0]} or {code}.why to both catalogues"
        assert page.why, f"add why.of.<file of {code}> to kb/check/messages"
    assert pages[0].why != pages[1].why
    if code.startswith(SHAPED):
        assert dict(pages[0].whole).keys() == {"invalid", "valid"}


@pytest.mark.parametrize("kind", ["codes", "rules"])
def test_the_lists_lead_to_every_page(client: FlaskClient, kind: str) -> None:
    page = client.get(f"/doc/{kind}").text
    linked = set(re.findall(rf'href="/doc/{kind}/([^"]+)"', page))
    assert linked == {one.removeprefix(SHAPED) for one in ALL
                      if one.startswith(SHAPED) == (kind == "rules")}  # fmt: skip
    # The shapes name the anchors of the list.
    assert all(f'id="{name}"' in page for name in linked)


@pytest.mark.parametrize(
    ("asked", "leads"),
    [("/doc/codes/v003", "/doc/codes/V003"),
     ("/doc/codes/C-need-concept-scheme", "/doc/rules/need-concept-scheme"),
     ("/doc/rules/V003", "/doc/codes/V003")],
)  # fmt: skip
def test_another_way_to_write_a_code_leads_there(
    client: FlaskClient, asked: str, leads: str
) -> None:
    answer = client.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (301, leads)


def test_a_code_that_is_none_names_its_neighbours(client: FlaskClient) -> None:
    answer = client.get("/doc/rules/need-concept-sheme")
    assert answer.status_code == 404
    assert "C-need-concept-scheme" in answer.text


def test_the_results_link_to_the_pages_of_this_server(client: FlaskClient) -> None:
    page = client.post("/check", data={"text": "<a> <b> <c>"}, headers={"Accept": "text/html"}).text
    for path in re.findall(r'class="code" href="([^"]+)"', page):
        assert path.startswith("/doc/codes/")
        assert client.get(path).status_code == 200


def test_the_examples_are_those_of_the_gallery() -> None:
    table = (positions.HERE / "mistakes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    told: dict[str, set[str]] = {}
    for row in table:
        stem, code, cause, _ = row.split("\t")
        told.setdefault(stem, set()).add(cause or code)
    written = {one.name: {*one.codes} for code in ALL for one in guide(code, "fr").examples}
    for stem in written.keys() & told.keys():
        assert written[stem] == told[stem], f"run python docs/checks.py, which writes {EXAMPLES}"
