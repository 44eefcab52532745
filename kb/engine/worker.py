"""One worker: a forked process that answers one query after another and may be killed any time.

It holds nothing worth keeping. Before its first query it gives up what a query could misuse:
new files (memory store), new sockets, memory beyond a headroom, core dumps, its parent's life
time. Only Linux has all of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import platform
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.engine import frames
from kb.engine.contract import Asked
from kb.engine.local import Run
from kb.problems import EngineProblem, EngineUnavailable, QueryTooBig

PAGE = resource.getpagesize()
NICE_AT_BIRTH, NICE_WHEN_HEAVY = 5, 19
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 1, 22, 38, 2
# machine: (AUDIT_ARCH of linux/audit.h, number of socket(2)); io_uring_setup(2) is 425 on both
CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
IO_URING_SETUP, EPERM = 425, 1


@dataclass(frozen=True)
class Plan:
    """What a worker answers from and within: `disk` when the folder is a RocksDB store."""

    path: str
    disk: bool
    memory_bytes: int
    grown_bytes: int


def serve(sock: socket.socket, opened: Callable[[], ox.Store], plan: Plan, parent: int) -> None:
    """Answer requests until the socket closes, then end the process; never returns."""
    code = 1
    try:
        die_with_parent(parent)
        store = opened()
        memory = confine(plan)
        _answer_all(sock, store, plan, memory)
        code = 0
    except OSError as error:
        print(f"essaim: worker: {error}", file=sys.stderr)
    finally:
        os._exit(code)  # nothing of the zygote's may run here, no handler, no destructor


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends (prctl(2))."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def confine(plan: Plan) -> Memory:
    """Give up what a query could misuse; return the gauge of this process's memory."""
    with contextlib.suppress(OSError):  # first to go when the machine runs out of memory
        Path("/proc/self/oom_score_adj").write_text("1000")
    memory = Memory()
    most = memory.mapped() + plan.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if not plan.disk:  # RocksDB opens and closes its files as it goes
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    refuse_sockets()
    return memory


def refuse_sockets() -> bool:
    """Make the kernel refuse new sockets (seccomp(2), a filter of six rules); tell if it does."""
    if platform.machine() not in CALLS:
        return False
    arch, socket_call = CALLS[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    rules = [
        (load, 0, 0, 4),  # seccomp_data.arch
        (equal, 0, 4, arch),
        (load, 0, 0, 0),  # seccomp_data.nr
        (equal, 1, 0, socket_call),
        (equal, 0, 1, IO_URING_SETUP),
        (give, 0, 0, 0x00050000 | EPERM),  # SECCOMP_RET_ERRNO
        (give, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
    ]
    code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("H6xP", len(rules), ctypes.addressof(held))
    given = ctypes.create_string_buffer(program, len(program))
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    return _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(given)) == 0


def is_cut_off() -> bool:
    """Refuse sockets in this process; tell whether that holds."""
    if not refuse_sockets():
        return False
    try:
        socket.socket().close()
    except PermissionError:
        return True
    return False


def _prctl(option: int, first: int, second: int = 0) -> int:
    longs = [ctypes.c_ulong(value) for value in (first, second, 0, 0)]
    return int(ctypes.CDLL(None).prctl(option, *longs))


class Memory:
    """What this process maps and holds; the file stays open, for later none can be opened."""

    def __init__(self) -> None:
        self._file = os.open("/proc/self/statm", os.O_RDONLY)
        self._at_birth = self._pages()[1]

    def _pages(self) -> tuple[int, int]:
        mapped, resident = os.pread(self._file, 100, 0).split()[:2]
        return int(mapped), int(resident)

    def mapped(self) -> int:
        """Return the bytes of address space in use."""
        return self._pages()[0] * PAGE

    def grown(self) -> int:
        """Return the bytes held in memory beyond those at birth."""
        return (self._pages()[1] - self._at_birth) * PAGE


def _answer_all(sock: socket.socket, store: ox.Store, plan: Plan, memory: Memory) -> None:
    reader = frames.Reader(sock, frames.MOST_REQUEST)
    is_last = False
    while not is_last:
        try:
            asked = frames.read_request(reader.frame())
        except frames.Cut:
            return
        _allow_cpu(asked.deadline_s)
        is_last = _answer(sock, store, asked, lambda: memory.grown() > plan.grown_bytes)


def _answer(
    sock: socket.socket, store: ox.Store, asked: Asked, has_grown: Callable[[], bool]
) -> bool:
    """Answer one request; return whether this worker should end."""
    run = Run(store, asked)
    out = frames.Writer(sock, lambda: run.media_type, asked.max_bytes)
    problem: EngineProblem | None = None
    is_last = False
    try:
        run(out)  # type: ignore[arg-type]  # RawIOBase is a binary file to the engine
    except EngineProblem as error:
        problem = error
    except MemoryError:
        problem, is_last = too_much_memory(), True
    except (OSError, ValueError, RuntimeError) as error:
        problem = EngineUnavailable(f"the engine stopped: {error}", "unavailable")
    except BaseException as error:  # a panic of the engine derives from nothing narrower
        problem, is_last = crashed(str(error)), True
    if out.is_cut:
        return True
    is_last = is_last or has_grown()
    out.finish(out.problem or problem, is_last)
    return is_last


def _allow_cpu(seconds: float) -> None:
    """Allow this process so many more seconds of CPU: a second lock should the first one fail."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def too_much_memory(most: int = 0) -> QueryTooBig:
    """Return the problem of a query that reached the cap on memory (bytes)."""
    return QueryTooBig(
        "the query needs more memory than one query may have; "
        "bind more terms, drop ORDER BY or DISTINCT, or add a LIMIT in a sub-select",
        "too-much-memory",
        most=most,
    )


def crashed(reason: str) -> EngineUnavailable:
    """Return the problem of a query on which the engine crashed."""
    return EngineUnavailable(
        f"the engine crashed on this query ({reason}); other queries are not affected: "
        "flatten its nesting or split it",
        "crashed",
    )
