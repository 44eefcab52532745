"""What is wrong with a query, in the language of whoever asked; the texts are in `messages/`."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from kb.problems import Problem


class Malformed(Problem):
    """A query that cannot be answered: `code` names the fault, `status` is that of HTTP."""

    def __init__(self, code: str, status: int = 400, **values: object) -> None:
        self.code, self.status, self.values = code, status, values
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """Return what is wrong and what to write, in French or English."""
        texts = messages(language)
        values = {
            key: _filled(texts, str(value), self.values) for key, value in self.values.items()
        }
        return texts[self.code].format(**values)


def _filled(texts: dict[str, str], value: str, values: dict[str, object]) -> str:
    """Return a value; one that names a text stands for that text."""
    is_text = value.startswith(("reason.", "form.")) and value in texts
    return texts[value].format(**values) if is_text else value


@cache
def messages(language: str) -> dict[str, str]:
    """Return the texts in a language, by code."""
    path = Path(__file__).parent / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def codes() -> list[str]:
    """Return every fault there is, in order."""
    return sorted(code for code in messages("en") if not code.startswith(("reason.", "form.")))
