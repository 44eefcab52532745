"""Which graphs a query names itself: some engines must be told them beside the query.

Virtuoso 7.2, once a graph is excluded from the union by a `define` line, finds nothing in
`GRAPH <a>` unless the same graph is also given as `named-graph-uri`.
"""

from __future__ import annotations

from itertools import pairwise

import pyoxigraph as ox

from kb.lexer import FORMS, Token, tokens


def graphs(text: str, base: str) -> tuple[list[str], bool]:
    """Return the graphs that GRAPH names by a constant, and whether a variable follows it too.

    Relative addresses and prefixed names are resolved by the prologue of the query and `base`;
    a name that cannot be resolved is left out, as the engine will say what is wrong with it.
    """
    found = [t for t in tokens(text) if t.kind not in ("space", "comment")]
    named = [
        follows
        for word, follows in pairwise(found)
        if word.kind == "word" and word.text.upper() == "GRAPH"
    ]
    start = next((t.start for t in found if t.kind == "word" and t.text.upper() in FORMS), 0)
    constants = [_resolved(text[:start], t, base) for t in named if t.kind in ("iri", "name")]
    is_variable = any(t.kind == "variable" for t in named)
    return list(dict.fromkeys(filter(None, constants))), is_variable


def _resolved(prologue: str, term: Token, base: str) -> str:
    turtle = f"{prologue} {term.text} a {term.text} ."  # Turtle reads the prologue of SPARQL
    try:
        return str(next(ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=base)).subject.value)
    except (SyntaxError, StopIteration, ValueError):
        return ""
