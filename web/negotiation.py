"""What a client can read, best first (RFC 9110 §12.5.1 Accept, §12.5.4 Accept-Language).

Written here because the order matters twice: the client's, then ours among equals; and because
`q=0` must refuse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

TURTLE, JSONLD, NTRIPLES = "text/turtle", "application/ld+json", "application/n-triples"
HTML, CSV, PLAIN = "text/html", "text/csv", "text/plain"
JSON, PROBLEM = "application/sparql-results+json", "application/problem+json"
EVERYTHING = "*/*"

ALIASES = {
    "application/json": {JSON, JSONLD, PROBLEM},
    "application/xml": {"application/sparql-results+xml", "application/rdf+xml"},
    "text/xml": {"application/sparql-results+xml", "application/rdf+xml"},
    "application/xhtml+xml": {HTML},
    "text/n3": {TURTLE},
    "application/x-turtle": {TURTLE},
}


def preferences(header: str) -> list[tuple[str, float]]:
    """Return the ranges of an Accept-like header with their weight; what is malformed is left out.

    >>> preferences("text/turtle, */*;q=0.1")
    [('text/turtle', 1.0), ('*/*', 0.1)]
    """
    found = []
    for part in header[:4096].split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weight = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        if name and re.fullmatch(r"[01](\.\d{0,3})?", weight):
            found.append((name, min(float(weight), 1.0)))
    return found


def ranked(header: str, offered: Sequence[str]) -> list[str]:
    """Return the offered media types the client accepts, best first; ours decides among equals.

    No header accepts everything. An empty list means 406.
    """
    return list(_ranked(header[:4096], tuple(offered)))


@lru_cache(256)  # clients send few headers, over and over
def _ranked(header: str, offered: tuple[str, ...]) -> list[str]:
    wanted = preferences(header)
    if not wanted:
        return list(offered)
    weights = {kind: _weight(kind, wanted) for kind in offered}
    accepted = [kind for kind in offered if weights[kind] > 0]
    return sorted(accepted, key=lambda kind: -weights[kind])


def _weight(kind: str, wanted: Sequence[tuple[str, float]]) -> float:
    """Return the weight of the most specific range that covers a media type."""
    main = kind.partition("/")[0] + "/*"
    exact = [q for name, q in wanted if name == kind]
    alias = [q for name, q in wanted if kind in ALIASES.get(name, ())]
    broad = [q for name, q in wanted if name == main]
    every = [q for name, q in wanted if name == EVERYTHING]
    return max(next((group for group in (exact, alias, broad, every) if group), [0.0]))


def content_type(media_type: str) -> str:
    """Return the Content-Type of a media type: text types say their charset."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
