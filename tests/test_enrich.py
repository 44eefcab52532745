"""Identifiers enriched: from files and from a real SPARQL server, politely, and never twice."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from urllib.request import Request, urlopen

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from sparql_server import running

from kb import files
from kb.enrich import EnrichProblem
from kb.enrich.cli import enrich
from kb.enrich.remote import Endpoint, from_endpoint
from kb.linking.ids import is_siren
from kb.queries import read

QUERIES = sorted((files.root() / "queries" / "enrich").glob("*.rq"))
BY_SIREN = (files.root() / "queries" / "enrich" / "wikidata-siren.rq").read_text("utf-8")
CONTACT = "me@example.org"
DATA = """@prefix wd: <http://www.wikidata.org/entity/> .
@prefix wdt: <http://www.wikidata.org/prop/direct/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
wd:Q1 wdt:P1616 "213502198" ; rdfs:label "Pipriac"@fr, "Pipriac"@br ; wdt:P856 <https://e.org/> .
wd:Q2 wdt:P1616 "062201199" ; rdfs:label "Premier"@fr .
wd:Q3 wdt:P1616 "062201199" ; rdfs:label "Second"@fr .
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an Oxigraph server that holds a few items as Wikidata would."""
    with running(DATA) as address:
        yield address


@contextmanager
def front(
    server: str, answers: list[tuple[int, str]]
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A front before the server: gives these answers (status, Retry-After) first; 0 passes on."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append({**self.headers, "at": str(time.monotonic()), "body": body.decode()})
            status, after = answers.pop(0) if answers else (0, "")
            if status:
                self.send_response(status)
                self.send_header("Retry-After", after)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            kept = {k: v for k, v in self.headers.items() if k in ("Content-Type", "Accept")}
            with urlopen(Request(server, body, kept), timeout=10) as answer:
                octets = answer.read()
                self.send_response(200)
                self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, format: str, *args: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listening.server_port}/sparql", seen
    listening.shutdown()
    listening.server_close()


def quick(address: str, **more: int) -> Endpoint:
    return Endpoint(address, CONTACT, pause_s=0.01, **more)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_runs_as_it_stands_and_says_what_it_is(
    path: Path, server: str, tmp_path: Path
) -> None:
    assert read(path).text
    found = from_endpoint(quick(server), path.read_text("utf-8"), ["Q1"], tmp_path / "a.db")
    assert set(found) <= {"Q1"}


def test_facts_come_with_their_item_and_day(server: str, tmp_path: Path) -> None:
    found = from_endpoint(quick(server), BY_SIREN, ["213502198", "120027016"], tmp_path / "a.db")
    assert list(found) == ["213502198"]
    assert {str(f.value) for f in found["213502198"]} == {"Pipriac", "https://e.org/"}
    assert {f.item for f in found["213502198"]} == {"http://www.wikidata.org/entity/Q1"}


def test_nothing_is_asked_twice_and_batches_bound_a_request(server: str, tmp_path: Path) -> None:
    wanted = ["213502198", "062201199", "120027016"]
    with front(server, []) as (address, seen):
        first = from_endpoint(quick(address, batch=2), BY_SIREN, wanted, tmp_path / "a.db")
        assert len(seen) == 2
        assert from_endpoint(quick(address), BY_SIREN, wanted, tmp_path / "a.db") == first
        assert len(seen) == 2


def test_what_was_broken_off_goes_on_where_it_stopped(server: str, tmp_path: Path) -> None:
    wanted = ["213502198", "062201199"]
    with front(server, [(0, ""), (400, "")]) as (address, seen):
        with pytest.raises(EnrichProblem):
            from_endpoint(quick(address, batch=1), BY_SIREN, wanted, tmp_path / "a.db")
        found = from_endpoint(quick(address, batch=1), BY_SIREN, wanted, tmp_path / "a.db")
        assert len(found) == 2
        assert len(seen) == 3, "the first batch was asked again"


def test_a_busy_endpoint_is_waited_for_as_long_as_it_says(server: str, tmp_path: Path) -> None:
    with front(server, [(429, "1"), (503, "1")]) as (address, seen):
        assert from_endpoint(quick(address), BY_SIREN, ["213502198"], tmp_path / "a.db")
    times = [float(each["at"]) for each in seen]
    assert len(times) == 3
    assert all(later - sooner >= 0.95 for sooner, later in pairwise(times))


def test_requests_are_a_second_apart_and_say_whom_to_write_to(server: str, tmp_path: Path) -> None:
    with front(server, []) as (address, seen):
        asked = Endpoint(address, CONTACT, batch=1)
        from_endpoint(asked, BY_SIREN, ["213502198", "062201199"], tmp_path / "a.db")
    assert float(seen[1]["at"]) - float(seen[0]["at"]) >= 0.95
    assert all(CONTACT in each["User-Agent"] for each in seen)
    assert all(each["User-Agent"].startswith("essaim/") for each in seen)


def test_an_endpoint_that_stays_busy_ends_with_a_sentence(server: str, tmp_path: Path) -> None:
    with (
        front(server, [(503, "0")] * 9) as (address, seen),
        pytest.raises(EnrichProblem, match="it goes on"),
    ):
        from_endpoint(quick(address), BY_SIREN, ["213502198"], tmp_path / "a.db")
    assert len(seen) == 5


def test_a_value_never_becomes_query_text(server: str, tmp_path: Path) -> None:
    hostile = '" } UNION { ?item ?property ?value } #'
    assert from_endpoint(quick(server), BY_SIREN, [hostile], tmp_path / "a.db") == {}


@pytest.mark.parametrize("query", ["SELECT * WHERE { ?s ?p ?o }", "nonsense"])
def test_a_query_of_another_form_is_refused(query: str, tmp_path: Path) -> None:
    with pytest.raises(EnrichProblem, match="VALUES"):
        from_endpoint(quick("http://127.0.0.1:9/"), query, ["1"], tmp_path / "a.db")


def test_an_endpoint_that_is_not_there_ends_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(EnrichProblem, match="no answer"):
        from_endpoint(quick("http://127.0.0.1:9/"), BY_SIREN, ["1"], tmp_path / "a.db")


LIST = "Nom,SIREN\nPipriac,213502198\nDeux,62201199\nFaux,120072016\nInconnu,807469317\nRien,\n"
DUMP = (
    "siren,denomination,nom_usage,sigle,rna,commune,code_postal\n807469317,Régie,,,,Blois,41000\n"
)


def test_the_whole_command_dump_first_then_the_endpoint(
    server: str, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    (tmp_path / "dump.csv").write_text(DUMP, "utf-8")
    with front(server, []) as (address, seen):
        done = CliRunner().invoke(enrich, [
            str(tmp_path / "list.csv"), "--dump", f"digital-sse={tmp_path / 'dump.csv'}",
            "--endpoint", address, "--query", str(QUERIES[1]), "--contact", CONTACT,
            "--out", str(tmp_path / "x.ttl"), "--csv", str(tmp_path / "x.csv"),
        ])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "807469317" not in seen[0]["body"], "the dump had it"
    assert "2 found, 1 ambiguous, 0 not found" in done.output
    for line in ("list.csv:3: SIREN: 62201199: leading zeros restored", "list.csv:4: SIREN",
                 "list.csv:3: 062201199: ambiguous",
                 "list.csv:6: SIREN: no identifier"):  # fmt: skip
        assert line in done.output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "x.csv").read_text("utf-8"))))
    assert len(rows) == 5
    assert rows[0]["rdfs:label@fr"] == "Pipriac"
    assert rows[1]["rdfs:label@fr"] == ""
    assert rows[1]["item"].count("wikidata.org") == 2
    assert rows[3]["rdfs:label"] == "Régie"
    triples = {str(t.predicate) for t in ox.parse(path=str(tmp_path / "x.ttl"))}
    assert "<http://www.w3.org/ns/prov#wasDerivedFrom>" in triples


def test_an_endpoint_is_asked_only_by_who_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST, "utf-8")
    done = CliRunner().invoke(enrich, [str(tmp_path / "list.csv"), "--endpoint", "wikidata"])
    assert isinstance(done.exception, EnrichProblem)
    assert "--contact" in str(done.exception)


def test_a_list_without_identifiers_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("Nom\nPipriac\n", "utf-8")
    done = CliRunner().invoke(enrich, [str(tmp_path / "list.csv")])
    assert "no column of identifiers" in str(done.exception)


@pytest.mark.full
def test_a_killed_command_goes_on_and_writes_what_an_unbroken_one_does(
    server: str, tmp_path: Path
) -> None:
    numbers = [n for n in map(str, range(213502198, 213504500)) if is_siren(n)][:150]
    (tmp_path / "list.csv").write_text("siren\n" + "\n".join(numbers) + "\n", encoding="utf-8")
    (tmp_path / "mine.rq").write_text(BY_SIREN, encoding="utf-8")

    def started(address: str, home: str) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.executable).parent / "essaim"), "enrich", "list.csv", "--endpoint",
                   address, "--query", "mine.rq", "--contact", CONTACT,
                   "--csv", f"{home}.csv"]  # fmt: skip
        held = {**os.environ, "ESSAIM_HOME": str(tmp_path / home)}
        return subprocess.Popen(command, cwd=tmp_path, env=held)

    with front(server, []) as (address, seen):
        broken = started(address, "broken")
        while len(seen) < 2:
            time.sleep(0.02)
        broken.kill()
        broken.wait(10)
        asked_before = len(seen)
        assert started(address, "broken").wait(60) == 0
        assert len(seen) - asked_before <= 2, "the first batch was kept: ask it no more"
        assert started(address, "whole").wait(60) == 0
    told = [(tmp_path / f"{name}.csv").read_text("utf-8") for name in ("broken", "whole")]
    assert told[0] == told[1]
    assert "Pipriac" in told[0]
