"""Files of strangers end in one sentence, in time, and never in a traceback."""

from __future__ import annotations

import json
import time

import pytest

from kb.check.apart import MB, Limits, run_apart

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
    answer = json.loads(run_apart(data, form, "en"))
    assert time.monotonic() - start < 12
    assert set(answer) == {"conforms", "counts", "files", "findings", "obstacles"}


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    answer = json.loads(run_apart(b" " * 2 * MB, limits=Limits(size=MB)))
    assert [one["code"] for one in answer["obstacles"]] == ["X002"]


def test_a_check_that_takes_too_long_is_stopped() -> None:
    answer = json.loads(
        run_apart(b"<a:a> <a:b> 1 .\n" * 100_000 + b"<a:a", limits=Limits(seconds=0.2))
    )
    assert [one["code"] for one in answer["obstacles"]] == ["X004"]
