"""What records break of the project's rules: results of an engine, told by file and rule.

`reference=True` leaves all to pySHACL; tests hold both engines to the same findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from kb.validation.engines import Result, project, validate
from kb.validation.engines.results import Term
from kb.validation.graph import DataGraph
from kb.validation.rules import SEVERITIES, Rule, rules


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a record breaks: where it stands, which rule, and what to write."""

    file: str
    focus: str
    path: str | None
    value: str | None
    rule: str
    severity: str
    messages: Mapping[str, str]


def findings(data: DataGraph, root: Path | None = None, reference: bool = False) -> list[Finding]:
    """Return what the records of a graph break, gravest first, then by file and node."""
    results = set(validate(data.triples, project(root), "pyshacl" if reference else "auto"))
    by_iri = {rule.iri: rule for rule in rules(root)}
    found = [_finding(data, result, by_iri[_text(result.shape)]) for result in results]
    return sorted((finding for finding in found if finding), key=_order)


def _order(finding: Finding) -> tuple[int, str, str, str, str, str]:
    gravity = SEVERITIES.index(finding.severity)
    path, value = finding.path or "", finding.value or ""
    return gravity, finding.file, finding.focus, finding.rule, path, value


def _finding(data: DataGraph, result: Result, rule: Rule) -> Finding | None:
    """Return a result as a finding, or None when it is not about a record."""
    file = data.file(result.focus, result.predicate, result.value)
    if file is None:
        return None
    return Finding(
        file=file,
        focus=_text(result.focus),
        path=result.predicate or None,
        value=None if result.value is None else _text(result.value),
        rule=rule.iri,
        severity=rule.severity,
        messages=rule.messages,
    )


def _text(term: Term) -> str:
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)
