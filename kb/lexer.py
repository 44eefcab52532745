"""SPARQL text as tokens, so that nothing inside a string, an IRI or a comment is mistaken.

Follows the terminals of SPARQL 1.1 §19.8; it names tokens and does not judge grammar.
A quote that nothing closes makes the rest of the text one `broken` token, as no query goes on
after it; with the bound on prefixes (61 characters) this keeps the time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3} | '{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$][^\W]\w*)
  | (?P<name>[^\W\d_][\w.-]{0,60}+:(?:[\w.:%-]|\\.)* | :(?:[\w.:%-]|\\.)*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[^\W\d]\w*)
  | (?P<space>\s+)
  | (?P<broken>["'].*)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL,
)

FORMS = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))


@dataclass(frozen=True, slots=True)
class Token:
    """One terminal: its kind (a group name of TOKEN), its text, where it starts in the query."""

    kind: str
    text: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield every token of a query; joined again, their texts are the query.

    >>> [t.text for t in tokens('ASK { ?s :p "SERVICE" } # load') if t.kind == "word"]
    ['ASK']
    """
    for match in TOKEN.finditer(text):
        yield Token(match.lastgroup or "sign", match.group(), match.start())


def form(text: str) -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE; '' when it has none.

    >>> form("PREFIX ask: <https://example.org/> SELECT * { ?s ask:construct ?o }")
    'SELECT'
    """
    words = (token.text.upper() for token in tokens(text) if token.kind == "word")
    return next((word for word in words if word in FORMS), "")
