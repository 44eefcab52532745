"""`essaim serve` in the hands of who runs it: limits, logs, figures, stop, switch, kill."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kb import release
from web.clients import Clients, TooManyQuestions, network
from web.options import OPTIONS
from web.watch import Anonymous, Log

RECORD = """PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
<https://w3id.org/essaim/id/innovation/{name}> a essaim:SocialInnovation ;
    rdfs:label "{name}"@fr, "{name}"@en .
"""
COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
RUNAWAY = f"SELECT (COUNT(*) AS ?n) {{ {' . '.join(f'?s{i} ?p{i} ?o{i}' for i in range(20))} }}"
PROBLEM_TOO = "application/sparql-results+json, application/problem+json;q=0.5"
LONG = "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 60000"


class Running:
    """A server process on a port of its own."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port
        self.said: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(iter(self.process.stderr.readline, ""))

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def ask(self, query: str, accept: str = "text/csv") -> tuple[int, str]:
        return self.get("/sparql?" + urllib.parse.urlencode({"query": query}), Accept=accept)

    def told(self, words: str, within_s: float = 20) -> str:
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            for line in self.said:
                if words in line:
                    return line
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not said in {within_s} s: {self.said}")


def _records(folder: Path, *names: str) -> Path:
    there = folder / "data" / "innovations"
    there.mkdir(parents=True, exist_ok=True)
    for name in names:
        (there / f"{name}.ttl").write_text(RECORD.format(name=name), encoding="utf-8")
    return folder


def serving(home: Path, source: Path, *options: str) -> AbstractContextManager[Running]:
    return started(home, "--source", str(source), *options)


@contextmanager
def started(home: Path, *options: str, **environment: str) -> Iterator[Running]:
    """Run `essaim serve` until it is ready, with variables of its own."""
    command = [sys.executable, "-c", "from web.cli import main; main()", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, *options], stderr=subprocess.PIPE, text=True,
        env={**os.environ, "ESSAIM_HOME": str(home), **environment},
    )  # fmt: skip
    assert process.stderr is not None
    said = ""
    try:
        for line in process.stderr:
            said += line
            if found := re.search(r"ready on http://127\.0\.0\.1:(\d+)/", line):
                yield Running(process, int(found[1]))
                break
        else:
            pytest.fail(said)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("operations")


@pytest.fixture(scope="module")
def running(place: Path) -> Iterator[Running]:
    """One server for the tests that leave it as it was."""
    source = _records(place / "source", "one", "two")
    options = ("--deadline", "2", "--access-log", str(place / "access.log"),
               "--query-log", str(place / "query.log"))  # fmt: skip
    with serving(place / "home", source, *options) as made:
        yield made


def test_health_says_what_is_served(running: Running) -> None:
    status, body = running.get("/healthz")
    told = json.loads(body)
    assert (status, told["status"]) == (200, "ok")
    assert re.fullmatch(r"[0-9a-f]{12}", told["release"])
    assert sum(told["workers"].values()) >= 2


def test_the_figures_can_be_read_by_prometheus(running: Running) -> None:
    assert running.ask(COUNT) == (200, "n\r\n2\r\n")
    assert running.ask("SELEC *")[0] == 400
    _, text = running.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    outcomes = {s.labels["outcome"]: s.value for s in families["essaim_questions"].samples}
    assert outcomes["ok"] >= 1
    assert outcomes["syntax"] >= 1
    assert {"essaim_workers", "essaim_release", "essaim_request_seconds"} <= set(families)


def test_a_runaway_ends_and_pages_go_on(running: Running) -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(running.ask(RUNAWAY)[0]))
    began = time.monotonic()
    thread.start()
    while thread.is_alive():
        assert running.get("/healthz")[0] == 200
        assert running.ask(COUNT)[0] == 200
        time.sleep(0.05)
    assert done == [503]
    assert time.monotonic() - began < 6


def test_the_logs_name_nobody(running: Running, place: Path) -> None:
    running.ask(COUNT)
    access = [json.loads(line) for line in (place / "access.log").read_text().splitlines()]
    questions = [json.loads(line) for line in (place / "query.log").read_text().splitlines()]
    assert access[-1].keys() == {"time", "client", "status", "bytes", "ms", "method", "path"}
    assert COUNT in {line["query"] for line in questions}
    for line in (*access, *questions):
        assert re.fullmatch(r"[0-9a-f]{8}", line["client"])
        assert "127.0.0.1" not in json.dumps(line)


def test_nothing_is_left_of_a_server_that_was_killed(place: Path) -> None:
    source = _records(place / "source", "one", "two")
    with serving(place / "home", source) as made:
        assert made.ask(COUNT)[0] == 200
        children = _descendants(made.process.pid)
        assert children
        made.process.send_signal(signal.SIGKILL)
        made.process.wait(5)
        _gone(children)


def test_told_to_stop_it_finishes_the_answers_under_way(place: Path) -> None:
    source = _records(place / "many", *(f"n{number}" for number in range(150)))
    with serving(place / "home-many", source) as made:
        connection = http.client.HTTPConnection("127.0.0.1", made.port, timeout=30)
        path = "/sparql?" + urllib.parse.urlencode({"query": LONG})
        connection.request("GET", path, headers={"Accept": "text/csv"})
        answer = connection.getresponse()
        first = answer.read(100)
        children = _descendants(made.process.pid)
        made.process.send_signal(signal.SIGTERM)
        time.sleep(0.7)
        with pytest.raises(OSError, match=r"refused|reset"):
            made.get("/healthz")
        rest = answer.read()
        assert (first + rest).count(b"\n") == 60_001
        assert made.process.wait(15) == 0
        _gone(children)


