"""The candidates of a question, best first: found by name, id or code, then judged one by one.

A candidate's score depends on the question and on it alone. `match` is a decision about all of
them: exactly one bears the name or the id asked for, and nothing asked speaks against it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kb import terms
from kb.reconcile.asked import Condition, Question
from kb.reconcile.known import Known, code, plain
from kb.reconcile.malformed import Malformed
from kb.reconcile.names import Likeness, Names

Values = Callable[[str, str], Iterable[str]]

DCTERMS = "http://purl.org/dc/terms/"
PLACE_CODES = frozenset(str(terms.ESSAIM[name]) for name in ("inseeCode", "isoCode", "isoAlpha3"))
PLACES = PLACE_CODES | {
    DCTERMS + "spatial",
    *(str(terms.ESSAIM[name]) for name in ("implementedIn", "governs", "appliesTo", "inCountry")),
    *(str(terms.ESSAIM[name]) for name in ("withinTerritory", "memberOfIntercommunality")),
    *(str(terms.ESSAIM[name]) for name in ("placeName", "jurisdictionCode")),
}
SURE_ENOUGH, TOO_LITTLE = 0.3, 0.1
Near = Mapping[str, Likeness]  # what is near each text that was asked for
Group = tuple[tuple[str, ...], str]  # types asked for, and how they bind
Held = tuple[bool | None, bool]  # whether a thing has a value; whether its own number says so


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant: score 0–100, the evidence behind it, whether it surely is."""

    id: str
    score: float
    features: Mapping[str, float | bool]
    match: bool = False


@dataclass(frozen=True)
class _Judged:
    """A candidate before the others are looked at."""

    iri: str
    score: float
    features: Mapping[str, float | bool]
    is_named: bool  # it bears the name or the id asked for
    is_numbered: bool  # a number asked for is its own
    is_refuted: bool  # something asked for speaks against it
    is_literal: bool  # the name is written as it was asked for

    @property
    def rank(self) -> tuple[float, int]:
        """What puts it before others: its score, then how much speaks for it."""
        return self.score, sum(value is True for value in self.features.values())


