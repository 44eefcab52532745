"""A text repaired by its own problems' fixes, again and again until none is left to make."""

from __future__ import annotations

from collections.abc import Mapping

from kb.reading import read
from kb.reading.places import Fix, repaired

MOST_ROUNDS = 10  # a fix may uncover another mistake; a text that needs more has other troubles


def repair(
    text: str,
    form: str = "turtle",
    base: str = "",
    known: Mapping[str, str] | None = None,
    is_bold: bool = False,
) -> tuple[str, list[Fix]]:
    """Return a text after its safe fixes, and the fixes that were made.

    With `is_bold` the first fix of every problem is made, safe or not. A second repair of the
    text that is returned changes nothing.
    """
    made: list[Fix] = []
    for _ in range(MOST_ROUNDS):
        problems = read(text, form, base, known).problems
        usable = [[fix for fix in p.fixes if fix.edits and (is_bold or fix.is_safe)]
                  for p in problems]  # fmt: skip
        text, done = repaired(text, [fixes[0] for fixes in usable if fixes])
        if not done:
            break
        made += done
    return text, made
