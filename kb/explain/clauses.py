"""Mistakes in the clauses of a query: PREFIX, SELECT, FILTER, ORDER BY and LIMIT."""

from __future__ import annotations

import re

from lark import Token

from kb.explain.explanation import Advice, Edit, Mistake
from kb.explain.repair import Bench, before, closing, end, opened, start

AGGREGATES = ("COUNT", "AGGREGATE", "GROUP_CONCAT")
CONDITIONS = ("FILTER", "HAVING", "BIND")
AFTER_CONDITION = ("DOT", "RBRACE", "OPTIONAL", "FILTER", "ORDER", "LIMIT", "BIND", "UNION")


def turtle_prefix(bench: Bench) -> Mistake | None:
    """A prefix declared as Turtle does, with `@` or a final dot."""
    token = bench.token
    if not token:
        return None
    if token.type == "LANGTAG" and token.lower() in ("@prefix", "@base"):
        declared = re.compile(r"@(prefix|base)\b([^<]*<[^>]*>)\s*\.?", re.IGNORECASE)
        edits = tuple(
            Edit(m.start(), m.end(), m[1].upper() + m[2]) for m in declared.finditer(bench.text)
        )
        advice = Advice("sparql-prefix", {}, edits)
        return Mistake("prefix-turtle", start(token), end(token), {}, bench.best((advice,)))
    declares = bench.kind(bench.failed - 3) == "PREFIX" or bench.kind(bench.failed - 2) == "BASE"
    if token.type == "DOT" and bench.kind(bench.failed - 1) == "IRIREF" and declares:
        dots = re.finditer(r"(?i)^(\s*(?:PREFIX|BASE)\b[^<\n]*<[^>\n]*>)(\s*\.)", bench.text, re.M)
        edits = tuple(Edit(m.start(2), m.end(2), "") for m in dots)
        advice = Advice("no-dot", {}, edits or (Edit(start(token), end(token), ""),))
        return Mistake("prefix-dot", start(token), end(token), {}, bench.best((advice,)))
    return None


def prefix_without_colon(bench: Bench) -> Mistake | None:
    """`PREFIX essaim <…>`: the colon lacks."""
    token = bench.token
    if not token or bench.kind(bench.failed - 1) != "PREFIX":
        return None
    match = re.match(r"[\w-]+", bench.text[start(token) :])
    if not match or bench.kind(bench.failed + 1) == "":
        return None
    at = start(token) + match.end()
    advice = Advice("add-colon", {"prefix": match[0]}, (Edit(at, at, ":"),))
    return Mistake("prefix-colon", at, at + 1, {"prefix": match[0]}, bench.best((advice,)))


def _in_select(bench: Bench) -> int:
    """Return the index of the SELECT whose list we are in, -1 elsewhere."""
    depth = 0
    for index in range(bench.failed - 1, -1, -1):
        kind = bench.kind(index)
        depth += (kind == "RPAR") - (kind == "LPAR")
        if kind in ("LBRACE", "RBRACE", "WHERE", "FROM") or depth < 0:
            return -1
        if kind == "SELECT":
            return index
    return -1


def comma_in_select(bench: Bench) -> Mistake | None:
    """Commas between the variables of SELECT, as in SQL."""
    token = bench.token
    if not token or token.type != "COMMA":
        return None
    lists = _in_select(bench) >= 0
    if not lists and bench.kind(bench.failed - 1) != "VAR":
        return None
    edits, depth = [], 0
    for index in range(bench.failed, len(bench.reading.tokens)):
        sign = bench.reading.tokens[index]
        depth += (sign.type == "LPAR") - (sign.type == "RPAR")
        if sign.type in ("LBRACE", "WHERE", "RBRACE", "LIMIT"):
            break
        if sign.type == "COMMA" and depth == 0:
            edits.append(Edit(start(sign), end(sign), ""))
    code = "select-comma" if lists else "list-comma"
    advice = Advice("no-commas", {}, tuple(edits))
    return Mistake(code, start(token), end(token), {}, bench.best((advice,)))


def bare_aggregate(bench: Bench) -> Mistake | None:
    """`SELECT COUNT(?x)`: an expression of SELECT without its parentheses and its name."""
    token = bench.token
    calls = token and (token.type in AGGREGATES or token.type.startswith("FUNCTION"))
    if not token or not calls or _in_select(bench) < 0 or bench.kind(bench.failed + 1) != "LPAR":
        return None
    last = closing(bench, bench.failed + 1)
    if last is None:
        return None
    first, stop, name = start(token), end(bench.reading.tokens[last]), f"?{token.lower()}"
    if bench.kind(last + 1) == "AS" and bench.kind(last + 2) == "VAR":
        stop, name = end(bench.reading.tokens[last + 2]), str(bench.at(last + 2))
        edits = (Edit(first, first, "("), Edit(stop, stop, ")"))
    else:
        edits = (Edit(first, first, "("), Edit(stop, stop, f" AS {name})"))
    advice = Advice("wrap-as", {"name": name}, edits)
    values = {"function": str(token)}
    return Mistake("select-expression", first, stop, values, bench.best((advice,)))


