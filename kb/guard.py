"""What a public query may not contain, said before the engine sees it.

The engine evaluates `SERVICE` by calling other servers, crashes on deep nesting and plans large
joins for minutes; all are refused here with a reason. This is courtesy, not containment: it reads
tokens, not grammar, and may err where the boundary of a worker process does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.lexer import Token, tokens
from kb.problems import QueryRefused

MAX_CHARACTERS = 100_000
MAX_DEPTH = 100
MAX_PATTERNS = 150
MAX_OPERATORS = 2_000
UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)
OPENING, CLOSING = frozenset("{(["), frozenset("})]")
SEPARATORS, STEPS, REPEATS = frozenset(".;,"), frozenset("/|^!"), frozenset("*+?")
TERMS = frozenset(("variable", "iri", "name", "string"))
TERM_WORDS = frozenset(("A", "TRUE", "FALSE"))
# What a bracket holds: patterns of a group, terms of a list or steps of a path, the rows of
# VALUES, or anything else (expressions, what stands outside the outermost group)
GROUP, LIST, DATA, OTHER = "group", "list", "data", "other"


def check(text: str) -> None:
    """Raise QueryRefused when a query is too large, too deep, calls out or updates."""
    if len(text) > MAX_CHARACTERS:
        raise QueryRefused(
            f"the query has {len(text)} characters; write at most {MAX_CHARACTERS}",
            "refused-characters", count=len(text), most=MAX_CHARACTERS,
        )  # fmt: skip
    reading = _Reading(text)
    for token in tokens(text):
        if token.kind not in ("space", "comment"):
            reading.take(token)
    if reading.patterns > MAX_PATTERNS:
        raise QueryRefused(
            f"the query has about {reading.patterns} triple patterns and path steps; write at "
            f"most {MAX_PATTERNS}, or ask in several queries",
            "refused-patterns", count=reading.patterns, most=MAX_PATTERNS,
        )  # fmt: skip


@dataclass
class _Bracket:
    """What is open: its kind, whether a triple has begun in it, whether it is a sub-select."""

    kind: str
    has_begun: bool = False
    is_selecting: bool = False


@dataclass
class _Reading:
    """The query so far: brackets open, patterns and operators counted."""

    text: str
    open: list[_Bracket] = field(default_factory=lambda: [_Bracket(OTHER)])
    patterns: int = 0
    operators: int = 0
    at_operation: bool = True
    in_values: bool = False
    before: Token | None = None
    before_that: Token | None = None

    def take(self, token: Token) -> None:
        """Read one more token; raises QueryRefused."""
        here = self.open[-1]
        if token.kind == "word":
            self._word(token.text.upper(), here)
        elif token.kind == "sign":
            self._sign(token, here)
        elif token.kind in TERMS:
            self._term(here)
        self.before, self.before_that = token, self.before

    def _word(self, word: str, here: _Bracket) -> None:
        if word == "SERVICE":
            raise QueryRefused(
                "SERVICE is refused: this endpoint calls no other server; "
                "ask the other endpoint yourself and give its answers in VALUES",
                "refused-service",
            )
        if self.at_operation and word in UPDATES:
            raise QueryRefused(
                f"{word} is refused: the data are read-only; "
                "write SELECT, ASK, CONSTRUCT or DESCRIBE",
                "refused-update", word=word,
            )  # fmt: skip
        self.at_operation = self.at_operation and word in ("BASE", "PREFIX", "VERSION")
        if word in TERM_WORDS:
            return self._term(here)
        here.has_begun = False  # a keyword ends the triples before it
        here.is_selecting = here.is_selecting or word == "SELECT"
        self.in_values = self.in_values or word == "VALUES"

    def _term(self, here: _Bracket) -> None:
        if here.kind == LIST:
            self.patterns += 1
        elif here.kind == GROUP and not (here.has_begun or here.is_selecting or self.in_values):
            here.has_begun = True
            self.patterns += 1

    def _sign(self, token: Token, here: _Bracket) -> None:
        sign = token.text
        if sign in OPENING:
            self._open(sign, here)
        elif sign in CLOSING:
            self._close(sign)
        elif sign in SEPARATORS:
            self._separate(token, here)
        elif here.kind == DATA or self._is_in_number(token):
            return
        elif sign.isdigit():
            self._term(here)
        else:
            self._count_operator()
            is_step = sign in REPEATS or (sign in STEPS and here.kind == GROUP)
            if is_step and here.kind in (GROUP, LIST) and not here.is_selecting:
                self.patterns += 1

    def _separate(self, token: Token, here: _Bracket) -> None:
        if not self._is_in_number(token):
            here.has_begun = False
        self.at_operation = self.at_operation or (token.text == ";" and len(self.open) == 1)

    def _is_in_number(self, token: Token) -> bool:
        """Tell whether a dot or a digit goes on with a number: `1.5` separates no triples."""
        before, after = self._at(token.start - 1), self._at(token.start + 1)
        if token.text == ".":
            return before.isdigit() and after.isdigit()
        return token.text.isdigit() and (before.isdigit() or before == ".")

    def _open(self, sign: str, here: _Bracket) -> None:
        kind = self._kind(sign, here)
        self.open.append(_Bracket(kind))
        if sign == "{":
            self.in_values = False
        if kind != DATA:
            self._count_operator()
        if len(self.open) - 1 > MAX_DEPTH:
            raise QueryRefused(
                f"brackets are nested deeper than {MAX_DEPTH}; flatten the query",
                "refused-depth", most=MAX_DEPTH,
            )  # fmt: skip

    def _kind(self, sign: str, here: _Bracket) -> str:
        if here.kind == DATA or (sign == "{" and self.in_values):
            return DATA
        if sign == "{":  # the template of CONSTRUCT is not planned
            return OTHER if _is_word(self.before, "CONSTRUCT") else GROUP
        if sign == "[":
            return GROUP if here.kind in (GROUP, LIST) else OTHER
        if here.kind == OTHER or here.is_selecting or self.in_values or self._is_call():
            return OTHER
        return LIST

    def _is_call(self) -> bool:
        """Tell whether a parenthesis that opens now holds an expression, not terms."""
        if self.before is None or self.before.kind == "word":
            return self.before is None or self.before.text.upper() not in TERM_WORDS
        return self.before.kind in ("name", "iri") and _is_word(self.before_that, "FILTER")

    def _close(self, sign: str) -> None:
        if len(self.open) > 1:
            self.open.pop()
        if sign == "}":
            self.open[-1].has_begun = False  # a group ends the triples before it

    def _count_operator(self) -> None:
        self.operators += 1
        if self.operators > MAX_OPERATORS:
            raise QueryRefused(
                f"more than {MAX_OPERATORS} operators and brackets; split the query",
                "refused-operators", most=MAX_OPERATORS,
            )  # fmt: skip

    def _at(self, place: int) -> str:
        return self.text[place] if 0 <= place < len(self.text) else ""


def _is_word(token: Token | None, word: str) -> bool:
    return token is not None and token.text.upper() == word
