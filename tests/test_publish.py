"""Publication graph by graph: what is sent, what is spared, and what a half of it looks like."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pyoxigraph as ox
import pytest

from kb.engine import LocalEngine
from kb.engine.graphstore import GraphStore
from kb.engine.remote import RemoteEngine
from kb.problems import EngineUnavailable
from kb.publish import PUBLISHED, Done, State, pieces, publish
from kb.release import Release

GRAPH = "https://w3id.org/essaim/graph/"
FIRST = {
    "a": ['<http://x/1> <http://x/p> "un"@fr', '<http://x/1> <http://x/q> "a\\n <b> ."'],
    "b": ["<http://x/2> <http://x/p> <http://x/1>"],
    "c": ['<http://x/3> <http://x/p> "3"'],
}


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        return


class Shelf:
    """A graph store and query service over an in-memory store; it may begin to refuse."""

    def __init__(self) -> None:
        self.store, self.log, self.refuse_after = ox.Store(), [], 10**9  # type: ignore[var-annotated]

    def __call__(self, environ, start):  # type: ignore[no-untyped-def]
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["PATH_INFO"] == "/sparql":
            answer = LocalEngine(self.store).query(parse_qs(body.decode())["query"][0])
            start("200 OK", [("Content-Type", answer.media_type)])
            return [answer.read()]
        status, found = self._kept(environ, body)
        start(status, [("Content-Type", "text/turtle")])
        return [found]

    def _kept(self, environ, body):  # type: ignore[no-untyped-def]
        method, name = environ["REQUEST_METHOD"], parse_qs(environ["QUERY_STRING"])["graph"][0]
        graph = ox.NamedNode(name)
        if method == "GET":
            found = ox.serialize(
                (q.triple for q in self.store.quads_for_pattern(None, None, None, graph)),
                format=ox.RdfFormat.TURTLE,
            )
            return ("200 OK", found) if found else ("404 Not Found", b"")
        if len(self.log) >= self.refuse_after:
            return "507 Insufficient Storage", b"disk full"
        self.log.append((method, name.removeprefix(GRAPH)))
        self.store.remove_graph(graph)
        if method == "PUT":
            self.store.load(body, ox.RdfFormat.TURTLE, to_graph=graph)
        return "204 No Content", b""


@contextmanager
def shelved() -> Iterator[tuple[Shelf, GraphStore, RemoteEngine]]:
    shelf = Shelf()
    server = make_server("127.0.0.1", 0, shelf, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    engine = RemoteEngine(f"http://127.0.0.1:{server.server_port}/sparql")
    yield shelf, GraphStore(engine), engine
    server.shutdown()
    server.server_close()


def made(folder: Path, identifier: str, graphs: dict[str, list[str]]) -> Release:
    folder = folder / identifier
    folder.mkdir()
    lines = [f"{line} <{GRAPH}{name}> .\n" for name, lines in graphs.items() for line in lines]
    (folder / "kb.nq").write_text("".join(lines), encoding="utf-8")
    return Release(folder, {"release": identifier})


def held(shelf: Shelf) -> set[ox.Quad]:
    return {quad for quad in shelf.store if quad.graph_name != PUBLISHED}


def stated(release: Release) -> set[ox.Quad]:
    return set(ox.parse(path=str(release.path / "kb.nq"), format=ox.RdfFormat.N_QUADS))


def test_a_release_is_published_whole_and_then_nothing_is_sent(tmp_path: Path) -> None:
    release = made(tmp_path, "one", FIRST)
    with shelved() as (shelf, store, engine):
        assert engine.release_id() == "none"
        assert publish(release, store) == Done(sent=3)
        assert held(shelf) == stated(release)
        assert engine.release_id() == "one"
        assert [shelf.log[0][1], shelf.log[-1][1]] == ["published", "published"]
        sent = len(shelf.log)
        assert publish(release, store) == Done(kept=3)
        assert len(shelf.log) == sent


def test_only_what_changed_is_sent_and_what_is_gone_is_removed(tmp_path: Path) -> None:
    changed = {"a": FIRST["a"], "b": ["<http://x/2> <http://x/p> <http://x/9>"]}
    with shelved() as (shelf, store, engine):
        publish(made(tmp_path, "one", FIRST), store)
        foreign = ox.Quad(*[ox.NamedNode("http://else/where")] * 4)  # type: ignore[arg-type]
        shelf.store.add(foreign)
        shelf.log.clear()
        release = made(tmp_path, "two", changed)
        assert publish(release, store) == Done(sent=1, kept=1, removed=1)
        assert [e for e in shelf.log if e[1] != "published"] == [("PUT", "b"), ("DELETE", "c")]
        assert held(shelf) == stated(release) | {foreign}, "graphs of others are left alone"
        assert engine.release_id() == "two"


@pytest.mark.parametrize("writes", range(1, 5))
def test_what_was_interrupted_is_seen_and_goes_on(tmp_path: Path, writes: int) -> None:
    release = made(tmp_path, "one", FIRST)
    with shelved() as (shelf, store, engine):
        shelf.refuse_after = writes
        with pytest.raises(EngineUnavailable, match="disk full"):
            publish(release, store)
        with pytest.raises(EngineUnavailable, match="half published"):
            engine.health()
        shelf.refuse_after = 10**9
        publish(release, store)
        assert held(shelf) == stated(release)
        assert engine.health() == "ok"


def test_going_back_after_an_interruption_leaves_nothing_of_the_other(tmp_path: Path) -> None:
    one = made(tmp_path, "one", FIRST)
    two = made(tmp_path, "two", {**FIRST, "b": ['<http://x/2> <http://x/p> "b2"'], "d": FIRST["c"]})
    with shelved() as (shelf, store, engine):
        publish(one, store)
        shelf.refuse_after = len(shelf.log) + 3  # the note, b and d; then the engine fails
        with pytest.raises(EngineUnavailable):
            publish(two, store)
        shelf.refuse_after = 10**9
        publish(one, store)
        assert held(shelf) == stated(one)
        assert engine.release_id() == "one"


def test_a_site_asks_only_the_release_it_is_made_of(tmp_path: Path) -> None:
    with shelved() as (_, store, engine):
        publish(made(tmp_path, "one", FIRST), store)
        assert RemoteEngine(engine.address, release="one").health() == "ok"
        other = RemoteEngine(engine.address, release="two")
        with pytest.raises(EngineUnavailable, match=r"holds release one.*`essaim publish`"):
            other.query("ASK { ?s ?p ?o }")


def test_the_dump_is_cut_into_its_graphs_without_loss(shipped: Release) -> None:
    dump = shipped.path / "kb.nq"
    parts = pieces(dump)
    assert sum(part.size for part in parts.values()) == dump.stat().st_size
    with dump.open("rb") as lines:
        part = parts[GRAPH + "meta"]
        written = {line.rsplit(b" ", 2)[0] + b" ." for line in lines if b"graph/meta> ." in line}
        assert set(part.triples(lines).splitlines()) == written


def test_a_state_is_read_as_it_was_written() -> None:
    state = State("one", "partial", {f"{GRAPH}{i}": "" if i % 3 else "ab12" for i in range(40)})
    assert State.read(state.triples()) == state
    assert State.read(b"") == State()


def test_the_address_of_the_graph_store_follows_from_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for dialect, path in {"oxigraph": "/store", "virtuoso": "/sparql-graph-crud-auth"}.items():
        monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", dialect)
        store = GraphStore(RemoteEngine("https://host:9/query"))
        assert urlsplit(store.address).path == path
