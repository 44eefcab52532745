"""What the tests of pools share: queries of every weight, and a look at the processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from kb.engine.contract import Asked
from kb.engine.lanes import Limits
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem

LIMITS = Limits(lanes=3, heavy=1, memory_bytes=300_000_000)

LIGHT = "ASK { ?s ?p 7 }"

CROSS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"

LARGE = "SELECT * { ?a ?b ?c . ?d ?e ?f }"

BOMB = (
    "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?a ?c ?d ?f ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } }"
)

PARENTHESES = "ASK { FILTER(" + "(" * 20_000 + "1" + ")" * 20_000 + ") }"


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
