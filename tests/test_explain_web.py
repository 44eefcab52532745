"""Explanations over HTTP and in the command: the same words in every form."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from kb.explain import syntax_document
from kb.release import Release
from web.cli import main

WRONG = "SELEC * { ?s ?p ?o }"
EMPTY = (
    "PREFIX essaim: <https://w3id.org/essaim/ns#>\nSELECT ?i WHERE { ?i a essaim:SocialInovation }"
)


def test_a_program_gets_place_and_repair(client: FlaskClient) -> None:
    answer = client.get(
        "/sparql", query_string={"query": WRONG}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    found = answer.get_json()
    assert (found["code"], found["mistake"]) == ("syntax", "keyword-misspelt")
    assert (found["line"], found["column"], found["status"]) == (1, 1, 400)
    assert (found["source"], found["caret"]) == (WRONG, "^^^^^")
    assert found["suggestions"][0]["query"] == "SELECT * { ?s ?p ?o }"
    assert found["expected"]
    assert found["help"].startswith("https://www.w3.org/TR/sparql11-query/#")


@pytest.mark.parametrize(("language", "word"), [("fr", "ligne 1"), ("en", "line 1")])
def test_a_terminal_gets_the_line_with_a_caret(
    client: FlaskClient, language: str, word: str
) -> None:
    answer = client.get(
        "/sparql", query_string={"query": WRONG},
        headers={"Accept": "*/*", "Accept-Language": language},
    )  # fmt: skip
    assert answer.mimetype == "text/plain"
    assert f"  {WRONG}\n  ^^^^^\n" in answer.text
    assert word in answer.text
    assert syntax_document(WRONG, language).to_text() in answer.text


def test_a_person_gets_a_button_that_mends_the_query(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": WRONG}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "<mark>SELEC</mark>" in answer.text
    assert 'name="query" value="SELECT * { ?s ?p ?o }"' in answer.text


def test_text_of_a_query_cannot_become_markup(client: FlaskClient) -> None:
    query = "SELECT * { ?s ?p <script>alert(1)</script> }"
    answer = client.get("/sparql", query_string={"query": query}, headers={"Accept": "text/html"})
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/html"])
def test_the_reason_of_no_rows_is_told_when_asked_for(client: FlaskClient, accept: str) -> None:
    answer = client.get(
        "/sparql", query_string={"query": EMPTY, "explain": "rows"}, headers={"Accept": accept}
    )
    assert answer.status_code == 200
    assert "essaim:SocialInnovation" in answer.text


def test_the_page_of_an_empty_answer_offers_the_reason(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": EMPTY}, headers={"Accept": "text/html"})
    assert "explain=rows" in answer.text


def test_only_rows_can_be_explained(client: FlaskClient) -> None:
    answer = client.get("/sparql", query_string={"query": EMPTY, "explain": "plan"})
    assert answer.status_code == 400


def test_the_command_draws_the_caret(shipped: Release) -> None:
    done = CliRunner().invoke(main, ["query", "--lang", "en", WRONG])
    assert done.exit_code == 1
    assert f"  {WRONG}\n  ^^^^^\n" in done.output
