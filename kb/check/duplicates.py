"""The stage of duplicates: an innovation that the knowledge base probably holds already.

Told with its reason: the same name in the same place, or a page that only the other one cites.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kb import terms
from kb.check.base import Base
from kb.check.contribution import OBJECT, Contribution
from kb.check.finding import Finding
from kb.check.gathering import KEYS

TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
INNOVATION = ox.NamedNode(terms.NS + "SocialInnovation")
NAMES = frozenset(iri for iri, key in KEYS.items() if key in ("label", "other-label"))
SOURCE, PLACE = "http://purl.org/dc/terms/source", terms.NS + "implementedIn"
# Names that many innovations share say nothing: « Accorderie », « Régie de quartier ».
COMMON = 3


def findings(contributions: Sequence[Contribution], base: Base) -> Iterator[Finding]:
    """Yield the innovations of files that others of the base resemble."""
    for one in contributions:
        for subject, predicate, object_ in one.triples:
            if predicate == TYPE and object_ == INNOVATION:
                yield from _of(one, subject, base)


def _of(one: Contribution, subject: object, base: Base) -> Iterator[Finding]:
    places = {o.value for s, p, o in one.triples if s == subject and p.value == PLACE}
    told: set[str] = set()
    for at, (node, predicate, object_) in enumerate(one.triples):
        if node != subject:
            continue
        if predicate.value in NAMES:
            found = _named(str(object_.value), places, subject, base)
            code = "D001"
        elif predicate.value == SOURCE:
            found, code = _cites(str(object_.value), places, subject, base), "D002"
        else:
            continue
        for other in found:
            if other not in told:
                told.add(other)
                values = {"other": other, "shared": str(object_.value)}
                values |= base.labels("other", other)
                yield one.tell(code, "warning", at, OBJECT, values)


def _named(name: str, places: set[str], subject: object, base: Base) -> list[str]:
    """Return the innovations of the same name in one of the same places."""
    found = [iri for iri in base.called(name) if _is_other(iri, subject, base)]
    return [iri for iri in found if places & set(base.values(iri, "place"))]


def _cites(page: str, places: set[str], subject: object, base: Base) -> list[str]:
    """Return the only other innovation that cites a page, when it is in the same place."""
    found = [iri for iri in base.having("source", page) if _is_other(iri, subject, base)]
    if len(found) != 1:
        return []
    return [iri for iri in found if places & set(base.values(iri, "place"))]


def _is_other(iri: str, subject: object, base: Base) -> bool:
    return f"<{iri}>" != str(subject) and INNOVATION.value in base.values(iri, "type")
