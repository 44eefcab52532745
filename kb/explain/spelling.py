"""Words that are no keyword: misspelt, of another language, or names without their sign."""

from __future__ import annotations

import re

from lark import Token

from kb import slips
from kb.explain import vocabulary
from kb.explain.explanation import Advice, Edit, Mistake
from kb.explain.grammar import FUNCTIONS, KEYWORDS
from kb.explain.repair import Bench, end, start

SQL = {
    "LIKE": "CONTAINS", "ILIKE": "CONTAINS", "NULL": "BOUND", "COUNTD": "COUNT", "LEN": "STRLEN",
    "LENGTH": "STRLEN", "SUBSTRING": "SUBSTR", "LOWER": "LCASE", "UPPER": "UCASE",
    "IFNULL": "COALESCE", "EXCEPT": "MINUS", "TOP": "LIMIT", "AVERAGE": "AVG", "OU": "UNION",
    "ET": "&&", "SINON": "OPTIONAL", "TOLOWER": "LCASE", "TOUPPER": "UCASE",
}  # fmt: skip
TWO_WORDS = ("ORDER BY", "GROUP BY", "NOT EXISTS", "NOT IN", "FROM NAMED")


def keyword(bench: Bench) -> Mistake | None:
    """A misspelt keyword or function, or two words in one."""
    for index in (bench.failed, bench.failed - 1):
        token = bench.at(index)
        if token and (token.type == "WORD" or (index == bench.failed and token.type == "A")):
            found = _misspelt(bench, token, index)
            if found:
                return found
    return None


def _misspelt(bench: Bench, token: Token, index: int) -> Mistake | None:
    word, first, last = str(token), start(token), end(token)
    glued = re.fullmatch(r"(?i)(LIMIT|OFFSET)(\d+)", word)
    if glued:
        edit = Edit(first, last, f"{glued[1]} {glued[2]}")
        advice = (Advice("add-space", {"word": edit.text}, (edit,)),)
        return Mistake("space-missing", first, last, {"word": word}, advice)
    called = bench.kind(index + 1) in ("LPAR", "NIL")
    candidates = _candidates(bench, called, word)
    tried = [Advice("spell", {"right": right}, (Edit(first, last, right),)) for right in candidates]
    helping = bench.best(tried)
    if not helping and word.upper() in SQL:
        values = {"word": word, "right": SQL[word.upper()]}
        return Mistake("word-foreign", first, last, values)
    if helping:
        return Mistake("keyword-misspelt", first, last, {"word": word}, helping)
    if called and index == bench.failed and "FUNCTION_1" in bench.reading.expected:
        return Mistake("function-unknown", first, last, {"word": word})
    return None


def _candidates(bench: Bench, called: bool, word: str) -> list[str]:
    known = {name for name, kind in KEYWORDS.items() if kind in bench.reading.expected}
    if called and known & set(" ".join(FUNCTIONS.values()).split()):
        known |= set(KEYWORDS)
    known |= set(TWO_WORDS)
    found = slips.nearest(word.upper(), known)
    foreign = SQL.get(word.upper())
    return [*([foreign] if foreign else []), *found]


def bare_word(bench: Bench) -> Mistake | None:
    """A word where a variable, a name or a value should stand: its sign was forgotten."""
    token = bench.token
    if not token or token.type not in ("WORD", "A"):
        return None
    word, first, last = str(token), start(token), end(token)
    tried = [Advice("as-variable", {"word": "?" + word}, (Edit(first, last, "?" + word),))]
    known = vocabulary.shipped().terms
    name = next((t for t in sorted(known) if t.endswith(("#" + word, "/" + word))), "")
    if name and "IRIREF" in bench.reading.expected:
        tried.insert(0, Advice("as-name", {"word": f"<{name}>"}, (Edit(first, last, f"<{name}>"),)))
    if "STRING" in bench.reading.expected:
        quoted = f'"{word}"'
        tried.append(Advice("as-string", {"word": quoted}, (Edit(first, last, quoted),)))
    advice = bench.best(tried)
    return Mistake("word-bare", first, last, {"word": word}, advice) if advice else None
