"""Workers, zygotes and servers die at any moment: nobody loses an answer, nothing is left over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pools import (
    BOMB,
    CROSS,
    LARGE,
    LIGHT,
    LIMITS,
    PARENTHESES,
    awaited,
    code,
    is_quiet,
    kill_workers,
    processes,
    workers,
    zygote,
)

from kb.engine.contract import Asked
from kb.engine.pool import PoolEngine
from kb.problems import EngineUnavailable

ROOT = Path(__file__).parent.parent


def test_a_crash_is_told_and_harms_nobody_else(pool: PoolEngine) -> None:
    assert code(pool, PARENTHESES) == "crashed"
    assert b"true" in pool.query(LIGHT).read()


def test_memory_is_capped_and_comes_back(pool: PoolEngine) -> None:
    assert code(pool, BOMB, 20) == "too-much-memory"
    assert awaited(lambda: is_quiet(pool))
    resident = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in workers(pool)]
    assert max(resident) * os.sysconf("SC_PAGE_SIZE") < 200_000_000


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
    # a worker that outlives its zygote for a moment may answer before the next one is there
    assert awaited(lambda: pool._keeper.is_up())
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
