"""A whole list linked: identifiers first, then a unique exact name in its place, then ranks.

An identifier is evidence, not truth: it is checked, and the name must agree. Two entities of one
name in one area always go to a person. What was rejected is never proposed again, and what was
accepted stays as it was decided.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from kb.linking import decide, ids
from kb.linking.candidates import Asked
from kb.linking.curies import Curies
from kb.linking.features import agreement
from kb.linking.index import Index
from kb.linking.matching import Answer, Candidate, match
from kb.linking.normalize import fold, name
from kb.linking.places import place
from kb.linking.reader import Note, Row, Sheet
from kb.linking.strings import key
from kb.sssom import NO_TERM, Link

SHOWN = 4
GENERAL = "model"  # what exists in many places is none of them
AGREES = 0.6
READERS = {"siren": ids.siren, "rna": ids.rna, "wikidata": ids.wikidata}
EXACT = "semapv:LexicalMatching"
NEAR = "semapv:LexicalSimilarityThresholdMatching"
SAME_ID = "semapv:DatabaseCrossReference"


@dataclass(frozen=True)
class Wanted:
    """A row of a list, read: its address in the list, what is asked, the identifiers in it."""

    row: Row
    subject: str
    asked: Asked
    identifiers: tuple[str, ...]
    columns: Mapping[str, str]


@dataclass
class Linked:
    """A list that was linked: one link a row, and what was noticed, line by line."""

    links: list[Link] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What people have decided before: the links by subject, and the pairs rejected."""

    accepted: Mapping[str, Link] = field(default_factory=dict)
    rejected: Collection[tuple[str, str]] = frozenset()


def linked(
    index: Index, sheet: Sheet, roles: Mapping[str, str], curies: Curies, *,
    kinds: tuple[str, ...] = (), auto: float | None = None, known: Known | None = None,
) -> Linked:  # fmt: skip
    """Link every row of a list; `auto` is the expected precision from which a link is accepted."""
    result = Linked(notes=list(sheet.notes))
    judge = Judge(index, curies, auto, known or Known())
    rows = list(wanted(sheet.rows, roles, kinds, result.notes))
    result.links.extend(judge.links(rows, result.notes))
    result.notes.sort(key=lambda note: note.line)
    return result


def wanted(
    rows: Iterable[Row], roles: Mapping[str, str], kinds: tuple[str, ...], notes: list[Note]
) -> Iterator[Wanted]:
    """Read what each row asks for; what names nothing, or repeats a row, is noted and left out.

    A row without a name is asked by its identifiers alone. Of the rows before, a digest each is all
    that is kept.
    """
    seen: dict[int, int] = {}
    for row in rows:
        cells = {role: row.cells.get(column, "") for role, column in roles.items()}
        if not name(cells["name"]).core and not any(cells.get(role) for role in READERS):
            notes.append(Note(row.line, f"no name in {roles['name']!r}: not linked"))
            continue
        told = key(chr(31).join(row.cells.values()))
        if told in seen:
            notes.append(Note(row.line, f"repeats line {seen[told]}: linked once"))
            continue
        seen[told] = row.line
        yield _wanted(row, cells, roles, kinds, notes)


def _wanted(
    row: Row, cells: Mapping[str, str], roles: Mapping[str, str], kinds: tuple[str, ...],
    notes: list[Note],
) -> Wanted:  # fmt: skip
    identifiers: list[str] = []
    for role, read in READERS.items():
        reading = read(cells.get(role, ""))
        identifiers += reading.found
        notes.extend(Note(row.line, f"{roles[role]}: {text}") for text in reading.notes)
    where = {part: cells.get(part, "") for part in ("insee", "town", "postcode", "area", "country")}
    where["country"] = where["country"] if len(where["country"]) == 2 else ""
    also = tuple(filter(None, [cells.get("also", "")]))
    return Wanted(
        row, _subject(cells), Asked(cells["name"], place(**where), kinds, also),
        tuple(identifiers), roles,
    )  # fmt: skip


def _subject(cells: Mapping[str, str]) -> str:
    """Return the local name of a row: its identifier, or a digest of what names it.

    It does not depend on the line, so that a decision holds when the list is sorted anew.
    """
    if cells.get("id"):
        return "".join(c if c.isalnum() or c in "-._" else "-" for c in cells["id"])[:80]
    told = [fold(cells.get(role, "")) for role in ("name", "siren", "rna", "insee", "town", "area")]
    return f"{key(chr(31).join(told)):016x}"