class Matcher:
    """Answers questions about one release; `values` gives what is said of a thing by a property."""

    def __init__(self, known: Known, values: Values, folder: Path) -> None:
        self.known, self._values, self._folder = known, values, folder

    @cached_property
    def names(self) -> Names:
        """The names of all things, ready for approximate search."""
        return Names(self.known, self._folder)

    def answers(self, questions: Sequence[Question]) -> list[list[Candidate] | Malformed]:
        """Return the candidates of each question, or why it cannot be answered.

        Names are looked for together; what was asked beside a question does not change its answer.
        """
        near = self._near(questions)
        found: list[list[Candidate] | Malformed] = []
        for question in questions:
            try:
                found.append(self._candidates(question, near.get(_group(question), {})))
            except Malformed as problem:
                found.append(problem)
        return found

    def candidates(self, question: Question) -> list[Candidate]:
        """Return what may be meant, best first. Raises Malformed: unknown type or property."""
        (found,) = self.answers([question])
        if isinstance(found, Malformed):
            raise found
        return found

    def _near(self, questions: Sequence[Question]) -> dict[Group, Near]:
        """Return what is near every text, the questions about the same types at once."""
        texts: dict[Group, dict[str, None]] = {}
        for question in questions:
            said = texts.setdefault(_group(question), {})
            for one in question.of_kind("name"):
                said.update(dict.fromkeys(v for v in one.values if not _is_address(v)))
        return {
            group: dict(zip(said, self.names.near(list(said), self._wanted(group)), strict=True))
            for group, said in texts.items()
        }

    def _wanted(self, group: Group) -> Callable[[str], bool]:
        """Return what tells the kinds of a group of questions; an unknown type wants none."""
        types, binding = [self.known.type(text) for text in group[0]], group[1]
        return lambda kind: self._bound(self.known.closure(kind.split()), types, binding)

    def _candidates(self, question: Question, near: Near) -> list[Candidate]:
        types = self._types(question)
        asked = [(one, self._property(one)) for one in question.of_kind("property")]
        judged = []
        for iri in self._found(question, types, asked, near):
            one = self._judged(iri, question, types, asked, near)
            if one is not None:
                judged.append(one)
        judged.sort(key=lambda one: (not one.is_literal, _is_territory(one.iri), one.iri))
        judged.sort(key=lambda one: one.rank, reverse=True)
        sure = _sure(judged)
        return [
            Candidate(one.iri, round(100 * one.score, 2), one.features, one.iri == sure)
            for one in judged[: question.limit]
        ]

    def _types(self, question: Question) -> tuple[str, ...]:
        found = []
        for text in question.types:
            kind = self.known.type(text)
            if kind is None:
                raise Malformed("unknown-type", given=ascii(text[:80]))
            found.append(kind)
        return tuple(found)

    def _property(self, condition: Condition) -> str:
        found = self.known.property(condition.property)
        if found is None:
            raise Malformed("unknown-property", given=ascii(condition.property[:80]))
        return found

    def _found(
        self, question: Question, types: tuple[str, ...], asked: list[tuple[Condition, str]],
        near: Near,
    ) -> dict[str, None]:  # fmt: skip
        """Return what is worth judging: by id and code first, then by the likeness of a name."""
        found: dict[str, None] = {}
        texts = [
            (one.kind, value)
            for one in (*question.of_kind("id"), *question.of_kind("name"))
            for value in one.values
            if one.quantifier != "none"
        ]
        for kind, value in texts:
            found.update(dict.fromkeys(self.known.identified(value)))
            if kind == "name" and not _is_address(value):
                found.update(dict.fromkeys(self.known.by_name.get(plain(value), ())))
                found.update(dict.fromkeys(near[value]))
        for one, _ in asked:
            for value in one.values:
                found.update(dict.fromkeys(self.known.by_code.get(code(value), ())))
        return {iri: None for iri in found if self._fits(iri, question, types)}

    def _fits(self, iri: str, question: Question, types: tuple[str, ...]) -> bool:
        return self._bound(self.known.types_of(iri), types, question.binding)

    def _bound(self, own: Sequence[str], types: Sequence[str | None], binding: str) -> bool:
        if not types or binding == "should":
            return True
        return (all if binding == "all" else any)(kind in own for kind in types)

    def _judged(
        self, iri: str, question: Question, types: tuple[str, ...],
        asked: list[tuple[Condition, str]], near: Near,
    ) -> _Judged | None:  # fmt: skip
        """Return a candidate with its evidence, None where a condition excludes it."""
        named = question.of_kind("name")
        parts = [
            part for part in (self._named(iri, one, near) for one in named) if part is not None
        ]
        identified = [self._identified(iri, one) for one in question.of_kind("id")]
        if len(parts) < len(named) or False in identified:
            return None
        likeness_of_name = score = min((like for like, _ in parts), default=1.0)
        is_named = all(exact for _, exact in parts) if parts else bool(identified)
        features: dict[str, float | bool] = {}
        if parts:
            features |= {"name-similarity": round(score, 4), "name-equal": is_named}
        is_refuted = is_numbered = False
        for one, property_ in asked:
            held, by_code = _quantified(one, [self._holds(iri, property_, v) for v in one.values])
            if one.required and not (held or (held is None and one.quantifier == "none")):
                return None
            score = _weighed(score, held, by_code)
            is_refuted = is_refuted or held is False
            is_numbered = is_numbered or bool(held and by_code and likeness_of_name >= SURE_ENOUGH)
            if held is not None:
                features[terms.compact(property_)] = held
        if score < TOO_LITTLE or not (parts or identified or True in features.values()):
            return None
        if types:
            own = self.known.types_of(iri)
            features["type"] = any(kind in own for kind in types)
            score *= 1.0 if features["type"] else 0.9
        names = {text for text, _ in self.known.entities[iri].names}
        is_literal = any(names & set(one.values) for one in named)
        return _Judged(iri, score, features, is_named, is_numbered, is_refuted, is_literal)

    def _named(self, iri: str, condition: Condition, near: Near) -> tuple[float, bool] | None:
        """Return how like the values the names are and whether one is equal; None if excluded."""
        every = [self._likeness(iri, value, near.get(value, {})) for value in condition.values]
        if condition.quantifier == "none":
            return None if any(one == 1.0 for one in every) else (1.0, False)
        found = (min if condition.quantifier == "all" else max)(every)
        return None if condition.required and found < 1.0 else (found, found == 1.0)

    def _likeness(self, iri: str, value: str, near: Likeness) -> float:
        named = self.known.by_name.get(plain(value), ())
        if iri in named or iri in self.known.identified(value):
            return 1.0
        return near[iri] if iri in near else self.names.likeness(value, [iri]).get(iri, 0.0)

    def _identified(self, iri: str, condition: Condition) -> bool:
        hits = [iri in self.known.identified(value) for value in condition.values]
        if condition.quantifier == "none":
            return not any(hits)
        return all(hits) if condition.quantifier == "all" else any(hits)

    def _holds(self, iri: str, property_: str, value: str) -> Held:
        """Tell whether a thing has a value, as far as that is known of it."""
        own = [code(text) for name, text in self.known.entities[iri].codes if name == property_]
        if code(value) in own:
            return True, True
        if property_ in PLACES and (lies := self._lies(iri, value)) is not None:
            return lies, bool(own) and not lies
        if own:
            return False, True
        said = set(self._values(iri, property_)) if property_ not in PLACES else None
        if not said:
            return None, False
        return value in said or plain(value) in {plain(text) for text in said}, False

    def _lies(self, iri: str, value: str) -> bool | None:
        """Tell whether a thing lies in a place; None for a place unknown or within its own."""
        named = (*self.known.identified(value), *self.known.by_name.get(plain(value), ()))
        wanted = {place for place in named if _is_territory(place)}
        around = self.known.around(iri)
        if wanted & around:
            return True
        places = {iri, *self.known.places.get(iri, ())}
        if len(places) == 1 and not _is_territory(iri):
            return None
        within = any(places & self.known.around(place) for place in wanted)
        return None if within or not wanted else False


