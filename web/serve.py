"""The command `essaim serve`.

It builds the release when the sources changed, then serves it. A problem of the
sources does not take the site down: it is printed, and the release before is served.
"""

from __future__ import annotations

import dataclasses
import errno
import logging
import os
import signal
import socket
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

import click
from flask import Flask

from kb import release
from kb.commands import progress
from kb.engine.lanes import Limits
from kb.engine.pool import PoolEngine
from kb.engine.remote import RemoteEngine
from kb.problems import Problem, ReleaseProblem, SourceProblem
from kb.release import Release
from web import check, create_app, operations, proposals
from web.asking import Asking
from web.clients import Clients
from web.front import Front
from web.options import MB, OPTIONS, Settings
from web.serving import Server
from web.site import Site
from web.watch import Log, Metrics, Watched


@click.command(params=list(OPTIONS))
def serve(**given: Any) -> None:
    """Serve the pages and the SPARQL endpoint, building the release first when needed.

    SIGHUP takes the release that is current then, without a pause; SIGTERM ends once the answers
    under way are sent.
    """
    settings = Settings(**given)
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(name, _stop)
    logging.basicConfig(format="essaim: %(message)s", level=logging.WARNING)
    listening = _listening(settings.host, settings.port)
    logs = [_log(path) for path in (settings.access_log, settings.query_log)]
    served = _answered(settings, _newest(settings.source))
    progress(f"loading release {served.id}")
    _run(settings, listening, served, logs)


def _run(
    settings: Settings, listening: socket.socket, served: Release, logs: list[IO[str] | None]
) -> None:
    clients, figures = Clients(settings.per_minute, settings.at_once), Metrics()
    app = create_app(served, base_url=settings.base_url, public=_public(settings, served, clients))
    app.config["MAX_ROWS"] = settings.rows
    operations.install(app, figures)
    server = Server(
        Watched(Front(app), figures, *(Log(out) for out in logs)), listening,
        threads=settings.threads, patience_s=settings.patience, settings=_proxy(settings),
    )  # fmt: skip
    threading.Thread(target=check.warm, name="warm", daemon=True).start()
    ready = app.extensions["essaim"]
    threading.Thread(target=proposals.warm, args=(ready,), name="names", daemon=True).start()
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    progress(f"ready on http://{host}:{listening.getsockname()[1]}/")
    try:
        server.run(lambda: _switch(app, settings, clients))
    finally:
        _close(app.extensions["essaim"])


def _public(settings: Settings, served: Release, clients: Clients) -> Asking:
    """Return the engine for questions from outside: workers where the system can confine them.

    The release is loaded twice at the same time: by the workers, and here for the pages, which
    no question from outside can then delay.
    """
    if settings.engine:
        return Asking(served.engine, clients, settings.deadline, settings.answer * 1_000_000)
    with ThreadPoolExecutor(1) as aside:
        loaded = aside.submit(lambda: served.engine)
        engine = served.pooled(_limits(settings)).engine if settings.workers else served.engine
        loaded.result()
    if settings.workers and not isinstance(engine, PoolEngine):
        progress("this system cannot confine workers: a runaway query will not be stopped")
    return Asking(engine, clients, settings.deadline, settings.answer * 1_000_000)


def _answered(settings: Settings, found: Release) -> Release:
    """Return a release answered by the engine that was named, if one was and it holds this one."""
    if not settings.engine:
        return found
    remote = RemoteEngine(settings.engine, release=found.id)
    remote.health()
    return dataclasses.replace(found, served_by=remote)


def _limits(settings: Settings) -> Limits:
    made = Limits.of_machine()
    given = {
        "lanes": settings.lanes,
        "heavy": settings.heavy,
        "memory_bytes": (settings.memory or 0) * MB,
    }
    return dataclasses.replace(made, **{key: value for key, value in given.items() if value})


def _switch(app: Flask, settings: Settings, clients: Clients) -> None:
    """Serve the release that is current now; the one before goes on when it cannot be opened."""
    before: Site = app.extensions["essaim"]
    try:
        newest = _answered(settings, release.open_release())
        if newest.id == before.release.id:
            return progress(f"release {newest.id} is served already")
        public = _public(settings, newest, clients)
        ready = Site(newest, settings.base_url, public)
        proposals.warm(ready)
        app.extensions["essaim"] = ready
    except (Problem, OSError, MemoryError) as problem:
        return progress(f"still serving release {before.release.id}: {problem}")
    progress(f"serving release {newest.id} instead of {before.release.id}")
    engine = getattr(before.public, "engine", None)
    if isinstance(engine, PoolEngine):
        engine.retire()


def _close(served: Site) -> None:
    engine = getattr(served.public, "engine", None)
    if isinstance(engine, PoolEngine):
        engine.close()


def _proxy(settings: Settings) -> dict[str, Any]:
    """Return what the server is told of a proxy in front."""
    if not settings.trusted_proxy:
        return {}
    headers = "x-forwarded-for x-forwarded-proto x-forwarded-host x-forwarded-port"
    return {
        "trusted_proxy": settings.trusted_proxy, "trusted_proxy_headers": headers,
        "clear_untrusted_proxy_headers": True,
    }  # fmt: skip


def _log(path: str | None) -> IO[str] | None:
    if path in (None, ""):
        return None
    if path == "-":
        return sys.stderr
    try:
        return Path(str(path)).open("a", encoding="utf-8")
    except OSError as error:
        raise Problem(f"{path}: cannot be written: {error.strerror or error}") from error


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
    """End at once, before anything is served: nothing is left half done."""
    os._exit(0)