def missing_as(bench: Bench) -> Mistake | None:
    """`(COUNT(?x))` or `(COUNT(?x) ?n)` in SELECT: the AS lacks."""
    token = bench.token
    if not token or "AS" not in bench.reading.expected or token.type not in ("RPAR", "VAR"):
        return None
    at = before(bench)
    if token.type == "VAR":
        edit, name = Edit(at, at, " AS"), str(token)
    elif _is_single(bench):
        return None
    else:
        called = next((t for t in _since(bench) if t.type in AGGREGATES), None)
        name = f"?{called.lower()}" if called else "?value"
        edit = Edit(at, at, f" AS {name}")
    advice = Advice("add-as", {"name": name}, (edit,))
    return Mistake("as-missing", start(token), end(token), {}, bench.best((advice,)))


def _since(bench: Bench) -> list[Token]:
    """Return the tokens since the last bracket that is open."""
    stack = opened(bench)
    first = start(stack[-1]) if stack else 0
    return [t for t in bench.reading.tokens[: bench.failed] if start(t) >= first]


def _is_single(bench: Bench) -> bool:
    return bench.kind(bench.failed - 1) == "VAR" and bench.kind(bench.failed - 2) == "LPAR"


def useless_parentheses(bench: Bench) -> Mistake | None:
    """`SELECT DISTINCT(?x)`: parentheses around a variable."""
    token = bench.token
    first = bench.at(bench.failed - 2)
    alone = token and token.type == "RPAR" and "AS" in bench.reading.expected and _is_single(bench)
    if not token or not first or not alone:
        return None
    edits = (Edit(start(first), end(first), " "), Edit(start(token), end(token), " "))
    advice = Advice("no-parentheses", {}, edits)
    return Mistake("select-parentheses", start(first), end(token), {}, bench.best((advice,)))


def nothing_selected(bench: Bench) -> Mistake | None:
    """SELECT without a variable."""
    token = bench.token
    kinds = ("SELECT", "DISTINCT", "REDUCED", "DESCRIBE")
    if not token or bench.kind(bench.failed - 1) not in kinds:
        return None
    if token.type not in ("WHERE", "LBRACE", "FROM"):
        return None
    at = before(bench)
    advice = Advice("add", {"sign": "*"}, (Edit(at, at, " *"),))
    return Mistake("select-nothing", start(token), end(token), {}, bench.best((advice,)))


def condition_without_parentheses(bench: Bench) -> Mistake | None:
    """`FILTER ?x > 3`: FILTER, HAVING and BIND want parentheses."""
    negated = bench.kind(bench.failed - 1) == "NOT"
    word, first = bench.at(bench.failed - 1 - negated), bench.at(bench.failed - negated)
    if not word or not first or word.type not in CONDITIONS:
        return None
    if bench.kind(bench.failed) in ("LPAR", "RBRACE", "DOT", "WORD", "QUOTE", "BAD_STRING"):
        return None
    tried = []
    for index in range(bench.failed, min(bench.failed + 40, len(bench.reading.tokens))):
        stop = end(bench.reading.tokens[index])
        after = bench.kind(index + 1)
        ends_line = "\n" in bench.text[stop : start(bench.at(index + 1) or first)]
        if ends_line or after in AFTER_CONDITION:
            edits = (Edit(start(first), start(first), "("), Edit(stop, stop, ")"))
            tried.append(Advice("add-parentheses", {"word": str(word).upper()}, edits))
        if after == "RBRACE" or len(tried) > 3:
            break
    values = {"word": str(word).upper()}
    found = bench.best(tried, 1)
    return Mistake("condition-parentheses", start(first), end(first), values, found)


def limit_too_early(bench: Bench) -> Mistake | None:
    """LIMIT or OFFSET before ORDER BY, GROUP BY or HAVING."""
    token = bench.token
    kinds = ("ORDER", "GROUP", "HAVING")
    if not token or token.type not in kinds or bench.kind(bench.failed - 1) != "INTEGER":
        return None
    first = bench.failed
    while bench.kind(first - 1) in ("LIMIT", "OFFSET", "INTEGER"):
        first -= 1
    last = next(
        (i for i in range(bench.failed, len(bench.reading.tokens))
         if bench.kind(i + 1) in ("", "RBRACE", "VALUES")), bench.failed,
    )  # fmt: skip
    cut, stop = start(bench.reading.tokens[first]), end(bench.reading.tokens[last])
    moved = bench.text[cut : before(bench)]
    edits = (Edit(cut, start(token), ""), Edit(stop, stop, "\n" + moved))
    values = {"found": f"{token.upper()} BY".replace("HAVING BY", "HAVING")}
    advice = Advice("limit-last", {}, edits)
    return Mistake("limit-before-order", start(token), end(token), values, bench.best((advice,)))


def number_expected(bench: Bench) -> Mistake | None:
    """LIMIT or OFFSET without a whole number."""
    token, word = bench.token, bench.at(bench.failed - 1)
    if not word or bench.reading.expected != {"INTEGER"}:
        return None
    first, last = (start(token), end(token)) if token else (end(word), end(word))
    return Mistake("number-expected", first, last, {"word": str(word).upper()})
