"""What people decided about links, kept in plain files that git can review."""

from __future__ import annotations


def accepted_spellings(target: str) -> list[tuple[str, str]]:
    """Return the spellings that accepted links to a target have taught: entity, name."""
    return []
