"""Repairs as edits of the text: what can be written instead, and whether it may be done unasked.

A fix is safe when it writes what the file surely means; one that chooses for the author is not.
"""

from __future__ import annotations

from kb.check.contribution import Contribution
from kb.reading.places import Edit, Fix, Place


def replaced(one: Contribution, place: Place | None, iri: str) -> tuple[Fix, ...]:
    """Return the fix that writes another address at a place, as the file writes addresses."""
    if place is None or not iri:
        return ()
    from kb.check.nearby import written

    text = written(one, iri)
    prefix = text.partition(":")[0]
    declared = one.document.prefixes if one.document else {}
    if not text.startswith("<") and prefix not in declared:
        text = f"<{iri}>"
    return (Fix("write", (Edit(place.start, place.end, text),), False, {"text": text}),)
