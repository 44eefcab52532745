"""The keeper of a pool's processes: one thread for births, deaths, deadlines and turns.

Only this thread talks to the zygote. The threads that ask take a worker here (`admit`), read its
answer themselves and give it back (`free`); the keeper wakes when something changed, and twenty
times a second while queries run.
"""

from __future__ import annotations

import contextlib
import logging
import select
import signal
import socket
import threading
import time
from collections import deque
from dataclasses import dataclass

from kb.engine.brood import Brood, Worker
from kb.engine.lanes import CLOSING, Job, Lanes, Limits
from kb.engine.pace import HEAVY, LIGHT, SLOW, UNKNOWN, Known, Likeness, likeness
from kb.engine.worker import Plan
from kb.problems import EngineUnavailable

START_S = 900.0  # loading 100 million statements
TICK_S = 0.05
RETRY_S = 5
ROUSE_S, STUCK_S = 2.0, 10.0  # a worker of 3 GB is born in a quarter of a second


def busy() -> EngineUnavailable:
    """Return the problem of a query that found no place in time."""
    return EngineUnavailable(
        f"too many queries run now; ask again in {RETRY_S} s", "busy", seconds=RETRY_S
    )


@dataclass(eq=False)
class _Turn:
    """One query that waits, and what wakes it."""

    may_go: threading.Condition
    alike: Likeness


