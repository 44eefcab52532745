"""What is wrong with a text that is not SPARQL: rules for the mistakes people make, in order.

A rule looks at the place where the grammar stopped and returns a Mistake or None; the first that
knows the mistake speaks. What no rule knows is said by what was expected, with repairs tried.
"""

from __future__ import annotations

from collections.abc import Callable

from kb.explain import brackets, clauses, letters, spelling
from kb.explain.explanation import Advice, Edit, Mistake
from kb.explain.grammar import Reading
from kb.explain.repair import Bench, before, end, start

Rule = Callable[[Bench], Mistake | None]

INSERTED = {
    "DOT": " .", "SEMICOLON": " ;", "COMMA": ",", "RPAR": ")", "RBRACE": " }", "RSQUARE": "]",
    "LBRACE": " {", "LPAR": " (", "BY": " BY", "STAR": " *", "AS": " AS",
}  # fmt: skip
ENDS_TRIPLE = frozenset(("DOT", "SEMICOLON", "COMMA", "RBRACE", "RSQUARE"))


def mistake(reading: Reading) -> Mistake:
    """Return what is wrong with a text the grammar does not accept."""
    bench = Bench(reading)
    found = next((found for rule in RULES if (found := rule(bench))), None) or _unexpected(bench)
    # What could have stood where reading stopped says nothing of a mistake elsewhere.
    expected = reading.expected if found.start == reading.offset else frozenset()
    return Mistake(found.code, found.start, found.end, found.values, found.advice, expected)


def _empty(bench: Bench) -> Mistake | None:
    return None if bench.reading.tokens else Mistake("query-empty", 0, 0)


def _dot(bench: Bench) -> Mistake | None:
    """A dot lacks between two triples."""
    token = bench.token
    if not token or "DOT" not in bench.reading.expected or token.type in ENDS_TRIPLE:
        return None
    at = before(bench)
    edit = Edit(at, at, " .")
    if not bench.helps(edit):
        return None
    advice = Advice("add-dot", {}, (edit,))
    return Mistake("dot-missing", start(token), end(token), {"found": str(token)}, (advice,))


def _semicolon(bench: Bench) -> Mistake | None:
    """A semicolon stands before a new subject, where a dot should."""
    token = bench.token
    if not token or token.type in ENDS_TRIPLE:
        return None
    for index in range(bench.failed - 1, max(-1, bench.failed - 5), -1):
        sign = bench.at(index)
        if sign and sign.type in ("SEMICOLON", "COMMA"):
            edit = Edit(start(sign), end(sign), ".")
            if bench.gain((edit,)) == 1000:
                advice = Advice("dot-for-sign", {"found": str(sign)}, (edit,))
                return Mistake(
                    "semicolon-for-dot", start(sign), end(sign), {"found": str(sign)}, (advice,)
                )
    return None


def _incomplete(bench: Bench) -> Mistake | None:
    """A triple ends before it has a predicate or an object."""
    token = bench.token
    kind = token.type if token else ""
    if not token or kind not in ENDS_TRIPLE or "IRIREF" not in bench.reading.expected:
        return None
    expected = bench.reading.expected
    lacks = "object" if {"STRING", "LSQUARE"} <= expected else "predicate"
    if lacks == "predicate" and "A" not in expected:
        return None
    last = bench.at(bench.failed - 1)
    advice: tuple[Advice, ...] = ()
    if kind == "RBRACE" and last and last.type == "COMMA":
        advice = (Advice("drop", {"found": ","}, (Edit(start(last), end(last), ""),)),)
    code = f"{lacks}-missing"
    return Mistake(code, start(token), end(token), {"found": str(token)}, bench.best(advice))


def _too_early(bench: Bench) -> Mistake | None:
    if bench.token:
        return None
    at = before(bench)
    return Mistake("ends-early", at, at, {}, bench.best(_insertions(bench)))


def _unexpected(bench: Bench) -> Mistake:
    """Say what stands where something else was expected, with the repairs that help."""
    token = bench.token
    if not token:
        at = before(bench)
        return Mistake("ends-early", at, at)
    first, last = start(token), end(token)
    drop = Advice("drop", {"found": str(token)}, (Edit(first, last, ""),))
    advice = bench.best([*_insertions(bench), drop])
    return Mistake("unexpected", first, last, {"found": str(token)}, advice)


def _insertions(bench: Bench) -> list[Advice]:
    at = before(bench)
    return [
        Advice("add", {"sign": text.strip()}, (Edit(at, at, text),))
        for kind, text in INSERTED.items()
        if kind in bench.reading.expected
    ]


RULES: tuple[Rule, ...] = (
    _empty,
    letters.curly_quotes,
    letters.address_without_brackets,
    letters.address_with_space,
    letters.broken_string,
    letters.unknown_operator,
    clauses.turtle_prefix,
    clauses.prefix_without_colon,
    clauses.comma_in_select,
    clauses.bare_aggregate,
    clauses.missing_as,
    clauses.useless_parentheses,
    clauses.nothing_selected,
    clauses.condition_without_parentheses,
    clauses.limit_too_early,
    clauses.number_expected,
    spelling.keyword,
    brackets.unclosed,
    brackets.superfluous,
    _semicolon,
    _dot,
    brackets.missing_brace,
    _incomplete,
    spelling.bare_word,
    _too_early,
)
