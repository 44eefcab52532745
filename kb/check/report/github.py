"""Workflow commands that GitHub Actions shows as annotations of a pull request's lines."""

from __future__ import annotations

from kb.check.finding import Finding, Report
from kb.check.words import message

KINDS = {"error": "error", "warning": "warning", "info": "notice"}


def written(report: Report, language: str) -> str:
    """Return one command a finding, as the runner reads them from the output of a step."""
    found = (*report.obstacles, *report.told)
    return "".join(f"{_command(one, language)}\n" for one in found)


def _command(one: Finding, language: str) -> str:
    where = f"file={_escaped(one.file, ',:')}"
    if place := one.place:
        where += f",line={place.line},endLine={place.end_line},col={place.column}"
        if place.line == place.end_line:
            where += f",endColumn={place.end_column}"
    cell = one.values.get("cell", "")
    title = _escaped(f"{one.code} {cell}".strip(), ",:")
    return f"::{KINDS[one.severity]} {where},title={title}::{_escaped(message(one, language))}"


def _escaped(text: str, more: str = "") -> str:
    for sign in "%\r\n" + more:
        text = text.replace(sign, f"%{ord(sign):02X}")
    return text
