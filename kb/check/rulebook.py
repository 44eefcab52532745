"""What shapes say of themselves: severity, name and message in each language, guide, property.

The texts are read from the shapes by address, never from an engine's report: engines drop
languages, and some give English sentences of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from kb import files, terms

SH = "http://www.w3.org/ns/shacl#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SHAPE = terms.BASE + "shape/"
SEVERITIES = {SH + "Violation": "error", SH + "Warning": "warning", SH + "Info": "info"}


@dataclass(slots=True)
class Rule:
    """One shape: what a reader is told when something breaks it.

    `kind` is the class that values must have, `target` that of the nodes, `allowed` the properties
    of a closed shape.
    """

    iri: str
    severity: str = "error"
    names: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    guide: str = ""
    path: str = ""
    scheme: str = ""
    datatype: str = ""
    kind: str = ""
    target: str = ""
    allowed: tuple[str, ...] = ()
    file: str = ""

    @property
    def code(self) -> str:
        """Its stable code: `C-` and the name, for a shape of ours; else `C-` and the last part."""
        return "C-" + self.iri.removeprefix(SHAPE).rpartition("#")[2].rpartition("/")[2]


Rules = Mapping[str, Rule]


def rules(paths: Iterable[Path]) -> dict[str, Rule]:
    """Return the shapes of some files by address."""
    made: dict[str, Rule] = {}
    for path in paths:
        quads = list(ox.parse(path=str(path)))
        for quad in quads:
            _take(made, quad, path.stem)
        _allow(made, quads)
    return made


def _allow(made: dict[str, Rule], quads: list[ox.Quad]) -> None:
    """Write in the rules of closed shapes the properties of their lists (RDF Schema §5.2)."""
    links: dict[tuple[object, str], object] = {}
    for quad in quads:
        links[quad.subject, quad.predicate.value] = quad.object
    for rule in made.values():
        node = links.get((ox.NamedNode(rule.iri), SH + "ignoredProperties"))
        found = []
        while isinstance(first := links.get((node, RDF + "first")), ox.NamedNode):
            found.append(first.value)
            node = links[node, RDF + "rest"]
        rule.allowed = rule.allowed or tuple(found)


@cache
def ours(root: Path | None = None) -> Rules:
    """Return the shapes of the project by address."""
    return rules(sorted(((root or files.root()) / "shapes").glob("*.ttl")))


def known_rules(root: Path | None = None) -> list[Rule]:
    """Return the rules of the project, those that readers are told, by name."""
    found = [rule for rule in ours(root).values() if rule.messages and rule.names]
    return sorted(found, key=lambda rule: rule.code)


def _take(made: dict[str, Rule], quad: ox.Quad, file: str) -> None:
    if not isinstance(quad.subject, ox.NamedNode):
        return
    name, value = quad.predicate.value, quad.object
    rule = made.setdefault(quad.subject.value, Rule(quad.subject.value, file=file))
    if isinstance(value, ox.Literal):
        if name == SH + "message":
            rule.messages[value.language or ""] = value.value
        elif name == SH + "name":
            rule.names[value.language or ""] = value.value
    elif isinstance(value, ox.NamedNode):
        _point(rule, name, value.value)


def _point(rule: Rule, name: str, value: str) -> None:
    if name == SH + "severity":
        rule.severity = SEVERITIES.get(value, "error")
    elif name.endswith("#seeAlso"):
        rule.guide = value
    elif name == SH + "path":
        rule.path = value
    elif name == SH + "datatype":
        rule.datatype = value
    elif name == SH + "targetClass":
        rule.target = value
    elif name == SH + "class":
        rule.kind = value
    elif name == SH + "node" and value.startswith(SHAPE + "in-"):
        rule.scheme = value.removeprefix(SHAPE + "in-")
