"""Files of strangers end in one sentence, in time, and never in a traceback."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from kb.check.apart import MB, Apart, Limits, run_apart

HOSTILE = {
    "brackets": (b"<a:a> <a:b> " + b"[ <a:b> " * 100_000, "turtle"),
    "lists": (b"<a:a> <a:b> " + b"( " * 100_000, "turtle"),
    "prefixes": (b"".join(b"@prefix p%d: <http://a/> .\n" % i for i in range(120_000)), "turtle"),
    "literal": (b'<a:a> <a:b> "' + b"x" * 4_900_000 + b'" .', "turtle"),
    "integer": (b"<a:a> <a:b> " + b"9" * 10_000 + b" .", "turtle"),
    "entities": (b'<!DOCTYPE r [<!ENTITY a "' + b"b" * 1000 + b'">]><r>&a;</r>', "rdf-xml"),
    "context": (b'{"@context": "http://127.0.0.1:9/c", "@id": "a:b"}', "json-ld"),
    "deep-json": (b'{"a":' * 100_000, "json-ld"),
    "chain": (b"".join(b"<a:%d> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <a:%d> .\n"
                       % (i, i + 1) for i in range(50_000)), "turtle"),
    "nothing": (b"", "turtle"),
    "noise": (bytes(range(256)) * 400, "turtle"),
}  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_time(name: str) -> None:
    data, form = HOSTILE[name]
    start = time.monotonic()
    answer = json.loads(run_apart(data, form, "en").report)
    assert time.monotonic() - start < 12
    assert set(answer) == {"conforms", "counts", "files", "findings", "obstacles"}


def codes(made: Apart) -> list[str]:
    return [one["code"] for one in json.loads(made.report)["obstacles"]]


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    made = run_apart(b" " * 2 * MB, limits=Limits(size=MB))
    assert (made.outcome, codes(made)) == ("refused", ["X002"])


def test_a_check_that_takes_too_long_is_stopped() -> None:
    data = b"<a:a> <a:b> 1 .\n" * 100_000 + b"<a:a"
    made = run_apart(data, limits=Limits(seconds=0.2))
    assert codes(made) == ["X004"]
    assert made.outcome in ("refused", "failed")  # by the processor's limit, or by the clock


def test_a_check_that_needs_too_much_memory_is_refused() -> None:
    made = run_apart(b"<a:a> <a:b> 1 .\n" * 300_000, limits=Limits(memory=150 * MB))
    assert (made.outcome, codes(made)) == ("refused", ["X005"])


@pytest.mark.parametrize("engine", ["auto", "pyshacl"])
def test_a_verdict_is_told_from_a_failure(engine: str) -> None:
    made = run_apart(b"<a:a> <a:b> 1 .", arguments=("--engine", engine))
    assert (made.outcome, codes(made)) == ("checked", [])


def test_a_stage_that_fails_is_no_verdict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither engine can judge: the wheel is broken, and so is the one that decides then."""
    for name in ("shacl", "pyshacl"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = run_apart(b"<a:a> <a:b> 1 .")
    assert (made.outcome, codes(made)) == ("failed", ["X003"])
    assert not json.loads(made.report)["conforms"]


def test_an_error_that_nobody_foresaw_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "click.py").write_text("raise RuntimeError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made = run_apart(b"<a:a> <a:b> 1 .")
    assert (made.outcome, codes(made)) == ("failed", ["X003"])
    assert b"broken" in made.report
