"""Queries mended before the engine sees them, where it departs from SPARQL 1.1.

Each rule is one sentence of the standard that pyoxigraph 0.5 does not follow, recognised on the
tokens of the query with certainty; in doubt the query is left as it is. What cannot be mended this
way is listed, with the ids of the W3C's cases, in `docs/sparql-conformance.md`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kb.lexer import Token, tokens

HINT = re.compile(
    r"(?i)minus|group_concat|true|false|graph\s*[?$]\w+\s*\{\s*values|[\w>)][*?](?!\w)"
)
FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
CLOSING = {"{": "}", "(": ")"}
IsNode = Callable[[str, str], bool]


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` of the query become `text`."""

    start: int
    end: int
    text: str


def mended(text: str, is_node: IsNode) -> str:
    """Return a query that means to the engine what this one means to the standard.

    `is_node(prologue, term)` tells whether a term of the query is subject or object in the data.
    """
    if not HINT.search(text):
        return text
    found = [t for t in tokens(text) if t.kind not in ("space", "comment")]
    edits = [
        *_booleans(found),
        *_strings(found),
        *_graph_values(found),
        *_empty_minus(found),
        *_lone_ends(text, found, is_node),
    ]
    return _applied(text, edits)


def _applied(text: str, edits: Sequence[Edit]) -> str:
    """Return the text edited from its end; an edit inside another one falls away with it."""
    start_of_last = len(text)
    outer = [e for e in edits if not any(o.start < e.start and e.end <= o.end for o in edits)]
    for edit in sorted(outer, key=lambda e: -e.start):
        if edit.end <= start_of_last:
            text = text[: edit.start] + edit.text + text[edit.end :]
            start_of_last = edit.start
    return text


def _word(token: Token) -> str:
    return token.text.upper() if token.kind == "word" else ""


def _end(token: Token) -> int:
    return token.start + len(token.text)


def _closed(found: Sequence[Token], opening: int) -> int:
    """Return the place of the bracket that closes the one at a place; -1 when none does."""
    first, last = found[opening].text, CLOSING[found[opening].text]
    depth = 0
    for place in range(opening, len(found)):
        token = found[place]
        depth += token.kind == "sign" and (token.text == first) - (token.text == last)
        if depth == 0:
            return place
    return -1


def _booleans(found: Sequence[Token]) -> Iterator[Edit]:
    """SPARQL 1.1 §19.8: keywords but `a` match in any case, `TRUE` and `FALSE` too."""
    for token in found:
        if _word(token) in ("TRUE", "FALSE"):
            yield Edit(token.start, _end(token), token.text.lower())


def _strings(found: Sequence[Token]) -> Iterator[Edit]:
    """SPARQL 1.1 §18.5.1.7: GROUP_CONCAT gives a simple literal, also of texts in a language."""
    for name, opening, variable, after in zip(found, found[1:], found[2:], found[3:], strict=False):
        plain = opening.text == "(" and variable.kind == "variable" and after.text in (")", ";")
        if _word(name) == "GROUP_CONCAT" and plain:
            it = variable.text
            text = f'IF(LANG({it}) != "", STR({it}), {it})'
            yield Edit(variable.start, _end(variable), text)


def _graph_values(found: Sequence[Token]) -> Iterator[Edit]:
    """SPARQL 1.1 §18.6: GRAPH joins its variable with each named graph, also over mere VALUES."""
    for place in range(len(found) - 4):
        graph, variable, opening, values = found[place : place + 4]
        if (_word(graph), variable.kind, opening.text) != ("GRAPH", "variable", "{"):
            continue
        data = next((p for p in range(place + 4, len(found)) if found[p].text == "{"), -1)
        if _word(values) == "VALUES" and data > 0:
            last = _closed(found, data)
            if 0 < last < len(found) - 1 and found[last + 1].text == "}":
                yield Edit(graph.start, _end(opening), f"{{ GRAPH {variable.text} {{ }} ")


def _empty_minus(found: Sequence[Token]) -> Iterator[Edit]:
    """SPARQL 1.1 §18.5: MINUS of solutions that share no variable takes nothing away.

    The engine lets both sides share the variable of a GRAPH around them.
    """
    for place in range(len(found) - 1):
        if _word(found[place]) != "MINUS" or found[place + 1].text != "{":
            continue
        last = _closed(found, place + 1)
        inside = {t.text[1:] for t in found[place:last] if t.kind == "variable"}
        others = [*found[:place], *found[last:]]
        if last > 0 and not any(t.kind == "variable" and t.text[1:] in inside for t in others):
            yield Edit(found[place].start, _end(found[last]), "{ }")


def _lone_ends(text: str, found: Sequence[Token], is_node: IsNode) -> Iterator[Edit]:
    """SPARQL 1.1 §18.4: a path of length zero leads from any term to itself.

    The engine forgets it for a term that is in no triple. From such a term no other path can
    start, so that `?s :p* <term>` has one solution. Left alone: GRAPH, and blank nodes, which may
    not be used on both sides of VALUES.
    """
    if any(_word(t) in ("GRAPH", "_") for t in found):
        return
    prologue = text[: next((t.start for t in found if _word(t) in FORMS), 0)]
    for place, sign in enumerate(found):
        if sign.text not in ("*", "?") or place < 3 or place + 2 >= len(found):
            continue
        first = _path_start(found, place) - 1
        if first < 1 or found[first - 1].text not in (".", "{", "}"):
            continue
        ends = [found[first], found[place + 1]]
        variable = next((t for t in ends if t.kind == "variable"), None)
        term = next((t for t in ends if _is_iri(t)), None)
        if not variable or not term or found[place + 2].text not in (".", "}"):
            continue
        if not is_node(prologue, term.text):
            yield Edit(ends[0].start, _end(ends[1]), f"VALUES {variable.text} {{ {term.text} }}")


def _is_iri(token: Token) -> bool:
    return token.kind == "iri" or (token.kind == "name" and not token.text.endswith("."))


def _path_start(found: Sequence[Token], sign: int) -> int:
    """Return where the path begins that the `*` or `?` at a place ends; 0 when it is none."""
    place = sign - 1
    if _end(found[place]) != found[sign].start:
        return 0
    if found[place].text == ")":
        depth = 0
        for place in range(sign - 1, 0, -1):
            depth += (found[place].text == ")") - (found[place].text == "(")
            if depth == 0:
                break
    elif not (_is_iri(found[place]) or found[place].text == "a"):
        return 0
    return place - 1 if found[place - 1].text == "^" else place