def test_a_signal_brings_the_new_release_without_one_failure(place: Path) -> None:
    home, source = place / "home-switch", _records(place / "switch", "one")
    with serving(home, source) as made:
        answers: list[tuple[int, str]] = []
        is_over = threading.Event()

        def client() -> None:
            while not is_over.is_set():
                answers.append(made.ask(COUNT))

        clients = [threading.Thread(target=client) for _ in range(3)]
        for each in clients:
            each.start()
        _records(source, "two", "three")
        newer = release.build(source, home / "releases")
        made.process.send_signal(signal.SIGHUP)
        made.told(f"serving release {newer.id} instead of")
        time.sleep(0.5)
        is_over.set()
        for each in clients:
            each.join()
        assert {status for status, _ in answers} == {200}
        assert answers[0][1].split() == ["n", "1"]
        assert answers[-1][1].split() == ["n", "3"]
        made.process.send_signal(signal.SIGHUP)
        made.told("is served already")


def test_a_broken_release_does_not_replace_one_that_works(place: Path) -> None:
    home, source = place / "home-broken", _records(place / "broken", "one")
    with serving(home, source) as made:
        _records(source, "two")
        newer = release.build(source, home / "releases")
        (newer.path / "kb.nq").write_text("<not n-quads", encoding="utf-8")
        made.process.send_signal(signal.SIGHUP)
        made.told("still serving release")
        assert made.ask(COUNT)[1].split() == ["n", "1"]


def test_clients_slow_on_purpose_hold_nobody_up(place: Path) -> None:
    source = _records(place / "many", *(f"n{number}" for number in range(150)))
    with serving(place / "home-many", source, "--threads", "2") as made:
        slow = [socket.create_connection(("127.0.0.1", made.port), 5) for _ in range(60)]
        path = "/sparql?" + urllib.parse.urlencode({"query": LONG})
        for number, each in enumerate(slow):
            begun = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/csv\r\n"
            # most never end their request, some never read their answer
            each.sendall(begun.encode() + (b"\r\n" if number % 10 == 0 else b""))
        time.sleep(2)
        for _ in range(5):
            assert made.get("/healthz")[0] == 200
            assert made.ask(COUNT)[1].split() == ["n", "150"]
        for each in slow:
            each.close()


def test_rows_beyond_the_most_are_never_missing_silently(place: Path) -> None:
    source = _records(place / "many", *(f"n{number}" for number in range(150)))
    with serving(place / "home-many", source, "--rows", "40000") as made:
        with pytest.raises(http.client.IncompleteRead):
            made.ask(LONG)
        _, body = made.ask(LONG, "application/sparql-results+json")
        document = json.loads(body)
        assert len(document["results"]["bindings"]) == 40_000
        assert document.keys() - {"head", "results"}, "the cut is said after the results"
        time.sleep(0.2)
        assert not [line for line in made.said if "Traceback" in line], "a limit is no accident"


def test_a_client_that_asks_too_much_waits(place: Path) -> None:
    source = _records(place / "source", "one", "two")
    with serving(place / "home", source, "--per-minute", "3") as made:
        assert [made.ask(COUNT + " " * n)[0] for n in range(4)] == [200, 200, 200, 429]
        status, body = made.ask(COUNT + "\n", accept=PROBLEM_TOO)
        assert status == 429
        assert json.loads(body)["code"] == "too-many-questions"
        assert made.get("/")[0] == 200, "pages do not count"


def test_a_question_counts_while_it_runs() -> None:
    clients = Clients(at_once=1)
    with clients.asking("192.0.2.1"):
        with pytest.raises(TooManyQuestions, match="wait"), clients.asking("192.0.2.1"):
            pass
        with clients.asking("192.0.2.2"):
            pass
    with clients.asking("192.0.2.1"):
        pass


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [("2001:db8::1", "2001:db8::ffff", True), ("2001:db8::1", "2001:db8:0:1::1", False),
     ("::ffff:192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False),
     ("fe80::1%eth0", "fe80::2", True)],
)  # fmt: skip
def test_a_client_is_an_address_or_a_subscriber(one: str, other: str, is_same: bool) -> None:
    assert (network(one) == network(other)) is is_same


def test_a_name_in_the_log_leads_nowhere() -> None:
    one, other = Anonymous(), Anonymous()
    assert one("192.0.2.1") == one("192.0.2.1") != one("192.0.2.2")
    assert one("192.0.2.1") != other("192.0.2.1"), "the key is made anew at every start"


def test_a_full_disk_stops_the_log_and_nothing_else() -> None:
    with Path("/dev/full").open("w") as full:
        Log(full).write(some="line" * 10_000)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: str(option.name))
def test_a_setting_has_a_flag_a_variable_and_a_line(option: object) -> None:
    assert getattr(option, "envvar", "").startswith("ESSAIM_")
    assert getattr(option, "help", "").endswith(".")


def _descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = {int(a): int(b) for a, b in (line.split() for line in listed.stdout.splitlines())}
    found, level = [], [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return [child for child in found if Path(f"/proc/{child}/comm").is_file()]


def _gone(pids: list[int]) -> None:
    end = time.monotonic() + 5
    while left := [pid for pid in pids if Path(f"/proc/{pid}").exists() and _is_alive(pid)]:
        assert time.monotonic() < end, f"still there: {left}"
        time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
