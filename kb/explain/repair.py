"""Trying repairs: an edit is suggested only when the query then makes sense further on.

Trials are counted, so that a large query costs no more than a small one many times over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lark import Token

from kb.explain.explanation import Advice, Edit, edited
from kb.explain.grammar import Reading, lex, reach

MOST_TOKENS = 20_000


@dataclass
class Bench:
    """The query that failed, and how many tokens may still be read to try repairs."""

    reading: Reading
    left: int = MOST_TOKENS
    _reached: dict[str, int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.reading.text

    @property
    def failed(self) -> int:
        return self.reading.failed

    @property
    def token(self) -> Token | None:
        """The token that does not fit, None where the text ends too early."""
        return self.at(self.failed)

    def at(self, index: int) -> Token | None:
        """Return a token of the query by its index, None outside."""
        return self.reading.tokens[index] if 0 <= index < len(self.reading.tokens) else None

    def kind(self, index: int) -> str:
        """Return the terminal of a token, '' outside the query."""
        found = self.at(index)
        return found.type if found else ""

    def gain(self, edits: Iterable[Edit]) -> int:
        """Return how far a repaired query makes sense: 1000 when it is a query, 0 for no gain."""
        text = edited(self.text, tuple(edits))
        if text not in self._reached:
            if self.left <= 0:
                return 0
            found = lex(text)
            self.left -= len(found)
            reached = reach(found)
            further = reached - self.failed - max(0, len(found) - len(self.reading.tokens))
            self._reached[text] = 1000 if reached > len(found) else max(0, min(further, 999))
        return self._reached[text]

    def helps(self, *edits: Edit) -> bool:
        """Tell whether a repaired query makes sense further on."""
        return self.gain(edits) > 0

    def best(self, advice: Iterable[Advice], count: int = 3) -> tuple[Advice, ...]:
        """Return the pieces of advice whose edits help, those that mend the whole query first."""
        gains = [(self.gain(one.edits), one) for one in advice]
        mended = [one for gain, one in gains if gain == 1000]
        further = sorted((p for p in gains if 0 < p[0] < 1000), key=lambda p: -p[0])
        return tuple((mended or [one for _, one in further])[:count])


def before(bench: Bench) -> int:
    """Return where the last token that made sense ends, 0 at the beginning."""
    last = bench.at(bench.failed - 1)
    return int(last.end_pos or 0) if last else 0


def start(token: Token) -> int:
    """Return where a token starts in the text."""
    return int(token.start_pos or 0)


def end(token: Token) -> int:
    """Return where a token ends in the text."""
    return int(token.end_pos or 0)


def opened(bench: Bench) -> list[Token]:
    """Return the brackets that are open where the query fails, the outermost first."""
    stack: list[Token] = []
    for token in bench.reading.tokens[: bench.failed]:
        if token.type in ("LBRACE", "LPAR", "LSQUARE"):
            stack.append(token)
        elif token.type in ("RBRACE", "RPAR", "RSQUARE") and stack:
            stack.pop()
    return stack


def closing(bench: Bench, opening: int) -> int | None:
    """Return the index of the parenthesis that closes the one at an index, None if none does."""
    depth = 0
    for index in range(opening, len(bench.reading.tokens)):
        depth += bench.kind(index) == "LPAR"
        depth -= bench.kind(index) == "RPAR"
        if depth == 0:
            return index
    return None
