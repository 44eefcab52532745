"""No answer that was cut passes for a whole one: at any limit, in any format, however it flows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from kb.cut import Cut
from kb.engine import GRAPHS, SOLUTIONS, LocalEngine
from kb.problems import QueryTooBig
from kb.release import Release
from web import create_app

NASTY = [
    '},{"',
    '}},{"x":{"type":"',
    "</result><result>",
    "\r\n",
    "\n",
    '"',
    " .\n",
    "é☃",
    "\\",
    "",
]
JSON, XML, CSV, TSV = SOLUTIONS
SPOKEN = {JSON, XML, *GRAPHS} - {"application/ld+json"}
ROWS, GRAPH = "SELECT ?s ?o { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    store = ox.Store()
    for number in range(200):
        text = ox.Literal(f"{number}" + NASTY[number % len(NASTY)] * 3)
        subject = ox.NamedNode(f"http://a.example/{number}")
        store.add(ox.Quad(subject, ox.NamedNode("http://a.example/p"), text))
    return LocalEngine(store)


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[place : place + size] for place in range(0, len(data), size))


def count(data: bytes, kind: str) -> int:
    text = data.decode()
    if kind == JSON:
        return len(json.loads(text)["results"]["bindings"])
    if kind == XML:
        return text.count("<result>") if ElementTree.fromstring(text) is not None else -1
    lines = csv.reader(io.StringIO(text, newline="")) if kind == CSV else text.splitlines()
    return len(list(lines)) - 1


@pytest.mark.parametrize("size", [1, 7, 1000, 65_536])
@pytest.mark.parametrize("kind", [*SOLUTIONS, *GRAPHS])
def test_a_whole_answer_passes_unchanged(engine: LocalEngine, kind: str, size: int) -> None:
    data = engine.query(ROWS if kind in SOLUTIONS else GRAPH, accept=[kind]).read()
    cut = Cut(pieces(data, size), kind, 200)
    cut.is_begun = True
    assert (b"".join(cut), cut.reason) == (data, "")


@pytest.mark.parametrize("most", [1, 2, 199])
@pytest.mark.parametrize("size", [1, 7, 1000, 65_536])
@pytest.mark.parametrize("kind", SOLUTIONS)
def test_exactly_so_many_rows_are_sent(
    engine: LocalEngine, kind: str, size: int, most: int
) -> None:
    data = engine.query(ROWS, accept=[kind]).read()
    cut = Cut(pieces(data, size), kind, most)
    short = b"".join(cut)
    assert (count(short, kind), cut.reason) == (most, "rows")
    if kind in SPOKEN:
        assert b"truncated" in short[-40:]


@pytest.mark.parametrize("kind", [CSV, TSV])
def test_what_cannot_say_it_breaks_off(engine: LocalEngine, kind: str) -> None:
    cut = Cut(pieces(engine.query(ROWS, accept=[kind]).read(), 1000), kind, 100)
    next(cut)
    cut.is_begun = True
    with pytest.raises(QueryTooBig, match="more than 100 rows"):
        list(cut)


def stopped(data: bytes, code: str) -> Iterator[bytes]:
    yield from pieces(data, 500)
    raise QueryTooBig("stopped; add a LIMIT", code)


@pytest.mark.parametrize("kind", [*SOLUTIONS, *GRAPHS])
@pytest.mark.parametrize(("code", "limit"), [("too-many-bytes", "bytes"), ("too-long", "seconds")])
def test_an_engine_that_stops_is_told_or_passed_on(
    engine: LocalEngine, kind: str, code: str, limit: str
) -> None:
    data = engine.query(ROWS if kind in SOLUTIONS else GRAPH, accept=[kind]).read()
    cut = Cut(stopped(data[: len(data) // 2], code), kind, 10_000)
    cut.is_begun = True
    if kind not in SPOKEN:
        with pytest.raises(QueryTooBig):
            list(cut)
        return
    short = b"".join(cut)
    assert cut.reason == limit
    assert f"truncated: {limit}".encode() in short or f'"truncated":"{limit}"'.encode() in short
    if kind in SOLUTIONS:
        assert 0 < count(short, kind) < 200
    else:
        found = list(ox.parse(short, GRAPHS[kind]))
        assert 0 < len(found) < 200


@pytest.mark.parametrize("code", ["too-long", "crashed", ""])
def test_other_ends_are_errors(code: str) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"head":{"vars":["s"]},"results":{"bindings":['
        raise QueryTooBig("stopped", code)

    cut = Cut(chunks(), JSON, 10)
    cut.is_begun = True
    with pytest.raises(QueryTooBig):
        list(cut)


PRINTED = st.characters(min_codepoint=32, max_codepoint=0xD7FF)  # XML 1.0 has no other
texts = st.text(st.sampled_from('},{":\\"x typevalue<>/rsult\n\r.') | PRINTED, max_size=30)


@given(st.lists(st.none() | texts, min_size=1, max_size=12), st.integers(1, 12), st.integers(1, 90))
def test_no_text_is_taken_for_a_row_end(values: list[str | None], most: int, size: int) -> None:
    """Rows without any value are not counted: nothing distinguishes them from text in JSON."""
    rows = " ".join("(UNDEF 0)" if v is None else f"({ox.Literal(v)} 0)" for v in values)
    query = f"SELECT * {{ VALUES (?x ?y) {{ {rows} }} }}"
    for kind in (JSON, XML):
        data = LocalEngine(ox.Store()).query(query, accept=[kind]).read()
        cut = Cut(pieces(data, size), kind, most)
        short = b"".join(cut)
        assert count(short, kind) == min(most, len(values))
        assert bool(cut.reason) == (len(values) > most)


@pytest.fixture(scope="module")
def few(shipped: Release) -> Flask:
    app = create_app(shipped)
    app.config["MAX_ROWS"] = 3
    return app


@pytest.mark.parametrize("kind", SOLUTIONS)
@pytest.mark.parametrize(("limit", "told"), [(3, None), (4, "rows")])
def test_a_cut_is_told_in_a_header(few: Flask, kind: str, limit: int, told: str | None) -> None:
    query = {"query": f"SELECT ?s WHERE {{ ?s a ?t }} LIMIT {limit}"}
    for _ in range(2):
        answer = few.test_client().get("/sparql?" + urlencode(query), headers={"Accept": kind})
        assert answer.status_code == 200
        assert answer.headers.get("Essaim-Truncated") == told
        assert "rows=3" in answer.headers["Essaim-Limits"]
        assert count(answer.data, kind) == 3
