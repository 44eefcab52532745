"""The engine at an address: any SPARQL 1.1 engine, asked over the SPARQL 1.1 Protocol.

https://www.w3.org/TR/sparql11-protocol/ §2.1 (query by POST of a form). Answers pass as bytes.
The data set is always stated, in the way of the engine (`dialects.toml`); so is the time limit,
and our own deadline holds whether the engine keeps it or not. What a publication left half done
is never asked: the engine then counts as unavailable until it is finished.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode, urlsplit

import httpx

from kb import files, guard, terms
from kb.engine import dialects, naming, replies, wire
from kb.engine.contract import (
    GRAPHS,
    JSON,
    SOLUTIONS,
    TURTLE,
    Answer,
    Asked,
    Engine,
    NotAcceptable,
)
from kb.engine.dialects import Dialect
from kb.engine.local import states_dataset
from kb.engine.wire import Credentials, Reply, Wire
from kb.lexer import form
from kb.problems import EngineProblem, EngineUnavailable, QueryRefused, ReleaseProblem

FAILURES = (*wire.FAILURES, httpx.InvalidURL)
Fields = Mapping[str, str | Sequence[str]]
CSV = "text/csv"
NOTHING = terms.BASE + "graph/nothing"
STATE_S, ASKING_S = 5.0, 10.0
COMPLETE, UNKNOWN = "complete", "none"
# How the formats with brackets end: a body that ends otherwise was cut, or holds an error's text.
ENDS = {
    JSON: b"}",
    "application/sparql-results+xml": b"</sparql>",
    "application/rdf+xml": b"</rdf:RDF>",
}


class RemoteEngine(Engine):
    """The engine at an address, with what the environment says of it."""

    def __init__(
        self, address: str, *, release: str = "", credentials: Credentials | None = None
    ) -> None:
        """`release` is the one that must be published there; empty for whatever is.

        Raises ReleaseProblem for an address that is none. Nothing is asked yet.
        """
        self.address = checked(address)
        self.wire = Wire(credentials or of_environment())
        self._dialect: Dialect | None = None
        self._wanted, self._seen_until, self._lock = release, 0.0, threading.Lock()
        self._seen: EngineProblem | None = None

    def dialect(self, deadline: float | None = None) -> Dialect:
        """Return the ways of this engine: as configured, or as it names itself when asked.

        Raises ReleaseProblem for an unknown name in ESSAIM_ENGINE_DIALECT.
        """
        if self._dialect is None:
            known, name = dialects.known(), os.environ.get("ESSAIM_ENGINE_DIALECT", "")
            if name and name not in known:
                listed = ", ".join(known)
                raise ReleaseProblem(f"ESSAIM_ENGINE_DIALECT={name!r}: write one of {listed}")
            self._dialect = known[name] if name else self._recognised(deadline or _soon())
        return self._dialect

    @property
    def kind(self) -> str:
        """The name of its dialect; `remote` while it has not been reached."""
        return self._dialect.name if self._dialect else "remote"

    def answer(self, asked: Asked) -> Answer:
        """See Engine.answer; the deadline is that of the whole answer, whatever the engine does."""
        guard.check(asked.text)
        deadline = time.monotonic() + asked.deadline_s
        media_type = chosen(asked.text, asked.accept)
        self._verify(min(deadline, _soon()))
        dialect = self.dialect(min(deadline, _soon()))
        fields, ours = _said(dialect, asked)
        is_row = bool(dialect.truth) and form(asked.text) == "ASK"
        is_made = bool(dialect.graphs) and media_type in GRAPHS
        wanted = CSV if is_row else dialect.graphs if is_made else media_type
        reply = self._send(fields, wanted, deadline)
        answered = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        if reply.status != 200:
            raise replies.problem(reply, asked.deadline_s, ours)
        if dialect.partial and dialect.partial in reply.headers:
            reply.close()
            raise replies.too_long(asked.deadline_s)
        if answered not in SOLUTIONS and answered not in GRAPHS:
            reply.close()
            raise replies.no_results(answered)
        chunks = _Chunks(reply, answered, asked.deadline_s, asked.max_bytes, dialect.cut)
        if is_row:
            return Answer(media_type, iter([replies.truth(media_type, b"".join(chunks))]))
        if is_made:
            return Answer(media_type, iter([replies.graph(media_type, answered, chunks)]))
        return Answer(answered, chunks)

    def release_id(self, deadline: float | None = None) -> str:
        """Return the release published there; `none` where nothing was published by `essaim`.

        Raises EngineUnavailable while a publication is under way, or was left half done.
        """
        release, status = self._state(deadline or _soon())
        if status not in (COMPLETE, UNKNOWN):
            raise replies.unavailable(
                f"the engine holds a half published release, {release}; "
                "wait for `essaim publish`, or run it again"
            )
        return release

    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """See Engine.capabilities."""
        return {
            "solutions": tuple(SOLUTIONS),
            "graphs": tuple(GRAPHS),
            "languages": ("SPARQL 1.1 Query",),
        }

    def health(self) -> str:
        """Return `ok`, or raise EngineUnavailable: not reached, half published, another release."""
        self._seen_until = 0.0
        self.release_id() if not self._wanted else self._verify(_soon())
        return "ok"

    def close(self) -> None:
        """Close the connections that are idle."""
        self.wire.close()

    def _verify(self, deadline: float) -> None:
        """Raise EngineUnavailable unless the wanted release is what is published there.

        Asked again after STATE_S seconds: so long may a publication that begins go unnoticed.
        """
        if not self._wanted:
            return
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise replies.unavailable("the engine does not say what is published on it")
        try:
            if time.monotonic() >= self._seen_until:
                self._seen = self._compared(deadline)
                self._seen_until = time.monotonic() + STATE_S
        finally:
            self._lock.release()
        if self._seen is not None:
            raise self._seen

    def _compared(self, deadline: float) -> EngineProblem | None:
        """Return what forbids to ask this engine for the wanted release."""
        try:
            found = self.release_id(deadline)
        except EngineProblem as problem:
            return problem
        if found == self._wanted:
            return None
        held = "no published release" if found == UNKNOWN else f"release {found}"
        return replies.unavailable(
            f"the engine holds {held}, the site is that of {self._wanted}; run `essaim publish`"
        )

    def _state(self, deadline: float) -> tuple[str, str]:
        """Return the release published there and its status."""
        reply = self._send({"query": _state_query()}, JSON, deadline)
        if reply.status != 200:
            raise replies.problem(reply, ASKING_S, 0)
        try:
            found = json.loads(b"".join(_Chunks(reply, JSON, ASKING_S, replies.READ)))
            rows = [
                (row["release"]["value"], row["status"]["value"])
                for row in found["results"]["bindings"]
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise replies.no_results(reply.headers.get("content-type", "")) from error
        return rows[0] if rows else (UNKNOWN, UNKNOWN)

    def _recognised(self, deadline: float) -> Dialect:
        reply = self._send({"query": _state_query()}, JSON, deadline)
        if reply.status != 200:
            raise replies.problem(reply, ASKING_S, 0)
        reply.start(replies.READ)
        return dialects.of_server(reply.headers.get("server", ""))

    def _send(self, fields: Fields, accept: str, deadline: float) -> Reply:
        headers = {
            "Accept": accept,
            "Accept-Language": "en",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body, begun = urlencode(fields, doseq=True).encode(), time.monotonic()
        try:
            return self.wire.send(
                "POST", self.address, deadline=deadline, headers=headers, content=body
            )
        except FAILURES as error:
            raise replies.lost(error, time.monotonic() - begun) from error


def _state_query() -> str:
    return (files.root() / "queries" / "publication" / "state.rq").read_text(encoding="utf-8")


def _soon() -> float:
    """Return when a small question of ours is given up."""
    return time.monotonic() + ASKING_S


def _said(dialect: Dialect, asked: Asked) -> tuple[Fields, int]:
    """Return what an engine is told, and how many lines of ours are before the query.

    Graphs that the query names are stated where a prologue would hide them; not where it also
    asks in which graph something is, as that would then see these only: there the prologue goes.
    """
    prologue, stated = dialect.prologue, _dataset(dialect, asked)
    if prologue and not stated:
        constants, is_variable = naming.graphs(asked.text, asked.base)
        if constants and is_variable:
            prologue = ()
        elif constants:
            stated = {"named-graph-uri": constants}
    lines = (*prologue, f"BASE <{asked.base}>")
    text = "\n".join((*lines, asked.text))
    return {"query": text, **dialect.time_limit(asked.deadline_s), **stated}, len(lines)


def _dataset(dialect: Dialect, asked: Asked) -> dict[str, Sequence[str]]:
    """Return the parameters that state the data set.

    SPARQL 1.1 Protocol §2.1.4: naming only graphs of one kind leaves the other kind empty. Not
    every engine keeps that; so a graph that does not exist is named there, which all understand.
    """
    defaults, named = asked.default_graphs, asked.named_graphs
    if defaults or named:
        return {"default-graph-uri": defaults or [NOTHING], "named-graph-uri": named or [NOTHING]}
    if states_dataset(asked.text):
        return {}
    if not (asked.union or dialect.has_default):
        raise QueryRefused("this engine cannot be asked for the default graph alone")
    return {name: [value] for name, value in dialect.union.items() if asked.union}


def of_environment() -> Credentials | None:
    """Return the credentials of the environment: the only place they are taken from."""
    user, password, token = (
        os.environ.get(f"ESSAIM_ENGINE_{name}", "") for name in ("USER", "PASSWORD", "TOKEN")
    )
    return Credentials(user, password, token) if user or token else None


def checked(address: str) -> str:
    """Return an address that can be asked; raises ReleaseProblem otherwise."""
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname)
        has_secret = parts.username is not None or parts.password is not None
        _ = parts.port
    except ValueError:
        is_usable = has_secret = False
    if has_secret:
        raise ReleaseProblem(
            "an engine's address holds no credentials; set ESSAIM_ENGINE_USER and "
            "ESSAIM_ENGINE_PASSWORD instead"
        )
    if not is_usable:
        raise ReleaseProblem(f"{address!r} is no address; write https://host/sparql")
    return address


def chosen(text: str, accept: Sequence[str]) -> str:
    """Return the one media type to ask for, so that every engine answers in the same one."""
    is_graph = form(text) in ("CONSTRUCT", "DESCRIBE")
    known, first = (GRAPHS, TURTLE) if is_graph else (SOLUTIONS, JSON)
    found = next((kind for kind in accept if kind in known), None) if accept else first
    if found is None:
        forms = ", ".join(known)
        raise NotAcceptable(
            f"this query answers in {forms}; ask for one of them", "not-acceptable", forms=forms
        )
    return found


class _Chunks(Iterator[bytes]):
    """The bytes of a reply as they come; closed or forgotten, the engine is told to stop.

    The first are here already, so that an early failure is an error and not half an answer.
    """

    def __init__(
        self, reply: Reply, media_type: str, seconds: float, max_bytes: int, cut: str = ""
    ) -> None:
        self._reply, self._seconds, self._most, self._cut = reply, seconds, max_bytes, cut.encode()
        self._chunks, self._end = reply.chunks(), ENDS.get(media_type, b"")
        self._read, self._tail, self._is_over = 0, b"", False
        first = self._next()
        self._ahead = [first] if first else []

    def __next__(self) -> bytes:
        found = self._ahead.pop() if self._ahead else self._next()
        if not found:
            raise StopIteration
        return found

    def _next(self) -> bytes:
        if self._is_over:
            return b""
        try:
            found = next(filter(None, self._chunks), b"")
        except FAILURES as error:
            self.close()
            raise replies.lost(error, self._seconds) from error
        if not found:
            self._finish()
        self._read += len(found)
        self._tail = (self._tail + found[-64:])[-64:]
        if self._read > self._most:
            self.close()
            raise replies.too_many_bytes(self._most)
        return found

    def _finish(self) -> None:
        self._is_over = True
        if self._cut and self._tail.rstrip().endswith(self._cut):
            raise replies.too_long(self._seconds)
        if self._end and not self._tail.rstrip().endswith(self._end):
            raise EngineUnavailable(
                "the engine's answer is not whole: it ends in its midst", "unavailable"
            )

    def close(self) -> None:
        """End the answer; what is left unread is lost."""
        if not self._is_over:
            self._is_over = True
            self._reply.close()

    def __del__(self) -> None:
        if hasattr(self, "_is_over"):
            self.close()
