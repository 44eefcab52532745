"""Names of things in the language of the reader: the one function behind every link text.

Queries give a label beside most things (`?need ?needLabel`); this is for the rest. The order is
the language asked for, the other one, what the thing is and is about, the end of its address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb import terms
from kb.problems import QueryFileProblem
from kb.rows import Row
from kb.terms import Literal, Term
from web import edtf, i18n
from web.site import site

GRAPHS = terms.BASE + "graph/"
DATE = "4"  # the rank of what may be a date in `resource_parts`


def label(iri: str) -> Literal:
    """Return the name of a thing in the language of the request, else the best there is."""
    found = i18n.preferred(_texts("resource_labels", iri), i18n.language())
    if isinstance(found, Literal):
        return found
    known = i18n.messages(i18n.language()).get("term." + terms.compact(iri))
    return Literal(known) if known else _made_up(iri)


def _texts(query: str, iri: str) -> list[Term]:
    return [row["label"] for row in _rows(query, {"resource": iri}) if "label" in row]


def _rows(query: str, values: Mapping[str, str]) -> Iterable[Row]:
    try:
        return site().rows(site().pages[query], values)
    except QueryFileProblem:  # an IRI of the data that our binding is too strict for
        return ()


def _made_up(iri: str) -> Literal:
    """Return a name for a thing that has none: what it is, and what it links or says.

    Only a thing of which nothing is said is named by the end of its address.
    """
    if iri.startswith(GRAPHS):
        return Literal(i18n.t("label.graph", name=iri.removeprefix(GRAPHS)))
    kind = i18n.preferred(_texts("resource_classes", iri), i18n.language())
    if kind is None or not iri.startswith(terms.BASE):
        return Literal(terms.compact(iri))
    parts = dict.fromkeys(
        _shown(row) for row in _rows("resource_parts", {"resource": iri, "lang": i18n.language()})
    )
    if not parts:
        return Literal(f"{kind} · {iri.rstrip('/#').rpartition('/')[2]}")
    return Literal(i18n.t("label.made-up", kind=kind, parts=", ".join(parts)))


def _shown(row: Row) -> str:
    """Return one part of a made-up name; a date is said in words."""
    part = row["label"]
    return edtf.words(part, is_moment=True) if str(row["rank"]) == DATE else str(part)
