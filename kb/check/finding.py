"""What a check found: the only thing that passes between the stages, the fixes and the formats.

A finding carries facts, no sentence of ours: its code and its values make the sentence in each
language (`words`). Only the messages of shapes travel with it, as they come from the shapes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kb.reading.places import Fix, Place

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a file.

    `focus`, `path` and `value` are the terms concerned, in the syntax of N-Triples, '' when there
    is none. `shape` and `component` are the IRIs that a SHACL report names. `messages` holds the
    texts of the shape by language. `cause` is what explains it better than its rule can: the value
    is misspelt, or exists nowhere.
    """

    code: str
    severity: str
    file: str
    place: Place | None = None
    focus: str = ""
    path: str = ""
    value: str = ""
    shape: str = ""
    component: str = ""
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    messages: Mapping[str, str] = field(default_factory=dict, hash=False)
    fixes: tuple[Fix, ...] = ()
    cause: Finding | None = None

    @property
    def where(self) -> str:
        """Where a reader looks: the cell of a sheet, else line and column, '' for the whole."""
        return self.values.get("cell") or (str(self.place) if self.place else "")

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """What findings are sorted by: file, place (those without one first), gravity, code."""
        at = self.place.start if self.place else -1
        return self.file, at, SEVERITIES.index(self.severity), self.code, self.value


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was checked: its name, its text, how many statements it makes."""

    name: str
    text: str
    statements: int = 0


@dataclass(frozen=True)
class Report:
    """What a check found in some files, and what kept it from going further.

    `obstacles` are sentences' codes and values like findings, about what could not be checked.
    """

    files: tuple[Checked, ...]
    findings: tuple[Finding, ...]
    obstacles: tuple[Finding, ...] = ()

    @property
    def conforms(self) -> bool:
        """Tell whether nothing graver than a warning was found, and all could be checked."""
        return not self.obstacles and all(f.severity != "error" for f in self.findings)

    @property
    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity."""
        found = Counter(finding.severity for finding in self.told)
        return {severity: found[severity] for severity in SEVERITIES}

    @cached_property
    def told(self) -> tuple[Finding, ...]:
        """The findings that people are told: one of each code at a place.

        A value can break a rule in two ways, by its datatype and by its form, or two rules for
        one cause.
        """
        found: dict[tuple[object, ...], Finding] = {}
        for one in self.findings:
            said = one.cause.code if one.cause else one.code
            key = one.file, said, one.place or one.focus
            if len(one.fixes) > len(found.setdefault(key, one).fixes):
                found[key] = one
        return tuple(found.values())

    def of(self, name: str) -> list[Finding]:
        """Return the findings of one file that people are told, in the order of its text."""
        return [finding for finding in self.told if finding.file == name]
