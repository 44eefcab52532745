"""One HTTP request to another server, with a clock on every byte of it.

The time-outs of HTTP libraries start again with each read, so a server that sends a byte now and
then is waited for without end. Here the clock is set once a request and stands under every
connect, read and write, headers and encryption included; only the resolution of a name is left
to the system. Redirects are never followed: what they point to was not configured.
"""

from __future__ import annotations

import ssl
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

CONNECT_S = 10.0
IDLE_LINES = 16
FAILURES = (
    httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, httpx.HTTPError,
)  # fmt: skip
AGENT = "essaim (https://w3id.org/essaim)"


@dataclass(frozen=True)
class Credentials:
    """Who we are to a server: a user with a password, or a token; kept out of every message."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


class _Clock:
    """The end of the request a line is busy with, in monotonic time."""

    def __init__(self) -> None:
        self.end = 0.0

    def left(self, most: float = 3600.0) -> float:
        """Return the seconds left; raises httpcore.ReadTimeout when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return min(left, most)


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends with the clock."""

    def __init__(self, inner: httpcore.NetworkStream, clock: _Clock) -> None:
        self._inner, self._clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._clock.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._clock.left(CONNECT_S)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """The network of this system, under a clock."""

    def __init__(self, clock: _Clock) -> None:
        self._clock, self._inner = clock, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self._clock.left(CONNECT_S)
        return _Stream(self._inner.connect_tcp(host, port, left, local_address), self._clock)


class _Transport(httpx.BaseTransport):
    """httpx over one connection of ours; the errors stay those of httpcore."""

    def __init__(self, clock: _Clock) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=1,
            network_backend=_Network(clock),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        found = self._pool.handle_request(
            httpcore.Request(
                request.method, target, headers=request.headers.raw, content=request.stream
            )
        )
        return httpx.Response(found.status, headers=found.headers, stream=_Body(found))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Auth(httpx.Auth):
    """Credentials, given only once a server asked for them, in the way it asked for.

    Digest (RFC 7616) where it is offered, else Basic (RFC 7617); a token as Bearer (RFC 6750).
    """

    def __init__(self, credentials: Credentials) -> None:
        self._token = credentials.token
        self._digest = httpx.DigestAuth(credentials.user, credentials.password)
        self._basic = httpx.BasicAuth(credentials.user, credentials.password)
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request
            return
        if self._chosen is None:
            response = yield request
            if response.status_code not in (401, 403):
                return
            offered = response.headers.get("www-authenticate", "").lower()
            self._chosen = self._digest if "digest" in offered else self._basic
        yield from self._chosen.auth_flow(request)


class _Line:
    """One connection, for one request at a time."""

    def __init__(self, auth: httpx.Auth | None) -> None:
        self.clock = _Clock()
        self.is_fresh = True
        self.client = httpx.Client(
            transport=_Transport(self.clock), auth=auth, trust_env=False,
            headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
        )  # fmt: skip


class Reply:
    """An answer whose body is still to come: its status, its headers, its bytes to be read once.

    Raises what httpcore and httpx raise. Read to its end, its connection serves again; closed
    before, the connection is closed, which tells the server to stop.
    """

    def __init__(self, wire: Wire, line: _Line, response: httpx.Response) -> None:
        self._wire, self._line, self._response = wire, line, response
        self.status, self.headers = response.status_code, response.headers

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        yield from self._response.iter_bytes()
        self._wire.give_back(self._line)

    def start(self, most: int) -> bytes:
        """Return at most so many bytes of the body, and close."""
        found = bytearray()
        try:
            for chunk in self._response.iter_bytes():
                found += chunk
                if len(found) >= most:
                    break
        except FAILURES:
            pass  # it is only wanted to say what went wrong
        self.close()
        return bytes(found[:most])

    def close(self) -> None:
        """End the connection."""
        self._line.client.close()


class Wire:
    """The connections to one server."""

    def __init__(self, credentials: Credentials | None = None) -> None:
        self._auth = _Auth(credentials) if credentials else None
        self._idle: deque[_Line] = deque()

    def send(
        self,
        method: str,
        url: str,
        *,
        deadline: float,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | Iterable[bytes] | None = None,
    ) -> Reply:
        """Return the answer to a request, of which all must be over at `deadline` (monotonic).

        Raises httpcore.TimeoutException, NetworkError or ProtocolError. A connection that the
        server closed while it was idle is replaced once: what is sent here may be sent twice.
        """
        while True:
            line = self._line()
            line.clock.end = deadline
            request = line.client.build_request(
                method, url, params=params, headers=headers, content=content
            )
            try:
                return Reply(self, line, line.client.send(request, stream=True))
            except FAILURES as error:
                line.client.close()
                lost = isinstance(error, (httpcore.NetworkError, httpcore.RemoteProtocolError))
                if line.is_fresh or not lost or not isinstance(content, bytes | None):
                    raise

    def give_back(self, line: _Line) -> None:
        """Keep a connection for the next request."""
        line.is_fresh = False
        if len(self._idle) < IDLE_LINES:
            self._idle.append(line)
        else:
            line.client.close()

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().client.close()

    def _line(self) -> _Line:
        try:
            return self._idle.pop()
        except IndexError:
            return _Line(self._auth)
