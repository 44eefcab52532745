"""Where in a text the statement of a finding stands.

A wrong value stands at its object; a value that is missing, at the predicate if the property is
written at all, else at the subject; a node the file does not describe, where the file names it.
"""

from __future__ import annotations

import pyoxigraph as ox

from kb.check.contribution import OBJECT, PREDICATE, SUBJECT, Contribution
from kb.reading.places import Place
from kb.validation.engines import Result

# A property that a closed shape does not know is wrong itself, not its value.
CLOSED = "http://www.w3.org/ns/shacl#ClosedConstraintComponent"


def located(one: Contribution, result: Result) -> Place | None:
    """Return the place of a result; None when what it names is nowhere in the text.

    A result of a path that is no single property stands at its value if the node has it.
    """
    focus, value = result.focus, result.value
    path = ox.NamedNode(result.predicate) if result.predicate else None
    if path is not None and value is not None:
        at = one.find(focus, path, value)
        if at is not None:
            return one.place(at, PREDICATE if result.component == CLOSED else OBJECT)
    if value is not None and value != focus:
        at = _with_value(one, focus, value)
        if at is not None:
            return one.place(at, OBJECT)
    for at, part in (
        (path and one.find(focus, path), PREDICATE),
        (one.find(focus), SUBJECT),
        (one.mention(focus), OBJECT),
    ):
        if at is not None:
            return one.place(at, part)
    return None


def _with_value(one: Contribution, focus: object, value: object) -> int | None:
    """Return the statement of a node that has a value, whatever its property."""
    for at, (subject, _, object_) in enumerate(one.triples):
        if subject == focus and object_ == value:
            return at
    return None
