"""A real SPARQL server (Oxigraph, from PyPI) over a few statements, for what asks endpoints."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest


@contextmanager
def running(turtle: str) -> Iterator[str]:
    """Run a server that holds these statements; give the address of its queries."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("install oxigraph (pip install 'essaim[test]')")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [program, "serve", "--bind", f"127.0.0.1:{port}"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _load(f"{address}/store?default", turtle)
        yield f"{address}/query"
    finally:
        run.terminate()
        run.wait(10)


def _load(address: str, turtle: str) -> None:
    asked = Request(address, turtle.encode(), {"Content-Type": "text/turtle"}, method="PUT")
    for _ in range(100):
        try:
            urlopen(asked, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")
