"""The report for programs: the findings as JSON, sentences in the language asked for."""

from __future__ import annotations

import json
from typing import Any

from kb.check.finding import Finding, Report
from kb.check.words import filled, guide, message
from kb.reading.places import Fix, Place


def written(report: Report, language: str) -> str:
    """Return the report as one JSON object: `conforms`, `counts`, `findings`, `obstacles`."""
    made = {
        "conforms": report.conforms,
        "counts": report.counts,
        "files": [{"name": f.name, "statements": f.statements} for f in report.files],
        "findings": [of_finding(one, language) for one in report.told],
        "obstacles": [of_finding(one, language) for one in report.obstacles],
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def of_finding(one: Finding, language: str) -> dict[str, Any]:
    """Return a finding as an object; what it lacks is left out."""
    made = {
        "code": one.code,
        "severity": one.severity,
        "message": message(one, language),
        "file": one.file,
        "place": _of_place(one.place) if one.place else None,
        "cell": one.values.get("cell", ""),
        "focus": one.focus,
        "path": one.path,
        "value": one.value,
        "shape": one.shape,
        "component": one.component,
        "cause": one.cause.code if one.cause else "",
        "guide": guide(one),
        "fixes": [_of_fix(fix, language) for fix in one.fixes],
    }
    return {key: value for key, value in made.items() if value}


def _of_place(place: Place) -> dict[str, int]:
    return {
        "start": place.start,
        "end": place.end,
        "line": place.line,
        "column": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _of_fix(fix: Fix, language: str) -> dict[str, Any]:
    return {
        "title": filled("fix." + fix.title_code, fix.values, language),
        "safe": fix.is_safe,
        "edits": [{"start": e.start, "end": e.end, "text": e.text} for e in fix.edits],
    }
