"""`essaim serve`: what stops it is one sentence; what is running ends when told to."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli import main

GOOD = """PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
<https://w3id.org/essaim/id/innovation/one> a essaim:SocialInnovation ;
    rdfs:label "Une"@fr, "One"@en .
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of sources with one record."""
    folder = tmp_path / "source" / "data" / "innovations"
    folder.mkdir(parents=True)
    (folder / "one.ttl").write_text(GOOD, encoding="utf-8")
    return tmp_path / "source"


def command(source: Path, port: int) -> list[str]:
    return ["serve", "--port", str(port), "--source", str(source)]


@contextmanager
def serving(home: Path, source: Path) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """Run the server on a free port; give the process, the port, what it said until ready."""
    arguments = [sys.executable, "-c", "from web.cli import main; main()", *command(source, 0)]
    environment = {**os.environ, "ESSAIM_HOME": str(home)}
    process = subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = ""
    try:
        for line in process.stderr:
            said += line
            if found := re.search(r"ready on http://127\.0\.0\.1:(\d+)/", line):
                yield process, int(found[1]), said
                break
        else:
            pytest.fail(said)
    finally:
        process.kill()
        process.wait()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_busy_port_is_one_sentence(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_HOME", str(source.parent))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = CliRunner().invoke(main, command(source, taken.getsockname()[1]))
    assert result.exit_code == 1
    assert "is busy; choose another with --port" in result.output
    assert "Traceback" not in result.output


def test_a_bad_source_and_no_release_is_one_sentence(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSAIM_HOME", str(source.parent))
    (source / "data" / "innovations" / "one.ttl").write_text("<a> <b> .", encoding="utf-8")
    result = CliRunner().invoke(main, command(source, 0))
    assert result.exit_code == 1
    assert "one.ttl:1:" in result.output
    assert "Traceback" not in result.output


def test_an_unknown_host_is_one_sentence(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_HOME", str(source.parent))
    result = CliRunner().invoke(main, [*command(source, 0), "--host", "no.such.host.invalid"])
    assert result.exit_code == 1
    assert "check --host" in result.output


@pytest.mark.full
def test_a_bad_source_leaves_the_release_before_in_service(source: Path, tmp_path: Path) -> None:
    with serving(tmp_path, source) as (_, port, _said):
        assert get(port, "/doc/id/innovation/one")[0] == 200
    (source / "data" / "innovations" / "two.ttl").write_text("<a> <b> .", encoding="utf-8")
    with serving(tmp_path, source) as (_, port, said):
        assert "two.ttl:1:" in said
        assert "the release before is served" in said
        assert get(port, "/doc/id/innovation/one")[0] == 200


@pytest.mark.full
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_at_once(source: Path, tmp_path: Path, number: int) -> None:
    with serving(tmp_path, source) as (process, port, _said):
        assert b'"status": "ok"' in get(port, "/healthz")[1]
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=5) == 0
        assert time.monotonic() - begun < 2
