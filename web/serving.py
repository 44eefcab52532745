"""The server process: waitress, stopped without cutting an answer, switched to another release.

waitress because it reads requests and sends answers in one loop of its own, so that a client that
is slow on purpose holds no thread, and because it ends the connection when an answer breaks off,
which is the only way to tell a client that its CSV is not whole. SIGTERM and SIGINT stop listening,
let the answers under way finish, and end. SIGHUP opens the release that is current now, beside the
one that is served, and switches between two requests.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import waitress

from kb.problems import Problem

LOOP_S = 0.5
SPOOL_BYTES = 256 * 1024 * 1024


class Server:
    """A listening server over a WSGI application."""

    def __init__(
        self, app: object, listening: socket.socket, *, threads: int, patience_s: float,
        settings: Mapping[str, Any],
    ) -> None:  # fmt: skip
        """`patience_s` is how long answers under way may take once told to stop."""
        # answers wait in a temporary file for slow readers, so that no thread waits for them
        self._waitress = waitress.create_server(
            app, sockets=[listening], threads=threads, ident="essaim", channel_timeout=60,
            outbuf_high_watermark=SPOOL_BYTES, **settings,
        )  # fmt: skip
        self._listening, self._patience_s = listening, patience_s
        self._is_stopping = threading.Event()

    def run(self, on_hangup: Callable[[], None]) -> None:
        """Serve until SIGTERM or SIGINT; `on_hangup` runs in a thread of its own at SIGHUP."""
        logging.getLogger("waitress").addFilter(_is_accident)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        again = _Repeated(on_hangup)
        signal.signal(signal.SIGHUP, lambda number, frame: again.ask())
        while not self._is_stopping.is_set():
            self._turn()
        self._finish()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._is_stopping.set()

    def _turn(self) -> None:
        adjusted = self._waitress.adj
        self._waitress.asyncore.loop(
            timeout=LOOP_S, map=self._waitress._map, use_poll=adjusted.asyncore_use_poll, count=1
        )

    def _finish(self) -> None:
        """Close the door, let who is inside be served, end."""
        self._waitress.accepting = False
        self._waitress.del_channel(self._waitress._map)
        self._listening.close()
        deadline = time.monotonic() + self._patience_s
        while self._is_busy() and time.monotonic() < deadline:
            self._turn()
        self._waitress.task_dispatcher.shutdown(timeout=1)

    def _is_busy(self) -> bool:
        channels = self._waitress.active_channels.values()
        return any(channel.requests or channel.total_outbufs_len for channel in channels)


def _is_accident(record: logging.LogRecord) -> bool:
    """Tell whether a log record is news: an answer that breaks off at a limit is no accident."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, Problem)


class _Repeated:
    """Something done in the background, once for all who asked while it was being done."""

    def __init__(self, do: Callable[[], None]) -> None:
        self._do, self._asked = do, threading.Event()
        threading.Thread(target=self._run, name="switch", daemon=True).start()

    def ask(self) -> None:
        self._asked.set()

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            self._do()
