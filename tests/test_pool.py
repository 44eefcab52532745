"""The pool answers what the engine of this process answers, and nothing brings it down."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import release
from kb.engine import GRAPHS, SOLUTIONS, LocalEngine, disk
from kb.engine.contract import Asked
from kb.engine.lanes import Limits
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem, EngineUnavailable, QueryRefused, QuerySyntax, QueryTooBig
from kb.queries import registry
from web import create_app

ROOT = Path(__file__).parent.parent
EXAMPLES = registry(ROOT / "queries" / "examples")
LIMITS = Limits(lanes=3, heavy=1, memory_bytes=300_000_000)
LIGHT = "ASK { ?s ?p 7 }"
CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f }"
BOMB = (
    "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } }"
)
PARENTHESES = "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }"


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pool") / "kb.nq"
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    line = f'<http://x/{{0}}> <http://x/p> "{{0}}"^^<{integer}> <http://x/g> .\n'
    path.write_text("".join(line.format(n) for n in range(3_000)), encoding="utf-8")
    return path


@pytest.fixture
def pool(numbers: Path) -> Iterator[PoolEngine]:
    engine = PoolEngine(numbers, "abc", limits=LIMITS)
    yield engine
    engine.close()


def processes(parent: int | None = None) -> dict[int, str]:
    """Return the living children of a process and theirs, with their states."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, above = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(above) == (parent or os.getpid()) and state != "Z":
                found[int(folder.name)] = state
                found |= processes(int(folder.name))
    return found


def zygote(engine: PoolEngine) -> int:
    brood = engine._keeper._brood
    assert brood
    return brood.process.pid


def workers(engine: PoolEngine) -> list[int]:
    return list(processes(zygote(engine)))


def kill_workers(engine: PoolEngine) -> None:
    for pid in workers(engine):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def awaited(is_so: Callable[[], object], seconds: float = 5) -> bool:
    limit = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def code(engine: PoolEngine, text: str, deadline_s: float = 10) -> str:
    with pytest.raises(EngineProblem) as raised:
        engine.run(Asked(text, deadline_s=deadline_s)).read()
    return raised.value.code


def is_quiet(engine: PoolEngine) -> bool:
    idle = LIMITS.lanes + LIMITS.aside + 1
    return engine.counts() == {"idle": idle, "short": 0, "heavy": 0, "waiting": 0}


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


def test_a_crash_is_told_and_harms_nobody_else(pool: PoolEngine) -> None:
    assert code(pool, PARENTHESES) == "crashed"
    assert b"true" in pool.query(LIGHT).read()


def test_memory_is_capped_and_comes_back(pool: PoolEngine) -> None:
    assert code(pool, BOMB, 20) == "too-much-memory"
    assert awaited(lambda: is_quiet(pool))
    resident = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in workers(pool)]
    assert max(resident) * os.sysconf("SC_PAGE_SIZE") < 200_000_000


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


def test_a_killed_worker_costs_nobody_an_answer(pool: PoolEngine) -> None:
    for _ in range(5):
        kill_workers(pool)
        assert b"true" in pool.query(LIGHT).read()
    found: list[bytes] = []
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
    asking = threading.Thread(target=lambda: found.append(pool.query(slow).read()))
    asking.start()
    time.sleep(0.05)
    kill_workers(pool)
    asking.join()
    assert b"9000000" in found[0]


def test_a_killed_zygote_comes_back(pool: PoolEngine) -> None:
    for _ in range(3):
        os.kill(zygote(pool), signal.SIGKILL)
        assert b"true" in pool.query(LIGHT).read()
    assert pool.health() == "ok"


def test_a_stopped_zygote_is_told_to_go_on(pool: PoolEngine) -> None:
    first = zygote(pool)
    os.kill(first, signal.SIGSTOP)
    kill_workers(pool)
    assert b"true" in pool.query(LIGHT).read()
    assert zygote(pool) == first


