"""What a problem and a fix say, in French and English: what is wrong, then what to write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kb.reading.places import Fix
from kb.reading.problems import SyntaxProblem

LANGUAGES = ("en", "fr")


@cache
def messages(language: str) -> dict[str, str]:
    """Return the messages of a language, by code; raises ValueError when it has none."""
    if language not in LANGUAGES:
        raise ValueError(f"no messages in {language!r}; ask for one of {', '.join(LANGUAGES)}")
    path = Path(__file__).parent / "messages" / f"{language}.json"
    read: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return read


def said(problem: SyntaxProblem, language: str = "en") -> str:
    """Return what a problem says, without its place."""
    return fitted(messages(language)[problem.code], problem.values).format_map(problem.values)


def fitted(text: str, values: Mapping[str, str]) -> str:
    """Return a sentence without the parts between `[[` and `]]` one of whose values is missing.

    >>> fitted("no such word[[; write {right}]]", {"right": ""})
    'no such word'
    """

    def part(found: re.Match[str]) -> str:
        names = re.findall(r"\{(\w+)", found[1])
        return found[1] if all(values.get(name) for name in names) else ""

    return re.sub(r"\[\[(.*?)\]\]", part, text)


def titled(fix: Fix, language: str = "en") -> str:
    """Return the title of a fix."""
    return messages(language)[f"fix.{fix.title_code}"].format_map(fix.values)
