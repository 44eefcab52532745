"""Hostile queries, one a file: each is refused, stopped or answered as its comment says.

They run twice: as anybody may send them, and past the guard, where the boundary of the worker
process is all that holds. After each, somebody else's query is answered at once.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import guard, terms
from kb.engine.contract import Asked
from kb.engine.lanes import Limits
from kb.engine.pool import PoolEngine
from kb.problems import EngineProblem

FOLDER = Path(__file__).parent / "hostile"
FILES = sorted(FOLDER.glob("*.rq"))
DEADLINE_S, MARGIN_S = 0.7, 0.6
ASIDE_S = 1.0
LIGHT = Asked("ASK { ?s ?p 7 }", deadline_s=5)
REPEATED = re.compile(r"«(\d+) ([^»]*)»")


def query(path: Path) -> str:
    """Return a hostile query; `«3 ab»` in its file stands for `ababab`."""
    text = path.read_text(encoding="utf-8")
    return REPEATED.sub(lambda found: found[2] * int(found[1]), text)


def expected(path: Path, word: str) -> list[str]:
    found = re.search(rf"^# {word}: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found, f"{path.name}: write a line `# {word}: <code>`"
    return found[1].split()


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PoolEngine]:
    lines = [
        f"<http://x/{n}> <{terms.BASE}p> <http://x/{n * 7 % 2000}> .\n"
        f'<http://x/{n}> <http://x/q> "{n}"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
        for n in range(2_000)
    ]
    path = tmp_path_factory.mktemp("hostile") / "kb.nq"
    path.write_text("".join(lines), encoding="utf-8")
    limits = Limits(lanes=3, heavy=1, memory_bytes=300_000_000)
    engine = PoolEngine(path, limits=limits)
    yield engine
    engine.close()


def outcome(pool: PoolEngine, text: str) -> str:
    try:
        for _ in pool.run(Asked(text, deadline_s=DEADLINE_S, max_bytes=20_000_000)).chunks:
            pass
    except EngineProblem as problem:
        return problem.code or f"give a code to {problem!r}"
    return "answered"


def guarded(pool: PoolEngine, text: str) -> str:
    try:
        guard.check(text)
    except EngineProblem as problem:
        return problem.code
    return outcome(pool, text)


def check_service(pool: PoolEngine) -> None:
    start = time.monotonic()
    assert b"true" in pool.run(LIGHT).read()
    assert time.monotonic() - start < ASIDE_S, "another query had to wait"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_hostile_query_is_refused_or_stopped(pool: PoolEngine, path: Path) -> None:
    start = time.monotonic()
    assert guarded(pool, query(path)) in expected(path, "guarded")
    assert time.monotonic() - start < DEADLINE_S + MARGIN_S
    check_service(pool)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_hostile_query_past_the_guard_harms_its_worker_alone(
    pool: PoolEngine, path: Path
) -> None:
    start = time.monotonic()
    assert outcome(pool, query(path)) in expected(path, "alone")
    assert time.monotonic() - start < DEADLINE_S + MARGIN_S
    check_service(pool)
