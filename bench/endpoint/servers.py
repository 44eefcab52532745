"""The servers that are compared, each over the same statements, on a port of its own.

essaim runs as `essaim serve` arranges it, workers and all; the others as their own documentation
says. Each is ended by its process id, with all that it started.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

HERE = Path(__file__).parent
PATIENCE_S = 900


@dataclass(frozen=True)
class Server:
    """A running server: what it is, where it answers, its processes, how long it took to load."""

    name: str
    url: str
    process: psutil.Process
    loaded_s: float

    def family(self) -> list[psutil.Process]:
        """Return every process of the server."""
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """Return the CPU seconds it has used, those of its ended children included."""
        total = 0.0
        for each in self.family():
            try:
                used = each.cpu_times()
                total += used.user + used.system + used.children_user + used.children_system
            except psutil.NoSuchProcess:
                continue
        return total

    def memory_mb(self) -> float:
        """Return its memory in megabytes, pages shared by its processes counted once (PSS)."""
        total = 0
        for each in self.family():
            try:
                total += each.memory_full_info().pss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total / 1e6

    def is_alive(self) -> bool:
        """Tell whether it still answers a small question."""
        try:
            urllib.request.urlopen(self.url + "?query=ASK%7B%7D", timeout=20).read()
        except urllib.error.HTTPError as error:
            return error.code != 404
        except OSError:
            return False
        return True


def port() -> int:
    """Return a port that is free now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def essaim(data: Path, scratch: Path, at: int, *, warm: bool) -> tuple[list[str], str]:
    """Return the command of essaim over a file, and its address."""
    launcher = str(HERE / "launch.py")
    command = [sys.executable, launcher, str(data), str(scratch), str(at), str(int(warm))]
    return command, f"http://127.0.0.1:{at}/sparql"


def oxigraph(data: Path, scratch: Path, at: int) -> tuple[list[str], str]:
    """Load a file into a RocksDB store; return the command of the Oxigraph server."""
    binary = Path(sys.executable).with_name("oxigraph")
    if not scratch.exists():
        load = [str(binary), "load", "--location", str(scratch), "--file", str(data)]
        subprocess.run(load, check=True, capture_output=True)
        optimize = [str(binary), "optimize", "--location", str(scratch)]
        subprocess.run(optimize, check=True, capture_output=True)
    command = [str(binary), "serve-read-only", "--location", str(scratch)]
    command += ["--bind", f"127.0.0.1:{at}", "--union-default-graph"]
    return command, f"http://127.0.0.1:{at}/query"


def rdflib_endpoint(data: Path, scratch: Path, at: int) -> tuple[list[str], str]:
    """Return the command of rdflib-endpoint over Oxigraph's store, its faster choice.

    It reads one graph, so the names of the graphs are left out.
    """
    triples = scratch.with_suffix(".nt")
    if not triples.exists():
        with data.open(encoding="utf-8") as quads, triples.open("w", encoding="utf-8") as out:
            out.writelines(line.rsplit(" ", 2)[0] + " .\n" for line in quads)
    binary = Path(sys.executable).with_name("rdflib-endpoint")
    command = [str(binary), "serve", "--host", "127.0.0.1", "--port", str(at)]
    command += ["--store", "Oxigraph", str(triples)]
    return command, f"http://127.0.0.1:{at}/"


@contextmanager
def running(name: str, command: list[str], url: str) -> Iterator[Server]:
    """Start a server, wait until it answers, end it."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, start_new_session=True)
        try:
            server = Server(name, url, psutil.Process(process.pid), 0)
            while not server.is_alive():
                if process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    said.seek(0)
                    raise SystemExit(f"{name} did not start: {said.read().decode()[-2000:]}")
                time.sleep(0.2)
            yield Server(name, url, server.process, time.monotonic() - began)
        finally:
            for each in reversed(Server(name, url, psutil.Process(process.pid), 0).family()):
                os.kill(each.pid, signal.SIGKILL)
            process.wait()


def clean(folder: Path) -> None:
    """Remove what a bench has written."""
    shutil.rmtree(folder, ignore_errors=True)
