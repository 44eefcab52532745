"""Addresses of pages as IRIs: made legal where they are not, compared where spelling varies."""

from __future__ import annotations

import re
from urllib.parse import quote

import pyoxigraph as ox
from rdflib import RDF, Graph, Literal, URIRef

from kb.terms import ESSAIM, concept

# RFC 3987 §2.2: these may not stand in an IRI.
ILLEGAL = re.compile(r'[\x00-\x20<>"{}|\\^`\[\]\u00a0]')
READ = {
    "read-excerpt": "excerpt",
    "partly-read": "partly-read",
    "public-fact": "public-fact",
    "read-whole": "whole",
}


def page(url: str) -> URIRef | None:
    """Return the IRI of an address, illegal characters percent-encoded; None where it is none.

    >>> page("https://x.fr/a b")
    rdflib.term.URIRef('https://x.fr/a%20b')
    """
    made = ILLEGAL.sub(lambda found: quote(found[0], safe=""), url.strip())
    if not re.match(r"https?://[^/]", made):
        return None
    try:
        ox.NamedNode(made)
    except ValueError:
        return None
    return URIRef(made)


def describe(graph: Graph, iri: URIRef, evidence: str = "", copy: bool = False) -> None:
    """Say of a cited page how it was read, and that it is a copy where a record says so."""
    graph.add((iri, RDF.type, ESSAIM.SourcePage))
    if evidence in READ:
        graph.add((iri, ESSAIM.readAs, concept("reading-mode", READ[evidence])))
    if copy:
        graph.add((iri, ESSAIM.isCopy, Literal(True)))


def same(url: str) -> str:
    """Return a key under which two spellings of one address are equal.

    >>> same("http://www.x.fr/a/") == same("https://x.fr/a")
    True
    """
    return re.sub(r"^https?://(?:www\.)?", "", url.strip()).rstrip("/").casefold()
