"""Where a name or a value probably stands in a text whose reader gives no places.

JSON-LD and RDF/XML write one name in many ways. The first place after the node that has its whole
address, its last part or its words is taken: the line is nearly always right, the column a help.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape

import pyoxigraph as ox

from kb.reading.places import Lines, Place

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
MOST = 500  # places sought in one file: each is a search through its text
WRITTEN_TYPE = re.compile(r'"@type"|rdf:type|"type"')


def sought(lines: Lines, triple: tuple[object, object, object], part: int) -> Place | None:
    """Return the place of subject (0), predicate (1) or object (2) of a statement; None if unseen.

    What is not seen after its node is looked for in the whole text, and else its node is taken.
    """
    text = lines.text
    node = _first(text, triple[0], 0)
    start = node[1] if node else 0
    found = node
    if part:
        found = _first(text, triple[part], start) or _first(text, triple[part], 0) or node
    return lines.place(*found) if found else None


def _first(text: str, term: object, start: int) -> tuple[int, int] | None:
    for pattern in _written(term):
        if found := pattern.search(text, start):
            return found.span()
    return None


def _written(term: object) -> Iterator[re.Pattern[str]]:
    """Yield how a term may be written, the surest first."""
    if isinstance(term, ox.NamedNode):
        if term.value == TYPE:
            yield WRITTEN_TYPE
        yield re.compile(re.escape(term.value) + r"(?![\w/#-])")
        last = re.split(r"[/#]", term.value)[-1]
        if last:
            yield re.compile(rf"(?<![\w-])(?:[\w-]+:)?{re.escape(last)}(?![\w-])")
    elif isinstance(term, ox.Literal) and term.value:
        for words in (json.dumps(term.value, ensure_ascii=False), json.dumps(term.value),
                      escape(term.value, quote=False), term.value):  # fmt: skip
            yield re.compile(re.escape(words))
