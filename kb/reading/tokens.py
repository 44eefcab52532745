"""The terminals of Turtle and TriG (RDF 1.1 Turtle §6.5) as one regular expression.

Every pattern is possessive: it never goes back, so that time stays linear on hostile text. What
is no terminal still becomes a token (a word, a quote that opens, a sign nobody knows), as the
reader must say something about it. A match begins where the token before it ended; the white
space and comments between are its first part.
"""

from __future__ import annotations

import re

# PN_CHARS_BASE and PN_CHARS (§6.5), as first and last character of each range
_LETTERS = [
    "AZ", "az", "\u00c0\u00d6", "\u00d8\u00f6", "\u00f8\u02ff", "\u0370\u037d", "\u037f\u1fff",
    "\u200c\u200d", "\u2070\u218f", "\u2c00\u2fef", "\u3001\ud7ff", "\uf900\ufdcf", "\ufdf0\ufffd",
    "\U00010000\U000effff",
]  # fmt: skip
_MARKS = ["__", "09", "\u00b7\u00b7", "\u0300\u036f", "\u203f\u2040", "--"]


def _all_but(ranges: list[str], others: str = "") -> str:
    """Return the inside of a class: what is in no range, which `re` compiles four times sooner."""
    made, start = "^", 0
    for low, high in sorted((ord(r[0]), ord(r[1])) for r in (*ranges, *(c * 2 for c in others))):
        if low > start:
            made += f"\\U{start:08x}-\\U{low - 1:08x}"
        start = high + 1
    return f"{made}\\U{start:08x}-\\U0010ffff"


_BASE, _FIRST = _all_but(_LETTERS), _all_but(_LETTERS, "_0123456789")
_CHARS, _NAME_ON = _all_but(_LETTERS + _MARKS), _all_but(_LETTERS + _MARKS, ":.")
_LOCAL_FIRST = _all_but(_LETTERS, "_0123456789:")
_LOCAL, _LOCAL_ON = _all_but(_LETTERS + _MARKS, ":"), _all_but(_LETTERS + _MARKS, ":%\\")
_CODED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
SKIP = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
PREFIX = rf"(?:[{_BASE}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+)?+"
LOCAL = rf"(?:(?:[{_LOCAL_FIRST}]|{_CODED})(?:[{_LOCAL}]++|{_CODED}|\.++(?=[{_LOCAL_ON}]))*+)?+"
ADDRESS = r'<[^\x00-\x20<>"{}|^`\\]*+>'
ESCAPED_ADDRESS = r'<(?:[^\x00-\x20<>"{}|^`\\]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>'
LABEL = rf"_:[{_FIRST}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+"
LANGUAGE = r"@[A-Za-z]++(?:-[A-Za-z0-9]++)*+"
NUMBER = (
    r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+[eE][+-]?[0-9]++|\.[0-9]++[eE][+-]?[0-9]++"
    r"|[0-9]*+\.[0-9]++|[0-9]++)"
)
# what can follow a name in no valid text: the name was meant to go on
_GOES_ON = r"[/&!?*=$~%|\\@^’]|'\w[^'\r\n]*+[\r\n]"

TOKEN = re.compile(
    rf"""{SKIP}(?:
    (?P<name>(?>{PREFIX}:{LOCAL})(?!{_GOES_ON}))
  | (?P<iri>{ADDRESS})
  | (?P<sign>[;,]|\.(?![0-9]))
  | (?P<text>"(?>[^"\\\n\r]*+)"(?!") | '(?>[^'\\\n\r]*+)'(?!'))
  | (?P<a>a(?![{_NAME_ON}]))
  | (?P<blank>{LABEL})
  | (?P<anon>\[{SKIP}\])
  | (?P<nil>\({SKIP}\))
  | (?P<open>[\[({{])
  | (?P<close>[\])}}])
  | (?P<number>(?>{NUMBER})(?![\w:/%€°²-]|[\u00a0\u202f][0-9]))
  | (?P<quote>\"\"\"|'''|"|')
  | (?P<escaped>{ESCAPED_ADDRESS})
  | (?P<angle><(?!<))
  | (?P<at>@[\w-]*+)
  | (?P<badname>{PREFIX}:{LOCAL})
  | (?P<badnumber>[+-]?[0-9](?:[\w.,:/%€°²+-]++|[\u00a0\u202f](?=[0-9]))*+)
  | (?P<word>[^\W\d_][\w]*+(?:['’.-]++\w++)*+)
  | (?P<end>\Z)
  | (?P<curly>[“”„«»‘’`´])
  | (?P<odd>[^\S \t\r\n]++|[\ufeff\u200b\u200e\u200f\u2060\x00]++)
  | (?P<junk>[\^]++|<<|.)
    )""",
    re.VERBOSE | re.DOTALL,
)

STATEMENT = frozenset(("name", "iri", "blank", "anon", "open", "escaped", "nil"))
SUFFIX = re.compile(
    rf"(?P<at>{LANGUAGE})|\^\^{SKIP}(?:(?P<name>(?>{PREFIX}:{LOCAL}))|(?P<iri>{ESCAPED_ADDRESS}))"
)
GAP_SUFFIX = re.compile(rf"{SKIP}(?=@(?!prefix\b|base\b)|\^\^)")
DECLARED = re.compile(rf"{SKIP}(?P<prefix>{PREFIX}):{SKIP}(?P<iri>{ESCAPED_ADDRESS})")
DECLARED_BASE = re.compile(rf"{SKIP}(?P<iri>{ESCAPED_ADDRESS})")
DOT = re.compile(rf"{SKIP}(?P<dot>\.)")
INSIDE = re.compile(r"""\\.|["'\n\r]""", re.DOTALL)
