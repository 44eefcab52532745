"""How things are named: namespaces, record and graph IRIs, slugs, RDF terms as plain values.

Record IRIs are `https://w3id.org/essaim/id/{kind}/{slug}`; the draft ontology they follow is
described in `docs/model.md`. Nothing here reads a store.

rdflib, a sixth of a second to import, is loaded by what needs it: `essaim check` does not.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kb import files

if TYPE_CHECKING:
    from rdflib import Graph, Namespace, URIRef

    ESSAIM: Namespace

BASE = "https://w3id.org/essaim/"
NS = BASE + "ns#"
LICENSE_DATA = "https://creativecommons.org/licenses/by/4.0/"

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


STRING = "http://www.w3.org/2001/XMLSchema#string"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


@dataclass(frozen=True, slots=True)
class Iri:
    """An IRI (RDF 1.1 Concepts §3.2)."""

    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank node; its name means nothing outside one answer."""

    value: str

    def __str__(self) -> str:
        return "_:" + self.value


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal (RDF 1.1 Concepts §3.3): lexical form, datatype IRI, language tag or ''."""

    value: str
    datatype: str = STRING
    language: str = ""

    def __str__(self) -> str:
        return self.value


Term = Iri | Blank | Literal


if not TYPE_CHECKING:  # else every name of this module would be one

    def __getattr__(name: str) -> Namespace:
        """Return ESSAIM, the namespace of the ontology, for rdflib; as text it is NS."""
        if name != "ESSAIM":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from rdflib import Namespace

        return globals().setdefault("ESSAIM", Namespace(NS))


def concept(scheme: str, notation: str) -> URIRef:
    """Return the IRI of a concept: `concept("need", "emploi")`."""
    from rdflib import URIRef

    return URIRef(f"{BASE}scheme/{scheme}/{notation}")


def record(kind: str, slug: str) -> URIRef:
    """Return the IRI of a record or of a node inside one: `record("innovation", "eusko")`.

    Raises ValueError when the slug is not lower-case ASCII letters, digits and single hyphens.
    """
    if not SLUG.fullmatch(slug):
        raise ValueError(f"{slug!r} is no slug; write lower-case letters, digits and hyphens")
    from rdflib import URIRef

    return URIRef(f"{BASE}id/{kind}/{slug}")


def graph(space: str, *parts: str) -> URIRef:
    """Return the IRI of a named graph: `graph("contrib", "innovations", "eusko")`."""
    from rdflib import URIRef

    return URIRef(graph_address(space, *parts))


def graph_address(space: str, *parts: str) -> str:
    """Return the same as plain text, which needs no rdflib."""
    return "/".join((BASE + "graph", space, *parts))


def slug(text: str) -> str:
    """Return a slug made of a name in any Latin script.

    >>> slug("Œuvre d'Łódź : l'été")
    'oeuvre-d-lodz-l-ete'
    """
    table = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "ß": "ss", "đ": "d",
                           "þ": "th", "ð": "d", "ı": "i"})  # fmt: skip
    plain = unicodedata.normalize("NFKD", text.casefold().translate(table))
    ascii_only = "".join(c for c in plain if not unicodedata.combining(c))
    return "-".join(re.findall(r"[a-z0-9]+", ascii_only))


@cache
def prefixes() -> dict[str, str]:
    """Return the project's prefixes, prefix to namespace, from `ontology/prefixes.ttl`."""
    declared = re.findall(
        r"@prefix\s+([\w-]*):\s*<([^>]*)>",
        (files.root() / "ontology" / "prefixes.ttl").read_text(encoding="utf-8"),
    )
    return dict(declared)


def bound_graph() -> Graph:
    """Return an empty rdflib graph that writes the project's prefixes."""
    from rdflib import Graph

    made = Graph(bind_namespaces="none")
    for prefix, namespace in prefixes().items():
        made.bind(prefix, namespace, override=True, replace=True)
    return made


def compact(iri: str) -> str:
    """Return `prefix:name` where a project prefix fits without escapes, else the IRI."""
    best = max(
        ((p, n) for p, n in prefixes().items() if iri.startswith(n)),
        key=lambda pair: len(pair[1]),
        default=None,
    )
    if best and re.fullmatch(r"[A-Za-z0-9_][\w-]*|", iri[len(best[1]) :]):
        return f"{best[0]}:{iri[len(best[1]) :]}"
    return iri