@dataclass(frozen=True)
class Judge:
    """What turns the candidates of a row into one link."""

    index: Index
    curies: Curies
    auto: float | None
    known: Known

    def links(self, rows: Sequence[Wanted], notes: list[Note]) -> Iterator[Link]:
        """Yield the link of each row: as a person decided it before, else as judged now."""
        answers = match(self.index, [each.asked for each in rows], limit=15)
        for row, answer in zip(rows, answers, strict=True):
            decided = self.known.accepted.get(self.curies.subject(row.subject))
            yield decided or self.link(row, answer, notes)

    def link(self, row: Wanted, answer: Answer, notes: list[Note]) -> Link:
        """Return the link of a row: by identifier, by exact name and place, or by rank."""
        kept = [
            c for c in answer.candidates
            if not self._was_rejected(row, c.iri) and not _is_general(row, c)
        ]  # fmt: skip
        by_identifier = self._by_identifier(row, notes)
        if by_identifier is not None:
            return self._identified(row, by_identifier, kept, notes)
        if not kept:
            return self._nothing(row, answer)
        best, rivals = kept[0], kept[1:]
        is_first = best is answer.candidates[0]
        namesakes = self._namesakes(best, rivals) if is_first else []
        if namesakes:
            words = f"{len(namesakes) + 1} of this name in one area: to be reviewed"
            return self._made(row, best, kept, answer.confidence, 0.0, EXACT, words)
        if self._is_exact(row, best, rivals):
            words = "same name, same municipality, no other"
            return self._made(row, best, kept, None, decide.model().exact, EXACT, words)
        if _is_hidden(answer.confidence) and (longer := _longer(kept)):
            words = "its words begin, or are, a name in the same place: to be reviewed"
            others = [each for each in kept if each is not longer]
            return self._made(row, longer, [longer, *others], answer.confidence, 0.0, NEAR, words)
        if not is_first:  # what is left is less sure
            return self._ranked(row, kept, min(answer.confidence, best.score) / 2)
        return self._ranked(row, kept, answer.confidence)

    def _ranked(self, row: Wanted, kept: Sequence[Candidate], confidence: float) -> Link:
        answer = Answer(tuple(kept), confidence)
        if _is_hidden(confidence):
            return self._nothing(row, answer)
        words = _evidence(kept[0])
        expected = answer.expected_precision
        return self._made(row, kept[0], kept, confidence, expected, NEAR, words)

    def _was_rejected(self, row: Wanted, iri: str) -> bool:
        return (self.curies.subject(row.subject), self.curies.curie(iri)) in self.known.rejected

    def _by_identifier(self, row: Wanted, notes: list[Note]) -> tuple[str, list[int]] | None:
        """Return the first identifier that the index knows, and its entities."""
        for identifier in row.identifiers:
            scheme, _, value = identifier.partition(":")
            others = [identifier] + ([f"governing:{value}"] if scheme == "siren" else [])
            for known in others:
                numbers = [
                    n for n in self.index.by_identifier(known)
                    if known in self.index.entity(n).identifiers
                    and (not row.asked.kinds or self.index.kind(n) in row.asked.kinds)
                    and not self._was_rejected(row, self.index.iris[n])
                ]  # fmt: skip
                if numbers:
                    return known, numbers
        return None

    def _identified(
        self, row: Wanted, by: tuple[str, list[int]], kept: Sequence[Candidate], notes: list[Note]
    ) -> Link:
        identifier, numbers = by
        agreeing = sorted(numbers, key=lambda n: (-self._agreement(row, n), n))
        best, agrees = agreeing[0], self._agreement(row, agreeing[0])
        words = f"{identifier}; the names agree by {agrees:.2f}"
        sure = decide.model().identified
        if self.index.ended[best]:
            words, sure = f"{words}; ended {self.index.ended[best]}", 0.0
        elif len(numbers) > 1:
            words, sure = f"{identifier} stands at {len(numbers)} records: to be reviewed", 0.0
        elif not name(row.asked.name).core:
            words, sure = f"{identifier}, but no name to compare", 0.0
        elif agrees < AGREES:
            label = self.index.labels[best]
            notes.append(Note(row.row.line, f"{identifier} is {label!r} here: to be reviewed"))
            words, sure = f"{identifier}, but the names disagree ({agrees:.2f})", 0.0
        found = self._candidate(best, agrees)
        others = [c for c in kept if c.entity != best]
        return self._made(row, found, [found, *others], None, sure, SAME_ID, words)

    def _candidate(self, number: int, score: float) -> Candidate:
        index = self.index
        label = index.labels[number]
        return Candidate(
            number, index.iris[number], label, index.kind(number), index.place(number),
            score, label, {},
        )  # fmt: skip

    def _agreement(self, row: Wanted, number: int) -> float:
        """Return how far the name of a row agrees with any name of an entity, 0 to 1."""
        best = 0.0
        for mine in filter(lambda each: each.core, map(name, (row.asked.name, *row.asked.also))):
            for at in self.index.rows(number):
                core = self.index.cores[at]
                shared = agreement(mine.core, core, self.index.rarity)
                initials = mine.core == self.index.acronyms[at] or mine.acronym == core
                close = fuzz.ratio(mine.core, core) / 100
                best = max(best, *shared[:1], close, 0.9 * shared[2], float(initials))
        return round(best, 4)

    def _namesakes(self, best: Candidate, rivals: Sequence[Candidate]) -> list[Candidate]:
        """Return the rivals with the name of the best, not known to be in another area."""
        core = name(best.matched).core
        return [
            rival for rival in rivals
            if (name(rival.matched).core == core and rival.kind == best.kind
            and rival.score >= 0.5 * best.score
            and rival.place.compared(best.place)[1] >= 0
            and rival.place.compared(best.place)[0] >= 0)
            or (name(rival.matched).core == core and rival.score == best.score)
        ]  # fmt: skip

    def _is_exact(self, row: Wanted, best: Candidate, rivals: Sequence[Candidate]) -> bool:
        core = name(row.asked.name).core
        if core != name(best.matched).core or not best.features.get("town_same"):
            return False
        return not any(name(r.matched).core == core and r.place.area == best.place.area
                       for r in rivals)  # fmt: skip

    def _made(
        self, row: Wanted, best: Candidate, kept: Sequence[Candidate], confidence: float | None,
        expected: float, justification: str, words: str,
    ) -> Link:  # fmt: skip
        sure = confidence if confidence is not None else expected or 0.5
        accepted = self.auto is not None and expected >= self.auto
        return Link(
            self.curies.subject(row.subject), row.asked.name, "skos:exactMatch",
            self.curies.curie(best.iri), best.label, justification,
            confidence=f"{sure:.4f}",
            subject_match_field=row.columns["name"], object_match_field="rdfs:label",
            match_string=best.matched, similarity_score=f"{best.score:.4f}",
            similarity_measure="essaim link, stage 1", comment=words,
            other=_other(self.curies, row, kept, expected),
            essaim_state="accepted" if accepted else "proposed",
        )  # fmt: skip

    def _nothing(self, row: Wanted, answer: Answer) -> Link:
        return Link(
            self.curies.subject(row.subject), row.asked.name, "skos:exactMatch", NO_TERM,
            confidence=f"{1 - answer.confidence:.4f}", comment="no likely entity",
            other=_other(self.curies, row, answer.candidates, 0.0, skip=0), essaim_state="none",
        )  # fmt: skip