def _group(question: Question) -> Group:
    return question.types, question.binding


def _is_address(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _is_territory(iri: str) -> bool:
    return iri.startswith(terms.BASE + "id/territory/")


def _quantified(condition: Condition, held: list[Held]) -> Held:
    """Return what several values say together, as the quantifier joins them."""
    by_code = any(own for _, own in held)
    said = [one for one, _ in held]
    if condition.quantifier == "none":
        if True in said:
            return False, by_code
        return (None if None in said else True), False  # not to have a number identifies nothing
    strong = condition.quantifier == "any"  # any: one true is enough; all: one false is
    if strong in said:
        return strong, by_code
    return (None if None in said else not strong), by_code


def _weighed(score: float, held: bool | None, is_code: bool) -> float:
    """Return a score after one more piece of evidence; a code weighs most, the unknown nothing."""
    if held is None:
        return score
    if held:
        return max(score + (1 - score) * 0.3, 0.8 + 0.2 * score if is_code else 0.0)
    return score * (0.6 if is_code else 0.75)


def _sure(judged: list[_Judged]) -> str | None:
    """Return the one that is surely meant: it bears the name or the number, and it alone is best.

    A number is not believed against another thing that bears the very name.
    """
    is_contested = any(one.is_named and one.is_refuted for one in judged)
    certain = [
        one
        for one in judged
        if not one.is_refuted and (one.is_named or (one.is_numbered and not is_contested))
    ]
    is_alone = len(certain) == 1 or (len(certain) > 1 and certain[0].rank > certain[1].rank)
    return certain[0].iri if is_alone and certain[0] is judged[0] else None
