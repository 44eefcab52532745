"""What hostile queries do to each server, and to everybody else who asks it meanwhile.

Each query of `tests/hostile` is sent once, and given 15 s; light questions go on, eight a second,
each sent at its time whether or not those before it were answered. A server that died, or that
goes on working after its client has left, is started again before the next query.
Usage: `python bench/endpoint/torture.py [STATEMENTS [SERVER ...]]`.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import servers
from load import JSON, Kind, of_generated, path
from servers import Server

import data

HOSTILE = Path(__file__).parents[2] / "tests" / "hostile"
REPEATED = re.compile(r"«(\d+) ([^»]*)»")
GIVEN_S, DEADLINE_S, QUIET_S, EVERY_S, LIGHT_S = 15.0, 10, 20.0, 0.125, 20.0
ACCEPT = f"{JSON}, application/n-triples;q=0.5"
FEW_S = 1.5  # at least so long between two hostile queries, so that light ones meet them
Starter = Callable[[], contextlib.AbstractContextManager[Server]]


def main(statements: int, *wanted: str) -> None:
    """Print what each server did with each query, and the latencies of light questions."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        file = home / "data.nq"
        point: Kind = of_generated(data.write(file, statements))[0]
        told = {}
        starters = _starters(home, file)
        for name in wanted or starters:
            told[name] = _Trial(starters[name], point.texts(2000)).run()
            print(f"{name}: done", file=sys.stderr)
    _print(told)


def _starters(home: Path, file: Path) -> dict[str, Starter]:
    """Return how each server is started; a deadline is set where the server knows one."""

    def essaim() -> contextlib.AbstractContextManager[Server]:
        command, url = servers.essaim(file, home / "release", servers.port(), warm=False)
        return servers.running("essaim", [*command, str(DEADLINE_S)], url)

    def oxigraph() -> contextlib.AbstractContextManager[Server]:
        command, url = servers.oxigraph(file, home / "oxigraph", servers.port())
        return servers.running("oxigraph", [*command, "--timeout-s", str(DEADLINE_S)], url)

    def rdflib() -> contextlib.AbstractContextManager[Server]:
        return servers.running("rdflib", *servers.rdflib_endpoint(file, home / "t", servers.port()))

    return {"essaim": essaim, "Oxigraph server": oxigraph, "rdflib-endpoint": rdflib}


class _Trial:
    """One server through all hostile queries; latencies in milliseconds, quiet and meanwhile."""

    def __init__(self, start: Starter, texts: Sequence[str]) -> None:
        self._start, self._texts, self._stack = start, texts, ExitStack()
        self.outcomes: dict[str, str] = {}
        self.quiet: list[float] = []
        self.meanwhile: list[float] = []
        self.starts = 0

    def run(self) -> _Trial:
        """Do it all; the server is ended."""
        with self._stack:
            server = self._begin()
            with light(server, self._texts, []):
                time.sleep(2)  # what happens once only is not measured
            with light(server, self._texts, self.quiet):
                time.sleep(QUIET_S)
            for file in sorted(HOSTILE.glob("*.rq")):
                text = REPEATED.sub(lambda m: m[2] * int(m[1]), file.read_text(encoding="utf-8"))
                with light(server, self._texts, self.meanwhile):
                    began = time.monotonic()
                    outcome = _outcome(server, text)
                    time.sleep(max(0.0, FEW_S - (time.monotonic() - began)))
                outcome, is_fit = _after(server, outcome)
                self.outcomes[file.stem] = outcome
                if not is_fit:
                    self._stack.close()
                    server = self._begin()
        return self

    def _begin(self) -> Server:
        self.starts += 1
        return self._stack.enter_context(self._start())


@contextmanager
def light(server: Server, texts: Sequence[str], latencies: list[float]) -> Iterator[None]:
    """Ask light questions until left; each adds its latency, LIGHT_S when it has no answer."""
    is_over = threading.Event()
    asking: list[threading.Thread] = []

    def ask(at: int) -> None:
        began = time.monotonic()
        status = get(server, texts[at % len(texts)], LIGHT_S)[0]
        taken = time.monotonic() - began
        latencies.append(1000 * (taken if status == 200 else LIGHT_S))

    def ask_on() -> None:
        at = len(latencies) * 7
        while not is_over.wait(EVERY_S):
            at += 1
            asking.append(threading.Thread(target=ask, args=(at,)))
            asking[-1].start()

    clock = threading.Thread(target=ask_on)
    clock.start()
    try:
        yield
    finally:
        is_over.set()
        clock.join()
        for each in asking:
            each.join()


def get(server: Server, text: str, timeout_s: float) -> tuple[int, bool]:
    """Return the status of a question (0: no answer in time, -1: cut off), and if it was whole."""
    address = urllib.parse.urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=timeout_s)
    until = time.monotonic() + timeout_s
    try:
        if len(text) < 8000:
            connection.request("GET", path(server, text), headers={"Accept": ACCEPT})
        else:
            kind = {"Accept": ACCEPT, "Content-Type": "application/sparql-query"}
            connection.request("POST", address.path, text.encode(), kind)
        answer = connection.getresponse()
        while answer.read1(1 << 20):
            if time.monotonic() > until:
                return 0, False
        return answer.status, True
    except TimeoutError:
        return 0, False
    except (OSError, http.client.HTTPException):
        return -1, False
    finally:
        connection.close()


def _outcome(server: Server, text: str) -> str:
    status, is_whole = get(server, text, GIVEN_S)
    if status == 0:
        return "no answer"
    if status == -1:
        return "cut off"
    if status in (500, 502, 503, 504):
        return "stopped" if status > 500 else "failed (500)"
    return "refused" if status >= 400 else "answered" if is_whole else "cut off"


def _after(server: Server, outcome: str) -> tuple[str, bool]:
    """Return what became of a query once its client left, and whether the server goes on."""
    if not server.process.is_running() or server.process.status() == "zombie":
        return "**died**", False
    time.sleep(0.2)
    used, began = server.cpu_s(), time.monotonic()
    time.sleep(1)
    is_busy = server.cpu_s() - used > 0.5 * (time.monotonic() - began)
    if is_busy:
        return f"{outcome}, **runs on**", False
    return outcome, server.is_alive()


def _print(told: dict[str, _Trial]) -> None:
    print(f"| hostile query | {' | '.join(told)} |\n|---|{'---|' * len(told)}")
    for name in next(iter(told.values())).outcomes:
        row = " | ".join(trial.outcomes[name] for trial in told.values())
        print(f"| {name} | {row} |")
    print("\n| light questions | p50, ms | p99, ms | longest, ms | asked | unanswered | starts |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for name, trial in told.items():
        for when, found in (("quiet", trial.quiet), ("meanwhile", trial.meanwhile)):
            parts = statistics.quantiles(found, n=100)
            lost = sum(latency >= 1000 * LIGHT_S for latency in found)
            starts = trial.starts if when == "meanwhile" else ""
            print(f"| {name}, {when} | {parts[49]:.1f} | {parts[98]:.1f} | {max(found):.0f} "
                  f"| {len(found)} | {lost} | {starts} |")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *sys.argv[2:])
