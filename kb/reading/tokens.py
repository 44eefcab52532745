"""The terminals of Turtle and TriG (RDF 1.1 Turtle §6.5) as one regular expression.

Every pattern is possessive: it never goes back, so that time stays linear on hostile text. What
is no terminal still becomes a token (a word, a quote that opens, a sign nobody knows), as the
reader must say something about it. A match begins where the token before it ended; the white
space and comments between are its first part.
"""

from __future__ import annotations

import re

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS = _BASE + "_0-9\u00b7\u0300-\u036f\u203f\u2040-"  # the hyphen stays last
_CODED = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%]"
SKIP = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
PREFIX = rf"(?:[{_BASE}][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+)?+"
LOCAL = rf"(?:(?:[{_BASE}_0-9:]|{_CODED})(?:[:{_CHARS}]++|{_CODED}|\.++(?=[:%\\{_CHARS}]))*+)?+"
ADDRESS = r'<[^\x00-\x20<>"{}|^`\\]*+>'
ESCAPED_ADDRESS = r'<(?:[^\x00-\x20<>"{}|^`\\]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>'
LABEL = rf"_:[{_BASE}_0-9][{_CHARS}]*+(?:\.++[{_CHARS}]++)*+"
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
  | (?P<a>a(?![:.{_CHARS}]))
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
