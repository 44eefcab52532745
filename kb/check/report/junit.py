"""JUnit XML, which most servers of continuous integration show: one case a file."""

from __future__ import annotations

import re
from html import escape

from kb.check.finding import Finding, Report
from kb.check.words import message

# XML 1.0 §2.2: what cannot stand in a document even as a reference.
FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(report: Report, language: str) -> str:
    """Return the report as a suite: a file with errors failed, one not checked is an error."""
    bad = {one.file for one in report.told if one.severity == "error"}
    names = [file.name for file in report.files]
    counts = f'tests="{len(names) + len(report.obstacles)}" failures="{len(bad)}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuite name="essaim check" {counts} errors="{len(report.obstacles)}">')
    for one in report.obstacles:
        lines.append(_case(one.file, [("error", one)], language))
    for name in names:
        found = [("failure", one) for one in report.of(name) if one.severity == "error"]
        found += [("system-out", one) for one in report.of(name) if one.severity != "error"]
        lines.append(_case(name, found, language))
    return "\n".join([*lines, "</testsuite>"]) + "\n"


def _case(name: str, found: list[tuple[str, Finding]], language: str) -> str:
    if not found:
        return f"  <testcase name={_quoted(name)}/>"
    parts = []
    for tag, one in found:
        where = f"{one.file}:{one.where}" if one.where else one.file
        text = _escaped(f"{where}: {message(one, language)}")
        more = (
            ""
            if tag == "system-out"
            else f" message={_quoted(one.code)} type={_quoted(one.severity)}"
        )
        parts.append(f"    <{tag}{more}>{text}</{tag}>")
    inside = "\n".join(parts)
    return f"  <testcase name={_quoted(name)}>\n{inside}\n  </testcase>"


def _quoted(text: str) -> str:
    # A line break in an attribute would be read as a space (XML 1.0 §3.3.3).
    return '"' + re.sub("[\t\n\r]", lambda sign: f"&#{ord(sign[0])};", _escaped(text)) + '"'


def _escaped(text: str) -> str:
    return escape(FORBIDDEN.sub("\ufffd", text))
