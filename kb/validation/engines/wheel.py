"""The `shacl` wheel asked in another process, so that its death is an answer: ask pySHACL.

A library that overflows its stack or is stopped for its memory takes its process with it. The
process is started when it is first asked, serves all shapes, and ends with this one.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from kb.problems import ShapesProblem
from kb.validation.engines.child import KEPT, LENGTH

# The version for which the differential tests hold, as in pyproject.toml.
VERSION = "0.3.4"
CHILD = Path(__file__).with_name("child.py")
Row = tuple[str, str | None, str | None, str, str | None, str]


@dataclass(slots=True)
class Answer:
    """What the wheel found; empty until the question is over."""

    rows: list[Row] = field(default_factory=list)


class Wheel:
    """A process that has the wheel, started when it is needed and again when it has died."""

    def __init__(self) -> None:
        """Know of no process yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._sent: list[int] = []

    @contextmanager
    def asked(self, number: int, shapes: bytes, data: bytes) -> Iterator[Answer]:
        """Ask for what N-Triples break of shapes; the answer is complete when the block ends.

        Meanwhile this process is free for something else. `number` is that of the shapes. Raises
        ShapesProblem when the wheel is missing, of another version, fails or dies.
        """
        with self._lock:
            made = Answer()
            try:
                process = self._ready()
                _send(process, self._request(number, shapes, data))
                yield made
                found = _received(process)
                if isinstance(found, str):
                    raise ShapesProblem(found)
                made.rows = found
            except BaseException:  # what is left of it must not be taken for the next answer
                self.close()
                raise

    def close(self) -> None:
        """End the process, if there is one; the next question starts another."""
        process, self._process, self._sent = self._process, None, []
        if process and self._owner == os.getpid():
            _end(process)

    def _request(self, number: int, shapes: bytes, data: bytes) -> bytes:
        """Return what to send; the process has the shapes that it was sent last."""
        if number in self._sent:
            return marshal.dumps((number, None, data))
        self._sent = [*self._sent[1 - KEPT :], number]
        return marshal.dumps((number, shapes, data))

    def _ready(self) -> subprocess.Popen[bytes]:
        """Return the process, started when there is none or it has died or is our parent's."""
        known = self._process
        if known and self._owner == os.getpid() and known.poll() is None:
            return known
        self.close()
        command = [sys.executable, "-P", str(CHILD), VERSION]
        pipe, none = subprocess.PIPE, subprocess.DEVNULL
        try:
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none)
        except OSError as error:
            raise ShapesProblem(f"the fast engine cannot be started: {error}") from error
        self._owner = os.getpid()
        weakref.finalize(self, _end, self._process)
        return self._process


def _send(process: subprocess.Popen[bytes], request: bytes) -> None:
    stream = cast(IO[bytes], process.stdin)
    try:
        stream.write(len(request).to_bytes(LENGTH, "big"))
        stream.write(request)
        stream.flush()
    except OSError as error:
        raise _death(process) from error


def _received(process: subprocess.Popen[bytes]) -> list[Row] | str:
    stream = cast(IO[bytes], process.stdout)
    length = stream.read(LENGTH)
    size = int.from_bytes(length, "big")
    written = stream.read(size) if len(length) == LENGTH else b""
    if len(length) < LENGTH or len(written) < size:
        raise _death(process)
    found: list[Row] | str = marshal.loads(written)
    return found


def _death(process: subprocess.Popen[bytes]) -> ShapesProblem:
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    return ShapesProblem(f"the fast engine died (exit code {process.returncode})")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with suppress(OSError):  # what was not sent is lost on purpose
            if stream:
                stream.close()


WHEEL = Wheel()
