"""Who may run: short queries at once, long ones in turn, behind everybody else.

Nobody can tell beforehand which query is long. Every query starts in a lane. One that is still
there after 20 ms steps aside while there is room, so that the lanes are free for the light ones; it
loses nothing by that. After a quarter of a second it goes on among the heavy ones: only while a
processor has nothing else to do, a few at a time, in turns of half a second (round robin), stopped
by SIGSTOP meanwhile. So however many heavy queries there are, they leave a processor to the others;
and a heavy one of two seconds among runaways ends before they do. Beyond a number of heavy ones the
newest is refused as `busy`, since each one that waits holds memory.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from dataclasses import dataclass

from kb.engine.brood import Worker

LEAST_MEMORY = 128 * 1024 * 1024
BUSY, TOO_LONG, CLOSING = "busy", "too-long", "unavailable"


@dataclass(frozen=True)
class Limits:
    """How much a pool may do at once; seconds and bytes.

    `lanes` queries of unknown length, `aside` ones that left theirs, `heavy` long ones running
    and `paused` ones stopped, `waiting` not begun, each at most `wait_s`.
    """

    lanes: int
    heavy: int
    aside: int = 6
    paused: int = 4
    waiting: int = 64
    wait_s: float = 10.0
    aside_after_s: float = 0.02
    heavy_after_s: float = 0.25
    turn_s: float = 0.5
    memory_bytes: int = 512 * 1024 * 1024
    grown_bytes: int = 64 * 1024 * 1024

    @classmethod
    def of_machine(cls) -> Limits:
        """Return the limits for the processors this process may use and half of the memory."""
        cores = len(os.sched_getaffinity(0))
        lanes, heavy = cores + 1, max(1, cores - 1)
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        share = total // 2 // (lanes + cls.aside + heavy + cls.paused)
        most = min(cls.memory_bytes, max(LEAST_MEMORY, share))
        return cls(lanes, heavy, memory_bytes=most)


@dataclass(eq=False)
class Job:
    """One query in one worker; `verdict` says why it was killed, if it was."""

    worker: Worker
    started: float
    deadline: float
    verdict: str = ""
    is_aside: bool = False
    is_heavy: bool = False
    is_paused: bool = False
    is_freed: bool = False
    turn_began: float = 0.0
    paused_s: float = 0.0

    def stop(self, verdict: str) -> None:
        """Kill the worker; its reader finds the verdict."""
        if not self.verdict:
            self.verdict = verdict
            self.worker.signal(signal.SIGKILL)

    def take_turn(self, may_run: bool, now: float) -> None:
        """Pause or go on."""
        if may_run == self.is_paused:
            self.worker.signal(signal.SIGCONT if may_run else signal.SIGSTOP)
            self.is_paused = not may_run
            self.paused_s += now - self.turn_began if may_run else 0.0
            self.turn_began = now


class Lanes:
    """The queries that run, short and heavy; not locked: its owner does that."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._short: list[Job] = []
        self._heavy: deque[Job] = deque()
        self._aside = 0

    def __len__(self) -> int:
        return len(self._short) + len(self._heavy)

    def jobs(self) -> list[Job]:
        """Return all that run."""
        return [*self._short, *self._heavy]

    def short(self) -> int:
        """Return how many queries run that are not heavy, in lanes and aside."""
        return len(self._short)

    def has_room(self) -> bool:
        """Tell whether a lane is free."""
        return len(self._short) - self._aside < self._limits.lanes

    def add(self, job: Job) -> None:
        """Let a query run in a lane."""
        self._short.append(job)

    def remove(self, job: Job) -> None:
        """Forget a query that ended."""
        (self._heavy if job.is_heavy else self._short).remove(job)
        self._aside -= job.is_aside

    def next_s(self, now: float) -> float:
        """Return the seconds until a query can step aside; 0.01 at least."""
        due = [j.started + self._limits.aside_after_s - now for j in self._short if not j.is_aside]
        return max(0.01, min(due, default=1.0))

    def tick(self, now: float, is_crowded: bool) -> None:
        """Stop what is too long, move what became heavy, give turns; `now` is monotonic time.

        When others wait for a lane (`is_crowded`), a query becomes heavy four times sooner.
        """
        after = self._limits.heavy_after_s / (4 if is_crowded else 1)
        for job in self.jobs():
            if now >= job.deadline:
                mostly_paused = job.paused_s > (job.deadline - job.started) / 2
                job.stop(BUSY if mostly_paused else TOO_LONG)
        for job in [j for j in self._short if now - j.started >= after]:
            self.remove(job)
            self._heavy.append(job)
            job.is_aside, job.is_heavy, job.turn_began = False, True, now
            job.worker.lower()
            if len(self._heavy) > self._limits.heavy + self._limits.paused:
                job.stop(BUSY)
        self._step_aside(now)
        self._take_turns(now)

    def _step_aside(self, now: float) -> None:
        for job in self._short:
            is_due = now - job.started >= self._limits.aside_after_s
            if is_due and not job.is_aside and self._aside < self._limits.aside:
                job.is_aside = True
                self._aside += 1

    def _take_turns(self, now: float) -> None:
        running, most = [job for job in self._heavy if not job.is_paused], self._limits.heavy
        if len(self._heavy) > most:
            for job in running:
                if now - job.turn_began >= self._limits.turn_s:
                    self._heavy.remove(job)
                    self._heavy.append(job)
        for place, job in enumerate(self._heavy):
            job.take_turn(place < most, now)
