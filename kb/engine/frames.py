"""What travels between the web process and a worker: lengths and bytes, nothing to interpret.

A request is one frame of JSON. An answer is a header frame with its media type, frames of its
bytes, an empty frame (the end mark), and a status frame that says whether the worker goes on
living and which problem, if any, ended the answer. An answer that fails before its first byte
has no header. A frame is a length (4 bytes, big-endian) and at most 64 KiB.
"""

from __future__ import annotations

import io
import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

from kb.engine.contract import Asked, NotAcceptable
from kb.problems import EngineProblem, EngineUnavailable, QueryRefused, QuerySyntax, QueryTooBig

LENGTH = struct.Struct("!I")
MOST_ANSWER, MOST_REQUEST = 64 * 1024, 4 * 1024 * 1024
END = LENGTH.pack(0)
HOLD_S = 0.05
KINDS: dict[str, type[EngineProblem]] = {
    kind.__name__: kind
    for kind in (EngineUnavailable, NotAcceptable, QueryRefused, QuerySyntax, QueryTooBig)
}


class Cut(Exception):
    """The other side is gone, or says what no frame can be."""


def request(asked: Asked) -> bytes:
    """Return a query as it travels."""
    return frame(json.dumps(vars(asked)).encode())


def read_request(data: bytes) -> Asked:
    """Return the query that was sent."""
    told = json.loads(data)
    for name in ("accept", "default_graphs", "named_graphs"):
        told[name] = tuple(told[name])
    return Asked(**told)


def frame(data: bytes) -> bytes:
    """Return bytes with their length before them."""
    return LENGTH.pack(len(data)) + data


def media_type(header: bytes) -> str:
    """Return the media type that a header frame states."""
    try:
        return str(json.loads(header)["media_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise Cut(f"a header that is none: {error}") from error


def status(problem: EngineProblem | None, is_last: bool) -> bytes:
    """Return what follows the end mark; `is_last` when the worker ends after it."""
    told: dict[str, Any] = {"last": is_last}
    if problem is not None:
        told |= {"kind": type(problem).__name__, "message": str(problem)[:8_000]}
        told |= {"code": problem.code, "values": problem.values}
    return frame(json.dumps(told, default=str).encode())


def read_status(data: bytes) -> tuple[EngineProblem | None, bool]:
    """Return the problem that ended an answer, if any, and whether its worker ends."""
    try:
        told = json.loads(data)
        return (_problem(told) if "kind" in told else None), bool(told["last"])
    except (ValueError, KeyError, TypeError) as error:
        raise Cut(f"a status that is none: {error}") from error


def _problem(told: Mapping[str, Any]) -> EngineProblem:
    kind, message, values = KINDS[told["kind"]], told["message"], told["values"]
    if issubclass(kind, QuerySyntax):
        return kind(message, values["line"], values["column"])
    return kind(message, told["code"], **values)


class Reader:
    """Frames as they come from a socket."""

    def __init__(self, sock: socket.socket, most: int) -> None:
        self._sock, self._most, self._held = sock, most, bytearray()

    def frame(self) -> bytes:
        """Return the next frame; an empty one is an end mark. Raises Cut or TimeoutError."""
        while (found := self.ready()) is None:
            try:
                more = self._sock.recv(self._most + LENGTH.size)
            except TimeoutError:
                raise
            except OSError as error:
                raise Cut(str(error)) from error
            if not more:
                raise Cut("the other side is gone")
            self._held += more
        return found

    def ready(self) -> bytes | None:
        """Return the next frame if it is already here."""
        if len(self._held) < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._held)
        if length > self._most:
            raise Cut(f"a frame of {length} bytes")
        end = LENGTH.size + length
        if len(self._held) < end:
            return None
        found = bytes(memoryview(self._held)[LENGTH.size : end])
        del self._held[:end]
        return found


class Writer(io.RawIOBase):
    """The file a worker's engine writes to: cuts bytes into frames, refuses too many.

    Bytes are held until a frame is full or 50 ms have passed, so that a short answer is one
    write and the first rows of a slow one do not wait for the others.
    """

    def __init__(self, sock: socket.socket, header: Callable[[], str], max_bytes: int) -> None:
        super().__init__()
        self._sock, self._header, self._max_bytes = sock, header, max_bytes
        self._written, self._held, self._is_begun = 0, bytearray(), False
        self._sent_at = time.monotonic()
        self.is_cut = False
        self.problem: QueryTooBig | None = None  # the engine may wrap what `write` raises

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer
        self._written += len(piece)
        if self._written > self._max_bytes:
            most = self._max_bytes
            self.problem = QueryTooBig(
                f"the answer exceeds {most} bytes; add a LIMIT", "too-many-bytes", most=most
            )
            raise self.problem
        self._held += piece
        if len(self._held) >= MOST_ANSWER or time.monotonic() - self._sent_at > HOLD_S:
            self._send(self._frames())
        return len(piece)

    def finish(self, problem: EngineProblem | None, is_last: bool) -> None:
        """Send what is held, unless nothing was sent and a problem makes it worthless."""
        is_whole = problem is None or self._is_begun
        kept = self._frames() if is_whole else b""
        self._send(kept + END + status(problem, is_last))

    def _frames(self) -> bytes:
        parts = []
        if not self._is_begun:
            self._is_begun = True
            parts.append(frame(json.dumps({"media_type": self._header()}).encode()))
        view = memoryview(self._held)
        for start in range(0, len(view), MOST_ANSWER):
            parts.append(frame(bytes(view[start : start + MOST_ANSWER])))
        view.release()
        self._held.clear()
        return b"".join(parts)

    def _send(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError:
            self.is_cut = True
            raise
        self._sent_at = time.monotonic()
