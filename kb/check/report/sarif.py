"""SARIF 2.1.0 (OASIS, 2020), which code scanning services read; one run, one result a finding.

Code scanning shows 5,000 results of a run at most, so that no more of one code than `MOST` is
written.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kb.check import words
from kb.check.finding import Finding, Report
from kb.check.words import guide, message
from kb.reading.places import Fix, Lines, Place

LEVELS = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST = 200


def written(report: Report, language: str) -> str:
    """Return the report as a SARIF log."""
    lines = {file.name: Lines(file.text) for file in report.files}
    told: Counter[str] = Counter()
    results = []
    for one in (*report.obstacles, *report.told):
        told[one.code] += 1
        if told[one.code] <= MOST:
            results.append(_result(one, language, lines.get(one.file)))
    codes = {one.code: one for one in reversed((*report.obstacles, *report.told))}
    run = {
        "tool": {
            "driver": {
                "name": "essaim check",
                "informationUri": "https://w3id.org/essaim/",
                "rules": [_rule(code, one, language) for code, one in sorted(codes.items())],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "language": language,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _rule(code: str, one: Finding, language: str) -> dict[str, Any]:
    made: dict[str, Any] = {"id": code, "shortDescription": {"text": words.name(one, language)}}
    if address := guide(one):
        made["helpUri"] = address
    return made


def _result(one: Finding, language: str, lines: Lines | None) -> dict[str, Any]:
    where: dict[str, Any] = {"artifactLocation": {"uri": _uri(one.file)}}
    if one.place:
        where["region"] = _region(one.place)
    location: dict[str, Any] = {"physicalLocation": where}
    if cell := one.values.get("cell"):
        name = {"name": cell.rpartition("!")[2], "fullyQualifiedName": cell, "kind": "member"}
        location["logicalLocations"] = [name]
    made = {
        "ruleId": one.code,
        "level": LEVELS[one.severity],
        "message": {"text": message(one, language)},
        "locations": [location],
    }
    fixes = [_fix(one, fix, language, lines) for fix in one.fixes if fix.edits] if lines else []
    return made | ({"fixes": fixes} if fixes else {})


def _uri(name: str) -> str:
    return Path(name).as_uri() if Path(name).is_absolute() else quote(name)


def _region(place: Place) -> dict[str, int]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(one: Finding, fix: Fix, language: str, lines: Lines) -> dict[str, Any]:
    replacements = [
        {
            "deletedRegion": _region(lines.place(edit.start, edit.end)),
            "insertedContent": {"text": edit.text},
        }
        for edit in fix.edits
    ]
    title = words.filled("fix." + fix.title_code, fix.values, language)
    change = {"artifactLocation": {"uri": _uri(one.file)}, "replacements": replacements}
    return {"description": {"text": title}, "artifactChanges": [change]}
