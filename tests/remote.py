"""Small HTTP servers that behave badly on purpose, for what is asked of a remote engine."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket, bytes], None]


def request(connection: socket.socket) -> bytes:
    """Return one request: its head, and as much of a body as it announces."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(65536)
        if not piece:
            return found
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
         if line.startswith(b"content-length")), 0,
    )  # fmt: skip
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(status: str, headers: str = "", body: bytes = b"") -> Behaviour:
    """Return a behaviour: the same answer to everything."""
    headers += f"Connection: close\r\nContent-Length: {len(body)}\r\n"
    head = f"HTTP/1.1 {status}\r\n{headers}\r\n".encode()
    return lambda connection, _: connection.sendall(head + body)


@contextmanager
def listening(behave: Behaviour) -> Iterator[tuple[str, list[bytes]]]:
    """Run a server that answers once a connection; give its address and what it was sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        got: list[bytes] = []
        threading.Thread(target=_serve, args=(server, behave, got), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/sparql", got
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, behave: Behaviour, got: list[bytes]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_one, args=(connection, behave, got), daemon=True).start()


def _one(connection: socket.socket, behave: Behaviour, got: list[bytes]) -> None:
    with connection:
        try:
            asked = request(connection)
            got.append(asked)
            behave(connection, asked)
        except OSError:
            return


def slowly(data: bytes, pause_s: float = 0.05) -> Behaviour:
    """Return a behaviour: these bytes, one at a time."""

    def behave(connection: socket.socket, _: bytes) -> None:
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(pause_s)

    return behave
