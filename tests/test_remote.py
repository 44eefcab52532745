"""An engine at an address: what it is told, and every way in which it may fail us."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from click.testing import CliRunner
from flask import Flask
from remote import answer, listening, slowly

from kb import files
from kb.cli import main
from kb.engine import JSON, NotAcceptable, dialects
from kb.engine.remote import NOTHING, RemoteEngine
from kb.engine.wire import Credentials
from kb.problems import (
    EngineProblem,
    EngineUnavailable,
    QueryRefused,
    QuerySyntax,
    QueryTooBig,
    ReleaseProblem,
)
from kb.queries import registry
from kb.release import Release
from kb.rows import select

ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://a"}}]}}'
TYPE = f"Content-Type: {JSON}\r\n"
OK = answer("200 OK", TYPE, ROWS)
ASK = "SELECT ?s { ?s ?p ?o }"
HTML = b"<!DOCTYPE html><html><head><title>Oops</title></head><body><h1>502 Bad Gateway</h1></body>"


def engine(address: str, **given: object) -> RemoteEngine:
    return RemoteEngine(address, **given)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "PASSWORD", "TOKEN"):
        monkeypatch.delenv(f"ESSAIM_ENGINE_{name}", raising=False)
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "standard")


@pytest.mark.parametrize(
    ("rows", "truth"), [(b'"__ASK_RETVAL"\n1\n', "true"), (b'"x"\n0\n', "false")]
)
@pytest.mark.parametrize("form", [JSON, "application/sparql-results+xml", "text/csv"])
def test_a_row_that_answers_ask_becomes_a_truth_value(
    monkeypatch: pytest.MonkeyPatch, rows: bytes, truth: str, form: str
) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "virtuoso")
    with listening(answer("200 OK", "Content-Type: text/csv\r\n", rows)) as (address, _):
        found = engine(address).query("ASK { ?s ?p ?o }", accept=[form])
        assert (found.media_type, truth in found.read().decode()) == (form, True)


# What it is told


def asked(got: list[bytes]) -> dict[str, list[str]]:
    return parse_qs(got[-1].partition(b"\r\n\r\n")[2].decode(), keep_blank_values=True)


@pytest.mark.parametrize(
    ("dialect", "told"),
    [
        ("standard", {}),
        ("oxigraph", {"union-default-graph": [""]}),
        ("virtuoso", {"timeout": ["7000"]}),
    ],
)
def test_the_data_set_and_the_time_limit_are_said_in_the_way_of_the_engine(
    dialect: str, told: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", dialect)
    with listening(OK) as (address, got):
        engine(address).query(ASK, deadline_s=7, base="http://base/").read()
    fields = asked(got)
    assert fields.pop("query")[0].endswith(f"BASE <http://base/>\n{ASK}")
    assert fields == told


def test_naming_graphs_of_one_kind_leaves_the_other_kind_empty() -> None:
    with listening(OK) as (address, got):
        engine(address).query(ASK, default_graphs=["http://g"]).read()
        assert asked(got)["named-graph-uri"] == [NOTHING]
        engine(address).query(ASK, named_graphs=["http://g", "http://h"]).read()
        assert asked(got)["default-graph-uri"] == [NOTHING]
        assert asked(got)["named-graph-uri"] == ["http://g", "http://h"]


def test_from_clauses_replace_the_union(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "oxigraph")
    with listening(OK) as (address, got):
        engine(address).query("SELECT ?s FROM <http://g> { ?s ?p ?o }").read()
    assert "union-default-graph" not in asked(got)


def test_a_default_graph_that_an_engine_cannot_state_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "virtuoso")
    with listening(OK) as (address, _), pytest.raises(QueryRefused, match="default graph"):
        engine(address).query(ASK, union=False)


@pytest.mark.parametrize(
    ("header", "name"),
    [("Oxigraph/0.5.13", "oxigraph"), ("Virtuoso/07.20.3229 (Linux)", "virtuoso"),
     ("essaim", "essaim"), ("nginx", "standard"), ("", "standard")],
)  # fmt: skip
def test_an_engine_is_known_by_what_it_calls_itself(
    header: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ESSAIM_ENGINE_DIALECT")
    with listening(answer("200 OK", f"{TYPE}Server: {header}\r\n", ROWS)) as (address, _):
        assert engine(address).dialect() is dialects.known()[name]


def test_one_form_is_asked_for_and_a_wrong_one_is_not_asked_at_all() -> None:
    with listening(OK) as (address, got):
        engine(address).query(ASK, accept=["text/turtle", JSON, "text/csv"]).read()
        assert f"accept: {JSON}\r\n".encode() in got[-1].lower()
        with pytest.raises(NotAcceptable):
            engine(address).query(ASK, accept=["text/turtle"])
        assert len(got) == 1


@pytest.mark.parametrize("text", ["SELECT * { SERVICE <http://a> {} }", "DROP ALL"])
def test_what_is_refused_is_not_sent(text: str) -> None:
    with listening(OK) as (address, got), pytest.raises(QueryRefused):
        engine(address).query(text)
    assert not got


# Credentials


def test_credentials_are_given_when_asked_for_and_shown_nowhere() -> None:
    secret = Credentials("reader", "s3cret")

    def guarded(connection: socket.socket, request: bytes) -> None:
        token = base64.b64encode(b"reader:s3cret")
        if token in request:
            return OK(connection, request)
        answer("401 Unauthorized", "WWW-Authenticate: Basic realm=x\r\n")(connection, request)

    with listening(guarded) as (address, got):
        asking = engine(address, credentials=secret)
        assert asking.query(ASK).read() == ROWS
        assert b"authorization" not in got[0].lower()
        wrong = engine(address, credentials=Credentials("reader", "wr0ng"))
        with pytest.raises(EngineUnavailable, match="ESSAIM_ENGINE_PASSWORD") as caught:
            wrong.query(ASK)
    assert "wr0ng" not in str(caught.value)
    assert "s3cret" not in repr(secret)


def test_digest_is_answered_without_the_password() -> None:
    challenge = (
        'WWW-Authenticate: Digest realm="SPARQL", nonce="abc", qop="auth", algorithm=MD5\r\n'
    )

    def guarded(connection: socket.socket, request: bytes) -> None:
        reply = OK if b"Digest username" in request else answer("401 Unauthorized", challenge)
        reply(connection, request)

    with listening(guarded) as (address, got):
        assert engine(address, credentials=Credentials("dba", "s3cret")).query(ASK).read() == ROWS
    assert not any(b"s3cret" in request for request in got)


def test_a_token_of_the_environment_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_TOKEN", "t0ken")
    with listening(OK) as (address, got):
        engine(address).query(ASK).read()
    assert b"Bearer t0ken" in got[0]


@pytest.mark.parametrize(
    "address", ["http://u:p@host/sparql", "host/sparql", "ftp://host/", "http://host:x/", ""]
)
def test_an_address_that_is_none_or_holds_credentials_is_refused(address: str) -> None:
    with pytest.raises(ReleaseProblem) as caught:
        RemoteEngine(address)
    assert "u:p" not in str(caught.value)


# How it fails

BAD = [
    ("400 Bad Request", "", b"error at 4:8: expected OPTIONAL", QuerySyntax, "line 3, column 8"),
    ("400 Bad Request", "",
     b"Virtuoso 37000 Error SP030: SPARQL compiler, line 2: syntax error at '?'\nSPARQL query:\nX",
     QuerySyntax, "^line 1.*syntax error at '\\?'$"),
    ("400 Bad Request", "", b"no idea", QuerySyntax, "does not understand.*no idea"),
    ("401 Unauthorized", "", b"", EngineUnavailable, "credentials"),
    ("403 Forbidden", "", b"no", EngineUnavailable, "forbids"),
    ("404 Not Found", "", b"", EngineUnavailable, "address"),
    ("406 Not Acceptable", "", b"", NotAcceptable, "form"),
    ("413 Content Too Large", "", b"", QueryRefused, "too long"),
    ("429 Too Many Requests", "", b"", EngineUnavailable, "busy"),
    ("500 Server Error", "", b"S1T00 Transaction timed out", QueryTooBig, "stopped"),
    ("502 Bad Gateway", "Content-Type: text/html\r\n", HTML, EngineUnavailable,
     "^the engine answered 502: 502 Bad Gateway$"),
    ("504 Gateway Timeout", "", b"", QueryTooBig, "stopped"),
    ("302 Found", "Location: http://elsewhere.example/x\r\n", b"", EngineUnavailable,
     "to elsewhere.example"),
    ("200 OK", "Content-Type: text/html\r\n", HTML, EngineUnavailable, "text/html where rows"),
    ("200 OK", TYPE, ROWS[:-9], EngineUnavailable, "not whole"),
    ("200 OK", TYPE, ROWS[:-2] + b"error: timeout", EngineUnavailable, "not whole"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind", "words"), BAD, ids=[f"{b[0]}-{b[4]}" for b in BAD]
)
def test_each_failure_is_a_problem_of_its_kind(
    status: str, headers: str, body: bytes, kind: type[EngineProblem], words: str
) -> None:
    with listening(answer(status, headers, body)) as (address, got):
        with pytest.raises(kind, match=words) as caught:
            engine(address).query(ASK).read()
        assert "127.0.0.1" not in str(caught.value), "the public need not know where it runs"
        assert len(got) == 1


def test_nobody_there_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=r"cannot be reached.*refused"):
        engine(f"http://127.0.0.1:{port}/").query(ASK)


def test_a_partial_answer_of_virtuoso_counts_as_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_ENGINE_DIALECT", "virtuoso")
    partial = answer("200 OK", f"{TYPE}X-SQL-State: S1TAT\r\n", ROWS)
    with listening(partial) as (address, _), pytest.raises(QueryTooBig):
        engine(address).query(ASK)


def test_a_body_that_breaks_off_is_not_taken_for_whole() -> None:
    head = f"HTTP/1.1 200 OK\r\n{TYPE}Content-Length: 5000\r\n\r\n".encode()
    with listening(lambda c, _: c.sendall(head + ROWS)) as (address, _):
        answered = engine(address).query(ASK)
        with pytest.raises(EngineUnavailable, match="broke off"):
            answered.read()


def test_too_many_bytes_end_the_answer() -> None:
    wide = answer("200 OK", TYPE, ROWS * 1000)
    with listening(wide) as (address, _), pytest.raises(QueryTooBig) as caught:
        engine(address).query(ASK, max_bytes=5000).read()
    assert caught.value.code == "too-many-bytes"


HEAD = f"HTTP/1.1 200 OK\r\n{TYPE}Content-Length: {len(ROWS)}\r\n\r\n".encode()


@pytest.mark.parametrize("data", [HEAD + ROWS, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9000],
                         ids=["body", "headers"])  # fmt: skip
def test_the_deadline_holds_for_the_whole_of_a_dripping_answer(data: bytes) -> None:
    with listening(slowly(data)) as (address, _):
        begun = time.monotonic()
        with pytest.raises(QueryTooBig) as caught:
            engine(address).query(ASK, deadline_s=0.5).read()
    assert caught.value.code == "too-long"
    assert time.monotonic() - begun < 1.5


def test_the_deadline_holds_for_a_silent_engine() -> None:
    with listening(lambda c, _: time.sleep(3)) as (address, _):
        begun = time.monotonic()
        with pytest.raises(QueryTooBig):
            engine(address).query(ASK, deadline_s=0.5)
    assert time.monotonic() - begun < 1.5


def test_an_answer_that_is_left_tells_the_engine_to_stop() -> None:
    gone = threading.Event()

    def endless(connection: socket.socket, _: bytes) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{TYPE}\r\n".encode())
        try:
            while True:
                connection.sendall(b" " * 65536)
        except OSError:
            gone.set()

    with listening(endless) as (address, _):
        answered = engine(address).query(ASK)
        next(answered.chunks)
        answered.chunks.close()  # type: ignore[attr-defined]
        assert gone.wait(5)


# essaim over essaim


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def ours(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/sparql"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", list(registry(files.root() / "queries" / "examples"))[:6])
def test_essaim_over_essaim_gives_the_same_rows(ours: str, shipped: Release, name: str) -> None:
    text = registry(files.root() / "queries" / "examples")[name].text
    assert select(RemoteEngine(ours), text) == select(shipped.engine, text)


def test_the_problems_of_another_essaim_keep_their_kind_and_code(ours: str) -> None:
    remote = RemoteEngine(ours)
    with pytest.raises(QuerySyntax) as caught:
        remote.query("SELECT * {\n ?s ?p ? }")
    assert caught.value.line == 2
    assert remote.health() == "ok"


def test_the_command_asks_an_engine_at_an_address(ours: str) -> None:
    done = CliRunner().invoke(main, ["query", "ASK {}", "--format", "json", "--engine", ours])
    assert json.loads(done.output)["boolean"] is True, done.output


def test_the_command_says_that_nobody_is_there() -> None:
    done = CliRunner().invoke(main, ["query", "ASK {}", "--engine", "http://127.0.0.1:1/"])
    assert done.exit_code == 1
    assert "cannot be reached" in done.stderr
