"""The settings of `essaim serve`: a flag and an environment variable each, said in one place.

`docs/operations.md` is generated from here, so the page cannot say anything else than the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from kb.engine import DEADLINE_S, MAX_BYTES
from web.sparql import MAX_ROWS

MB = 1024 * 1024


@dataclass(frozen=True)
class Settings:
    """What `essaim serve` was told."""

    host: str
    port: int
    base_url: str | None
    source: Path | None
    engine: str | None
    trusted_proxy: str | None
    threads: int
    workers: bool
    lanes: int | None
    heavy: int | None
    deadline: float
    memory: int | None
    answer: int
    rows: int
    per_minute: int
    at_once: int
    patience: float
    access_log: str | None
    query_log: str | None


def _option(name: str, text: str, **given: Any) -> click.Option:
    variable = "ESSAIM_" + name.partition("/")[0].removeprefix("--").replace("-", "_").upper()
    shown = given.get("default") is not None
    return click.Option([name], help=text, envvar=variable, show_default=shown, **given)


OPTIONS = (
    _option("--host", "Address to listen on.", default="127.0.0.1"),
    _option("--port", "Port to listen on; 0 takes a free one.", default=8000,
            type=click.IntRange(0, 65_535)),
    _option("--base-url", "Public address, when a proxy stands in front."),
    _option("--source", "Folder of sources other than this one's.",
            type=click.Path(exists=True, file_okay=False, path_type=Path)),
    _option("--engine", "Address of a SPARQL 1.1 engine that answers instead of this process, once "
            "`essaim publish` has run (docs/engines.md)."),
    _option("--trusted-proxy", "Address of the proxy whose X-Forwarded headers are believed; "
            "without it every client behind a proxy counts as one."),
    _option("--threads", "Requests answered at once.", default=32, type=click.IntRange(1, 256)),
    _option("--workers/--no-workers", "Run questions from outside in processes that can be "
            "stopped; without, a runaway query cannot be.", default=True),
    _option("--lanes", "Workers for queries of unknown length (default: processors + 1).",
            type=click.IntRange(1, 64)),
    _option("--heavy", "Long queries that run at once (default: processors - 1, at least 1).",
            type=click.IntRange(1, 64)),
    _option("--deadline", "Seconds a query may take, waiting included.", default=DEADLINE_S,
            type=click.FloatRange(0.1, 3600)),
    _option("--memory", "Megabytes a query may take beyond the release (default: 512, less where "
            "all workers together would take more than half the memory).",
            type=click.IntRange(32, 65_536)),
    _option("--answer", "Megabytes an answer may have.", default=MAX_BYTES // 1_000_000,
            type=click.IntRange(1, 10_000)),
    _option("--rows", "Rows an answer may have; what is cut says so.", default=MAX_ROWS,
            type=click.IntRange(1)),
    _option("--per-minute", "Questions of one client in a minute; 0 for no limit.", default=600,
            type=click.IntRange(0)),
    _option("--at-once", "Questions of one client at once; 0 for no limit.", default=8,
            type=click.IntRange(0)),
    _option("--patience", "Seconds that answers under way may take once told to stop.",
            default=10.0, type=click.FloatRange(0, 600)),
    _option("--access-log", "File for a line of JSON a request; - for the error stream."),
    _option("--query-log", "File for a line of JSON a question from outside."),
)  # fmt: skip
