"""A report in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable

from kb.check.finding import Report
from kb.check.report import github, html, json, junit, sarif, shacl, text

Format = Callable[[Report, str], str]

FORMATS: dict[str, Format] = {
    "text": text.written,
    "json": json.written,
    "sarif": sarif.written,
    "github": github.written,
    "junit": junit.written,
    "turtle": shacl.turtle,
    "jsonld": shacl.jsonld,
    "html": html.written,
}
