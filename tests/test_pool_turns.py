"""Many ask a pool at once: each gets its turn, or is told at once that it will not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pools import CROSS, LIGHT, LIMITS, awaited, code, is_quiet, processes, zygote

from kb.engine.contract import Asked
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem, EngineUnavailable


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


def test_of_a_crowd_few_run_and_the_others_are_stopped(pool: PoolEngine) -> None:
    refused: list[float] = []
    began = time.monotonic()

    def ask() -> None:
        if code(pool, CROSS, 3) == "busy":
            refused.append(time.monotonic() - began)

    crowd = threading.Thread(target=together, args=(32, ask))
    crowd.start()
    time.sleep(0.3)
    most = LIMITS.together + LIMITS.heavy + 1  # one may just have begun
    seen = [list(processes(zygote(pool)).values()).count("R") for _ in range(20)]
    assert sum(count > most for count in seen) < 3, f"{seen} run at once, {most} should"
    for _ in range(20):
        assert b"true" in pool.query(LIGHT).read()
    crowd.join()
    assert len(refused) >= 32 - LIMITS.heavy - LIMITS.paused
    assert min(refused) < 1
    assert awaited(lambda: is_quiet(pool))
