"""What a public query may not contain, said before the engine sees it.

The engine evaluates `SERVICE` by calling other servers and crashes on very deep nesting; both are
refused here with a reason. This is courtesy, not containment: it reads tokens, not grammar.
"""

from __future__ import annotations

from kb.lexer import tokens
from kb.problems import QueryRefused

MAX_CHARACTERS = 100_000
MAX_DEPTH = 100
MAX_SIGNS = 20_000
UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)
OPENING, CLOSING = frozenset("{(["), frozenset("})]")


def check(text: str) -> None:
    """Raise QueryRefused when a query is too large, too deep, calls out or updates."""
    if len(text) > MAX_CHARACTERS:
        raise QueryRefused(f"the query has {len(text)} characters; write at most {MAX_CHARACTERS}")
    depth = signs = 0
    first_word = True
    for token in tokens(text):
        if token.kind == "word":
            _check_word(token.text.upper(), first_word)
            first_word = first_word and token.text.upper() in ("BASE", "PREFIX")
        elif token.kind == "sign":
            signs += 1
            depth += (token.text in OPENING) - (token.text in CLOSING)
            _check_size(depth, signs)


def _check_word(word: str, first: bool) -> None:
    if word == "SERVICE":
        raise QueryRefused(
            "SERVICE is refused: this endpoint calls no other server; "
            "ask the other endpoint yourself and give its answers in VALUES"
        )
    if first and word in UPDATES:
        raise QueryRefused(
            f"{word} is refused: the data are read-only; write SELECT, ASK, CONSTRUCT or DESCRIBE"
        )


def _check_size(depth: int, signs: int) -> None:
    if depth > MAX_DEPTH:
        raise QueryRefused(f"brackets are nested deeper than {MAX_DEPTH}; flatten the query")
    if signs > MAX_SIGNS:
        raise QueryRefused(f"more than {MAX_SIGNS} signs and operators; split the query")
