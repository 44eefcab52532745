"""Names of things in the language of the reader: the one function behind every link text.

Queries give a label beside most things (`?need ?needLabel`); this is for the rest. The order is
the language asked for, the other one, what the thing is and the end of its address, the address.
"""

from __future__ import annotations

from kb import terms
from kb.problems import QueryFileProblem
from kb.terms import Literal, Term
from web import i18n
from web.site import site


def label(iri: str) -> Literal:
    """Return the name of a thing in the language of the request, else the best there is."""
    found = i18n.preferred(_texts("resource_labels", iri), i18n.language())
    if isinstance(found, Literal):
        return found
    known = i18n.messages(i18n.language()).get("term." + terms.compact(iri))
    return Literal(known) if known else _made_up(iri)


def _texts(query: str, iri: str) -> list[Term]:
    try:
        table = site().rows(site().pages[query], {"resource": iri})
    except QueryFileProblem:  # an IRI of the data that our binding is too strict for
        return []
    return [row["label"] for row in table if "label" in row]


def _made_up(iri: str) -> Literal:
    """Return a name for a thing that has none: what it is, and the end of its address."""
    kind = i18n.preferred(_texts("resource_classes", iri), i18n.language())
    tail = iri.rstrip("/#").rpartition("/")[2]
    if kind is not None and iri.startswith(terms.BASE):
        return Literal(f"{kind} · {tail}")
    return Literal(terms.compact(iri))
