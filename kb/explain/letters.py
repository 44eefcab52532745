"""Mistakes inside a token: quotes, strings, addresses and operators that are none."""

from __future__ import annotations

import re

from kb.explain.explanation import Advice, Edit, Mistake
from kb.explain.repair import Bench, end, start

DOUBLE, SINGLE = "“”„«»", "‘’‚‹›`´"
OPERATORS = {"==": "=", "<>": "!=", ":=": "=", "!==": "!=", "&": "&&", "=>": ">=", "=<": "<="}
WORDS = {"AND": "&&", "OR": "||", "IS": "=", "MOD": ""}
ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def curly_quotes(bench: Bench) -> Mistake | None:
    """Typographic quotes, as word processors write them."""
    token = bench.token
    if not token or token.type != "QUOTE":
        return None
    quotes = [found for found in bench.reading.tokens if found.type == "QUOTE"]
    edits = []
    for quote in quotes:
        first, last = start(quote), end(quote)
        if quote == "«":
            last += len(bench.text[last:]) - len(bench.text[last:].lstrip(" \u00a0\u202f"))
        if quote == "»":
            first = len(bench.text[:first].rstrip(" \u00a0\u202f"))
        edits.append(Edit(first, last, '"' if quote in DOUBLE else "'"))
    advice = (Advice("straight-quotes", {}, tuple(edits)),) if bench.helps(*edits) else ()
    return Mistake("quotes-curly", start(token), end(token), {"found": str(token)}, advice)


def address_without_brackets(bench: Bench) -> Mistake | None:
    """An address written without its angle brackets."""
    at = bench.reading.offset
    for match in ADDRESS.finditer(bench.text):
        inside = match.start() <= at <= match.end()
        bare = bench.text[match.start() - 1 : match.start()] not in ("<", '"', "'")
        if inside and bare:
            address = match.group().rstrip(".,;)")
            last = match.start() + len(address)
            edit = Edit(match.start(), last, f"<{address}>")
            advice = (Advice("brackets", {"address": address}, (edit,)),)
            return Mistake("iri-brackets", match.start(), last, {}, advice)
    return None


def address_with_space(bench: Bench) -> Mistake | None:
    """An address between angle brackets that holds a sign no address may hold."""
    token = bench.token
    if not token or token.type not in ("BAD_IRI", "LESS"):
        return None
    match = re.match(r"<([^<>\n\r]*)>", bench.text[start(token) :])
    if not match or "IRIREF" not in bench.reading.expected:
        return None
    bad = re.search(r'[\x00-\x20"{}|^`\\]', match[1])
    if not bad:
        return None
    kept = re.sub(r'[\x00-\x20"{}|^`\\]', lambda m: f"%{ord(m[0]):02X}", match[1].strip())
    first, at = start(token), start(token) + 1 + bad.start()
    edit = Edit(first, first + match.end(), f"<{kept}>")
    code = "iri-space" if bad[0] == " " else "iri-sign"
    return Mistake(code, at, at + 1, {"sign": bad[0]}, (Advice("encode", {"iri": kept}, (edit,)),))


def broken_string(bench: Bench) -> Mistake | None:
    """A string that is not closed, goes over the end of its line, or has an unknown escape."""
    token = bench.token
    if not token or token.type != "BAD_STRING":
        return None
    quote, first, last = token[0], start(token), end(token)
    if len(token) > 1 and token[-1] == quote:
        return _escape(bench, first, last)
    close = bench.text.find(quote, last)
    if close >= 0 and "\n" in bench.text[last:close]:
        edits = (Edit(first, first + 1, quote * 3), Edit(close, close + 1, quote * 3))
        if bench.helps(*edits):
            advice = Advice("triple-quotes", {"quotes": quote * 3}, edits)
            return Mistake("string-line-break", first, last, {"quote": quote}, (advice,))
    ends = [
        first + m.start() for m in re.finditer(r"\s*(?:[.;,)}\]@^]|$)", str(token)) if m.start()
    ]
    advice_list = [Advice("close-string", {"quote": quote}, (Edit(e, e, quote),)) for e in ends[:9]]
    return Mistake(
        "string-unclosed", first, first + 1, {"quote": quote}, bench.best(advice_list, 1)
    )


def _escape(bench: Bench, first: int, last: int) -> Mistake | None:
    match = re.search(r"(?:[^\\]|\\[tbnrf\"'\\uU])*?(\\[^tbnrf\"'\\uU])", bench.text[first:last])
    if not match:
        return None
    written = bench.text[first:last]
    doubled = re.sub(r"\\\\|\\([^tbnrf\"'\\uU])", lambda m: "\\\\" + (m[1] or ""), written)
    at = first + match.start(1)
    advice = Advice("double-backslash", {"escape": match[1]}, (Edit(first, last, doubled),))
    return Mistake("string-escape", at, at + 2, {"escape": match[1]}, (advice,))


def unknown_operator(bench: Bench) -> Mistake | None:
    """An operator of another language: `==`, `<>`, `AND`."""
    token = bench.token
    if not token:
        return None
    first, found = start(token), str(token)
    last = bench.at(bench.failed - 1)
    if last and end(last) == first and str(last) + found in OPERATORS:
        first, found = start(last), str(last) + found
    right = OPERATORS.get(found) or (WORDS.get(found.upper()) if token.type == "WORD" else None)
    if not right:
        return None
    advice = Advice("operator", {"right": right}, (Edit(first, end(token), right),))
    values = {"found": found, "right": right}
    return Mistake("operator-unknown", first, end(token), values, bench.best((advice,)))
