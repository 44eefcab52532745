"""The coefficients of the model, made again by one command from open sets that share identifiers.

Truth: two open sets that give one SIREN with different spellings (beneficiaries of the Fonds vert,
inclusion enterprises, digital SSE organisations, communes, intercommunalities), and known names
corrupted on purpose. Entities are split in three by their identifier, so that no spelling of one
leaks: the first part trains the ranker, the second the decision, the third measures. The place is
left out of two queries in three: lists of names alone are the usual case. scikit-learn is needed
here only (`pip install essaim[train]`).
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.linking import LinkProblem, decide, ids
from kb.linking.candidates import Asked, candidates
from kb.linking.features import NAMES, features
from kb.linking.index import Entity, Index, write
from kb.linking.normalize import name
from kb.linking.places import NOWHERE, Place, place
from kb.linking.reader import Row, read
from kb.linking.strings import key

Array = NDArray[np.float64]
SEED, MOST_REAL, SYNTHETIC, ABSENT = 7, 6000, 3000, 7
FILES = ("communes_2026", "epci_2026", "ess_numerique", "siae_2020", "fonds_vert_2023")


@dataclass(frozen=True)
class Example:
    """A query, the SIREN it truly means, and whether the index holds it."""

    asked: Asked
    siren: str
    real: bool

    @property
    def part(self) -> int:
        """Which third of the entities it belongs to."""
        return key(f"part {self.siren}") // 2 % 3


@dataclass(frozen=True)
class Judged:
    """The ranked answers of a query: scores best first, whether each is right."""

    example: Example
    scores: list[float]
    right: list[bool]
    present: bool


def train(folder: Path, out: Path) -> str:
    """Make the model from the open sets in a folder; return what was measured, as text."""
    known, spellings = _gathered(folder)
    absent = {siren for siren in known if key(f"absent {siren}") // 2 % ABSENT == 0}
    examples = [*_real(spellings, known), *_corrupted(known)]
    with tempfile.TemporaryDirectory() as temporary:
        place_of = Path(temporary) / "index"
        write((e for s, e in known.items() if s not in absent), place_of, {"target": "training"})
        index = Index(place_of)
        parts = [[e for e in examples if e.part == part] for part in range(3)]
        first = _first(index, parts[0])
        second_part, third_part = (_judged(index, part, first) for part in parts[1:])
    second = _second(second_part)
    made, told = _measured(first, second, second_part, third_part)
    out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return "\n".join([*told, str(out)])


def _rows(folder: Path, name: str) -> list[Row]:
    path = folder / f"{name}.csv"
    if not path.is_file():
        raise LinkProblem(f"{path}: not there; the folder must hold {', '.join(FILES)}")
    return read(path).rows


def _gathered(folder: Path) -> tuple[dict[str, Entity], list[tuple[str, str, Place]]]:
    """Return the entities by SIREN, and every spelling met elsewhere with its place."""
    known: dict[str, Entity] = {}
    spellings: list[tuple[str, str, Place]] = []
    for siren, said, where in _namings(folder):
        if siren not in known:
            known[siren] = Entity(f"siren:{siren}", "thing", said, (), where)
        else:
            spellings.append((siren, said, where))
    return known, spellings


def _namings(folder: Path) -> Iterator[tuple[str, str, Place]]:
    columns = {
        "communes_2026": ("siren", ("nom",), {"insee": "code"}),
        "epci_2026": ("siren", ("nom",), {}),
        "ess_numerique": ("siren", ("denomination", "nom_usage"),
                          {"town": "commune", "postcode": "code_postal"}),
        "siae_2020": ("siret", ("name", "brand"), {"town": "city", "postcode": "post_code"}),
        "fonds_vert_2023": ("siren", ("nom_beneficiaire_principal",),
                            {"insee": "code_commune", "area": "code_departement"}),
    }  # fmt: skip
    for name_, (identifier, names, where) in columns.items():
        for row in _rows(folder, name_):
            reading = ids.siren(row.cells[identifier])
            sirens = [i[6:] for i in reading.found if i.startswith("siren:")]
            there = place(**{part: row.cells[column] for part, column in where.items()})
            for column in names:
                if sirens and name(row.cells[column]).core:
                    yield sirens[0], row.cells[column], there


def _real(
    spellings: Sequence[tuple[str, str, Place]], known: dict[str, Entity]
) -> Iterator[Example]:
    """Yield the spellings that differ from the known one, each once, at most `MOST_REAL`."""
    fresh = {
        (siren, name(said).text): (siren, said, where)
        for siren, said, where in spellings
        if name(said).text != name(known[siren].label).text
    }
    chosen = sorted(fresh.values(), key=lambda each: key(f"{each[0]} {each[1]}"))
    for siren, said, where in chosen[:MOST_REAL]:
        yield Example(Asked(said, _thinned(where, siren + said)), siren, True)


def _thinned(where: Place, salt: str) -> Place:
    """Return a place as a list may give it: not at all, its area, or all of it."""
    choice = key(f"place {salt}") // 2 % 3
    return (NOWHERE, replace(where, town="", code=""), where)[choice]


def _corrupted(known: dict[str, Entity]) -> Iterator[Example]:
    chance = random.Random(SEED)
    for siren in chance.sample(sorted(known), min(SYNTHETIC, len(known))):
        said = corrupted(known[siren].label, chance)
        yield Example(Asked(said, _thinned(known[siren].place, siren)), siren, False)


def corrupted(text: str, chance: random.Random) -> str:
    """Return a name as a hurried hand would write it: one of eight faults."""
    words = text.split()
    at = chance.randrange(max(len(text) - 1, 1))
    faults = [
        text[:at] + text[at + 1 :],
        text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :],
        text[:at] + chance.choice("aeilnorst") + text[at:],
        " ".join(words[1:] + words[:1]),
        " ".join(word[:5] for word in words),
        " ".join(words[:-1]) or text,
        f"Association {text}",
        text.encode().decode("cp1252", "replace"),
    ]
    return chance.choice(faults)


def _pairs(index: Index, examples: Sequence[Example]) -> Iterator[tuple[Example, list[str], Array]]:
    for start in range(0, len(examples), 256):
        batch = examples[start : start + 256]
        queries = [each.asked for each in batch]
        pairs = candidates(index, queries)
        rows = features(index, queries, pairs)
        for number, example in enumerate(batch):
            at = [i for i, pair in enumerate(pairs) if pair.asked == number]
            yield example, [index.iris[int(index.owners[pairs[i].row])] for i in at], rows[at]


def _first(index: Index, examples: Sequence[Example]) -> Array:
    """Return the intercept and coefficients of the ranker."""
    found = [(e, iris, rows) for e, iris, rows in _pairs(index, examples) if iris]
    rows = np.vstack([each[2] for each in found])
    right = [iri == f"siren:{e.siren}" for e, iris, _ in found for iri in iris]
    return _fitted(rows, right)


def _fitted(rows: Array, right: Sequence[bool]) -> Array:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=10.0, max_iter=5000, tol=1e-8).fit(rows, np.array(right, int))
    return np.round(np.concatenate([model.intercept_, model.coef_[0]]), 6)


def _judged(
    index: Index,
    examples: Sequence[Example],
    first: Array,
) -> list[Judged]:
    found = []
    for example, iris, rows in _pairs(index, examples):
        raw = 1 / (1 + np.exp(-np.clip(np.asarray(rows) @ first[1:] + first[0], -30, 30)))
        best: dict[str, float] = {}
        for iri, score in zip(iris, raw.tolist(), strict=True):
            best[iri] = max(score, best.get(iri, 0.0))
        ranked = sorted(best.items(), key=lambda each: -each[1])
        truth = f"siren:{example.siren}"
        found.append(Judged(
            example, [score for _, score in ranked], [iri == truth for iri, _ in ranked],
            bool(index.by_iri(truth)),
        ))  # fmt: skip
    return found


def _row(each: Judged) -> list[float]:
    where = each.example.asked.place
    return decide.second_row(each.scores, bool(where.town or where.code), bool(where.area))


def _second(judged: Sequence[Judged]) -> Array:
    answered = [each for each in judged if each.scores]
    return _fitted(np.array([_row(each) for each in answered]), [e.right[0] for e in answered])


def _sure(judged: Sequence[Judged], second: Array) -> Array:
    rows = np.array([_row(e) if e.scores else [0.0] * len(decide.SECOND) for e in judged])
    sure = 1 / (1 + np.exp(-np.clip(rows @ second[1:] + second[0], -30, 30)))
    return np.where([bool(e.scores) for e in judged], sure, 0.0)


def _measured(
    first: Array,
    second: Array,
    tuned: list[Judged],
    judged: list[Judged],
) -> tuple[dict[str, object], list[str]]:
    grid = [round(at / 50, 2) for at in range(5, 45)]
    review = max(grid, key=lambda at: _f1(tuned, _sure(tuned, second), at)[2])
    sure = _sure(judged, second)
    told = []
    for title, kept in (("real", True), ("synthetic", False)):
        mask = [each.example.real is kept for each in judged]
        part = [each for each, take in zip(judged, mask, strict=True) if take]
        precision, recall, f1 = _f1(part, sure[mask], review)
        present = [each for each in part if each.present]
        found = sum(any(each.right) for each in present) / max(len(present), 1)
        told.append(
            f"{title}: n {len(part)}, precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}, "
            f"candidate recall {found:.3f}, calibration error {_ece(part, sure[mask]):.3f}"
        )
    made = {
        "version": f"{key(first.tobytes().hex() + second.tobytes().hex()):016x}"[:8],
        "made_by": "essaim link train",
        "measured": told,
        "review": review,
        "rules": {"identified": 0.99, "exact": _exact(judged)},
        "first": {"features": NAMES, "intercept": first[0], "coefficients": first[1:].tolist()},
        "second": {
            "features": decide.SECOND, "intercept": second[0], "coefficients": second[1:].tolist(),
        },
        "precision": _curve(judged, sure),
    }  # fmt: skip
    return made, told


def _f1(judged: Sequence[Judged], sure: Array, at: float) -> tuple[float, float, float]:
    given = [(e, s) for e, s in zip(judged, sure, strict=True) if e.scores and s >= at]
    right = sum(e.right[0] for e, _ in given)
    precision, recall = right / max(len(given), 1), right / max(sum(e.present for e in judged), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def _ece(judged: Sequence[Judged], sure: Array) -> float:
    right = np.array([bool(e.right and e.right[0]) for e in judged], float)
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [abs(right[bins == b].mean() - sure[bins == b].mean()) * (bins == b).sum()
            for b in range(10) if (bins == b).any()]  # fmt: skip
    return float(sum(gaps) / max(len(judged), 1))


def _curve(judged: Sequence[Judged], sure: Array) -> list[list[float]]:
    """Return the precision from each threshold on, where at least fifty answers tell it."""
    right = np.array([bool(e.right and e.right[0]) for e in judged], float)
    curve, best = [], 0.0
    for at in [0.0, *(round(i / 40, 3) for i in range(1, 40)), 0.98, 0.985, 0.99, 0.995, 0.998]:
        above = sure >= at
        if above.sum() >= 50:
            best = max(best, float(right[above].mean()))
            curve.append([at, round(best, 4)])
    return curve


def _exact(judged: Sequence[Judged]) -> float:
    """Return the precision of the rule of the same name in the same municipality, unique."""
    sure = [e for e in judged if e.scores and e.scores[0] > 0.99 and e.example.asked.place.town
            and (len(e.scores) == 1 or e.scores[1] < 0.5)]  # fmt: skip
    return round(sum(e.right[0] for e in sure) / len(sure), 4) if len(sure) >= 50 else 0.9