def _is_hidden(confidence: float) -> bool:
    """Tell whether nobody is shown an answer this sure.

    Half of what would be answered unasked: a person can refuse, but not see what is hidden.
    """
    return confidence < decide.model().review / 2


def _longer(kept: Sequence[Candidate]) -> Candidate | None:
    """Return the candidate of the same place whose name begins with all the words asked.

    Lists shorten names, and one of many rivals may outrank it. One word is not enough: it may be
    the municipality's own. What stands in several municipalities is known by its area.
    """
    for each in kept:
        told = each.features
        is_whole = told["prefix"] and told["words_in_target"] > 0.999 and told["word_count"] > 0.1
        is_there = told["town_same"] or (told["area_same"] and not told["town_different"])
        if is_whole and is_there:
            return each
    return None


def _is_general(row: Wanted, each: Candidate) -> bool:
    """Tell whether a candidate is a model of the thing in one place that was asked."""
    where = row.asked.place
    return (
        each.kind == GENERAL and bool(where.town or where.code) and not each.features["same_core"]
    )


def _evidence(best: Candidate) -> str:
    """Return what speaks for a candidate as words: the features that are not zero."""
    shown = ("ratio", "words", "jaro_winkler", "acronym", "town_same", "town_different",
             "area_same", "area_different")  # fmt: skip
    told = [f"{name} {best.features[name]:.2f}" for name in shown if best.features.get(name)]
    return "; ".join(told)


def _other(
    curies: Curies, row: Wanted, kept: Sequence[Candidate], expected: float, skip: int = 1
) -> str:
    """Return line, expected precision, place and rivals as JSON, for review and programs."""
    rivals = [
        {"id": curies.curie(each.iri), "label": each.label, "score": round(each.score, 4)}
        for each in kept[skip : skip + SHOWN]
    ]
    told = {"line": row.row.line, "expected": round(expected, 4), "rivals": rivals}
    return json.dumps(told, ensure_ascii=False)
