"""A zygote and its workers, seen from the web process.

Everything that happens to them arrives as an event on one socket; nothing here waits, but for
the first loading. A worker is signalled through its pidfd, which never means another process
that was given the same number later.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass, field

from kb import files
from kb.engine import frames
from kb.engine.worker import NICE_WHEN_HEAVY, Plan
from kb.problems import EngineUnavailable

MESSAGE = 8192


@dataclass(eq=False)
class Worker:
    """One worker process: its socket and its pidfd; `code` is its exit code once it is known."""

    sock: socket.socket
    pid: int
    pidfd: int
    reader: frames.Reader
    code: int | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, unless the worker has ended."""
        if self.pidfd >= 0:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    def is_alive(self) -> bool:
        """Tell whether the worker lives; a pidfd becomes readable when its process ends."""
        watched = select.poll()
        watched.register(self.pidfd, select.POLLIN)
        return not watched.poll(0)

    def lower(self) -> None:
        """Let every other process go first, whenever it wants to (sched(7), SCHED_IDLE)."""
        if not self.ended.is_set():
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, NICE_WHEN_HEAVY)
                os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))

    def cpu_s(self) -> float | None:
        """Return the seconds of CPU it has used; None when it has ended or nobody tells."""
        clock = (~self.pid << 3) | 2  # as clock_getcpuclockid(3) makes it
        try:
            return None if self.ended.is_set() else time.clock_gettime(clock)
        except OSError:
            return None

    def sits(self) -> bool:
        """Tell whether it sleeps or waits for a disk; not whether it runs, is ready or stopped."""
        try:  # the state follows the name, proc_pid_stat(5)
            with open(f"/proc/{self.pid}/stat", encoding="utf-8") as told:
                return told.read().rpartition(")")[2].split()[0] in ("S", "D")
        except (OSError, IndexError):
            return False

    def discard(self) -> None:
        """Kill the worker and forget it."""
        self.signal(signal.SIGKILL)
        self.sock.close()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1


class Brood:
    """A zygote, the workers it was asked for and those it bore."""

    def __init__(self, plan: Plan) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._awaited: deque[socket.socket] = deque()
        self._alive: dict[int, Worker] = {}
        self._heard_at = time.monotonic()
        self.is_ready, self.failure = False, ""
        self.protections: tuple[str, ...] = ()
        command = [sys.executable, "-m", "kb.engine.zygote", str(theirs.fileno())]
        path = os.pathsep.join([str(files.packages()), *_python_path()])
        with theirs:
            # a session of its own: Ctrl-C in a terminal is for the web process alone
            self.process = subprocess.Popen(
                [*command, json.dumps(asdict(plan))], pass_fds=[theirs.fileno()],
                env={**os.environ, "PYTHONPATH": path}, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    def fileno(self) -> int:
        """Return the descriptor that has something to read when something happened."""
        return self._control.fileno()

    def awaited(self) -> int:
        """Return how many workers were asked for and are not born yet."""
        return len(self._awaited)

    def silent_s(self) -> float:
        """Return the seconds that an awaited worker has kept us waiting without a word."""
        return time.monotonic() - self._heard_at if self._awaited else 0.0

    def ask_worker(self) -> None:
        """Ask for one more worker; it arrives as an event. Raises OSError without a zygote."""
        mine, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
        except OSError:
            mine.close()
            raise
        if not self._awaited:
            self._heard_at = time.monotonic()
        self._awaited.append(mine)

    def receive(self, timeout_s: float | None = None) -> Worker | str:
        """Return a worker that was born, or the word for another event.

        `ready`, `unborn`, `died`, or `lost` when the zygote is gone; `failed` leaves the reason
        in `failure`. Raises TimeoutError.
        """
        self._control.settimeout(timeout_s)
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, MESSAGE, 1)
        except ConnectionError:
            return "lost"
        if not message:
            return "lost"
        self._heard_at = time.monotonic()
        told = json.loads(message)
        if "born" in told and not descriptors:  # this process may open no more
            told = {"unborn": "too many open files"}
        if "born" in told:
            return self._born(int(told["born"]), descriptors[0])
        if "died" in told:
            self._died(int(told["died"]), int(told["code"]))
        elif "unborn" in told:
            self._awaited.popleft().close()
        if "ready" in told:
            self.is_ready, self.protections = True, tuple(told["ready"])
        self.failure = str(told.get("failed", ""))
        return str(next(iter(told)))

    def await_ready(self, timeout_s: float) -> None:
        """Wait until the release is loaded; raises EngineUnavailable when it is not."""
        try:
            event = self.receive(timeout_s)
        except TimeoutError:
            event, self.failure = "failed", f"not loaded within {timeout_s:g} s"
        if event != "ready":
            reason = self.failure or "the process that loads it ended"
            self.close()
            raise EngineUnavailable(f"the release cannot be opened: {reason}", "unavailable")

    def _born(self, pid: int, pidfd: int) -> Worker:
        sock = self._awaited.popleft()
        worker = Worker(sock, pid, pidfd, frames.Reader(sock, frames.MOST_ANSWER))
        self._alive[pid] = worker
        return worker

    def _died(self, pid: int, code: int) -> None:
        worker = self._alive.pop(pid, None)
        if worker is not None:
            worker.code = code
            worker.ended.set()

    def close(self) -> None:
        """End the zygote and all its workers; they are gone when this returns."""
        self._control.close()
        for worker in self._alive.values():
            worker.signal(signal.SIGKILL)
            worker.ended.set()
        while self._awaited:
            self._awaited.popleft().close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _python_path() -> list[str]:
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
