"""The stage of identifiers: numbers and codes held against the reference layer.

A SIREN may be well formed and belong to another body; a commune may have been merged away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kb import terms
from kb.check import addresses
from kb.check.base import Base
from kb.check.contribution import OBJECT, Contribution
from kb.check.finding import Finding

TERRITORY = terms.BASE + "id/territory/"
SIREN, GOVERNS = terms.NS + "siren", terms.NS + "governs"


def findings(contributions: Sequence[Contribution], base: Base) -> Iterator[Finding]:
    """Yield the identifiers of files that mean nothing, or something else than they should."""
    here = {s for one in contributions for s in one.subjects()}
    for one in contributions:
        for at, (subject, predicate, object_) in enumerate(one.triples):
            if isinstance(object_, ox.NamedNode) and object_ not in here:
                yield from _territory(one, at, object_, base)
            elif predicate.value == SIREN and isinstance(object_, ox.Literal):
                yield from _siren(one, at, subject, object_.value, base)


def _territory(one: Contribution, at: int, object_: ox.NamedNode, base: Base) -> Iterator[Finding]:
    found = addresses.numbered(object_.value)
    if not found or base.knows(object_.value):
        return
    code = "L003" if found[1] == "commune" else "L002"
    yield one.tell(code, "error", at, OBJECT, {"number": found[2]})


def _siren(
    one: Contribution, at: int, subject: object, siren: str, base: Base
) -> Iterator[Finding]:
    """Compare the territory that a SIREN governs with the one that the file says."""
    governed = {
        object_.value
        for s, p, object_ in one.triples
        if s == subject and p.value == GOVERNS and isinstance(object_, ox.NamedNode)
    }
    theirs = [iri for iri in base.having("siren", siren) if iri.startswith(TERRITORY)]
    known = {iri for iri in governed if base.values(iri, "siren")}
    if theirs and governed and not governed & set(theirs):
        values = {"siren": siren, "theirs": theirs[0], "ours": sorted(governed)[0]}
        values |= base.labels("theirs", theirs[0]) | base.labels("ours", values["ours"])
        for iri in sorted(known)[:1]:
            values["right"] = base.values(iri, "siren")[0]
        yield one.tell("L001", "error", at, OBJECT, values)
    elif not theirs:
        others = [iri for iri in base.having("siren", siren) if f"<{iri}>" != str(subject)]
        if others:
            values = {"siren": siren, "theirs": others[0], **base.labels("theirs", others[0])}
            yield one.tell("L005", "warning", at, OBJECT, values)