class Keeper:
    """The workers of one release, the queries they run and those that wait for one."""

    def __init__(self, plan: Plan, limits: Limits) -> None:
        """Load the release; raises EngineUnavailable when it cannot be."""
        self._plan, self._limits = plan, limits
        self._lock = threading.RLock()
        self._lanes = Lanes(limits)
        self._idle: list[Worker] = []
        self._queue: deque[_Turn] = deque()
        self._known = Known()
        self._abandoned: deque[Job] = deque()
        self._is_closed = self._is_resting = False
        self._retire_after: float | None = None
        self._busy_at = time.monotonic()
        self._failures, self._retry_at, self._failure = 0, 0.0, ""
        self._brood: Brood | None = Brood(plan)
        self._brood.await_ready(START_S)
        self._waking, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._keep, name="essaim pool", daemon=True)
        self._thread.start()
        self._wake()

    # Called by the threads that ask

    def admit(self, text: str, deadline: float) -> Job:
        """Wait for a place and a worker; raises EngineUnavailable.

        First come first served among queries of one pace, the lighter before the slower.
        """
        alike = likeness(text)
        with self._lock:
            pace = self._known.pace(alike)
            if not self._has_place(pace) or pace in map(self._pace, self._queue):
                self._await_place(alike, deadline)
            worker, now = self._idle.pop(), time.monotonic()
            pace = self._known.pace(alike)
            job = Job(worker, now, deadline, pace, alike, worker.cpu_s())
            self._lanes.add(job, now)
            needs_keeper = self._is_resting or not self._idle
        if needs_keeper:
            self._wake()
        return job

    def _pace(self, turn: _Turn) -> str:
        return self._known.pace(turn.alike)

    def _has_place(self, pace: str) -> bool:
        while self._idle and not self._idle[-1].is_alive():
            self._idle.pop().discard()
        spared = pace != LIGHT and self._lanes.has_slow()  # the last worker is for a light one
        return len(self._idle) > spared and self._lanes.has_room(pace)

    def _next(self) -> _Turn | None:
        """Return who may begin now, the lighter before the slower."""
        for pace in (LIGHT, UNKNOWN, SLOW, HEAVY):
            waiting = (turn for turn in self._queue if self._pace(turn) == pace)
            if (first := next(waiting, None)) and self._has_place(pace):
                return first
        return None

    def _await_place(self, alike: Likeness, deadline: float) -> None:
        if len(self._queue) >= self._limits.waiting:
            raise busy()
        until = min(deadline, time.monotonic() + self._limits.wait_s)
        turn = _Turn(threading.Condition(self._lock), alike)  # who cannot go yet is not woken
        self._queue.append(turn)
        self._wake()  # it wakes more often now, to free a lane
        try:
            while self._next() is not turn:
                self._await_turn(turn, until)
        finally:
            self._queue.remove(turn)
            self._call_next()

    def _await_turn(self, turn: _Turn, until: float) -> None:
        if self._is_closed:
            raise self.unavailable()
        remaining = until - time.monotonic()
        if remaining <= 0:
            raise busy() if self._is_up() else self.unavailable()
        slow = [each for each in self._queue if self._pace(each) in (SLOW, HEAVY)]
        if turn in slow[self._limits.slow :]:
            raise busy()
        turn.may_go.wait(remaining)

    def _call_next(self) -> None:
        if turn := self._next():
            turn.may_go.notify()

    def _call_all(self) -> None:
        for turn in self._queue:
            turn.may_go.notify()

    def free(self, job: Job, is_last: bool) -> None:
        """Take a worker back; it is killed when `is_last`, or not fit for another query."""
        with self._lock:
            if job.is_freed:
                return
            job.is_freed = True
            self._busy_at = now = time.monotonic()
            self._learn(job, self._lanes.pace(job, now, is_cut=is_last or bool(job.verdict)))
            self._lanes.remove(job, now)
            is_fit = not (is_last or job.is_heavy or job.verdict or self._is_closed)
            if is_fit and not job.worker.ended.is_set():
                self._idle.append(job.worker)
            else:
                job.worker.discard()
            self._call_next()
        if not is_fit:
            self._wake()

    def _learn(self, job: Job, pace: str) -> None:
        """Remember the pace of a query; those like it that wait may have to wait elsewhere."""
        self._known.learn(job.alike, pace)
        if pace != job.pace:
            for turn in self._queue:
                if turn.alike[1] == job.alike[1]:
                    turn.may_go.notify()

    def abandon(self, job: Job) -> None:
        """Have a worker killed whose answer nobody reads; takes no lock, so destructors may."""
        self._abandoned.append(job)
        self._wake()

    def unavailable(self) -> EngineUnavailable:
        """Return the problem of a query that no worker can answer now."""
        reason = f": {self._failure}" if self._failure else ""
        return EngineUnavailable(f"the query engine is not there now{reason}", "unavailable")

    def is_up(self) -> bool:
        """Tell whether queries are answered now."""
        with self._lock:
            return self._is_up()

    def _is_up(self) -> bool:
        return not self._is_closed and self._brood is not None and self._brood.is_ready

    def counts(self) -> dict[str, int]:
        """Return how many workers are idle, run short or heavy queries, how many queries wait."""
        with self._lock:
            short = self._lanes.short()
            heavy, waiting = len(self._lanes) - short, len(self._queue)
            return {"idle": len(self._idle), "short": short, "heavy": heavy, "waiting": waiting}

    def protections(self) -> tuple[str, ...]:
        """Return what workers are kept from."""
        with self._lock:
            return self._brood.protections if self._brood else ()

    def retire(self, grace_s: float) -> None:
        """Close once nothing was asked for so long; until then everything is answered."""
        with self._lock:
            self._retire_after, self._busy_at = grace_s, time.monotonic()
        self._wake()

    def close(self) -> None:
        """End every process; queries that run or wait are told. Returns when all are gone."""
        with self._lock:
            self._is_closed = True
            for job in self._lanes.jobs():
                job.stop(CLOSING)
            self._call_all()
        self._wake()
        self._thread.join()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it will wake; closed: it has ended
            self._waker.send(b"!")

    # The thread of its own

    def _keep(self) -> None:
        is_over = False
        while not is_over:
            try:
                is_over = self._turn()
            except Exception:  # if this thread ended, every query would wait for ever
                logging.getLogger("essaim").exception("error in the keeper of the pool")
                time.sleep(TICK_S)
        with self._lock:
            self._is_closed = True
            self._forget_brood()
            self._call_all()
        self._waker.close()
        self._waking.close()

    def _turn(self) -> bool:
        """Wait for something to happen, do what it asks for; return whether this is the end."""
        events = self._await_events()
        if self._waking.fileno() in events:
            self._waking.recv(4096)
        if self._brood and self._brood.fileno() in events:
            self._hear(self._brood)
        while self._abandoned:
            self.free(self._abandoned.popleft(), is_last=True)
        with self._lock:
            now = time.monotonic()
            for pace, proved in self._lanes.tick(now, bool(self._queue)).items():
                for job in proved:
                    self._learn(job, pace)
            self._call_next()  # a query that became slow has left its lane
            self._rouse()
            self._top_up()
            return self._is_closed or self._is_over()

    def _await_events(self) -> set[int]:
        poll = select.poll()
        poll.register(self._waking, select.POLLIN)
        with self._lock:
            if self._brood:
                poll.register(self._brood, select.POLLIN)
            is_due = self._retire_after is not None or self._retry_at > 0
            is_due = is_due or (self._brood is not None and self._brood.awaited() > 0)
            self._is_resting = not (len(self._lanes) or is_due)
            soon = self._lanes.next_s(time.monotonic())
        wait_ms = None if self._is_resting else 1000 * min(TICK_S, soon)
        return {found for found, _ in poll.poll(wait_ms)}

    def _is_over(self) -> bool:
        if self._retire_after is None or len(self._lanes) or self._queue:
            return False
        return time.monotonic() - self._busy_at > self._retire_after

    def _hear(self, brood: Brood) -> None:
        event = brood.receive()
        with self._lock:
            if isinstance(event, Worker):
                self._idle.append(event)
                self._failures = 0
            elif event == "died":
                self._idle = [worker for worker in self._idle if not self._is_dead(worker)]
            elif event in ("lost", "failed", "unborn"):
                self._fail(event)
            self._call_next()

    def _is_dead(self, worker: Worker) -> bool:
        if worker.ended.is_set():
            worker.discard()
        return worker.ended.is_set()

    def _rouse(self) -> None:
        """Have a zygote that was stopped go on; replace one that stays silent all the same."""
        silent_s = self._brood.silent_s() if self._brood else 0.0
        if self._brood and silent_s > STUCK_S:
            self._brood.process.kill()
            self._brood.failure = f"the process that bears workers was silent for {silent_s:.0f} s"
            self._fail("lost")
        elif self._brood and silent_s > ROUSE_S:
            self._brood.process.send_signal(signal.SIGCONT)

    def _fail(self, event: str) -> None:
        """Forget a zygote that is gone; try again later, and ever later."""
        self._failures += 1
        self._retry_at = time.monotonic() + min(10.0, 0.05 * 2**self._failures)
        if event != "unborn":
            self._forget_brood()

    def _forget_brood(self) -> None:
        for worker in self._idle:
            worker.discard()
        self._idle.clear()
        if self._brood is not None:
            self._failure = self._brood.failure
            self._brood.close()
        self._brood = None

    def _top_up(self) -> None:
        """Have one worker more than run unless heavy, so that a spare is always there."""
        if self._is_closed or time.monotonic() < self._retry_at:
            return
        self._retry_at = 0.0
        if self._brood is None:
            try:
                self._brood = Brood(self._plan)
            except OSError:
                return self._fail("lost")
        if not self._brood.is_ready:
            return
        there = len(self._idle) + self._brood.awaited() + self._lanes.short()
        try:
            for _ in range(self._limits.lanes + self._limits.aside + 1 - there):
                self._brood.ask_worker()
        except OSError:  # a zygote that died is heard of next; too many open files, later
            self._retry_at = time.monotonic() + 1
