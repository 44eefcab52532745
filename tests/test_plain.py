"""What is answered in front of the application is what the application answers, to the header."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client, TestResponse

from kb.release import Release
from web import create_app
from web.asking import Asking
from web.clients import Clients
from web.plain import Plain
from web.sending import Warm
from web.watch import ASKED

FIRST = {
    "SELECT": "SELECT ?first { VALUES ?first { 0 } }",
    "ASK": "ASK { VALUES ?first { 0 } }",
    "CONSTRUCT": "CONSTRUCT { <http://x/first> <http://x/p> 0 } WHERE {}",
}
QUERIES = (
    "SELECT * { VALUES ?n { 1 2 3 } }",
    "SELECT ?s { ?s ?p ?o } LIMIT 2000",
    'SELECT ("100% + é" AS ?x) {}',
    "ASK {}",
    "CONSTRUCT { <a> <b> 1 } WHERE {}",
    "SELECT ?s { ?s ?p }",
    "SELECT (NOW() AS ?now) { FILTER(false) }",
    "SELECT * { SERVICE <http://x/> {} }",
    "SELECT * { ?s unknown:p ?o }",
)
NOT_COMPARED = {"Date", "Content-Length"}


class Forgetful(Warm):
    """A memory of answers that keeps none, so that each is asked for."""

    def keep(self, tag: str, content_type: str, body: bytes) -> None:
        """Forget it."""


class Counted:
    """The application and how often it was reached."""

    def __init__(self, release: Release, rows: int = 1_000_000) -> None:
        self.app = create_app(release, public=Asking(release.engine, Clients(0, 0)))
        self.app.config["MAX_ROWS"] = rows
        self.app.extensions["essaim-warm"] = Forgetful()
        self.extensions, self.times = self.app.extensions, 0

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        self.times += 1
        return self.app(environ, start)


def get(app: Any, query: str, **headers: str) -> TestResponse:
    address = "/sparql?" + urlencode({"query": query})
    return Client(app, use_cookies=False).get(address, headers=headers, buffered=True)


def told(answer: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers if name not in NOT_COMPARED}
    return answer.status_code, answer.data, headers


@pytest.fixture(scope="module")
def app(shipped: Release) -> Counted:
    return Counted(shipped)


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("accept", ["", "text/csv", "application/n-triples, text/csv;q=0.5"])
@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_a_plain_question_is_answered_as_by_the_application(
    app: Counted, query: str, accept: str, coding: str
) -> None:
    plain = Plain(app)
    headers = {"Accept": accept, "Accept-Encoding": coding, "Accept-Language": "fr"}
    for first in FIRST.values():
        get(plain, first, **headers)
    found = told(get(plain, query, **headers))
    assert found == told(get(app.app, query, **headers))


def test_the_application_answers_the_first_of_a_kind_alone(shipped: Release) -> None:
    app = Counted(shipped)
    plain = Plain(app)
    for number in range(5):
        assert get(plain, f"SELECT * {{ VALUES ?n {{ {number} }} }}").status_code == 200
    assert app.times == 1
    get(plain, "SELECT * { VALUES ?n { 9 } }", Cookie="lang=en")
    get(plain, "SELECT * { VALUES ?n { 9 } }", Accept="text/html")
    assert app.times == 3


def test_what_was_cut_says_so(shipped: Release) -> None:
    plain = Plain(Counted(shipped, rows=2))
    assert get(plain, FIRST["SELECT"]).status_code == 200
    answer = get(plain, "SELECT * { VALUES ?n { 1 2 3 } }")
    assert answer.headers["Essaim-Truncated"] == "rows"
    assert b'"truncated":"rows"' in answer.data


def test_a_plain_question_is_noted(shipped: Release) -> None:
    seen: list[dict[str, Any]] = []

    def noting(environ: dict[str, Any], start: Any) -> Any:
        seen.append(environ)
        return plain(environ, start)

    plain = Plain(Counted(shipped))
    get(noting, FIRST["SELECT"])
    get(noting, "SELECT * { VALUES ?n { 1 } }")
    get(noting, "SELECT * { ?s ?p }")
    assert [environ[ASKED].get("code") for environ in seen] == [None, None, "syntax"]
