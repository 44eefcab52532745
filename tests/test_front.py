"""Questions asked again are answered as before, and never from another release or for another."""

from __future__ import annotations

import dataclasses
from urllib.parse import urlencode

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from kb.release import Release
from web import create_app
from web.front import Front
from web.site import Site

SELECT = "SELECT * { VALUES ?n { 1 2 3 } }"
NOT_COMPARED = {"Date", "Content-Length"}


class Asked:
    """The application and how often it was reached."""

    def __init__(self, app: Flask) -> None:
        self.app, self.extensions, self.times = app, app.extensions, 0

    def __call__(self, environ: dict[str, object], start: object) -> object:
        self.times += 1
        return self.app(environ, start)  # type: ignore[arg-type]


@pytest.fixture
def asked(shipped: Release) -> Asked:
    return Asked(create_app(shipped))


def get(front: Front, query: str = SELECT, **headers: str) -> TestResponse:
    given = {"Accept": "text/csv", **headers}
    address = "/sparql?" + urlencode({"query": query})
    return Client(front, use_cookies=False).get(address, headers=given, buffered=True)


def told(answer: TestResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.headers if name not in NOT_COMPARED}
    return answer.status_code, answer.data, headers


def test_a_question_asked_again_does_not_reach_the_application(asked: Asked) -> None:
    front = Front(asked)  # type: ignore[arg-type]
    first, second, third, fourth = (told(get(front)) for _ in range(4))
    assert first == second == third == fourth
    assert asked.times == 2, "the second comes from the endpoint's memory, the next from the front"


@pytest.mark.parametrize("size", [1, 4000])
def test_what_has_not_changed_is_not_sent_again(asked: Asked, size: int) -> None:
    front = Front(asked)  # type: ignore[arg-type]
    rows = f"SELECT * {{ VALUES ?n {{ {'1 ' * size} }} }}"
    zipped = {"Accept-Encoding": "gzip"}
    tags = {get(front, rows, **zipped).headers["ETag"] for _ in range(3)}
    before, again = asked.times, {**zipped, "If-None-Match": tags.pop()}
    known, plain = get(front, rows, **again), get(Front(asked), rows, **again)  # type: ignore[arg-type]
    assert asked.times == before + 1
    assert known.status_code == 304
    assert told(known) == told(plain)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/sparql-results+json"},
        {"Accept-Encoding": "gzip"},
        {"Accept-Language": "en"},
        {"Host": "elsewhere.example"},
        {"Cookie": "lang=en"},
        {"If-None-Match": 'W/"another"'},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_another_request_is_another_question(asked: Asked, headers: dict[str, str]) -> None:
    front = Front(asked)  # type: ignore[arg-type]
    for _ in range(3):
        get(front)
    before = asked.times
    assert get(front, **headers).status_code == 200
    assert asked.times == before + 1


@pytest.mark.parametrize(
    "query", ["SELECT (RAND() AS ?x) {}", "SELEC", "SELECT * { SERVICE <http://x/> { } }"]
)
def test_what_may_change_or_failed_is_not_kept(asked: Asked, query: str) -> None:
    front = Front(asked)  # type: ignore[arg-type]
    for _ in range(4):
        get(front, query)
    assert asked.times == 4


def test_another_release_is_asked_anew(asked: Asked, shipped: Release) -> None:
    front = Front(asked)  # type: ignore[arg-type]
    old = [get(front).headers["ETag"] for _ in range(3)][-1]
    manifest = {**shipped.manifest, "release": "another"}
    asked.extensions["essaim"] = Site(dataclasses.replace(shipped, manifest=manifest))
    assert get(front).headers["ETag"] != old


def test_the_memory_of_answers_is_bounded(asked: Asked) -> None:
    front = Front(asked, most=10_000)  # type: ignore[arg-type]
    for number in range(12):
        for _ in range(2):
            get(front, f"{SELECT} # {number}")
    assert front.size <= 10_000
    before = asked.times
    get(front, f"{SELECT} # 11")
    get(front, f"{SELECT} # 0")
    assert asked.times == before + 1, "the newest stays, the oldest goes"
