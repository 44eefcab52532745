"""Bytes that a writer pushes, handed on as chunks that a reader pulls, within limits.

The engine only knows how to push into a file. Its writer runs in a thread of its own; the first
chunk is awaited before anything is handed on, so that an early failure is still an error and not
half an answer.
"""

from __future__ import annotations

import contextlib
import io
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue
from typing import IO

from kb.problems import EngineProblem, EngineUnavailable, QueryTooBig

CHUNK = 64 * 1024
END = b""
WRITER = "answer writer"


class _ReaderGone(Exception):
    """Nobody reads any more; the writer stops at its next write."""


class _Pipe(io.RawIOBase):
    """The file the engine writes to: refuses more bytes or more time than allowed."""

    def __init__(self, seconds: float, max_bytes: int) -> None:
        super().__init__()
        self.queue: Queue[bytes | Exception] = Queue(maxsize=4)
        self.closed_by_reader = threading.Event()
        self._seconds, self._deadline = seconds, time.monotonic() + seconds
        self._max_bytes, self._sent, self._held = max_bytes, 0, bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer
        self._sent += len(piece)
        if self._sent > self._max_bytes:
            most = self._max_bytes
            raise QueryTooBig(
                f"the answer exceeds {most} bytes; add a LIMIT", "too-many-bytes", most=most
            )
        if time.monotonic() > self._deadline:
            raise QueryTooBig(
                "the query ran too long; bind more terms or add a LIMIT",
                "too-long", seconds=self._seconds,
            )  # fmt: skip
        self._held += piece
        if len(self._held) >= CHUNK:
            self.send_held()
        return len(piece)

    def send_held(self) -> None:
        if self._held:
            self.put(bytes(self._held))
            self._held.clear()

    def put(self, item: bytes | Exception) -> None:
        while not self.closed_by_reader.is_set():
            try:
                return self.queue.put(item, timeout=0.2)
            except Full:
                continue
        raise _ReaderGone


def chunks(
    write: Callable[[IO[bytes]], object], deadline_s: float, max_bytes: int
) -> Iterator[bytes]:
    """Return the bytes that `write` pushes, at most 64 KiB or one write at a time.

    The first chunk is already there when this returns. Raises what `write` raises, or QueryTooBig
    when the deadline (seconds) passes or more than `max_bytes` are written.
    """
    pipe = _Pipe(deadline_s, max_bytes)
    threading.Thread(target=_run, args=(write, pipe), name=WRITER, daemon=True).start()
    return _Reader(pipe, deadline_s)


def _run(write: Callable[[IO[bytes]], object], pipe: _Pipe) -> None:
    with contextlib.suppress(_ReaderGone):
        try:
            write(pipe)  # type: ignore[arg-type]  # RawIOBase is a binary file to the engine
            pipe.send_held()
            pipe.put(END)
        except (EngineProblem, OSError, ValueError, RuntimeError) as error:
            # the engine's results may not leave this thread, not even inside a traceback
            traceback.clear_frames(error.__traceback__)
            pipe.put(error)


def _next(pipe: _Pipe, deadline_s: float) -> bytes:
    try:
        item = pipe.queue.get(timeout=deadline_s)
    except Empty:
        item = QueryTooBig(
            f"no answer within {deadline_s:g} s; bind more terms or join the patterns",
            "too-long", seconds=deadline_s,
        )  # fmt: skip
    if isinstance(item, bytes):
        return item
    pipe.closed_by_reader.set()
    if isinstance(item, EngineProblem):
        raise item
    raise EngineUnavailable(f"the engine stopped: {item}", "unavailable") from item


class _Reader(Iterator[bytes]):
    """The chunks as they come; closed or forgotten, read or not, it lets the writer go.

    (A generator would not: one that was never started runs no `finally`.)
    """

    def __init__(self, pipe: _Pipe, deadline_s: float) -> None:
        self._pipe, self._deadline_s = pipe, deadline_s
        self._ahead = [_next(pipe, deadline_s)]

    def __next__(self) -> bytes:
        if self._pipe.closed_by_reader.is_set():
            raise StopIteration
        item = self._ahead.pop() if self._ahead else _next(self._pipe, self._deadline_s)
        if item == END:
            self.close()
            raise StopIteration
        return item

    def close(self) -> None:
        """Stop the writer; what is left unread is lost."""
        self._pipe.closed_by_reader.set()

    def __del__(self) -> None:
        self.close()
