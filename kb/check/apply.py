"""Fixes made: those that do not touch each other, then the file is checked again, to the last.

A round that would lose a statement it does not touch is not made: a file is never the poorer for a
repair.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kb.check.finding import Finding
from kb.reading import FORMS, read
from kb.reading.places import Edit, Fix, repaired

ROUNDS = 10


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text before and after, and the fixes that were made in it."""

    before: str
    after: str
    fixes: tuple[Fix, ...]

    def diff(self, name: str) -> str:
        """Return what changed as a unified diff; '' for nothing."""
        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            name,
            name,
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def repair(
    text: str, again: Callable[[str], Iterable[Finding]], form: str = "turtle", unsafe: bool = False
) -> Repaired:
    """Return a text repaired as far as its findings say how; `again` checks a text.

    Of several fixes of one finding the first is made. Repairing twice changes nothing more.
    """
    current, made, seen = text, list[Fix](), {text}
    for _ in range(ROUNDS):
        wanted = [fix for one in again(current) for fix in chosen(one, unsafe)]
        after, done = _kept(current, [fix for fix in wanted if fix.edits], form)
        if after in seen:
            break
        seen.add(after)
        current, made = after, made + done
    return Repaired(text, current, tuple(made))


def chosen(one: Finding, unsafe: bool) -> list[Fix]:
    """Return the fix to make of a finding; a safe one wins, and none is chosen of several safe."""
    safe = [fix for fix in one.fixes if fix.is_safe]
    if safe:
        return safe[:1]
    return list(one.fixes[:1]) if unsafe else []


def _kept(text: str, fixes: list[Fix], form: str) -> tuple[str, list[Fix]]:
    """Make fixes; when statements would be lost, make them one by one and leave out the guilty."""
    after, done = repaired(text, fixes)
    if not loses(text, after, [edit for fix in done for edit in fix.edits], form):
        return after, done
    for fix in done:
        alone, _ = repaired(text, [fix])
        if alone != text and not loses(text, alone, list(fix.edits), form):
            return alone, [fix]
    return text, []


def loses(before: str, after: str, edits: list[Edit], form: str) -> bool:
    """Tell whether statements that no edit touches are missing after edits."""
    if form not in FORMS:
        return False
    old, new = read(before, form), read(after, form)
    if any(_touches(edit, line.place) for edit in edits for line in old.prefixes.values()):
        return len(new.statements) < len(old.statements)
    kept = {str(s.quad.triple) for s in new.statements if "_:" not in str(s.quad.triple)}
    for statement in old.statements:
        if "_:" in (text := str(statement.quad.triple)) or text in kept:
            continue
        if not any(_touches(e, place) for e in edits for place in statement.places[:3] if place):
            return True
    return len(new.statements) < len(old.statements)


def _touches(edit: Edit, place: object) -> bool:
    start, end = getattr(place, "start", 0), getattr(place, "end", 0)
    return edit.start <= end and start <= edit.end


def write(path: Path, data: bytes) -> None:
    """Write bytes in the place of a file, whole or not at all. Raises OSError."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        aside.write_bytes(data)
        with suppress(OSError):
            aside.chmod(path.stat().st_mode)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
