"""The few sentences of the server itself, in French and English; findings have their own."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

LANGUAGES = ("fr", "en")


@cache
def _catalogue(language: str) -> dict[str, str]:
    path = Path(__file__).parent / "messages" / f"{language}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def t(key: str, language: str) -> str:
    """Return a sentence in a language."""
    return _catalogue(language)[key]


def language(*wanted: object) -> str:
    """Return the first language asked for that is spoken here, by its tag; else French.

    >>> language(None, "en-GB", "fr")
    'en'
    """
    for one in wanted:
        tag = str(one or "").replace("_", "-").partition("-")[0].lower()
        if tag in LANGUAGES:
            return tag
    return LANGUAGES[0]
