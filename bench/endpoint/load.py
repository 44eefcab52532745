"""The load: kinds of questions, and what each costs a server: requests a second, latency, CPU.

Requests come from wrk, a client that costs little; each run asks a list of different questions, so
that no memory of answers helps unless that is what is measured.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from servers import Server

from data import BASE

JSON, NTRIPLES = "application/sparql-results+json", "application/n-triples"
PREFIX = f"PREFIX : <{BASE}ns#> "
SCRIPT = """
local paths, at = {}, 0
for line in io.lines(os.getenv("BENCH_PATHS")) do paths[#paths + 1] = line end
wrk.headers["Accept"] = os.getenv("BENCH_ACCEPT")
request = function() at = at % #paths + 1; return wrk.format("GET", paths[at]) end
"""


@dataclass(frozen=True)
class Kind:
    """A kind of question: its text, with `%` for what varies, and how it is asked."""

    name: str
    text: str
    values: Sequence[str]
    accept: str = JSON
    clients: int = 8

    def texts(self, most: int) -> list[str]:
        """Return questions of the kind, all different while the values last; always the same."""
        picked = random.Random(1).choices(self.values, k=most)
        return [self.text.replace("%", value) for value in picked]


POINT = "SELECT ?p ?o { <%> ?p ?o }"
CARD = (
    "CONSTRUCT { ?s ?p ?o . ?o ?q ?v } WHERE { VALUES ?s { <%> } ?s ?p ?o OPTIONAL { ?o ?q ?v } }"
)
ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 100000"
NEEDS = PREFIX + (
    "SELECT ?need (COUNT(DISTINCT ?s) AS ?n) { ?s :need ?need ; :start ?y "
    "FILTER(?y > 1900 + %) } GROUP BY ?need ORDER BY DESC(?n)"
)
TYPES = (  # of the real sets: places and organisations, by type
    "SELECT ?type (COUNT(DISTINCT ?s) AS ?n) { ?s a ?type ; <https://kb.example/ns#population> ?y "
    "FILTER(?y > %) } GROUP BY ?type ORDER BY DESC(?n)"
)
PEOPLED = " <https://kb.example/ns#population> "  # communes, for the most part


def of_generated(number: int) -> tuple[Kind, ...]:
    """Return the kinds of question to so many generated innovations."""
    things = [f"{BASE}innovation/{index}" for index in range(number)]
    years = [str(year) for year in range(80)]  # the years differ, the work does not
    return _kinds(things, NEEDS, years)


def of_real(data: Path) -> tuple[Kind, ...]:
    """Return the kinds of question to a real set: its communes, its types."""
    with data.open(encoding="utf-8") as lines:
        things = [line[1 : line.index(">")] for line in lines if PEOPLED in line]
    return _kinds(things, TYPES, [str(number) for number in range(80)])


def _kinds(things: Sequence[str], facet: str, numbers: Sequence[str]) -> tuple[Kind, ...]:
    point, card = Kind("point", POINT, things), Kind("card", CARD, things, NTRIPLES)
    return point, card, Kind("facet", facet, numbers, clients=2)


@dataclass(frozen=True)
class Measure:
    """Requests a second, latency in milliseconds, CPU milliseconds a request, failures."""

    per_s: float
    p50: float
    p99: float
    cpu: float
    failed: int


def path(server: Server, text: str) -> str:
    """Return the path of a question on a server."""
    where = urllib.parse.urlsplit(server.url).path
    return f"{where}?{urllib.parse.urlencode({'query': text})}"


def drive(server: Server, kind: Kind, different: int, seconds: int) -> Measure:
    """Ask so many different questions of a kind, over and over, for so many seconds."""
    with tempfile.TemporaryDirectory() as folder:
        script, paths = os.path.join(folder, "script.lua"), os.path.join(folder, "paths")
        with open(script, "w", encoding="utf-8") as out:
            out.write(SCRIPT)
        with open(paths, "w", encoding="utf-8") as out:
            out.writelines(path(server, text) + "\n" for text in kind.texts(different))
        command = ["wrk", "-t1", f"-c{kind.clients}", f"-d{seconds}s", "--latency",
                   "--timeout", "30s", "-s", script, server.url]  # fmt: skip
        variables = {**os.environ, "BENCH_PATHS": paths, "BENCH_ACCEPT": kind.accept}
        before = server.cpu_s()
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
        return _measure(done.stdout, server.cpu_s() - before)


def _measure(said: str, cpu_s: float) -> Measure:
    total = int(_found(r"(\d+) requests in", said) or 0)
    errors = _found(r"Non-2xx or 3xx responses: (\d+)", said)
    timeouts = _found(r"timeout (\d+)", said)
    return Measure(
        float(_found(r"Requests/sec:\s+([\d.]+)", said) or 0),
        _milliseconds(_found(r"\n\s+50%\s+(\S+)", said)),
        _milliseconds(_found(r"\n\s+99%\s+(\S+)", said)),
        1000 * cpu_s / max(total, 1),
        int(errors or 0) + int(timeouts or 0),
    )


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if not match:
        return float("nan")
    return float(match[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[match[2]]


@dataclass(frozen=True)
class Download:
    """One large answer: seconds to the first byte and to the last, CPU seconds, megabytes."""

    first: float
    total: float
    cpu: float
    size: float


def download(server: Server, number: int) -> Download:
    """Fetch 100,000 rows as JSON."""
    url = urllib.parse.urljoin(server.url, path(server, f"{ROWS} # {number}"))
    asked = urllib.request.Request(url, headers={"Accept": JSON})
    before, began = server.cpu_s(), time.monotonic()
    with urllib.request.urlopen(asked, timeout=300) as answer:
        size = len(answer.read(1))
        first = time.monotonic() - began
        while chunk := answer.read(1 << 20):
            size += len(chunk)
    return Download(first, time.monotonic() - began, server.cpu_s() - before, size / 1e6)
