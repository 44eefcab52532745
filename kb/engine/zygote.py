"""The zygote: loads a release once, alone and single-threaded, and forks workers from then on.

A forked worker shares the loaded store copy-on-write, so it costs milliseconds and next to no
memory. Only this process forks: the web process has threads, and a fork of threads is broken.
Run as `python -m kb.engine.zygote <descriptor> <plan as JSON>` by `kb.engine.brood`; the
descriptor is a SOCK_SEQPACKET socket, one message a packet:

    → any packet with a socket attached     fork a worker on that socket
    ← {"ready": [protections]}              the release is loaded
    ← {"failed": reason}                    it cannot be
    ← {"born": pid} with a pidfd attached   in the order of the requests; {"unborn": reason}
    ← {"died": pid, "code": exit code}      negative: the signal that ended it

When the other side closes, this process and its workers end.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence

import pyoxigraph as ox

from kb import terms
from kb.engine import worker

IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Zygote:
    """The loop of this process: forks when asked, tells who was born and who died."""

    def __init__(
        self, control: socket.socket, opened: Callable[[], ox.Store], plan: worker.Plan
    ) -> None:
        self._control, self._opened, self._plan = control, opened, plan
        self._children: dict[int, int] = {}  # pidfd → pid
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def run(self) -> None:
        """Serve until the other side closes."""
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor in self._children:
                    self._bury(descriptor)
                elif not self._receive():
                    return

    def _receive(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 100, 4)
        for descriptor in descriptors:
            self._fork(descriptor)
        return bool(message)

    def _fork(self, descriptor: int) -> None:
        mine = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(descriptor)
            return self._tell({"unborn": error.strerror})
        if pid == 0:
            self._become_worker(descriptor, mine)
        os.close(descriptor)
        pidfd = os.pidfd_open(pid)
        self._children[pidfd] = pid
        self._poll.register(pidfd, select.POLLIN)
        socket.send_fds(self._control, [json.dumps({"born": pid}).encode()], [pidfd])

    def _become_worker(self, descriptor: int, parent: int) -> None:
        try:
            self._control.close()
            for pidfd in self._children:
                os.close(pidfd)
            worker.serve(socket.socket(fileno=descriptor), self._opened, self._plan, parent)
        finally:
            os._exit(1)

    def _bury(self, pidfd: int) -> None:
        pid = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        _, status = os.waitpid(pid, 0)
        self._tell({"died": pid, "code": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, object]) -> None:
        self._control.send(json.dumps(message).encode())


def opener(plan: worker.Plan) -> Callable[[], ox.Store]:
    """Return what gives a worker its store; raises OSError or SyntaxError when nothing will.

    The memory store is loaded here and shared. A RocksDB store is opened by each worker: its
    threads would not survive the fork. It is opened once here in a child, to know that it opens.
    """
    if not plan.disk:
        store = ox.Store()
        store.bulk_load(path=plan.path, format=ox.RdfFormat.N_QUADS)
        return lambda: store
    if not _succeeds(lambda: [ox.Store.read_only(plan.path)]):
        raise OSError(f"{plan.path}: not a store that opens")
    return lambda: ox.Store.read_only(plan.path)


def protections(plan: worker.Plan) -> list[str]:
    """Return what workers are kept from: `memory`, `time`, and `files` and `network` if so."""
    kept = ["memory", "time"] if plan.disk else ["memory", "time", "files"]
    return [*kept, "network"] if _succeeds(worker.is_cut_off) else kept


def _succeeds(try_it: Callable[[], object]) -> bool:
    """Try something in a child of its own, where it leaves no trace."""
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if try_it() else 1)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def main(arguments: Sequence[str]) -> int:
    """Load, then fork on demand; return the exit code."""
    for number in IGNORED:  # a stop is the web process's to order: it closes the socket
        signal.signal(number, signal.SIG_IGN)
    control = socket.socket(fileno=int(arguments[0]))
    plan = worker.Plan(**json.loads(arguments[1]))
    try:
        try:
            opened = opener(plan)
            os.close(os.pidfd_open(os.getpid()))  # an old container may refuse it
        except (OSError, SyntaxError) as error:
            control.send(json.dumps({"failed": str(error)}).encode())
            return 1
        terms.prefixes()  # read now: a worker opens no file
        gc.freeze()  # a collection would write to shared pages, and so copy them
        control.send(json.dumps({"ready": protections(plan)}).encode())
        os.nice(worker.NICE_AT_BIRTH)  # of its children too: forking a large store takes a while
        Zygote(control, opened, plan).run()
    except (BrokenPipeError, ConnectionResetError):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
