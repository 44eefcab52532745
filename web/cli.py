"""The whole command: that of `kb.cli`, with the web server added.

`essaim serve` builds the release when the sources changed, then serves it. A problem of the
sources does not take the site down: it is printed, and the release before is served.
"""

from __future__ import annotations

import errno
import signal
import socket
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from kb import release
from kb.cli import main, progress, source_option
from kb.problems import Problem, ReleaseProblem, SourceProblem
from web import create_app

__all__ = ["main"]

THREADS = 8


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
@click.option("--base-url", default=None, help="Public address, when a proxy stands in front.")
@source_option
def serve(host: str, port: int, base_url: str | None, source: Path | None) -> None:
    """Serve the pages and the SPARQL endpoint, building the release first when needed."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, _stop)
    listening = _listening(host, port)
    served = _newest(source)
    progress(f"loading release {served.id}")
    app = create_app(served, base_url=base_url)
    served.engine.health()
    _serve(app, listening, host)


def _serve(app: object, listening: socket.socket, host: str) -> None:
    import waitress  # only this command needs it

    server = waitress.create_server(
        app, sockets=[listening], threads=THREADS, ident="essaim", channel_timeout=60
    )
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"essaim: ready on http://{shown}:{listening.getsockname()[1]}/", err=True)
    server.run()


def _listening(host: str, port: int) -> socket.socket:
    """Return a bound socket; a busy port is found out before the release is built."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
    except OSError as error:
        raise Problem(_unbound(host, port, error)) from error
    return made


def _unbound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is busy; choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs more rights; choose one above 1024 with --port"
    return f"cannot listen on {host}: {error.strerror or error}; check --host"


def _newest(source: Path | None) -> release.Release:
    """Return the release of the sources, or the one before when they have a problem."""
    try:
        return release.build(source, progress=progress)
    except (SourceProblem, ReleaseProblem) as problem:
        try:
            previous = release.open_release()
        except ReleaseProblem:
            raise problem from None
        progress(str(problem))
        progress(f"the release before is served: {previous.id} of {previous.manifest['issued']}")
        return previous


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """End at once: requests only read, nothing is left half done."""
    import os

    os._exit(0)
