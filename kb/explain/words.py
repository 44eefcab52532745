"""What could have stood somewhere, in words: terminals of the grammar become a short list."""

from __future__ import annotations

from kb.explain.explanation import messages


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


_FUNCTIONS = _set(
    "FUNCTION_0 FUNCTION_1 FUNCTION_2 FUNCTION_2_3 FUNCTION_3 FUNCTION_3_4 FUNCTION_LIST"
    " BOUND BNODE COUNT AGGREGATE GROUP_CONCAT EXISTS NOT"
)
_NAME = _set("IRIREF PNAME_LN PNAME_NS")
_VALUE = _set("STRING STRING_LONG INTEGER DECIMAL DOUBLE SIGNED TRUE FALSE BLANK ANON NIL")
_OPERATORS = _set(
    "EQUAL UNEQUAL LESS MORE LESSEQ MOREEQ IN NOT OR AND PLUS MINUS_SIGN STAR SLASH SIGNED"
)
_PATTERNS = _set("OPTIONAL MINUS GRAPH SERVICE FILTER BIND VALUES UNION")
_MODIFIERS = _set("GROUP HAVING ORDER LIMIT OFFSET VALUES")

# A word, the terminals that call for it, and all those it stands for; the first that fits wins.
GROUPS: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    (
        "expression",
        frozenset({"FUNCTION_1", "VAR", "STRING"}),
        _FUNCTIONS | _NAME | _VALUE | {"LPAR", "VAR", "BANG", "PLUS", "MINUS_SIGN", "DISTINCT"},
    ),
    ("condition", frozenset({"FUNCTION_1", "LPAR"}), _FUNCTIONS | _NAME | {"LPAR"}),
    ("operator", frozenset({"EQUAL", "LESS"}), _OPERATORS),
    ("operator", frozenset({"AND", "OR"}), _OPERATORS),
    (
        "predicate",
        frozenset({"A", "VAR", "IRIREF"}),
        _NAME | {"A", "VAR", "CARET", "BANG", "LPAR"},
    ),
    ("term", frozenset({"VAR", "IRIREF", "STRING"}), _NAME | _VALUE | {"VAR", "LSQUARE", "LPAR"}),
    ("data", frozenset({"UNDEF", "IRIREF"}), _NAME | _VALUE | {"UNDEF"}),
    ("variable-or-name", frozenset({"VAR", "IRIREF"}), _NAME | {"VAR"}),
    ("name", frozenset({"IRIREF", "PNAME_LN"}), _NAME),
    ("form", frozenset({"SELECT", "ASK"}), _set("SELECT ASK CONSTRUCT DESCRIBE")),
    ("pattern", frozenset({"OPTIONAL", "FILTER"}), _PATTERNS),
    ("modifier", frozenset({"LIMIT", "ORDER"}), _MODIFIERS),
    ("path", frozenset({"SLASH", "BAR"}), _set("SLASH BAR STAR PLUS QUESTION")),
)
FIRST = (
    "DOT", "SEMICOLON", "COMMA", "RBRACE", "RPAR", "RSQUARE", "LBRACE", "LPAR", "AS", "VAR",
    "INTEGER",
)  # fmt: skip
MOST = 6


def in_words(expected: frozenset[str], language: str) -> tuple[str, ...]:
    """Return what was expected as at most MOST phrases of a language, the likeliest first."""
    left, found = set(expected), []
    for word, called, covered in GROUPS:
        if called <= left:
            found.append(f"expected.{word}")
            left -= covered
    left -= {"PLUS", "QUESTION", "STAR", "SLASH", "BAR", "TYPED", "LANGTAG"} if found else set()
    single = sorted(left, key=lambda t: (FIRST.index(t) if t in FIRST else len(FIRST), t))
    words = messages(language)
    signs = [words.get(f"token.{name}", name) for name in single]
    return tuple([*signs, *(words[key] for key in found)][:MOST])
