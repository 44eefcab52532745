"""Queries whose answer is known, and a target to ask: what trains the matcher and measures it.

Truth are names that two open sets give to one SIREN, and names of the first corrupted on purpose.
The target holds every body of the open sets but those left out as absent, filled up with names of
associations made of the commonest patterns and a commune, which is where namesakes come from.
All is drawn by digests of the identifiers: the same files give the same examples, and every
spelling of a body falls into the same part.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import yaml

from kb.linking import LinkProblem, ids
from kb.linking.candidates import Asked
from kb.linking.index import Entity
from kb.linking.normalize import fold, name
from kb.linking.places import NOWHERE, Place, communes, place
from kb.linking.reader import Row, read
from kb.linking.strings import key

FILES = ("communes_2026", "epci_2026", "ess_numerique", "siae_2020", "fonds_vert_2023")
PATTERNS = Path(__file__).with_name("patterns.yaml")
SEED, ABSENT, TARGET, SYNTHETIC = 7, 0.15, 200_000, 9_000
PARTS = ("rank", "decide", "calibrate", "measure")
SHARES = (0.35, 0.55, 0.70, 1.0)  # of the entities, cumulated
COMMUNES = 0.3  # of the corrupted names; they are four fifths of what is known


@dataclass(frozen=True)
class Example:
    """A query, the address of what it truly means, and where both come from."""

    asked: Asked
    truth: str
    is_real: bool
    is_present: bool
    fault: str

    @property
    def part(self) -> str:
        """Which part of the entities it belongs to."""
        return part_of(self.truth)


def part_of(iri: str) -> str:
    """Return the part that an entity, with all its spellings, belongs to."""
    drawn = _drawn(f"part {iri}")
    return next(part for part, share in zip(PARTS, SHARES, strict=True) if drawn < share)


def _drawn(salt: str) -> float:
    return (key(salt) >> 11) / 2**53


@dataclass(frozen=True)
class Truth:
    """A target to ask, and queries with their answers."""

    entities: Sequence[Entity]
    examples: Sequence[Example]


def truth(folder: Path, size: int = TARGET) -> Truth:
    """Return the target and the queries made of the open sets in a folder.

    Raises LinkProblem when one of the sets is not there.
    """
    known, spellings = _gathered(folder)
    absent = {iri for iri in known if _drawn(f"absent {iri}") < ABSENT}
    target = [each for iri, each in known.items() if iri not in absent]
    target += _invented(max(size - len(target), 0))
    examples = [*_real(spellings, known, absent), *_corrupted(known, absent)]
    return Truth(target, examples)


def _gathered(folder: Path) -> tuple[dict[str, Entity], list[tuple[str, str, Place]]]:
    """Return the entities by address, and every spelling met in another set with its place."""
    known: dict[str, Entity] = {}
    spellings: list[tuple[str, str, Place]] = []
    first: dict[str, str] = {}
    for source, siren, said, where in _namings(folder):
        iri = f"siren:{siren}"
        if iri not in known:
            known[iri], first[iri] = Entity(iri, "thing", said, (), where), source
        elif first[iri] != source:
            spellings.append((iri, said, where))
    return known, spellings


def _namings(folder: Path) -> Iterator[tuple[str, str, str, Place]]:
    columns: Mapping[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
        "communes_2026": ("siren", ("nom",), {"insee": "code"}),
        "epci_2026": ("siren", ("nom",), {}),
        "ess_numerique": ("siren", ("denomination", "nom_usage"),
                          {"town": "commune", "postcode": "code_postal"}),
        "siae_2020": ("siret", ("name", "brand"), {"town": "city", "postcode": "post_code"}),
        "fonds_vert_2023": ("siren", ("nom_beneficiaire_principal",),
                            {"insee": "code_commune", "area": "code_departement"}),
    }  # fmt: skip
    areas = _areas(folder)
    for source, (identifier, names, where) in columns.items():
        for row in _rows(folder, source):
            found = [i[6:] for i in ids.siren(row.cells[identifier]).found if i[:6] == "siren:"]
            there = place(**{part: row.cells[column] for part, column in where.items()})
            if found and source == "epci_2026":
                there = Place(area=areas.get(found[0], ""), country="FR")
            for column in names:
                if found and name(row.cells[column]).core:
                    yield source, found[0], row.cells[column], there


def _rows(folder: Path, source: str) -> list[Row]:
    path = folder / f"{source}.csv"
    if not path.is_file():
        raise LinkProblem(f"{path}: not there; the folder must hold {', '.join(FILES)}")
    return read(path).rows


def _areas(folder: Path) -> dict[str, str]:
    """Return the département of each intercommunality, where all its communes are in one."""
    found: dict[str, set[str]] = {}
    for row in _rows(folder, "communes_2026"):
        found.setdefault(row.cells["epci"], set()).add(row.cells["departement"])
    return {epci: min(areas) for epci, areas in found.items() if len(areas) == 1}


def _real(
    spellings: Sequence[tuple[str, str, Place]], known: Mapping[str, Entity], absent: set[str]
) -> Iterator[Example]:
    """Yield each spelling that differs from the known one by more than case, accents and signs."""
    fresh = {
        (iri, fold(said)): (iri, said, where)
        for iri, said, where in spellings
        if fold(said) != fold(known[iri].label)
    }
    for iri, said, where in fresh.values():
        yield Example(Asked(said, where), iri, True, iri not in absent, "real")


def _corrupted(known: Mapping[str, Entity], absent: set[str]) -> Iterator[Example]:
    chance = random.Random(SEED)
    of_communes = [iri for iri, each in known.items() if each.place.code]
    others = [iri for iri, each in known.items() if not each.place.code]
    few = int(COMMUNES * SYNTHETIC)
    chosen = chance.sample(of_communes, min(few, len(of_communes)))
    chosen += chance.sample(others, min(SYNTHETIC - few, len(others)))
    for iri in chosen:
        fault = chance.choice(sorted(FAULTS))
        said, where = FAULTS[fault](known[iri].label, known[iri].place, chance)
        if name(said).core:
            yield Example(Asked(said, where), iri, False, iri not in absent, fault)


def thinned(example: Example) -> Example:
    """Return a query with its place as a list may give it: not at all, its area, all of it."""
    where = example.asked.place
    choice = int(3 * _drawn(f"place {example.truth} {example.asked.name}"))
    kept = (NOWHERE, replace(where, town="", code=""), where)[choice]
    return replace(example, asked=replace(example.asked, place=kept))


def nameless(example: Example) -> Example:
    """Return a query of the name alone."""
    return replace(example, asked=Asked(example.asked.name))


# Faults


def _typed(text: str, chance: random.Random) -> str:
    """Return a text with a letter lost, doubled for another, or exchanged with the next."""
    at = chance.randrange(max(len(text) - 1, 1))
    return chance.choice([
        text[:at] + text[at + 1 :],
        text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
        text[:at] + chance.choice("aeilnorst") + text[at:],
    ])  # fmt: skip


def _shortened(text: str, chance: random.Random) -> str:
    """Return a text with every long word cut, as lists that save room do; a short one typed."""
    length = chance.choice((4, 5, 6))
    words = text.split()
    if len(words) < 3:
        return _typed(text, chance)
    return " ".join(word if len(word) <= length + 1 else word[:length] for word in words)


def _dropped(text: str, chance: random.Random) -> str:
    words = text.split()
    at = chance.randrange(len(words))
    return " ".join(words[:at] + words[at + 1 :]) if len(words) > 2 else _typed(text, chance)


def _reordered(text: str, chance: random.Random) -> str:
    words = text.split()
    at = chance.randrange(len(words))
    return " ".join(words[at:] + words[:at])


def _initials(text: str, chance: random.Random) -> str:
    initials = name(text).acronym
    return initials if len(initials) > 3 else _typed(text, chance)


def _cut(text: str, chance: random.Random) -> str:
    return text[:30] if len(text) > 30 else _typed(text, chance)


def _moved(text: str, where: Place, chance: random.Random) -> tuple[str, Place]:
    code = chance.choice(_codes())
    return text, place(insee=code) if where.town else where


@cache
def _codes() -> list[str]:
    return sorted(communes())


def _said(change: Callable[[str, random.Random], str]) -> Fault:
    return lambda text, where, chance: (change(text, chance), where)


Fault = Callable[[str, Place, random.Random], tuple[str, Place]]
FAULTS: Mapping[str, Fault] = {
    "typing": _said(_typed),
    "abbreviation": _said(_shortened),
    "a word dropped": _said(_dropped),
    "words reordered": _said(_reordered),
    "acronym": _said(_initials),
    "legal form": _said(lambda text, chance: f"{chance.choice(('Association', 'SCIC'))} {text}"),
    "cut at 30": _said(_cut),
    "in brackets": _said(lambda text, chance: f"{text} ({_initials(text, chance)})"),
    "encoding": _said(lambda text, _: text.encode().decode("cp1252", "replace")),
    "moved": _moved,
    "no commune": lambda text, where, chance: (_typed(text, chance), NOWHERE),
}


# Names to fill the target


def _invented(count: int) -> Iterator[Entity]:
    """Yield associations named by common patterns and a commune, none twice."""
    chance = random.Random(SEED + 1)
    patterns = yaml.safe_load(PATTERNS.read_text(encoding="utf-8"))
    towns = communes()
    seen: set[tuple[str, str]] = set()
    while len(seen) < count:
        code = chance.choice(_codes())
        words = {
            "town": towns[code],
            "thing": chance.choice(patterns["things"]),
            "quality": chance.choice(patterns["qualities"]),
        }
        said = chance.choice(patterns["names"]).format(**words)
        if (said, code) not in seen:
            seen.add((said, code))
            label = said.upper() if chance.random() < 0.5 else said
            yield Entity(f"made:{len(seen)}", "thing", label, (), place(insee=code))
