"""Serve a file of N-Quads as a release: `launch.py DATA FOLDER PORT WARM [DEADLINE]`.

The arrangement is that of `essaim serve`; only the release is made here, without pages' figures,
and `WARM` 0 switches the memory of answers off, so that the engine is what is measured.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

from kb.release import Release
from web import serve
from web.options import OPTIONS, Settings
from web.sending import Warm


def released(data: Path, folder: Path) -> Release:
    """Return a release whose statements are those of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    link = folder / "kb.nq"
    if not link.exists():
        os.symlink(data.resolve(), link)
    with data.open("rb") as lines:
        count = sum(1 for _ in lines)
    manifest = {"release": "benchbench00", "issued": "2026-01-01", "statements": {"contrib": count},
                "dumps": []}  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return Release(folder, manifest)


def settings(port: int, deadline_s: float = 60) -> Settings:
    """Return the defaults of `essaim serve`, but for the port and the limits of one client."""
    given = {str(option.name): option.default for option in OPTIONS}
    plain = {k: v if isinstance(v, str | int | float) else None for k, v in given.items()}
    chosen = {"port": port, "per_minute": 0, "at_once": 0, "deadline": deadline_s}
    return Settings(**{**plain, **chosen})  # type: ignore[arg-type]


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    data, folder, port, warm = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if warm == "0":
        Warm.keep = lambda self, tag, content_type, body: None  # type: ignore[method-assign]
    made = settings(port, *(float(given) for given in sys.argv[5:]))
    serve._run(made, serve._listening(made.host, port), released(data, folder), [None, None])
