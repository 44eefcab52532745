"""The pool answers what the engine of this process answers, within its limits."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from pools import (
    CROSS,
    LARGE,
    LIGHT,
    LIMITS,
    awaited,
    is_quiet,
)

from kb import release
from kb.engine import GRAPHS, SOLUTIONS, LocalEngine, disk
from kb.engine.contract import Asked
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem, QueryRefused, QuerySyntax, QueryTooBig
from kb.queries import registry
from web import create_app

ROOT = Path(__file__).parent.parent

EXAMPLES = registry(ROOT / "queries" / "examples")


@pytest.fixture(scope="module")
def shipped_pool(shipped: release.Release) -> Iterator[PoolEngine]:
    engine = shipped.pooled().engine
    assert isinstance(engine, PoolEngine)
    yield engine
    engine.close()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_workers_answer_examples_as_this_process_does(
    shipped: release.Release, shipped_pool: PoolEngine, name: str
) -> None:
    text = EXAMPLES[name].bound({})
    here, there = shipped.local.query(text), shipped_pool.query(text)
    assert there.media_type == here.media_type
    assert there.read() == here.read()


@pytest.mark.parametrize("media_type", ["", *SOLUTIONS, *GRAPHS])
@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p ?o } ORDER BY ?s LIMIT 5",
        "ASK { ?s ?p 7 }",
        "CONSTRUCT { ?s <is> ?o } WHERE { ?s ?p ?o FILTER(?o < 3) }",
        "SELECT * FROM <http://x/none> { ?s ?p ?o }",
        "SELECT * { ?s ?p ?o ",
    ],
)
def test_every_form_is_that_of_this_process(
    pool: PoolEngine, numbers: Path, text: str, media_type: str
) -> None:
    store = ox.Store()
    store.bulk_load(path=str(numbers), format=ox.RdfFormat.N_QUADS)
    outcomes = []
    for engine in (LocalEngine(store), pool):
        try:
            answer = engine.query(text, accept=[media_type] if media_type else [])
            outcomes.append((answer.media_type, answer.read()))
        except EngineProblem as problem:
            outcomes.append((type(problem), str(problem), problem.code, problem.values))
    assert outcomes[0] == outcomes[1]


def test_graphs_and_the_base_reach_the_worker(pool: PoolEngine) -> None:
    named = pool.query("ASK { GRAPH ?g { ?s ?p 7 } }", named_graphs=["http://x/g"])
    assert b"true" in named.read()
    assert b"false" in pool.query(LIGHT, default_graphs=["http://x/none"]).read()
    with pytest.raises(QueryRefused, match=r"no graph <http://x/none>") as found:
        pool.query("ASK FROM <http://x/none> {}")
    assert found.value.code == "refused-absent-graph"
    based = pool.query("CONSTRUCT { <a> <b> <c> } WHERE {}", base="http://b/")
    assert b"<http://b/a>" in based.read()


def test_a_runaway_query_ends_at_its_deadline(pool: PoolEngine) -> None:
    start = time.monotonic()
    with pytest.raises(QueryTooBig, match=r"stopped after 0\.5 s") as raised:
        pool.query(CROSS, deadline_s=0.5)
    assert time.monotonic() - start < 1
    assert (raised.value.code, raised.value.values) == ("too-long", {"seconds": 0.5})
    assert awaited(lambda: is_quiet(pool))


def test_the_guard_stands_before_the_pool(pool: PoolEngine) -> None:
    with pytest.raises(QueryRefused):
        pool.query("DROP ALL")


def test_a_syntax_error_keeps_its_place(pool: PoolEngine) -> None:
    with pytest.raises(QuerySyntax) as raised:
        pool.query("SELECT *\n{ ?s ?p }")
    assert raised.value.line == 2


def test_a_large_answer_flows_and_is_cut_at_its_cap(pool: PoolEngine) -> None:
    chunks = pool.query(LARGE, accept=["text/csv"], max_bytes=5_000_000).chunks
    sizes: list[int] = []
    with pytest.raises(QueryTooBig, match="exceeds 5000000 bytes"):
        sizes.extend(map(len, chunks))
    assert 4_900_000 < sum(sizes) <= 5_000_000
    assert max(sizes) <= 64 * 1024
    with pytest.raises(QueryTooBig):
        pool.query("SELECT * { ?s ?p ?o } LIMIT 3", max_bytes=10)


@pytest.mark.parametrize("how", ["closed", "forgotten"])
def test_a_reader_who_leaves_frees_the_worker(pool: PoolEngine, how: str) -> None:
    answer = pool.query(LARGE)
    next(answer.chunks)
    if how == "closed":
        answer.chunks.close()  # type: ignore[attr-defined]
    del answer
    assert awaited(lambda: is_quiet(pool))


@pytest.mark.parametrize("is_on_disk", [False, True])
def test_a_worker_reaches_no_other_server(numbers: Path, tmp_path: Path, is_on_disk: bool) -> None:
    path = disk.store(numbers, tmp_path / "store") if is_on_disk else numbers
    engine = PoolEngine(path, limits=LIMITS, disk=is_on_disk)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.3)
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        for silent in ("", "SILENT"):
            with suppress(EngineProblem):
                text = f"SELECT * {{ SERVICE {silent} <{address}> {{ ?s ?p ?o }} }}"
                engine.run(Asked(text, deadline_s=2))
        with pytest.raises(TimeoutError):
            listening.accept()
    assert b"true" in engine.query(LIGHT).read()
    engine.close()


@pytest.mark.full
def test_a_large_release_is_answered_from_disk(
    shipped: release.Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(disk.MEMORY_STATEMENTS, "1000")
    (tmp_path / shipped.id).symlink_to(shipped.path)
    large = release.Release(tmp_path / shipped.id, shipped.manifest)
    pooled = large.pooled(LIMITS)
    assert isinstance(pooled.engine, PoolEngine)
    text = next(iter(EXAMPLES.values())).bound({})
    assert pooled.engine.query(text).read() == large.local.query(text).read()
    assert sorted(p.name for p in tmp_path.iterdir()) == [shipped.id, f"{shipped.id}.store"]
    pooled.engine.close()


def test_the_site_runs_over_a_pool(shipped: release.Release, shipped_pool: PoolEngine) -> None:
    client = create_app(replace(shipped, served_by=shipped_pool)).test_client()
    assert client.get("/").status_code == 200
    answer = client.get("/sparql", query_string={"query": LIGHT, "format": "json"})
    assert answer.get_json()["boolean"] in (True, False)
    assert (
        client.get("/sparql", query_string={"query": "SELEC", "format": "json"}).status_code == 400
    )
    assert client.get("/healthz").status_code == 200


def test_it_is_known_what_workers_are_kept_from(pool: PoolEngine) -> None:
    assert set(pool.protections()) >= {"memory", "time", "files"}
