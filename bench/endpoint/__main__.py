"""Requests, latency, CPU and memory of essaim, rdflib-endpoint and the Oxigraph server.

The servers hold the same statements and stand side by side; rounds alternate between them. Prints a
table of `bench/README.md`. Needs wrk (Debian: wrk) and `pip install -e '.[bench]'`.
Usage: `python bench/endpoint STATEMENTS|FILE.nq.gz [SECONDS]`, for instance 100000, 1000000.
"""

from __future__ import annotations

import gzip
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import servers
from load import Download, Kind, Measure, download, drive, of_generated, of_real
from servers import Server

import data

ROUNDS, MANY = 3, 2000
RDFLIB_MOST, TWICE_MOST = 1_200_000, 4_000_000  # statements


def main(given: str, seconds: int) -> None:
    """Measure over so many generated statements, or over a real file."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        file = home / "data.nq"
        if given.isdigit():
            kinds = of_generated(data.write(file, int(given)))
        else:
            with gzip.open(given) as packed, file.open("wb") as out:
                shutil.copyfileobj(packed, out)
            kinds = of_real(file)
        with file.open("rb") as lines:
            statements = sum(1 for _ in lines)
        running = _start(stack, home, file, statements)
        _print_head(Path(given).name, statements)
        _print_memory(running)
        for kind in kinds:
            _print_kind(kind, running, seconds)
        _print_downloads(running)


def _start(stack: ExitStack, home: Path, file: Path, statements: int) -> list[Server]:
    found = []
    both = (("essaim", False), ("essaim, warm", True))
    for name, warm in both if statements <= TWICE_MOST else both[:1]:
        command = servers.essaim(file, home / "release", servers.port(), warm=warm)
        found.append(stack.enter_context(servers.running(name, *command)))
    command = servers.oxigraph(file, home / "oxigraph", servers.port())
    found.append(stack.enter_context(servers.running("Oxigraph server", *command)))
    if statements <= RDFLIB_MOST:
        command = servers.rdflib_endpoint(file, home / "triples", servers.port())
        found.append(stack.enter_context(servers.running("rdflib-endpoint", *command)))
    return found


def _print_head(given: str, statements: int) -> None:
    what = "generated" if given.isdigit() else given
    print(f"\n### {what}, {statements:,} statements\n")
    names = ("pyoxigraph", "oxigraph", "rdflib-endpoint", "waitress")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"{datetime.now(UTC).date()}, {platform.machine()}, Python {platform.python_version()}, "
          f"{versions}\n")  # fmt: skip


def _print_memory(running: Sequence[Server]) -> None:
    print("| server | ready after, s | memory, MB |\n|---|--:|--:|")
    for server in running:
        print(f"| {server.name} | {server.loaded_s:.1f} | {server.memory_mb():.0f} |")


def _print_kind(kind: Kind, running: Sequence[Server], seconds: int) -> None:
    print(f"\n| {kind.name}, {kind.clients} clients | requests/s | p50, ms | p99, ms "
          "| CPU, ms | failed |\n|---|--:|--:|--:|--:|--:|")  # fmt: skip
    found: dict[str, list[Measure]] = {server.name: [] for server in running}
    for _ in range(ROUNDS):
        for server in running:
            different = 1 if "warm" in server.name else MANY
            found[server.name].append(drive(server, kind, different, seconds))
    for name, measures in found.items():
        best = max(measures, key=lambda measure: measure.per_s)
        cpu = median(measure.cpu for measure in measures)
        failed = sum(measure.failed for measure in measures)
        print(f"| {name} | {best.per_s:.0f} | {best.p50:.1f} | {best.p99:.1f} "
              f"| {cpu:.2f} | {failed} |")  # fmt: skip


def _print_downloads(running: Sequence[Server]) -> None:
    print("\n| 100,000 rows | first byte, ms | total, s | CPU, s | MB |\n|---|--:|--:|--:|--:|")
    found: dict[str, list[Download]] = {server.name: [] for server in running}
    for turn in range(ROUNDS):
        for server in running:
            found[server.name].append(download(server, turn))
    for name, downloads in found.items():
        middle = sorted(downloads, key=lambda each: each.total)[len(downloads) // 2]
        first = min(each.first for each in downloads)
        cpu = median(each.cpu for each in downloads)
        print(f"| {name} | {1000 * first:.0f} | {middle.total:.2f} | {cpu:.2f} "
              f"| {middle.size:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
