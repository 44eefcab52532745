"""What happens at the door: each request is timed, counted, and logged without personal data.

A WSGI layer (PEP 3333) around the application, because only there is the end of a streamed answer
seen. In both logs a client is eight letters: a keyed hash whose key is made anew at every start
and every day, so that nobody, the owner of the log included, can go back to an address.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import IO, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

from web.clients import network

Environ = dict[str, Any]
Start = Callable[..., Any]
ASKED = "essaim.asked"
disable_created_metrics()  # type: ignore[no-untyped-call]  # series that nobody reads

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PARTS = ("sparql", "q", "doc", "search", "dumps", "static", "tables", "healthz", "metrics")


class Metrics:
    """The figures of one process, for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "essaim_requests", "Requests answered.", ("part", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "essaim_request_seconds", "Time from the request to the last byte handed over.",
            ("part",), buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.sent = Counter("essaim_sent_bytes", "Bytes of bodies.", registry=self.registry)
        self.questions = Counter(
            "essaim_questions", "Queries from outside, by outcome: ok, or the code of the problem.",
            ("outcome",), registry=self.registry,
        )  # fmt: skip
        self.running = Gauge("essaim_requests_running", "Requests now.", registry=self.registry)


class Anonymous:
    """Names for clients that lead nowhere, new every day."""

    def __init__(self) -> None:
        self._day, self._key, self._lock = date.min, b"", threading.Lock()

    def __call__(self, address: str) -> str:
        today = datetime.now(UTC).date()
        with self._lock:
            if self._day != today:
                self._day, self._key = today, secrets.token_bytes(32)
            key = self._key
        return hmac.new(key, network(address).encode(), "sha256").hexdigest()[:8]


class Log:
    """Lines of JSON into a file; a full disk stops the log, not the site."""

    def __init__(self, out: IO[str] | None) -> None:
        self._out, self._lock = out, threading.Lock()

    def __bool__(self) -> bool:
        return self._out is not None

    def write(self, **fields: object) -> None:
        """Write a line; what cannot be written is left out."""
        if self._out is None:
            return
        line = json.dumps(fields, ensure_ascii=False) + "\n"
        with self._lock:
            try:
                self._out.write(line)
                self._out.flush()
            except (OSError, ValueError):
                pass


class Watched:
    """An application whose requests are seen from their first byte to their last."""

    def __init__(
        self, app: Callable[[Environ, Start], Iterable[bytes]], metrics: Metrics,
        access: Log, queries: Log,
    ) -> None:  # fmt: skip
        self.app, self.metrics, self.access, self.queries = app, metrics, access, queries
        self._anonymous = Anonymous()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        seen = _Seen(self, environ)

        def started(status: str, headers: list[tuple[str, str]], *error: object) -> object:
            seen.status = int(status[:3])
            return start(status, headers, *error)

        with ExitStack() as unless_answered:
            unless_answered.callback(seen.end)
            answer = _Answer(self.app(environ, started), seen)
            unless_answered.pop_all()
        return answer

    def ended(self, environ: Environ, status: int, sent: int, seconds: float) -> None:
        """Count and log a request that is over."""
        part = environ.get("PATH_INFO", "/").split("/")[1]
        part = part if part in PARTS else "page"
        self.metrics.requests.labels(part, str(status)).inc()
        self.metrics.seconds.labels(part).observe(seconds)
        self.metrics.sent.inc(sent)
        asked = environ.get(ASKED)
        if asked:
            self.metrics.questions.labels(asked.get("code") or "ok").inc()
        if not (self.access or self.queries):
            return
        common = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": self._anonymous(environ.get("REMOTE_ADDR", "")),
            "status": status, "bytes": sent, "ms": round(seconds * 1000, 1),
        }  # fmt: skip
        if asked:
            self.queries.write(**common, **asked)
        self.access.write(
            **common, method=environ.get("REQUEST_METHOD", ""), path=environ.get("PATH_INFO", "")
        )


class _Seen:
    """One request, from when it came; its end is told once."""

    def __init__(self, watched: Watched, environ: Environ) -> None:
        self._watched, self._environ, self._began = watched, environ, time.monotonic()
        self.status, self.sent, self._is_over = 500, 0, False
        watched.metrics.running.inc()

    def end(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._watched.metrics.running.dec()
            seconds = time.monotonic() - self._began
            self._watched.ended(self._environ, self.status, self.sent, seconds)


class _Answer(Iterator[bytes]):
    """A body that is counted as it goes, and knows when it is over."""

    def __init__(self, body: Iterable[bytes], seen: _Seen) -> None:
        self._body, self._chunks, self._seen = body, iter(body), seen

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self._seen.sent += len(chunk)
        return chunk

    def close(self) -> None:
        """End the body and tell that the request is over, read to its end or not."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._seen.end()
