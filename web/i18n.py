"""The languages of the interface, and which one a request wants.

Texts of the interface are in `messages/<language>.json`; labels of things come from the data.
The order is: the link that was followed (`?lang=en`), the choice kept in a cookie, the browser's
Accept-Language (RFC 9110 §12.5.4), French.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Request, g, request

from kb.terms import Literal, Term
from web.negotiation import preferences

LANGUAGES = ("fr", "en")
COOKIE, PARAMETER, YEAR_S = "lang", "lang", 31_536_000


@cache
def messages(language: str) -> dict[str, str]:
    """Return the texts of the interface in a language, by key."""
    path = Path(__file__).parent / "messages" / f"{language}.json"
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def wanted(asked: Request) -> str:
    """Return the language of a request."""
    for choice in (asked.args.get(PARAMETER), asked.cookies.get(COOKIE)):
        if choice in LANGUAGES:
            return choice
    ranges = sorted(preferences(asked.headers.get("Accept-Language", "")), key=lambda p: -p[1])
    for name, weight in ranges:
        if weight > 0 and name.partition("-")[0] in LANGUAGES:
            return name.partition("-")[0]
    return LANGUAGES[0]


def language() -> str:
    """Return the language of the current request, read once."""
    if "language" not in g:
        g.language = wanted(request)
    return str(g.language)


def t(key: str, **values: object) -> str:
    """Return a text of the interface in the language of the request, with its values filled in."""
    text = messages(language())[key]
    return text.format(**values) if values else text


def preferred(texts: Iterable[Term], wish: str) -> Term | None:
    """Return the text in a language, else the French, else the first in a stable order."""
    order = (wish, *(name for name in LANGUAGES if name != wish), "")

    def rank(term: Term) -> tuple[int, str]:
        tag = term.language if isinstance(term, Literal) else ""
        return (order.index(tag) if tag in order else len(order), str(term))

    return min(texts, key=rank, default=None)


def number(value: object) -> str:
    """Return a number as the language writes it: `35 000` or `35,000`; other text unchanged."""
    text = str(value)
    whole, point, part = text.partition(".")
    if not (whole.lstrip("-").isdigit() and (not point or part.isdigit())):
        return text
    sign = "\u2212" if whole.startswith("-") else ""  # int() would drop that of -0.02
    grouped = f"{sign}{abs(int(whole)):,}"
    if language() == "fr":
        return grouped.replace(",", "\u202f") + ("," + part if part else "")
    return grouped + (point + part)
