"""An error of the endpoint as a small document, for people, programs and terminals.

Words come from `messages/<language>.json`; positions count from 1, columns in characters. As JSON
the document adds members to a problem of RFC 9457 §3.2.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("fr", "en")
WIDEST = 160


@cache
def messages(language: str) -> dict[str, str]:
    """Return the words of explanations in a language, by key."""
    path = Path(__file__).parent / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def say(language: str, key: str, **values: object) -> str:
    """Return a sentence of the catalogue with its values filled in."""
    return messages(language)[key].format(**values)


def listed(language: str, words: Sequence[str], last: str = "or") -> str:
    """Return words as a list in a language: `a dot, a semicolon or a closing brace`."""
    if len(words) < 2:
        return "".join(words)
    joint = f" {say(language, 'list.' + last)} "
    return ", ".join(words[:-1]) + joint + words[-1]


@dataclass(frozen=True)
class Edit:
    """A change of the query: `text` takes the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Advice:
    """What to do, as a key of the catalogue, the values of its sentence, and the edits it means."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Mistake:
    """What is wrong between two places of a query: a key of the catalogue, with its values."""

    code: str
    start: int
    end: int
    values: Mapping[str, object] = field(default_factory=dict)
    advice: tuple[Advice, ...] = ()
    expected: frozenset[str] = frozenset()


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return a text with edits made; they do not overlap."""
    pieces, at = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        pieces += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join(pieces) + text[at:]


def place(text: str, offset: int) -> tuple[int, int]:
    """Return the line and column of an offset, from 1; lines end as str.splitlines ends them."""
    before = (text[:offset] + "|").splitlines()  # the sign stands for the character at offset
    return len(before), len(before[-1])


@dataclass(frozen=True)
class Suggestion:
    """One thing to do, in words, and the repaired query where there is one."""

    code: str
    text: str
    edits: tuple[Edit, ...] = ()
    query: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why a query was not answered, or why its answer is empty.

    `code` is that of the problem, `mistake` what is wrong more precisely ('' when unknown); `line`
    and `column` are 0 when the problem has no place; `unjoined` has one text per group of
    patterns that share no variable with the others.
    """

    code: str
    language: str
    title: str
    detail: str
    mistake: str = ""
    line: int = 0
    column: int = 0
    width: int = 1
    source_line: str = ""
    expected: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    unjoined: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    help: str = ""

    def __str__(self) -> str:
        return self.to_text()

    def label(self, key: str) -> str:
        """Return a word of the catalogue in the language of the explanation."""
        return say(self.language, key)

    @property
    def place(self) -> str:
        """Where it is, as the beginning of a sentence; '' when it has no place."""
        if not self.line:
            return ""
        return say(self.language, "text.place", line=self.line, column=self.column)

    @property
    def expected_sentence(self) -> str:
        """What could have stood there, as a sentence."""
        return say(self.language, "text.expected", words=listed(self.language, self.expected))

    @property
    def shown(self) -> tuple[str, str, str]:
        """The line of the mistake in three parts: before, marked, after; long lines are cut."""
        start, end = self.column - 1, self.column - 1 + self.width
        line = self.source_line
        first = max(0, start - WIDEST // 2) if len(line) > WIDEST else 0
        before = ("…" if first else "") + line[first:start]
        rest = line[end : end + WIDEST // 2]
        after = rest + ("…" if len(line) > end + len(rest) else "")
        return before, line[start : min(end, start + WIDEST)], after

    @property
    def caret(self) -> str:
        """The line of carets under the mistake, as wide as a terminal draws the line above."""
        if not self.line:
            return ""
        before, marked, _ = self.shown
        blank = "".join("\t" if sign == "\t" else " " * _cells(sign) for sign in before)
        return blank + "^" * max(1, sum(map(_cells, marked)))

    def to_text(self) -> str:
        """Return the explanation as plain text of several lines, without a final line feed."""
        lines = [f"{self.place}{self.title}"]
        if self.line:
            lines += ["", "  " + "".join(self.shown), "  " + self.caret]
        lines += ["", self.detail] if self.detail else []
        lines += [self.expected_sentence] if self.expected else []
        if self.unjoined:
            lines += ["", *(f"  {number}. {part}" for number, part in enumerate(self.unjoined, 1))]
        lines += [f"- {hint}" for hint in self.hints]
        if self.suggestions:
            lines += ["", say(self.language, "text.suggestions")]
            lines += [f"- {suggestion.text}" for suggestion in self.suggestions]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return the members it adds to a problem document; what is empty is left out."""
        found: dict[str, Any] = {
            "code": self.code,
            "mistake": self.mistake,
            "language": self.language,
            "summary": self.title,
            "line": self.line,
            "column": self.column,
            "source": "".join(self.shown) if self.line else "",
            "caret": self.caret,
            "expected": list(self.expected),
            "unjoined": list(self.unjoined),
            "hints": list(self.hints),
            "suggestions": [_suggested(suggestion) for suggestion in self.suggestions],
            "help": self.help,
        }
        return {name: value for name, value in found.items() if value}


def _suggested(suggestion: Suggestion) -> dict[str, Any]:
    found: dict[str, Any] = {"code": suggestion.code, "text": suggestion.text}
    if suggestion.edits:
        found["edits"] = [
            {"offset": edit.start, "length": edit.end - edit.start, "text": edit.text}
            for edit in suggestion.edits
        ]
        found["query"] = suggestion.query
    return found


def _cells(sign: str) -> int:
    """Return how many columns of a terminal a character takes (Unicode Annex 11)."""
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
