"""Addresses of pages: the one place that turns an IRI into a link and a path into an IRI.

The names of things are `https://w3id.org/essaim/…`; the pages about them are on this host, under
`/doc/` and the same tail, so that links work before and after that address is registered.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from kb import terms

NAMED = ("id/", "scheme/", "graph/", "target/", "list/", ".well-known/genid/")
TERMS = "ns"
SAFE = "/:@!$&'()*+,;=~-._%"


def page(iri: str) -> str:
    """Return where a link to an IRI leads: a path of this host for ours, the IRI for others."""
    tail = iri.removeprefix(terms.BASE)
    if tail == iri:
        return iri
    if tail.startswith(NAMED):
        return "/doc/" + quote(tail, safe=SAFE)
    if tail == TERMS or tail.startswith(TERMS + "#"):
        return "/doc/" + quote(tail, safe=SAFE + "#")
    return iri


def is_ours(iri: str) -> bool:
    """Tell whether an IRI has a page on this host."""
    return page(iri) != iri


def is_web(iri: str) -> bool:
    """Tell whether an IRI can be followed in a browser: no `javascript:`, no `urn:`."""
    return urlsplit(iri).scheme in ("http", "https")


def host(iri: str) -> str:
    """Return the host of a web address, without `www.`."""
    return (urlsplit(iri).hostname or iri).removeprefix("www.")


def iri(tail: str) -> str:
    """Return the IRI that a path names: `id/innovation/eusko`."""
    return terms.BASE + tail


def absolute(value: str) -> str:
    """Return the IRI meant by a request: ours may be written as `scheme/need/emploi`."""
    return iri(value) if value.startswith(NAMED) else value


def short(value: str) -> str:
    """Return how an IRI of ours is written in a request of this host; others stay whole."""
    tail = value.removeprefix(terms.BASE)
    return tail if tail.startswith(NAMED) else value
