"""The reconciliation services that are compared, each in its own environment, and asked by HTTP."""

from __future__ import annotations

import csv
import json
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

PATIENCE_S = 240
Best = list[tuple[str, float] | None]


@dataclass(frozen=True)
class Service:
    """A running service and its address."""

    url: str
    process: subprocess.Popen[bytes]

    def ask(self, names: Sequence[str]) -> tuple[Best, float]:
        """Return the best of each name with its score, and the seconds the batch took."""
        queries = {f"q{n}": {"query": text, "limit": 5} for n, text in enumerate(names)}
        started = time.perf_counter()
        answer = httpx.post(self.url, data={"queries": json.dumps(queries)}, timeout=PATIENCE_S)
        took = time.perf_counter() - started
        found: dict[str, Any] = answer.raise_for_status().json()
        return [_best(found.get(f"q{n}", {}).get("result", [])) for n in range(len(names))], took

    def used(self) -> tuple[float, float]:
        """Return the CPU seconds and the most memory, in MB, that the service took so far."""
        return _used(self.process.pid)


def _used(process: int) -> tuple[float, float]:
    """Return the CPU seconds and the most memory, in MB, that a process took so far."""
    about = Path("/proc", str(process))
    fields = (about / "stat").read_text().rpartition(")")[2].split()
    status = (about / "status").read_text()
    peak = next(one.split()[1] for one in status.splitlines() if one.startswith("VmHWM"))
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(peak) / 1024


def _best(result: list[dict[str, Any]]) -> tuple[str, float] | None:
    ranked = sorted(result, key=lambda one: -float(one["score"]))
    return (str(ranked[0]["id"]), float(ranked[0]["score"])) if ranked else None


@contextmanager
def datasette(python: Path, target: Path, folder: Path) -> Iterator[Service]:
    """Run datasette-reconcile over a table with a full-text index, as its README says."""
    base = sqlite3.connect(folder / "names.db")
    base.execute("create table names (id integer primary key, name text)")
    with target.open(encoding="utf-8", newline="") as file:
        rows = [(row["id"], row["name"]) for row in csv.DictReader(file, delimiter="\t")]
    base.executemany("insert into names values (?, ?)", rows)
    base.execute(
        "create virtual table names_fts using fts5(name, content='names', content_rowid='id')"
    )
    base.execute("insert into names_fts(rowid, name) select id, name from names")
    base.commit()
    base.close()
    settings = folder / "metadata.json"
    plugin = {
        "id_field": "id",
        "name_field": "name",
        "fts_table": "names_fts",
        "type_default": [{"id": "x", "name": "x"}],
    }
    tables = {"names": {"plugins": {"datasette-reconcile": plugin}}}
    settings.write_text(json.dumps({"databases": {"names": {"tables": tables}}}))
    port = _free()
    command = [python.parent / "datasette", "serve", folder / "names.db", "-p", str(port),
               "-m", settings, "--setting", "sql_time_limit_ms", "60000"]  # fmt: skip
    with _running(command, folder, f"http://127.0.0.1:{port}/names/names/-/reconcile") as service:
        yield service


@contextmanager
def csv_reconcile(python: Path, target: Path, folder: Path) -> Iterator[Service]:
    """Run csv-reconcile with its own scorer."""
    command = [python.parent / "csv-reconcile", "init", target, "id", "name"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    port = _free()
    run = [python.parent / "flask", "--app", "csv_reconcile:create_app()", "run", "-p", str(port)]
    with _running(run, folder, f"http://127.0.0.1:{port}/reconcile") as service:
        yield service


def _free() -> int:
    with socket.socket() as open_:
        open_.bind(("127.0.0.1", 0))
        return int(open_.getsockname()[1])


@contextmanager
def _running(command: list[Any], folder: Path, url: str) -> Iterator[Service]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env={**os.environ})
        try:
            _wait(url)
            yield Service(url, process)
        finally:
            process.terminate()
            process.wait(20)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{url}: does not answer")
