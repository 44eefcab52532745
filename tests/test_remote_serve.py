"""`essaim serve --engine`, as a process of its own over each of the other engines.

A gate stands before the engine: it can be shut, ask for a password and speak HTTPS with a
certificate of a private authority, so that each of these is met for real.
"""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from servers import oxigraph
from test_operations import PROBLEM_TOO, Running, started
from test_remote_engines import RUNAWAY

from kb.engine.contract import SOLUTIONS
from kb.engine.graphstore import GraphStore
from kb.engine.remote import RemoteEngine
from kb.problems import QueryTooBig
from kb.release import Release

pytestmark = pytest.mark.full

COUNT = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
SECRET = "a secret of the tests"
ALLOWED = "Basic " + base64.b64encode(f"reader:{SECRET}".encode()).decode()
DEADLINE_S = 2.0


class Gate(ThreadingHTTPServer):
    """A server that passes requests on to an engine."""

    daemon_threads = True

    def __init__(self, address: str, *, wants: str = "", certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.behind, self.wants, self.is_shut = urlsplit(address), wants, False
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.address = f"http{'s' if certificate else ''}://localhost:{self.server_port}/sparql"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave, or do not like the certificate."""


class _Pass(BaseHTTPRequestHandler):
    server: Gate

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_shut:
            return
        if self.server.wants and self.headers["Authorization"] != self.server.wants:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="engine"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        behind = self.server.behind
        connection = http.client.HTTPConnection(str(behind.hostname), behind.port, timeout=60)
        sent = {name: self.headers[name] for name in ("Accept", "Content-Type")}
        connection.request("POST", behind.path, body, sent)
        answer = connection.getresponse()
        self.send_response_only(answer.status)
        for name in ("Content-Type", "Server", "X-SQL-State"):
            if found := answer.headers[name]:
                self.send_header(name, found)
        self.end_headers()
        self.wfile.write(answer.read())
        connection.close()

    def log_message(self, *args: object) -> None:
        return


@contextmanager
def gate(address: str, *, wants: str = "", certificate: Path | None = None) -> Iterator[Gate]:
    """Run a gate before an engine."""
    with Gate(address, wants=wants, certificate=certificate) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()


def serving(release: Release, engine: str, **given: str) -> AbstractContextManager[Running]:
    """Run the site of a release over an engine, with variables of its own."""
    options = ("--engine", engine, "--deadline", str(DEADLINE_S))
    return started(release.path.parents[1], *options, **given)


def health(running: Running) -> tuple[int, dict[str, str]]:
    status, body = running.get("/healthz")
    return status, json.loads(body)


def problem(running: Running, query: str) -> tuple[int, str]:
    """Return the status and the code that a program is told."""
    path = "/sparql?" + urlencode({"query": query})
    status, body = running.get(path, Accept=PROBLEM_TOO)
    return status, json.loads(body)["code"]


def test_the_site_is_served_and_each_problem_keeps_its_kind(
    published: RemoteEngine, shipped: Release
) -> None:
    with gate(published.address) as before, serving(shipped, before.address) as running:
        assert health(running) == (
            200, {"status": "ok", "release": shipped.id, "engine": published.dialect().name}
        )  # fmt: skip
        rows = shipped.engine.query(COUNT, accept=["text/csv"]).read().decode()
        assert re.findall(r"\d+", running.ask(COUNT)[1]) == re.findall(r"\d+", rows)
        assert running.get("/innovations", Accept="text/html")[0] == 200
        assert problem(running, "SELECT * { ?s ?p ? }") == (400, "syntax")
        assert problem(running, "SELECT * { SERVICE <http://x/> { ?s ?p ?o } }")[0] == 400
        begun = time.monotonic()
        assert problem(running, RUNAWAY) == (503, "too-long")
        assert time.monotonic() - begun < DEADLINE_S + 1.5
        before.is_shut = True
        assert problem(running, COUNT + " #") == (503, "unavailable")
        assert (health(running)[0], "broke off" in health(running)[1]["status"]) == (503, True)
        before.is_shut = False
        assert health(running)[0] == 200, "it serves again without being started again"


def test_credentials_come_from_the_environment_and_are_shown_nowhere(
    published: RemoteEngine, shipped: Release
) -> None:
    with gate(published.address, wants=ALLOWED) as before:
        known = {"ESSAIM_ENGINE_USER": "reader", "ESSAIM_ENGINE_PASSWORD": SECRET}
        with serving(shipped, before.address, **known) as running:
            assert health(running)[0] == 200
            assert running.ask(COUNT)[0] == 200
            before.wants = "Basic another"
            status, told = health(running)
            assert (status, "ESSAIM_ENGINE_PASSWORD" in told["status"]) == (503, True)
            page = running.get("/sparql?" + urlencode({"query": COUNT + " #"}), Accept="text/html")
        shown = " ".join((*running.said, *page[1:], str(told)))
        assert SECRET not in shown
        assert ALLOWED.split()[1] not in shown


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost with its key, signed by itself."""
    folder = tmp_path_factory.mktemp("tls")
    command = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
               "-nodes", "-days", "2", "-subj", "/CN=localhost",
               "-addext", "subjectAltName=DNS:localhost",
               "-keyout", "key.pem", "-out", "certificate.pem")  # fmt: skip
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("openssl is absent; apt-get install openssl")
    both = folder / "both.pem"
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return both


def test_https_with_an_authority_of_ones_own(
    published: RemoteEngine, shipped: Release, certificate: Path
) -> None:
    trusted = str(certificate.with_name("certificate.pem"))
    with gate(published.address, certificate=certificate) as before:
        with serving(shipped, before.address, SSL_CERT_FILE=trusted) as running:
            assert health(running)[0] == 200
            assert running.ask(COUNT)[0] == 200
        stranger = RemoteEngine(before.address)
        with pytest.raises(Exception, match=r"(?i)certificate"):
            stranger.health()


def test_the_engines_own_time_limit_is_understood(published: RemoteEngine, tmp_path: Path) -> None:
    if published.dialect().name == "oxigraph":  # it has no parameter, but a setting
        pytest.skip("see test_the_setting_of_oxigraph_is_understood")
    dialect = published.dialect()
    fields = {"query": RUNAWAY, **dialect.time_limit(1)}
    reply = published.wire.send(
        "POST", published.address, deadline=time.monotonic() + 20,
        headers={"Accept": "text/csv", "Content-Type": "application/x-www-form-urlencoded"},
        content=urlencode(fields).encode(),
    )  # fmt: skip
    assert (reply.status, reply.headers[dialect.partial]) == (200, "S1TAT"), "a part of the rows"
    reply.close()


@pytest.mark.parametrize("form", SOLUTIONS)
def test_the_setting_of_oxigraph_is_understood(tmp_path: Path, form: str) -> None:
    few = "".join(f"<http://x/{n}> <http://x/p> <http://x/{n}> .\n" for n in range(900))
    with oxigraph(tmp_path, "--timeout-s", "1") as engine:
        GraphStore(engine).replace("http://x/g", few.encode())
        begun = time.monotonic()
        with pytest.raises(QueryTooBig) as caught:
            engine.query(RUNAWAY, accept=[form], deadline_s=20).read()
        assert caught.value.code == "too-long"
        assert time.monotonic() - begun < 10
