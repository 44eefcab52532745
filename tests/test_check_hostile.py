"""Files made to harm end in a clear sentence: from the shell, and sent to the page.

Time is that of the processor, so that a busy machine fails nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.check.apart import Limits, run_apart

LONG = 50_000_000
SUBCLASS = b"<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
RDF = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="a:">'
BOMB = b"".join(b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10) for i in range(1, 10))
PREFIXES = b"".join(b"@prefix p%d: <http://a/> .\n" % i for i in range(200_000))
RECORD = (
    b"@prefix essaim: <https://w3id.org/essaim/ontology#> .\n"
    b"<https://w3id.org/essaim/id/resource/x> a essaim:Dossier ;"
)

# What is sent, its form, and the only codes that may be said of it; none: nothing is wrong.
HOSTILE: dict[str, tuple[bytes, str, str]] = {
    "open brackets": (b"<a:a> <a:b> " + b"[ <a:b> " * 100_000, "ttl", "S070"),
    "brackets": (
        b"<a:a> <a:b> " + b"[ <a:b> " * 100_000 + b"1" + b" ]" * 100_000 + b" .", "ttl", "S070",
    ),
    "lists": (b"<a:a> <a:b> " + b"( " * 100_000 + b") " * 100_000 + b".", "ttl", "S070"),
    "elements": (RDF + b"<a><b>" * 100_000, "rdf", "S070"),
    "deep JSON": (b'{"a":' * 100_000, "jsonld", "S090"),
    "prefixes": (PREFIXES, "ttl", ""),
    "prefixes and one unknown": (PREFIXES + b"<a:a> q:b <a:c> .\n", "ttl", "S030"),
    "long text": (b'<a:a> <a:b> "' + b"x" * LONG + b'" .', "ttl", "S071"),
    "long text in N-Triples": (b'<a:a> <a:b> "' + b"x" * LONG + b'" .\n', "nt", "S071"),
    "long text in JSON-LD": (b'{"@id":"a:a","a:b":"' + b"x" * LONG + b'"}', "jsonld", "S071"),
    "long text that is open": (b'<a:a> <a:b> "' + b"x" * LONG, "ttl", "S050"),
    "long address": (b"<a:a> <a:b> <a:" + b"x" * LONG + b"> .", "ttl", "S071"),
    "integer": (b"<a:a> <a:b> " + b"9" * 10_000 + b" .", "ttl", ""),
    "integer in a record": (
        RECORD + b" essaim:announcedTotal " + b"9" * 10_000 + b" .", "ttl", "V007 V015",
    ),
    "entities": (b'<!DOCTYPE r [<!ENTITY a0 "lol">' + BOMB + b"]>" + RDF, "rdf", "S080"),
    "context elsewhere": (b'{"@context": "http://127.0.0.1:9/c", "@id": "a:b"}', "jsonld", "S081"),
    "ring of classes": (
        b"".join(b"<a:%d> %s <a:%d> .\n" % (i, SUBCLASS, (i + 1) % 50_000) for i in range(50_000)),
        "ttl", "",
    ),
    "record that is its own class": (
        RECORD + b" a <https://w3id.org/essaim/id/resource/x> .", "ttl", "V007 V015",
    ),
}  # fmt: skip
FORMS = {"ttl": "turtle", "nt": "n-triples", "rdf": "rdf-xml", "jsonld": "json-ld"}
QUICK = ("elements", "integer", "integer in a record", "entities", "context elsewhere")
CASES = [name if name in QUICK else pytest.param(name, marks=pytest.mark.full) for name in HOSTILE]


def said(report: bytes) -> set[str]:
    """Return the codes of a report of findings and obstacles."""
    made = json.loads(report)
    return {one["code"] for one in (*made["findings"], *made["obstacles"])}


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_answered_from_the_shell(name: str, tmp_path: Path) -> None:
    data, ending, codes = HOSTILE[name]
    path = tmp_path / f"x.{ending}"
    path.write_bytes(data)
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "kb.check", str(path), "--format", "json", "--lang", "en"],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    after = os.times()
    assert after.children_user + after.children_system < 10 + sum(before[2:4])
    assert b"Traceback" not in done.stderr
    assert said(done.stdout) <= set(codes.split()) if codes else not said(done.stdout)
    assert codes == "" or said(done.stdout)


@pytest.mark.parametrize("name", CASES)
def test_a_hostile_file_is_answered_when_it_is_sent(name: str) -> None:
    data, ending, codes = HOSTILE[name]
    made = run_apart(data, FORMS[ending], "en", limits=Limits(seconds=60))
    expected = {"X002"} if len(data) > Limits().size else set(codes.split())
    assert said(made.report) <= expected
    assert bool(said(made.report)) == bool(expected)