def test_a_zygote_that_stays_silent_is_replaced(
    pool: PoolEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.engine.keeper.ROUSE_S", 60)
    monkeypatch.setattr("kb.engine.keeper.STUCK_S", 0.5)
    first = zygote(pool)
    os.kill(first, signal.SIGSTOP)
    kill_workers(pool)
    assert b"true" in pool.query(LIGHT).read()
    assert zygote(pool) != first


def test_without_a_zygote_it_is_said(tmp_path: Path, numbers: Path) -> None:
    path = tmp_path / "kb.nq"
    path.write_bytes(numbers.read_bytes())
    engine = PoolEngine(path, limits=replace(LIMITS, wait_s=0.3))
    path.write_text("damaged")
    os.kill(zygote(engine), signal.SIGKILL)
    try:
        assert awaited(lambda: engine._keeper._failure)
        with pytest.raises(EngineUnavailable, match="not there now") as raised:
            engine.query(LIGHT)
        assert raised.value.code == "unavailable"
        with pytest.raises(EngineUnavailable):
            engine.health()
        path.write_bytes(numbers.read_bytes())
        assert awaited(lambda: engine._keeper.is_up(), 15)
        assert b"true" in engine.query(LIGHT).read()
    finally:
        engine.close()


def test_a_damaged_release_is_refused(tmp_path: Path) -> None:
    before = processes().keys()
    path = tmp_path / "kb.nq"
    path.write_text("<http://x/a> <http://x/b>\n")
    with pytest.raises(EngineUnavailable, match="the release cannot be opened: "):
        PoolEngine(path)
    with pytest.raises(EngineUnavailable, match="not a store that opens"):
        PoolEngine(tmp_path / "none", disk=True)
    assert processes().keys() <= before


OWNER = """
import sys, threading, time
from pathlib import Path
from kb.engine.lanes import Limits
from kb.engine.contract import Asked
from kb.engine.pool import PoolEngine
pool = PoolEngine(Path(sys.argv[1]), limits=Limits(lanes=2, heavy=1))
asked = Asked(sys.argv[2], deadline_s=60)
for _ in range(2):
    threading.Thread(target=pool.run, args=(asked,), daemon=True).start()
time.sleep(1)
print("running", flush=True)
time.sleep(60)
"""


def test_nothing_outlives_a_killed_server(numbers: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(numbers), CROSS], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert owner.stdout
    owner.stdout.readline()
    left = processes(owner.pid)
    assert len(left) >= 4
    owner.kill()
    owner.wait()
    assert awaited(lambda: not any(is_alive(pid) for pid in left)), left
    owner.stdout.close()


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_closing_ends_every_process_and_query(numbers: Path) -> None:
    before, alive = len(os.listdir("/proc/self/fd")), processes().keys()
    engine = PoolEngine(numbers, limits=LIMITS)
    codes: list[str] = []
    asking = threading.Thread(target=lambda: codes.append(code(engine, CROSS)))
    asking.start()
    time.sleep(0.2)
    engine.close()
    asking.join()
    assert codes == ["unavailable"]
    assert processes().keys() <= alive
    assert code(engine, LIGHT) == "unavailable"
    assert len(os.listdir("/proc/self/fd")) <= before


def test_nothing_leaks_over_many_queries(pool: PoolEngine) -> None:
    assert awaited(lambda: is_quiet(pool))
    open_before, alive = len(os.listdir("/proc/self/fd")), len(processes())
    for number in range(500):
        pool.run(Asked(LIGHT)).read()
        if number % 25 == 0:
            code(pool, PARENTHESES)
            next(pool.query(LARGE).chunks)
    assert awaited(lambda: is_quiet(pool))
    assert awaited(lambda: len(processes()) == alive)
    assert len(os.listdir("/proc/self/fd")) <= open_before


def together(count: int, ask: Callable[[], object]) -> list[BaseException]:
    problems: list[BaseException] = []

    def run() -> None:
        try:
            ask()
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_eight_threads_ask_at_once(pool: PoolEngine) -> None:
    def ask() -> None:
        for _ in range(40):
            assert b"true" in pool.query(LIGHT).read()

    assert together(8, ask) == []


def test_a_long_query_ends_among_runaways(pool: PoolEngine) -> None:
    for _ in range(2):
        threading.Thread(target=lambda: code(pool, CROSS, 15), daemon=True).start()
    time.sleep(0.3)
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f }"
    assert b"9000000" in pool.run(Asked(text, deadline_s=15)).read()


def test_more_long_queries_than_places_are_sent_away(numbers: Path) -> None:
    engine = PoolEngine(numbers, limits=replace(LIMITS, paused=1))
    problems = together(4, lambda: engine.run(Asked(CROSS, deadline_s=2)))
    codes = sorted(problem.code for problem in problems if isinstance(problem, EngineProblem))
    assert len(codes) == 4
    assert codes.count("busy") >= 2
    assert awaited(lambda: is_quiet(engine))
    engine.close()


def test_a_queue_that_is_full_says_so_at_once(numbers: Path) -> None:
    engine = PoolEngine(numbers, limits=replace(LIMITS, waiting=0))
    with pytest.raises(EngineUnavailable) as raised:
        engine.query(LIGHT)
    assert raised.value.code == "busy"
    assert raised.value.values["seconds"]
    engine.close()


def test_a_release_is_replaced_under_load_without_an_error(numbers: Path) -> None:
    before = processes().keys()
    served = [PoolEngine(numbers, "old", limits=LIMITS)]
    first, stop, seen = served[0], threading.Event(), set()

    def ask() -> None:
        while not stop.is_set():
            engine = served[0]
            time.sleep(0.001)
            assert b"true" in engine.query(LIGHT).read()
            seen.add(engine.release_id())

    def switch() -> None:
        time.sleep(0.3)
        served[0] = PoolEngine(numbers, "new", limits=LIMITS)
        first.retire(grace_s=0.3)
        time.sleep(0.8)
        stop.set()

    switching = threading.Thread(target=switch)
    switching.start()
    assert together(4, ask) == []
    switching.join()
    assert seen == {"old", "new"}
    assert awaited(lambda: not first._keeper._thread.is_alive())
    served[0].close()
    assert processes().keys() <= before


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
