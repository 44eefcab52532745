"""The whole command: that of `kb.cli`, with the web server added."""

from __future__ import annotations

from kb.cli import PLACES, main

__all__ = ["main"]

PLACES["serve"] = "web.serve:serve"
