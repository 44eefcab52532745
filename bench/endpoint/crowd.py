"""How long light questions take while several cross products are asked at once.

Some seconds quiet, then as many with 2, 8, 16 and 32 of them, round after round: allowed is twice
the quiet p99 and 50 ms more. Usage: `python bench/endpoint/crowd.py [STATEMENTS [ROUNDS]]`.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import servers
from load import of_generated
from servers import Server
from torture import DEADLINE_S, GIVEN_S, HOSTILE, get, light

import data

TOGETHER = (2, 8, 16, 32)


def main(statements: int, rounds: int) -> None:
    """Print the latencies of light questions, quiet and in every crowd."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        file = home / "data.nq"
        texts = of_generated(data.write(file, statements))[0].texts(2000)
        command, url = servers.essaim(file, home / "release", servers.port(), warm=False)
        found: dict[int, list[float]] = {number: [] for number in (0, *TOGETHER)}
        with servers.running("essaim", [*command, str(DEADLINE_S)], url) as server:
            with light(server, texts, []):
                time.sleep(2)  # what happens once only is not measured
            for _ in range(rounds):
                for number, latencies in found.items():
                    with light(server, texts, latencies):
                        _ask_together(server, number)
    _print(found)


def _ask_together(server: Server, number: int) -> None:
    """Ask so many cross products, all different, at once; without any, wait as long."""
    text = (HOSTILE / "run-cross.rq").read_text(encoding="utf-8")
    until = time.monotonic() + DEADLINE_S
    asking = [
        threading.Thread(target=get, args=(server, f"{text} # {time.monotonic()} {at}", GIVEN_S))
        for at in range(number)
    ]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    time.sleep(max(0.0, until - time.monotonic()))


def _print(found: dict[int, list[float]]) -> None:
    print("| cross products at once | p50, ms | p99, ms | longest, ms | asked | allowed p99, ms |")
    print("|--:|--:|--:|--:|--:|--:|")
    quiet = statistics.quantiles(found[0], n=100)[98]
    for number, latencies in found.items():
        parts = statistics.quantiles(latencies, n=100)
        allowed = f"{2 * quiet + 50:.1f}" if number else ""
        print(f"| {number} | {parts[49]:.1f} | {parts[98]:.1f} | {max(latencies):.0f} "
              f"| {len(latencies)} | {allowed} |")  # fmt: skip


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given + [100_000, 2][len(given) :]))
