"""The agreement of two readings of the same records, facet by facet, asked of a release.

What the first reader proposed is compared, inherited proposals included: the agreement measures
how the coding was done, not what is published. Each figure is repeated for the cases that the
first reader judged itself (`own`): a proposal taken over from a family of cases judged no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from kb import files
from kb.queries import registry
from kb.release import Release
from kb.rows import Row, Table, select
from kb.statistics.agreement import Agreement, agreement, mean_jaccard
from kb.statistics.schema import vocabulary
from kb.terms import Literal

UNDECIDABLE = "undecidable"
GROWING = frozenset({"development", "regular-operation", "implementation", "generalisation"})
DECIMAL = "http://www.w3.org/2001/XMLSchema#decimal"
INTEGER = "http://www.w3.org/2001/XMLSchema#integer"


@dataclass(frozen=True, slots=True)
class Facet:
    """The agreement on one facet; `cases` says which proposals of the first reading count."""

    name: str
    cases: str
    found: Agreement
    jaccard: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The two answers on one record; `own` when the first reader judged the record itself."""

    first: str
    second: str
    own: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """Every pair of answers of two readings."""

    ambition: tuple[Judged, ...]
    stage: tuple[Judged, ...]
    law: tuple[Judged, ...]
    postures: Mapping[str, tuple[frozenset[str], frozenset[str]]]


def readings(release: Release, first: str = "", second: str = "") -> Readings:
    """Return the pairs of answers of two coders, by default the first and second readings."""
    coders = {name: iri for name, iri in (("first", first), ("second", second)) if iri}
    asked = registry(files.root() / "queries" / "agreement")
    answers = {n: select(release.engine, asked[n].bound(coders)) for n in asked}
    verdicts = answers["verdicts"]
    return Readings(
        tuple(_judged(row, "first", "second") for row in _about(verdicts, "ambition")),
        tuple(_judged(row, "firstBroad", "secondBroad") for row in _about(verdicts, "stage")),
        tuple(_law(row) for row in answers["law"]),
        _postures(answers["postures"]),
    )


def _about(verdicts: Table, criterion: str) -> Iterator[Row]:
    return (row for row in verdicts if str(row["criterion"]).endswith("/" + criterion))


def _judged(row: Row, first: str, second: str) -> Judged:
    """Return a pair of answers; no answer counts as undecidable, as in the published figures."""
    one, two = (_notation(row, name) for name in (first, second))
    return Judged(one, two, first in row and str(row["inherited"]) == "0")


def _notation(row: Row, name: str) -> str:
    return str(row[name]).rpartition("/")[2] if name in row else UNDECIDABLE


def _law(row: Row) -> Judged:
    first = _branch(row, "firstOne", "firstTwo")
    second = _branch(row, "secondOne", "secondTwo")
    return Judged(first, second, str(row.get("inherited")) == "0")


def _branch(row: Row, one: str, two: str) -> str:
    """Return the branch of section 15 that the criteria coded yes give."""
    met = (str(row.get(one)) == "1", str(row.get(two)) == "1")
    return {(True, True): "both", (True, False): "1", (False, True): "2"}.get(met, UNDECIDABLE)


def _postures(answer: Table) -> Mapping[str, tuple[frozenset[str], frozenset[str]]]:
    found: dict[str, tuple[set[str], set[str]]] = {}
    for row in answer:
        pair = found.setdefault(str(row["involvement"]), (set(), set()))
        pair[int(str(row["rank"])) - 1].add(str(row["posture"]).rpartition("/")[2])
    both = {unit: pair for unit, pair in found.items() if all(pair)}
    return {unit: (frozenset(a), frozenset(b)) for unit, (a, b) in both.items()}


def facets(given: Readings) -> list[Facet]:
    """Return the agreement on every facet: all proposals first, then the first reader's own."""
    made = []
    for cases, kept in (("all", lambda _: True), ("own", lambda pair: pair.own)):
        made += list(_verdict_facets(given, cases, kept))
    return [*made, *_posture_facets(given)]


def _verdict_facets(given: Readings, cases: str, kept: Callable[[Judged], bool]) -> Iterator[Facet]:
    ambition, stage, law = (
        [(pair.first, pair.second) for pair in pairs if kept(pair)]
        for pairs in (given.ambition, given.stage, given.law)
    )
    decided = [pair for pair in ambition if UNDECIDABLE not in pair]
    merged = [(_merged(first), _merged(second)) for first, second in stage]
    for name, pairs in (
        ("ambition-decided", decided),
        ("ambition", ambition),
        ("law-branch", law),
        ("stage", stage),
        ("stage-merged", merged),
    ):
        yield Facet(name, cases, agreement(pairs))


def _merged(stage: str) -> str:
    return "development" if stage in GROWING else stage


def _posture_facets(given: Readings) -> Iterator[Facet]:
    units = list(given.postures.values())
    agreed = sum(first == second for first, second in units)
    whole = Agreement(len(units), agreed, None, None)
    yield Facet("postures", "all", whole, mean_jaccard(units))
    for posture in sorted({posture for pair in units for side in pair for posture in side}):
        pairs = [(posture in first, posture in second) for first, second in units]
        yield Facet(f"posture:{posture}", "all", agreement(pairs))


COLUMNS = ("facet", "label", "cases", "n", "agreed", "percent", "kappa", "kappa_se", "jaccard")
LABELS = {
    "ambition-decided": ("ambition, où les deux ont tranché", "ambition, where both decided"),
    "ambition": ("ambition, indécidable compté", "ambition, undecidable counted"),
    "law-branch": ("article 15, branche déduite", "section 15, derived branch"),
    "stage": ("étape", "stage"),
    "stage-merged": (
        "étape, développement et fonctionnement régulier réunis",
        "stage, development and regular operation merged",
    ),
    "postures": ("postures par autorité", "postures per authority"),
}


def table(release: Release, found: Iterable[Facet], language: str = "fr") -> Table:
    """Return facets as rows in the words of a release, for a terminal, a file or a page."""
    codes = vocabulary(release).codes.get("posture", ())
    postures = {code.notation: code.words[language].title for code in codes}
    return Table(COLUMNS, tuple(_row(facet, postures, language) for facet in found))


def _row(facet: Facet, postures: Mapping[str, str], language: str) -> Row:
    name, _, posture = facet.name.partition(":")
    label = postures.get(posture, posture) if posture else LABELS[name][language == "en"]
    share, found = facet.found.share, facet.found
    row: Row = {
        "facet": Literal(facet.name),
        "label": Literal(label, language=language),
        "cases": Literal(facet.cases),
        "n": Literal(str(found.n), INTEGER),
        "agreed": Literal(str(found.agreed), INTEGER),
    }
    numbers = {
        "percent": None if share is None else 100 * share,
        "kappa": found.kappa,
        "kappa_se": found.error,
        "jaccard": facet.jaccard,
    }
    for key, number in numbers.items():
        if number is not None:
            row[key] = Literal(f"{number:.1f}" if key == "percent" else f"{number:.2f}", DECIMAL)
    return row
