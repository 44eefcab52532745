"""What was found of an identifier, and where: the plain values that modules here share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kb.terms import Term


@dataclass(frozen=True)
class Fact:
    """One fact about an item; `source` is the endpoint or file, `seen` the day it was read."""

    item: str
    property: str
    value: Term
    source: str
    seen: str


@dataclass
class Found:
    """The facts of each identifier, in the order of the list; an empty list is *not found*."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)

    def items(self, identifier: str) -> list[str]:
        """Return the items an identifier leads to; more than one is ambiguous."""
        return sorted({fact.item for fact in self.facts.get(identifier, ())})

    def missing(self, asked: Sequence[str]) -> list[str]:
        """Return the identifiers of which nothing is known yet."""
        return [each for each in asked if not self.facts.get(each)]

    def add(self, found: Mapping[str, Sequence[Fact]]) -> None:
        """Take in facts of identifiers."""
        for identifier, facts in found.items():
            self.facts.setdefault(identifier, []).extend(facts)
