"""The stage of words: classes, properties, concepts, prefixes and addresses that do not exist.

A shape says that a value is not of its list; this stage says which one was probably meant, by
spelling or by label in any language. Namespaces of others are judged only where all their terms
are known (`terms-of-others.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kb import terms
from kb.check import addresses, nearby
from kb.check.base import Base
from kb.check.contribution import OBJECT, PREDICATE, SUBJECT, Contribution
from kb.check.finding import Finding
from kb.check.fixes import replaced

TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
ESSAIM, SCHEME, ID = terms.NS, terms.BASE + "scheme/", terms.BASE + "id/"


def findings(contributions: Sequence[Contribution], base: Base) -> Iterator[Finding]:
    """Yield what is wrong with the names that files use."""
    here = {
        term.value
        for one in contributions
        for term in one.subjects()
        if isinstance(term, ox.NamedNode)
    }
    for one in contributions:
        yield from Words(one, base, here).findings()


class Words:
    """The names of one file, judged once each where the judgement does not depend on the place."""

    def __init__(self, one: Contribution, base: Base, here: set[str]) -> None:
        self.one, self.base, self.here = one, base, here
        self.verdicts: dict[tuple[str, int], Finding | None] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield the findings in the order of the text."""
        yield from addresses.prefixes(self.one)
        yield from addresses.subjects(self.one, self.base)
        for at, (_, predicate, object_) in enumerate(self.one.triples):
            yield from self._of(at, PREDICATE, predicate.value)
            if isinstance(object_, ox.NamedNode):
                part = OBJECT if predicate.value != TYPE else SUBJECT
                yield from self._of(at, part, object_.value)
            elif isinstance(object_, ox.Literal):
                yield from self._datatype(at, object_)

    def _of(self, at: int, part: int, iri: str) -> Iterator[Finding]:
        """Judge a name; `SUBJECT` stands for the class of a node, whose place is the object's."""
        key = iri, part
        if key not in self.verdicts:
            self.verdicts[key] = self._judged(iri, part)
        verdict = self.verdicts[key]
        if verdict is None:
            return
        part = PREDICATE if part == PREDICATE else OBJECT
        right = verdict.values.get("right_iri", "")
        fixes = replaced(self.one, self.one.place(at, part), right)
        yield self.one.tell(verdict.code, verdict.severity, at, part, verdict.values, fixes)

    def _judged(self, iri: str, part: int) -> Finding | None:
        if code := self._unknown(iri, part):
            found = nearby.nearest(self.base, iri, part == PREDICATE, part == SUBJECT)
            values = {"name": nearby.written(self.one, iri)}
            if found:
                values |= {"right": nearby.written(self.one, found), "right_iri": found}
                values["called"] = nearby.other_name(self.base, iri, found)
            else:
                values["list"] = nearby.whole_list(iri)
            return Finding(code, "error", self.one.name, values=values)
        return self._deprecated(iri)

    def _unknown(self, iri: str, part: int) -> str:
        """Return the code for a name that does not exist, or ''."""
        space, name = nearby.split(iri)
        if space == ESSAIM:
            if self.base.knows(iri):
                return ""
            return {PREDICATE: "V002", SUBJECT: "V001"}.get(part, "V003")
        if iri.startswith(SCHEME):
            return "" if self.base.knows(iri) or iri in self.here else "V003"
        if part != OBJECT and space in nearby.others():
            return "" if name in nearby.others()[space] else "V004"
        if part == OBJECT:
            return self._address(iri)
        return ""

    def _address(self, iri: str) -> str:
        """Return the code for the address of a record or a territory that is not there, or ''."""
        if addresses.misplaced(iri):
            return "V011"
        if not iri.startswith(ID) or iri in self.here or self.base.knows(iri):
            return ""
        # Links have more to say of the numbers of communes and intercommunalities.
        return "" if addresses.numbered(iri) else "V014"

    def _deprecated(self, iri: str) -> Finding | None:
        if not iri.startswith(terms.BASE) or "true" not in self.base.values(iri, "deprecated"):
            return None
        values = {"name": nearby.written(self.one, iri)}
        code = "L004" if iri.startswith(SCHEME) else "V006"
        for newer in self.base.values(iri, "replaced-by")[:1]:
            values |= {"right": nearby.written(self.one, newer), "right_iri": newer}
        return Finding(code, "warning", self.one.name, values=values)

    def _datatype(self, at: int, literal: ox.Literal) -> Iterator[Finding]:
        iri = literal.datatype.value
        space, name = nearby.split(iri)
        if space not in nearby.others() or name in nearby.others()[space]:
            return
        found = nearby.closest(name, nearby.others()[space])
        values = {"name": nearby.written(self.one, iri)}
        if found:
            values |= {"right": nearby.written(self.one, space + found[0])}
        yield self.one.tell("V005", "error", at, OBJECT, values)
