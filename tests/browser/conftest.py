"""A real server on a free port, for clients that are not ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress
from flask import Flask


@pytest.fixture(scope="session")
def address(app: Flask) -> Iterator[str]:
    """The address of a server over the shipped release, with its final slash."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/"
    server.close()
