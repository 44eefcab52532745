"""SPARQL text as tokens and as a tree, by the declarative grammar beside this file.

The engine is the judge of what is SPARQL; this grammar is asked only afterwards, to say where a
query stopped making sense and what could have stood there (SPARQL 1.1 Query §19.8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lark import Lark, Token, Tree, UnexpectedToken
from lark.lexer import TerminalDef

FUNCTIONS = {
    "FUNCTION_0": "RAND NOW UUID STRUUID",
    "FUNCTION_1": "STR LANG DATATYPE IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE"
    " ENCODE_FOR_URI YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384"
    " SHA512 ISIRI ISURI ISBLANK ISLITERAL ISNUMERIC",
    "FUNCTION_2": "LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT"
    " SAMETERM",
    "FUNCTION_2_3": "SUBSTR REGEX",
    "FUNCTION_3": "IF",
    "FUNCTION_3_4": "REPLACE",
    "FUNCTION_LIST": "CONCAT COALESCE",
    "AGGREGATE": "SUM MIN MAX AVG SAMPLE",
}
PLAIN = (
    "BASE PREFIX SELECT CONSTRUCT DESCRIBE ASK DISTINCT REDUCED AS FROM NAMED WHERE GROUP BY"
    " HAVING ORDER ASC DESC LIMIT OFFSET VALUES UNDEF UNION OPTIONAL MINUS GRAPH SERVICE SILENT"
    " FILTER BIND NOT IN EXISTS TRUE FALSE SEPARATOR BOUND BNODE COUNT GROUP_CONCAT"
)
KEYWORDS: dict[str, str] = {word: word for word in PLAIN.split()} | {
    word: kind for kind, words in FUNCTIONS.items() for word in words.split()
}
Node = Tree[Token]


@dataclass(frozen=True)
class Reading:
    """What the grammar makes of a query: its tokens, and a tree or the place it stopped at.

    `tree` is None when the text is not SPARQL; `failed` is then the index of the offending token
    (the number of tokens when the text ends too early) and `expected` the terminals that could
    have stood there.
    """

    text: str
    tokens: tuple[Token, ...]
    tree: Node | None
    failed: int
    expected: frozenset[str]

    @property
    def offset(self) -> int:
        """Where it stopped making sense: an index into the text, at most its length."""
        if self.failed < len(self.tokens):
            return int(self.tokens[self.failed].start_pos or 0)
        return self.tokens[-1].end_pos or 0 if self.tokens else 0


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "sparql.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["query", "mistake"],
        propagate_positions=True,
        lexer_callbacks={"WORD": _keyword},
    )


def terminals() -> list[TerminalDef]:
    """Return the terminals of the grammar."""
    return list(_parser().terminals)


def _keyword(token: Token) -> Token:
    """Return a word as the keyword it spells; `a` alone keeps its case (§19.8 note 1)."""
    kind = "A" if token == "a" else KEYWORDS.get(token.upper())
    return Token.new_borrow_pos(kind, token, token) if kind else token


def lex(text: str) -> tuple[Token, ...]:
    """Return the tokens of a query; nothing is too wrong for it."""
    return tuple(_parser().lex(text))


def read(text: str) -> Reading:
    """Return what the grammar makes of a query."""
    found = lex(text)
    tree, failed = _fed(found)
    expected = frozenset() if tree else expected_after(found[:failed])
    return Reading(text, found, tree, failed, expected)


def reach(found: Sequence[Token]) -> int:
    """Return how many tokens make sense: one more than all of them when they are a query."""
    tree, failed = _fed(found)
    return len(found) + 1 if tree else failed


def _fed(found: Sequence[Token]) -> tuple[Node | None, int]:
    parser = _parser().parse_interactive(start="query")
    number = 0
    try:
        for number, token in enumerate(found):  # noqa: B007
            parser.feed_token(token)
        number = len(found)
        return parser.feed_eof(found[-1] if found else None), number  # type: ignore[no-untyped-call]
    except UnexpectedToken:
        return None, number


def expected_after(found: Sequence[Token]) -> frozenset[str]:
    """Return the terminals that may follow tokens that make sense so far."""
    parser = _parser().parse_interactive(start="query")
    for token in found:
        parser.feed_token(token)
    return frozenset(parser.accepts())  # type: ignore[no-untyped-call]


def nodes(tree: Node, *names: str) -> Iterator[Node]:
    """Yield the parts of a tree that have one of these names, in the order of the text."""
    stack: list[Node | Token] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Tree):
            if node.data in names:
                yield node
            stack.extend(reversed(node.children))


def leaves(node: Node | Token) -> Iterator[Token]:
    """Yield the tokens of a part of a tree, in the order of the text."""
    stack: list[Node | Token] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, Tree):
            stack.extend(reversed(part.children))
        else:
            yield part
