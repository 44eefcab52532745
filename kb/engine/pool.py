"""The engine whose queries can be stopped: each runs in a process of its own that may be killed.

No query can stop the web process, hold its interpreter lock or outlive its deadline: the worker
is killed, and another, forked beforehand, takes its place. A worker that is lost from outside
(killed, or its zygote died) costs nobody an answer: the query is asked again, once another worker
is there. A worker that its query brought down does not. It needs Linux, with pidfds (5.3).
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from kb import guard
from kb.engine import frames
from kb.engine.contract import GRAPHS, SOLUTIONS, Answer, Asked, Engine
from kb.engine.keeper import Keeper, busy
from kb.engine.lanes import BUSY, TOO_LONG, Job, Limits
from kb.engine.worker import Plan, crashed, too_much_memory
from kb.problems import EngineProblem, QueryTooBig

ATTEMPTS = 3
GRACE_S = 5.0
HANGING_S = 5.0
FATAL = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS")


class PoolEngine(Engine):
    """The engine of a pool of workers over one release, which never changes.

    For a new release make a new one beside it and `retire` this one: nobody sees the change.
    """

    def __init__(
        self, path: Path, release: str = "none", *, disk: bool = False, limits: Limits | None = None
    ) -> None:
        """Load a release: an N-Quads file, or a RocksDB folder when `disk`.

        Returns once it can answer; raises EngineUnavailable when the release cannot be loaded.
        """
        self.limits, self._release = limits or Limits.of_machine(), release
        plan = Plan(str(path), disk, self.limits.memory_bytes, self.limits.grown_bytes)
        self._keeper = Keeper(plan, self.limits)

    def answer(self, asked: Asked) -> Answer:
        """See Engine.answer; the deadline is kept, whatever the query does."""
        guard.check(asked.text)
        return self.run(asked)

    def run(self, asked: Asked) -> Answer:
        """Answer a query that no guard has seen; the process boundary holds without one."""
        deadline = time.monotonic() + asked.deadline_s
        request = frames.request(asked)
        for _ in range(ATTEMPTS):
            job = self._keeper.admit(asked.text, deadline)
            try:
                return self._begin(job, request)
            except frames.Cut:
                problem = self._cause(job)
                if problem is not None:
                    raise problem from None
            except BaseException:  # an interruption too must give the worker back
                self._keeper.abandon(job)
                raise
        raise crashed(f"its worker was lost {ATTEMPTS} times")

    def release_id(self) -> str:
        """Return the release the workers answer from."""
        return self._release

    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """See Engine.capabilities."""
        return {
            "solutions": tuple(SOLUTIONS),
            "graphs": tuple(GRAPHS),
            "languages": ("SPARQL 1.1 Query", "GeoSPARQL functions"),
        }

    def health(self) -> str:
        """See Engine.health."""
        if not self._keeper.is_up():
            raise self._keeper.unavailable()
        return "ok"

    @property
    def kind(self) -> str:
        """See Engine.kind."""
        return "workers"

    def counts(self) -> dict[str, int]:
        """Return the workers `idle`, in `short` and `heavy` queries, and the queries `waiting`."""
        return self._keeper.counts()

    def protections(self) -> tuple[str, ...]:
        """Return what workers are kept from: `memory`, `time`, `files`, `network`.

        `files` does not hold for a store on disk, `network` needs seccomp(2).
        """
        return self._keeper.protections()

    def retire(self, grace_s: float = GRACE_S) -> None:
        """Close once nothing was asked for so many seconds; until then everything is answered."""
        self._keeper.retire(grace_s)

    def close(self) -> None:
        """End every process; queries that run or wait are told. Returns when all are gone."""
        self._keeper.close()

    def _begin(self, job: Job, request: bytes) -> Answer:
        """Send a request; return its answer once its first bytes are here. Raises frames.Cut."""
        # the keeper kills at the deadline; beyond it only a worker that hangs on a disk lives on
        job.worker.sock.settimeout(max(0.0, job.deadline - time.monotonic()) + HANGING_S)
        try:
            job.worker.sock.sendall(request)
        except OSError as error:
            raise frames.Cut(str(error)) from error
        header = _frame(job)
        if header:
            chunks = _Chunks(self, job)
            return Answer(frames.media_type(header), chunks, chunks.is_whole())
        raise self.finish(job) or crashed("it said nothing")

    def finish(self, job: Job) -> EngineProblem | None:
        """Read the status after an answer, give the worker back; return what ended the answer."""
        problem, is_last = frames.read_status(_frame(job))
        self._keeper.free(job, is_last)
        if problem is not None and problem.code == "too-much-memory":
            return too_much_memory(self.limits.memory_bytes)
        return problem

    def broken(self, job: Job) -> EngineProblem:
        """Return why an answer ended in its midst."""
        return self._cause(job) or crashed("its worker was lost")

    def abandon(self, job: Job) -> None:
        """Have the worker of an answer killed that nobody reads."""
        self._keeper.abandon(job)

    def _cause(self, job: Job) -> EngineProblem | None:
        """Give back a worker that ended too early; return why, None when from outside."""
        if not job.verdict:
            job.worker.ended.wait(2)
        self._keeper.free(job, is_last=True)
        code = job.worker.code
        if job.verdict == TOO_LONG or code == -signal.SIGXCPU:
            return too_long(job.deadline - job.started)
        if job.verdict:
            return busy() if job.verdict == BUSY else self._keeper.unavailable()
        if code == -signal.SIGABRT:  # how the engine ends when it gets no memory
            return too_much_memory(self.limits.memory_bytes)
        name = signal.Signals(-code).name if code is not None and code < 0 else ""
        return crashed(name) if name in FATAL else None


def too_long(seconds: float) -> QueryTooBig:
    """Return the problem of a query that was stopped after so many seconds."""
    return QueryTooBig(
        f"the query was stopped after {round(seconds, 1):g} s; bind more terms, join the patterns, "
        "or add a LIMIT",
        "too-long",
        seconds=round(seconds, 1),
    )


def _frame(job: Job) -> bytes:
    try:
        return job.worker.reader.frame()
    except TimeoutError:
        job.stop(TOO_LONG)
        raise frames.Cut("a worker that does not even die") from None


class _Chunks(Iterator[bytes]):
    """An answer as it comes; closed or forgotten before its end, its worker is killed.

    What is here already is read at once, so that a short answer frees its worker before anybody
    reads it.
    """

    def __init__(self, pool: PoolEngine, job: Job) -> None:
        self._pool = pool
        self._job: Job | None = job
        self._problem: EngineProblem | None = None
        self._ahead: deque[bytes] = deque()
        try:
            self._read(job)
        except frames.Cut:
            self._job = None
            raise

    def __next__(self) -> bytes:
        if not self._ahead and self._job is not None:
            job = self._job
            try:
                self._read(job)
            except frames.Cut:
                self._job = None
                raise self._pool.broken(job) from None
        if self._ahead:
            return self._ahead.popleft()
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem
        raise StopIteration

    def is_whole(self) -> bool:
        """Tell whether all of the answer is here."""
        return self._job is None

    def _read(self, job: Job) -> None:
        """Wait for one frame, take the others that are here too."""
        found: bytes | None = _frame(job)
        while found:
            self._ahead.append(found)
            found = job.worker.reader.ready()
        if found is not None:
            self._problem = self._pool.finish(job)
            self._job = None

    def close(self) -> None:
        """Stop the query; what is left unread is lost."""
        job, self._job = self._job, None
        self._ahead.clear()
        self._problem = None
        if job is not None:
            self._pool.abandon(job)

    def __del__(self) -> None:
        self.close()
