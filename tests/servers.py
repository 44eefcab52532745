"""Other engines as the tests run them, and what their rows have in common.

Needs the Oxigraph server (PyPI `oxigraph`) and Virtuoso (Debian `virtuoso-opensource-7`); each
server gets a folder and ports of its own, and is stopped at the end.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from kb.engine import Engine
from kb.engine.remote import RemoteEngine
from kb.engine.wire import Credentials
from kb.problems import EngineUnavailable
from kb.rows import Table, select
from kb.terms import Literal, Term

XSD = "http://www.w3.org/2001/XMLSchema#"
Bag = Counter[tuple[tuple[str, object], ...]]
VIRTUOSO_INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
MaxClientConnections = 4
CheckpointInterval = 0
DirsAllowed = .
NumberOfBuffers = 40000
MaxDirtyBuffers = 30000
MaxQueryMem = 512M
ThreadsPerQuery = 1
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 6
Charset = UTF-8
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def running(
    command: list[str], folder: Path, address: str, user: str = ""
) -> Iterator[RemoteEngine]:
    """Run a server in a folder until it answers at an address; stop it at the end."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
    engine = RemoteEngine(address, credentials=Credentials(user, user) if user else None)
    try:
        if not _answers(process, engine):
            pytest.fail(f"{command[0]} does not start: {(folder / 'said').read_text()[-2000:]}")
        yield engine
    finally:
        process.kill()
        process.wait(20)


def _answers(process: subprocess.Popen[bytes], engine: RemoteEngine) -> bool:
    for _ in range(300):
        if process.poll() is not None:
            return False
        try:
            return engine.health() == "ok"
        except EngineUnavailable:
            time.sleep(0.2)
    return False


@contextmanager
def oxigraph(folder: Path, *options: str) -> Iterator[RemoteEngine]:
    binary = shutil.which("oxigraph", path=str(Path(sys.executable).parent))
    if binary is None:
        pytest.skip("the Oxigraph server is absent; pip install oxigraph")
    port = free_port()
    command = [binary, "serve", "--location", "db", "--bind", f"127.0.0.1:{port}", *options]
    with running(command, folder, f"http://127.0.0.1:{port}/query") as engine:
        yield engine


@contextmanager
def virtuoso(folder: Path) -> Iterator[RemoteEngine]:
    binary = shutil.which("virtuoso-t")
    if binary is None:
        pytest.skip("Virtuoso is absent; apt-get install virtuoso-opensource-7")
    ports = {"sql": free_port(), "http": free_port()}
    (folder / "virtuoso.ini").write_text(VIRTUOSO_INI.format(**ports))
    command = [binary, "+foreground", "+configfile", "virtuoso.ini"]
    with running(command, folder, f"http://127.0.0.1:{ports['http']}/sparql", "dba") as engine:
        yield engine


SERVERS = {"oxigraph": oxigraph, "virtuoso": virtuoso}


def rows(engine: Engine, text: str) -> Bag:
    """Return the rows of a query as a bag of values, each compared as what it means."""
    return bag(select(engine, text))


def bag(found: Table) -> Bag:
    """Return rows as a bag of values, each compared as what it means."""
    return Counter(
        tuple((name, value(row[name])) for name in found.variables if name in row) for row in found
    )


def value(term: Term) -> object:
    """Return a term, numbers by their value; Virtuoso 7.2 has no truth value but 0 and 1."""
    if not isinstance(term, Literal):
        return str(term)
    if term.datatype == XSD + "boolean":
        return Decimal(term.value in ("true", "1"))
    if term.datatype in (XSD + "integer", XSD + "decimal"):
        # Virtuoso 7.2 divides to 15 places, the engine of this process to 18
        return round(Decimal(term.value), 12).normalize()
    # the order of the parts of a GROUP_CONCAT is each engine's own
    return ("; ".join(sorted(term.value.split("; "))), term.datatype, term.language)
