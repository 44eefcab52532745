"""The stage of duplicates: an innovation that the knowledge base probably holds already.

Told with its reason: the same name, or nearly, or a page that only the other one cites; in the same
place, in the same French department, or where one of both says no place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kb import terms
from kb.check.base import Base
from kb.check.contribution import OBJECT, Contribution
from kb.check.finding import Finding
from kb.check.gathering import KEYS
from kb.check.nearby import written
from kb.slips import distance

TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
INNOVATION = ox.NamedNode(terms.NS + "SocialInnovation")
NAMES = frozenset(iri for iri, key in KEYS.items() if key in ("label", "other-label"))
SOURCE, PLACE = "http://purl.org/dc/terms/source", terms.NS + "implementedIn"
# Names that many innovations share say nothing but in one place: « Accorderie ».
COMMON = 2
# Communes and departments of France are numbered by department (INSEE, code officiel géographique);
# so are most groupings older than 2011, after the two digits of their legal nature.
DEPARTMENT = re.compile(
    r"/territory/(?:commune-|departement-|epci-2[45])(97\d|98\d|2[AB]|\d\d)", re.IGNORECASE
)
WIDE = re.compile(r"/territory/(?:country|region|departement)-")
SMALL = frozenset(
    (
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "of",
        "the",
        "and",
        "in",
        "for",
        "pour",
        "s",
    )
)
Other = tuple[str, str]


def findings(contributions: Sequence[Contribution], base: Base) -> Iterator[Finding]:
    """Yield the innovations of files that others of the base resemble."""
    for one in contributions:
        for subject, predicate, object_ in one.triples:
            if predicate == TYPE and object_ == INNOVATION:
                yield from _of(one, subject, base)


def _of(one: Contribution, subject: object, base: Base) -> Iterator[Finding]:
    places = {o.value for s, p, o in one.triples if s == subject and p.value == PLACE}
    pages = {o.value for s, p, o in one.triples if s == subject and p.value == SOURCE}
    told: set[str] = set()
    for at, (node, predicate, object_) in enumerate(one.triples):
        if node != subject:
            continue
        if predicate.value in NAMES:
            found, code = _named(str(object_.value), places, subject, base), "D001"
        elif predicate.value == SOURCE:
            found, code = _cites(str(object_.value), pages, places, subject, base), "D002"
        else:
            continue
        for other, reason in found:
            # Who links to the other knows it, and says that they are two.
            if other not in told and one.mention(ox.NamedNode(other)) is None:
                told.add(other)
                values = {"other": other, "name": written(one, other), "shared": object_.value}
                values |= {"said": f"{code}.{reason}"} if reason else {}
                yield one.tell(code, "warning", at, OBJECT, values | base.labels("other", other))


def _named(name: str, places: set[str], subject: object, base: Base) -> Iterator[Other]:
    """Yield the innovations of the same name that may be in the same place, and the reason."""
    same = [iri for iri in base.called(name) if _is_other(iri, subject, base)]
    for iri in same:
        reason = _where(places, set(base.values(iri, "place")))
        if reason == "" or (reason and len(same) <= COMMON):
            yield iri, reason
    for place in sorted(places):
        for iri in () if WIDE.search(place) else base.having("place", place):
            if iri not in same and _is_other(iri, subject, base) and _is_alike(name, iri, base):
                yield iri, "alike"


def _cites(
    page: str, pages: set[str], places: set[str], subject: object, base: Base
) -> Iterator[Other]:
    """Yield the only other innovation that cites a page, when it may be in the same place.

    Neighbours often share one article; one innovation described twice, all pages of one of both.
    """
    found = [iri for iri in base.having("source", page) if _is_other(iri, subject, base)]
    for iri in found if len(found) == 1 else ():
        reason = _where(places, set(base.values(iri, "place")))
        theirs = set(base.values(iri, "source"))
        if reason in ("", "nowhere") and (pages <= theirs or theirs <= pages):
            yield iri, reason


def _where(ours: set[str], theirs: set[str]) -> str | None:
    """Return how two records are near: '' in one place, a reason, or None when they are not."""
    if ours & theirs:
        return ""
    if not ours or not theirs:
        return "nowhere"
    return "department" if _departments(ours) & _departments(theirs) else None


def _departments(places: set[str]) -> set[str]:
    return {found[1].upper() for place in places if (found := DEPARTMENT.search(place))}


def _is_alike(name: str, iri: str, base: Base) -> bool:
    """Tell whether an innovation has a name of the same words, or a letter or two away."""
    ours = terms.slug(name)
    for theirs in (*base.values(iri, "name"), *base.values(iri, "alias")):
        most = min(2, len(ours) // 8)
        if _words(ours) == _words(theirs) or distance(ours, theirs, most) <= most:
            return True
    return False


def _words(slug: str) -> frozenset[str]:
    """Return the words of a name that count, without their plural."""
    return frozenset(word.removesuffix("s") for word in slug.split("-") if word not in SMALL)


def _is_other(iri: str, subject: object, base: Base) -> bool:
    return f"<{iri}>" != str(subject) and INNOVATION.value in base.values(iri, "type")
