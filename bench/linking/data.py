"""The same target and queries for all: 200,000 names, and spellings whose answer is known."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

from kb.linking.examples import Example, Truth, truth
from kb.linking.normalize import name

SEED = 11


def chosen(known: Truth, part: str, most: int) -> list[Example]:
    """Return queries of a part of the entities: every real one, and synthetic ones drawn."""
    chance = random.Random(SEED)
    real = [each for each in known.examples if each.part == part and each.is_real][:most]
    made = [each for each in known.examples if each.part == part and not each.is_real]
    found = real + chance.sample(made, min(most - len(real), len(made)))
    chance.shuffle(found)
    return found


def made(starter: Path) -> Truth:
    """Return the target and the queries."""
    return truth(starter)


def write_target(known: Truth, path: Path) -> None:
    """Write the target as CSV: number, name, and the name and place as essaim normalises them."""
    rows = (
        (number, each.label, name(each.label).core, each.place.town, each.place.area)
        for number, each in enumerate(known.entities)
    )
    _write(path, rows)


def write_queries(asked: Sequence[Example], path: Path) -> None:
    """Write queries in the columns of the target."""
    rows = (
        (number, e.asked.name, name(e.asked.name).core, e.asked.place.town, e.asked.place.area)
        for number, e in enumerate(asked)
    )
    _write(path, rows)


def _write(path: Path, rows: object) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter="\t")
        writer.writerow(("id", "name", "core", "town", "area"))
        writer.writerows(rows)  # type: ignore[arg-type]
