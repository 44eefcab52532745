"""A fast engine that raises, dies, is missing or is another version: pySHACL decides."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines import found, shapes, triples

from kb import files
from kb.problems import ShapesProblem
from kb.validation.engines import judge
from kb.validation.engines.wheel import VERSION, WHEEL

ROOT = files.root()
BY = shapes("ex:S sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:nodeKind sh:IRI .")
DATA = triples("ex:a ex:p 1 . ex:b ex:p ex:c .")
STUB = f"""
import os, signal
__version__ = {VERSION!r}
class Report:
    conforms, results = True, []
class Shapes:
    @classmethod
    def from_text(cls, text, format): {{reading}}; return cls()
    def validate_text(self, text, format): {{judging}}; return Report()
"""
STUBS = {
    "missing": ("raise ModuleNotFoundError('No module named shacl')", "not installed"),
    "another version": ("__version__ = '0.3.5'", "0.3.5"),
    "without a version": ("", "AttributeError"),
    "broken at its import": ("raise RuntimeError('broken')", "RuntimeError: broken"),
    "raises over the shapes": (
        STUB.format(reading="raise ValueError('no')", judging="pass"),
        "ValueError: no",
    ),
    "raises over the data": (
        STUB.format(reading="pass", judging="raise MemoryError"),
        "MemoryError",
    ),
    "panics": (
        STUB.format(reading="pass", judging="raise BaseException('panic')"),
        "BaseException: panic",
    ),
    "overflows": (
        STUB.format(reading="pass", judging="os.kill(os.getpid(), signal.SIGSEGV)"),
        "died (exit code -11)",
    ),
    "is killed": (
        STUB.format(reading="os.kill(os.getpid(), signal.SIGKILL)", judging="pass"),
        "died (exit code -9)",
    ),
    "leaves": (STUB.format(reading="pass", judging="os._exit(0)"), "died (exit code 0)"),
    "contradicts itself": (
        STUB.format(reading="pass", judging="Report.conforms = False"),
        "contradicts itself",
    ),
}


@pytest.fixture
def pretend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put a module of another text where the wheel is looked for first."""

    def make(text: str) -> None:
        (tmp_path / "shacl.py").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        WHEEL.close()

    yield make
    WHEEL.close()


@pytest.mark.parametrize("kind", STUBS)
def test_pyshacl_decides_where_the_wheel(kind: str, pretend: Callable[[str], None]) -> None:
    expected = found(DATA, BY, "pyshacl")
    text, reason = STUBS[kind]
    pretend(text)
    judgement = judge(DATA, BY)
    assert judgement.engine == "pyshacl"
    assert reason in judgement.reason
    assert [result.key() for result in judgement.results] == list(expected)
    with pytest.raises(ShapesProblem):
        judge(DATA, BY, "fast")


def test_a_check_finds_the_same_when_the_wheel_dies(pretend: Callable[[str], None]) -> None:
    """The command itself: the same report and exit code, whatever happens to the engine."""
    record = ROOT / "shapes" / "examples" / "invalid" / "need-concept-scheme.ttl"
    command = [sys.executable, "-m", "kb.check", str(record), "--format", "json"]
    before = subprocess.run(command, capture_output=True, cwd=ROOT)
    pretend(STUBS["overflows"][0])
    after = subprocess.run(command, capture_output=True, cwd=ROOT)
    assert (after.returncode, after.stdout) == (before.returncode, before.stdout)
    assert before.returncode == 1


def test_what_the_wheel_prints_does_not_harm(pretend: Callable[[str], None]) -> None:
    pretend(STUB.format(reading="print('hello', flush=True)", judging="print('there')"))
    assert judge(DATA, BY).engine == "fast"


def test_a_wheel_that_has_died_is_started_again(pretend: Callable[[str], None]) -> None:
    assert judge(DATA, BY).engine == "fast"
    process = WHEEL._process
    assert process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (judge(DATA, BY).engine, len(judge(DATA, BY).results)) == ("fast", 1)


def test_one_process_serves_more_shapes_than_it_keeps() -> None:
    kinds = [
        shapes(f"ex:S sh:targetSubjectsOf ex:p ; sh:path ex:p ; sh:maxInclusive {n} .")
        for n in range(20)
    ]
    for _ in range(2):
        results = [len(judge(triples("ex:a ex:p 9 ."), by, "fast").results) for by in kinds]
        assert results == [1] * 9 + [0] * 11


def test_the_version_is_the_pinned_one() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert any(one.startswith(f"shacl=={VERSION} ") for one in wanted)
