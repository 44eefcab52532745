"""Who may run: short queries at once, long ones in turn, behind everybody else.

Nobody can tell beforehand how long a query takes, only how long the last one like it took
(`kb.engine.pace`). Those known as light may take every lane; those of whom nothing is known leave
one free, and start one by one while slow ones run. A query that is still in its lane after 20 ms
steps aside: there a few wait in line, as many run as there are processors, and one known as slow
begins. After a quarter of a second, or a quarter of that when others wait, it goes on among the
heavy ones, where one known as heavy begins: only while a processor has nothing else to do, a few at
a time, in turns of half a second (round robin). Time is that of the processor, for a light query on
a busy machine takes long without being slow. Who waits is stopped by SIGSTOP; a worker shares no
lock and no pipe with anybody. So however many slow queries there are, the light ones find a lane
and a processor; and a heavy one of two seconds among runaways ends before they do. Beyond a number
of heavy ones the newest is refused as `busy`, since each one that waits holds memory.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from dataclasses import dataclass

from kb.engine.brood import Worker
from kb.engine.pace import HEAVY, LIGHT, SLOW, UNKNOWN, Likeness

LEAST_S = 0.01
LEAST_MEMORY = 128 * 1024 * 1024
BUSY, TOO_LONG, CLOSING = "busy", "too-long", "unavailable"


@dataclass(frozen=True)
class Limits:
    """How much a pool may do at once; seconds and bytes.

    `lanes` queries in the first instants, `aside` ones that left theirs, `together` of these
    running, `heavy` long ones running and `paused` ones stopped, `waiting` not begun, `slow` of
    these known as such, each at most `wait_s`.
    """

    lanes: int
    heavy: int
    aside: int = 6
    together: int = 2
    paused: int = 4
    waiting: int = 64
    slow: int = 12
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
        return cls(lanes, heavy, together=min(cores, cls.aside), memory_bytes=most)


@dataclass(eq=False)
class Job:
    """One query in one worker; `verdict` says why it was killed, if it was."""

    worker: Worker
    started: float
    deadline: float
    pace: str = UNKNOWN
    alike: Likeness = (0, 0)
    cpu_before: float | None = None
    verdict: str = ""
    is_aside: bool = False
    is_heavy: bool = False
    is_paused: bool = False
    is_freed: bool = False
    turn_began: float = 0.0
    paused_s: float = 0.0
    seen_at: float = 0.0
    sat_s: float = 0.0

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

    def ran_s(self, now: float) -> float:
        """Return the seconds since it started, without those it was stopped."""
        paused_s = self.paused_s + (now - self.turn_began if self.is_paused else 0.0)
        return now - self.started - paused_s

    def used_s(self, now: float) -> float:
        """Return the seconds of CPU it took, or those it ran where the system does not tell."""
        cpu = self.worker.cpu_s()
        if cpu is None or self.cpu_before is None:
            return self.ran_s(now)
        return cpu - self.cpu_before

    def spent_s(self, now: float) -> float:
        """Return what moves it: seconds of CPU, or a quarter of those it sat on a disk or a reader.

        Those it was ready and others had the processors count for nothing: on a busy machine they
        would make a heavy query of a light one. It sat since the last look if it sits at this one.
        """
        if self.ran_s(now) <= LEAST_S:
            return 0.0
        if self.worker.sits():
            self.sat_s += now - max(self.seen_at, self.started)
        self.seen_at = now
        return max(self.used_s(now), self.sat_s / 4)


class Lanes:
    """The queries that run, in lanes, aside and heavy; not locked: its owner does that."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._short: list[Job] = []
        self._aside: deque[Job] = deque()
        self._heavy: deque[Job] = deque()

    def __len__(self) -> int:
        return self.short() + len(self._heavy)

    def jobs(self) -> list[Job]:
        """Return all that run."""
        return [*self._short, *self._aside, *self._heavy]

    def short(self) -> int:
        """Return how many queries run that are not heavy, in lanes and aside."""
        return len(self._short) + len(self._aside)

    def has_room(self, pace: str) -> bool:
        """Tell whether a query of this pace may begin."""
        if pace == HEAVY:
            return len(self._heavy) < self._limits.heavy + self._limits.paused
        if pace == SLOW:  # half of the room is for those that leave their lanes
            return len(self._aside) < max(1, self._limits.aside // 2)
        if len(self._short) >= self._limits.lanes or pace == LIGHT:
            return len(self._short) < self._limits.lanes
        most = 1 if self.has_slow() else max(1, self._limits.lanes - 1)
        return sum(job.pace != LIGHT for job in self._short) < most

    def has_slow(self) -> bool:
        """Tell whether queries run that left their lanes."""
        return bool(self._aside or self._heavy)

    def add(self, job: Job, now: float) -> None:
        """Let a query begin: in a lane, aside or among the heavy ones, as is known of it."""
        job.is_aside = job.pace == SLOW
        self._place(job).append(job)
        if job.pace == HEAVY:
            self._make_heavy(job, now)
        self._take_turns(now)

    def pace(self, job: Job, now: float, *, is_cut: bool) -> str:
        """Return the pace that a query showed which ends now, finished or not (`is_cut`)."""
        used_s = job.used_s(now)
        if used_s >= self._limits.heavy_after_s or (is_cut and job.is_heavy):
            return HEAVY
        return SLOW if used_s >= self._limits.aside_after_s else LIGHT

    def remove(self, job: Job, now: float) -> None:
        """Forget a query that ended; whoever waited for its turn goes on."""
        self._place(job).remove(job)
        job.take_turn(True, now)
        self._take_turns(now)

    def _place(self, job: Job) -> list[Job] | deque[Job]:
        return self._heavy if job.is_heavy else self._aside if job.is_aside else self._short

    def next_s(self, now: float) -> float:
        """Return the seconds until a query can step aside; 0.01 at least."""
        due = [job.started + self._limits.aside_after_s - now for job in self._short]
        return max(0.01, min(due, default=1.0))

    def tick(self, now: float, is_crowded: bool) -> dict[str, list[Job]]:
        """Stop what is too long, move what became slow or heavy, give turns.

        `now` is monotonic time. When others wait (`is_crowded`, or aside), a query becomes heavy
        four times sooner. Returns those that proved slow, and heavy.
        """
        for job in self.jobs():
            if now >= job.deadline:
                mostly_paused = job.ran_s(now) < (job.deadline - job.started) / 2
                job.stop(BUSY if mostly_paused else TOO_LONG)
        is_crowded = is_crowded or len(self._aside) > self._limits.together
        after = self._limits.heavy_after_s / (4 if is_crowded else 1)
        short = [*self._short, *self._aside]
        heavy = [job for job in short if job.spent_s(now) >= after]
        for job in heavy:
            self._make_heavy(job, now)
        proved = {SLOW: self._step_aside(now), HEAVY: heavy}
        self._take_turns(now)
        return proved

    def _make_heavy(self, job: Job, now: float) -> None:
        self._place(job).remove(job)
        self._heavy.append(job)
        job.is_aside, job.is_heavy = False, True
        job.turn_began = job.turn_began if job.is_paused else now
        job.worker.lower()
        if len(self._heavy) > self._limits.heavy + self._limits.paused:
            job.stop(BUSY)

    def _step_aside(self, now: float) -> list[Job]:
        due = [job for job in self._short if job.spent_s(now) >= self._limits.aside_after_s]
        stepped = due[: max(0, self._limits.aside - len(self._aside))]
        for job in stepped:
            self._short.remove(job)
            self._aside.append(job)
            job.is_aside = True
        return stepped

    def _take_turns(self, now: float) -> None:
        if len(self._heavy) > self._limits.heavy:
            for job in [job for job in self._heavy if not job.is_paused]:
                if now - job.turn_began >= self._limits.turn_s:
                    self._heavy.remove(job)
                    self._heavy.append(job)
        for jobs, most in ((self._aside, self._limits.together), (self._heavy, self._limits.heavy)):
            for place, job in enumerate(jobs):
                job.take_turn(place < most, now)
