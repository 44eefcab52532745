"""The page of each code that a problem of a query may have: what it means, what to do, an example.

A code is what programs act on, so each leads to an address (the `type` of RFC 9457 §3.1.1). The
words are those of explanations, their values left open.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.explain.explanation import messages

VALUE = re.compile(r"(?<!\{)\{\w+\}(?!\})")


@dataclass(frozen=True)
class Cause:
    """One code in one language; `example` is what meets it and what does not."""

    code: str
    title: str
    meaning: str
    remedy: str
    example: tuple[str, str]


def causes() -> tuple[str, ...]:
    """Return the codes that have a page, in order."""
    return tuple(sorted(_examples()))


def cause(code: str, language: str) -> Cause:
    """Return the page of a code in `fr` or `en`; raises KeyError for another code."""
    wrong, right = _examples()[code]
    title, meaning, remedy = (
        open_values(messages(language)[f"{code}.{part}"]) for part in ("title", "detail", "todo")
    )
    return Cause(code, title, meaning, remedy, (wrong, right))


def open_values(text: str) -> str:
    """Return a sentence of a catalogue with `…` for each value.

    >>> open_values("It took {seconds} s; GRAPH ?g {{ }} lists them")
    'It took … s; GRAPH ?g { } lists them'
    """
    return VALUE.sub("…", text).replace("{{", "{").replace("}}", "}")


@cache
def _examples() -> dict[str, tuple[str, str]]:
    path = Path(__file__).parent / "examples.json"
    found: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
