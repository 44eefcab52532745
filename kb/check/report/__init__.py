"""A report in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable

from kb.check.finding import Report
from kb.check.report import text

Format = Callable[[Report, str], str]

FORMATS: dict[str, Format] = {"text": text.written}
