"""The engine contract, on a store small enough to know every answer by heart."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kb import stream
from kb.engine import GRAPHS, JSON, SOLUTIONS, LocalEngine, NotAcceptable
from kb.problems import EngineUnavailable, QueryRefused, QuerySyntax, QueryTooBig
from kb.rows import select

A, B = "http://example.org/a", "http://example.org/b"
CROSS = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
WIDE = "SELECT ?a ?c ?e WHERE { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"


@pytest.fixture(scope="module")
def engine() -> LocalEngine:
    store = ox.Store()
    store.load(
        f"""
        @prefix : <http://example.org/> .
        <{A}> {{ :one :name "un"@fr ; :size 1 . }}
        <{B}> {{ :two :name "deux"@fr . }}
        :outside :name "dehors"@fr .
        """.encode(),
        format=ox.RdfFormat.TRIG,
    )
    return LocalEngine(store, "abc")


@pytest.fixture(scope="module")
def crowded() -> LocalEngine:
    store = ox.Store()
    made = ox.NamedNode("http://example.org/p")
    graph = ox.NamedNode(A)
    store.extend(
        ox.Quad(ox.NamedNode(f"http://example.org/{i}"), made, ox.Literal(str(i)), graph)
        for i in range(400)
    )
    return LocalEngine(store)


def names(engine: LocalEngine, **dataset: object) -> set[str]:
    text = "SELECT ?n WHERE { ?s <http://example.org/name> ?n }"
    answer = engine.query(text, accept=[JSON], **dataset)  # type: ignore[arg-type]
    return {row["n"]["value"] for row in json.loads(answer.read())["results"]["bindings"]}


@pytest.mark.parametrize("media_type", SOLUTIONS)
@pytest.mark.parametrize("text", ["SELECT ?s WHERE { ?s ?p ?o }", "ASK { ?s ?p ?o }"])
def test_rows_and_truth_come_in_each_results_format(
    engine: LocalEngine, media_type: str, text: str
) -> None:
    answer = engine.query(text, accept=[media_type])
    assert answer.media_type == media_type
    assert answer.read()


@pytest.mark.parametrize("media_type", GRAPHS)
@pytest.mark.parametrize("text", ["CONSTRUCT WHERE { ?s ?p ?o }", f"DESCRIBE <{A}>"])
def test_graphs_come_in_each_rdf_format(engine: LocalEngine, media_type: str, text: str) -> None:
    answer = engine.query(text, accept=[media_type])
    assert answer.media_type == media_type
    found = set(ox.parse(answer.read() or b"", GRAPHS[media_type]))
    assert bool(found) == text.startswith("CONSTRUCT")


def test_the_first_acceptable_type_wins(engine: LocalEngine) -> None:
    answer = engine.query("ASK {}", accept=["text/turtle", "text/csv", JSON])
    assert (answer.media_type, answer.read().strip()) == ("text/csv", b"true")


def test_without_a_wish_rows_are_json_and_graphs_turtle(engine: LocalEngine) -> None:
    assert engine.query("ASK {}").media_type == JSON
    assert engine.query("CONSTRUCT WHERE { ?s ?p ?o }").media_type == "text/turtle"


@pytest.mark.parametrize("text", ["ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_an_unknown_type_is_not_acceptable_and_says_which_are(
    engine: LocalEngine, text: str
) -> None:
    with pytest.raises(NotAcceptable, match="ask for one of them"):
        engine.query(text, accept=["image/png"])


def test_the_default_graph_is_the_union_unless_refused(engine: LocalEngine) -> None:
    assert names(engine) == {"un", "deux", "dehors"}
    assert names(engine, union=False) == {"dehors"}


def test_named_default_graphs_replace_the_union(engine: LocalEngine) -> None:
    assert names(engine, default_graphs=[A]) == {"un"}
    assert names(engine, default_graphs=[A, B]) == {"un", "deux"}
    assert names(engine, default_graphs=["http://example.org/none"]) == set()


def test_from_a_graph_that_is_not_there_is_refused_and_not_fetched(engine: LocalEngine) -> None:
    with pytest.raises(QueryRefused, match=r"no graph <http://example\.org/none>"):
        engine.query("SELECT * FROM <http://example.org/none> { ?s ?p ?o }")
    read = engine.query(f"ASK FROM <{A}> {{ ?s ?p ?o }}").read()
    assert b"true" in read


def test_named_graphs_alone_leave_the_default_graph_empty(engine: LocalEngine) -> None:
    assert names(engine, named_graphs=[B]) == set()
    inside = "SELECT ?n WHERE { GRAPH ?g { ?s <http://example.org/name> ?n } }"
    answer = engine.query(inside, named_graphs=[B], accept=["text/csv"]).read()
    assert answer.split() == [b"n", b"deux"]


def test_from_clauses_of_the_query_are_obeyed(engine: LocalEngine) -> None:
    text = f"SELECT ?n FROM <{B}> WHERE {{ ?s <http://example.org/name> ?n }}"
    assert [str(row["n"]) for row in select(engine, text)] == ["deux"]


def test_from_named_alone_leaves_the_default_graph_empty(engine: LocalEngine) -> None:
    assert not select(engine, f"SELECT ?s FROM NAMED <{B}> WHERE {{ ?s ?p ?o }}").rows
    inside = f"SELECT ?g FROM NAMED <{B}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert [str(row["g"]) for row in select(engine, inside)] == [B]


def test_relative_addresses_are_read_against_the_project(engine: LocalEngine) -> None:
    (row,) = select(engine, "SELECT ?x WHERE { BIND(<id/x> AS ?x) }")
    assert str(row["x"]) == "https://w3id.org/essaim/id/x"


def test_a_syntax_error_shows_line_and_place(engine: LocalEngine) -> None:
    with pytest.raises(QuerySyntax) as caught:
        engine.query("SELECT ?s\nWHERE { ?s ?p }")
    sentence, shown, caret = str(caught.value).splitlines()
    assert sentence.startswith("line 2, column ")
    assert shown == "WHERE { ?s ?p }"
    assert abs(caret.index("^") - shown.index("}")) <= 1


@pytest.mark.parametrize("text", ["", "   \n", "SELEC", "SELECT * WHERE {", "\x00", "🦆"])
def test_nonsense_is_a_syntax_error(engine: LocalEngine, text: str) -> None:
    with pytest.raises(QuerySyntax):
        engine.query(text)


def test_an_undeclared_prefix_is_named_as_such(engine: LocalEngine) -> None:
    with pytest.raises(QuerySyntax, match=r"(?m)^line 1, column \d+: Prefix not found$"):
        engine.query("ASK { ?s nowhere:name ?o }")


def test_what_the_guard_refuses_never_reaches_the_store(engine: LocalEngine) -> None:
    with pytest.raises(QueryRefused):
        engine.query("SELECT * WHERE { SERVICE <http://example.org/> { ?s ?p ?o } }")


def test_a_bad_graph_address_is_an_engine_problem(engine: LocalEngine) -> None:
    with pytest.raises(QueryRefused, match="absolute address"):
        engine.query("ASK {}", default_graphs=["not an iri"])


def test_a_cross_product_ends_at_the_deadline(crowded: LocalEngine) -> None:
    start = time.monotonic()
    with pytest.raises(QueryTooBig, match=r"within 0\.3 s"):
        crowded.query(CROSS, deadline_s=0.3)
    assert time.monotonic() - start < 2


def test_rows_that_never_end_stop_at_the_deadline(crowded: LocalEngine) -> None:
    answer = crowded.query(WIDE, accept=["text/csv"], deadline_s=0.3, max_bytes=10**12)
    with pytest.raises(QueryTooBig, match="too long"):
        answer.read()


def test_an_answer_over_the_byte_cap_stops(crowded: LocalEngine) -> None:
    answer = crowded.query(WIDE, accept=["text/csv"], max_bytes=1_000_000)
    sizes: list[int] = []
    with pytest.raises(QueryTooBig, match="1000000 bytes; add a LIMIT"):
        sizes.extend(map(len, answer.chunks))
    assert sum(sizes) <= 1_000_000


def test_a_small_answer_over_the_byte_cap_fails_before_any_byte(engine: LocalEngine) -> None:
    with pytest.raises(QueryTooBig):
        engine.query("SELECT * WHERE { ?s ?p ?o }", max_bytes=10)


def writers() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name == stream.WRITER]


@pytest.fixture
def no_writer_left() -> Iterator[None]:
    before = len(writers())
    yield
    limit = time.monotonic() + 3
    while len(writers()) > before and time.monotonic() < limit:
        time.sleep(0.05)
    assert len(writers()) <= before, "a thread still writes an answer nobody reads"


@pytest.mark.usefixtures("no_writer_left")
def test_a_reader_who_leaves_early_frees_the_thread(crowded: LocalEngine) -> None:
    chunks = crowded.query(WIDE, accept=["text/csv"]).chunks
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("no_writer_left")
def test_a_reader_who_never_reads_frees_the_thread(crowded: LocalEngine) -> None:
    answer = crowded.query(WIDE, accept=["text/csv"])
    answer.chunks.close()  # type: ignore[attr-defined]


@pytest.mark.usefixtures("no_writer_left")
def test_a_forgotten_answer_frees_the_thread(crowded: LocalEngine) -> None:
    crowded.query(WIDE, accept=["text/csv"])


def test_chunks_are_bounded_however_large_the_answer(crowded: LocalEngine) -> None:
    text = "SELECT ?a ?c WHERE { ?a ?p ?b . ?c ?q ?d }"
    sizes = [len(chunk) for chunk in crowded.query(text, accept=["text/csv"]).chunks]
    assert len(sizes) > 50
    assert max(sizes) < 2 * stream.CHUNK


def test_two_threads_ask_at_once(engine: LocalEngine) -> None:
    seen: list[int] = []

    def ask() -> None:
        for _ in range(20):
            seen.append(len(select(engine, "SELECT ?s WHERE { ?s ?p ?o }")))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [4] * 40


def test_a_slow_query_does_not_hold_up_another(crowded: LocalEngine) -> None:
    slow = threading.Thread(target=lambda: _refused(crowded, CROSS))
    slow.start()
    start = time.monotonic()
    select(crowded, "SELECT ?s WHERE { ?s ?p '7' }")
    assert time.monotonic() - start < 0.5
    slow.join()


def _refused(engine: LocalEngine, text: str) -> None:
    with pytest.raises(QueryTooBig):
        engine.query(text, deadline_s=0.6)


def test_a_failure_inside_the_engine_is_unavailability(engine: LocalEngine) -> None:
    def broken(_: object) -> None:
        raise OSError("disk gone")

    with pytest.raises(EngineUnavailable, match="disk gone"):
        stream.chunks(broken, 1, 100)


def test_an_engine_says_what_it_is(engine: LocalEngine) -> None:
    assert engine.release_id() == "abc"
    assert engine.health() == "ok"
    assert engine.capabilities()["solutions"] == tuple(SOLUTIONS)
    assert engine.capabilities()["graphs"] == tuple(GRAPHS)


def test_csv_quotes_an_address_that_holds_a_comma() -> None:
    text = r"""SELECT ?a ?b { VALUES (?a ?b) { (<http://x/a,b> "l'\"été\"\n") (UNDEF 1.5) } }"""
    answer = LocalEngine(ox.Store()).query(text, accept=["text/csv"]).read().decode()
    rows = list(csv.reader(io.StringIO(answer, newline="")))
    assert rows == [["a", "b"], ["http://x/a,b", 'l\'"été"\n'], ["", "1.5"]], answer
