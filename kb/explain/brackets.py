"""Braces, parentheses and square brackets that lack, or are too many."""

from __future__ import annotations

from lark import Token

from kb.explain.explanation import Advice, Edit, Mistake, place
from kb.explain.repair import Bench, before, end, opened, start

CLOSED_BY = {"LBRACE": "RBRACE", "LPAR": "RPAR", "LSQUARE": "RSQUARE"}
SIGNS = {"RBRACE": "}", "RPAR": ")", "RSQUARE": "]"}
AFTER_WHERE = ("ORDER", "LIMIT", "GROUP", "HAVING", "OFFSET", "UNION")


def unclosed(bench: Bench) -> Mistake | None:
    """A bracket was opened and is not closed; it is the opening one that is shown."""
    stack, token = opened(bench), bench.token
    if not stack:
        return None
    opening = stack[-1]
    kind = CLOSED_BY[opening.type]
    sign = SIGNS[kind]
    if kind not in bench.reading.expected:
        return None
    if token is None and (askew := _askew(bench)):
        return askew
    at = before(bench)
    edit = Edit(at, at, f"\n{sign}" if sign == "}" else sign)
    after_where = token is not None and token.type in AFTER_WHERE and kind == "RBRACE"
    whole = bench.gain((edit,)) == 1000
    other_closes = token is not None and token.type in SIGNS and token.type != kind
    if token is not None and not (after_where or other_closes or (kind != "RBRACE" and whole)):
        return None
    missing = "".join(SIGNS[CLOSED_BY[one.type]] for one in reversed(stack))
    if token is None:
        text = "".join(f"\n{s}" if s == "}" else s for s in missing)
        edit, sign = Edit(at, at, text), missing
    line, column = place(bench.text, start(opening))
    values = {"opening": str(opening), "closing": SIGNS[kind], "line": line, "column": column}
    advice = bench.best((Advice("add", {"sign": sign}, (edit,)),))
    if token is not None and not advice:
        return None
    return Mistake("bracket-unclosed", start(opening), end(opening), values, advice)


def _askew(bench: Bench) -> Mistake | None:
    """Find the brace that is closed by another's: the one whose indentation tells so.

    A brace that begins its line closes what was opened on a line indented alike.
    """
    stack: list[Token] = []
    for token in bench.reading.tokens:
        if token.type == "LBRACE":
            stack.append(token)
        elif token.type == "RBRACE" and stack:
            opening = stack.pop()
            outer = [_indent(bench.text, start(one)) for one in stack]
            own = bench.text[: start(token)].rpartition("\n")[2]
            if "\n" not in bench.text[start(opening) : start(token)] or own.strip():
                continue
            if len(own) != _indent(bench.text, start(opening)) and len(own) in outer:
                return _closing(bench, opening, start(token) - len(own) - 1)
    return None


def _indent(text: str, offset: int) -> int:
    line = text[text.rfind("\n", 0, offset) + 1 :]
    return len(line) - len(line.lstrip(" \t"))


def _closing(bench: Bench, opening: Token, at: int) -> Mistake | None:
    edit = Edit(at, at, " }")
    if bench.gain((edit,)) < 1000:
        return None
    line, column = place(bench.text, start(opening))
    values = {"opening": "{", "closing": "}", "line": line, "column": column}
    advice = (Advice("add-before", {"sign": "}", "line": place(bench.text, at)[0]}, (edit,)),)
    return Mistake("bracket-unclosed", start(opening), end(opening), values, advice)


def superfluous(bench: Bench) -> Mistake | None:
    """A bracket closes what was never opened."""
    token = bench.token
    if not token or token.type not in SIGNS:
        return None
    depth = {"RBRACE": 0, "RPAR": 0, "RSQUARE": 0}
    for open_one in opened(bench):
        depth[CLOSED_BY[open_one.type]] += 1
    if depth[token.type]:
        return None
    edits = tuple(
        Edit(start(one), end(one), "")
        for one in bench.reading.tokens[bench.failed :]
        if one.type == token.type
    )
    one = Edit(start(token), end(token), "")
    tried = [Advice("drop", {"found": str(token)}, (one,)), Advice("drop-all", {}, edits)]
    advice = bench.best(tried, 1)
    return Mistake("bracket-extra", start(token), end(token), {"found": str(token)}, advice)


def missing_brace(bench: Bench) -> Mistake | None:
    """A pattern begins without its opening brace."""
    token = bench.token
    if not token or "LBRACE" not in bench.reading.expected or token.type == "WORD":
        return None
    at = before(bench)
    edit = Edit(at, at, " {")
    if bench.gain((edit,)) < 3:
        return None
    advice = Advice("add", {"sign": "{"}, (edit,))
    return Mistake("brace-missing", start(token), end(token), {"found": str(token)}, (advice,))
