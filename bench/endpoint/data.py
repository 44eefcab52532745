"""Data for the bench: innovations as they are in the base, as many as asked for.

About 35 statements an innovation, in one named graph each, from a fixed seed: the same number
always gives the same file. Regions, needs and actors are drawn unevenly, as real ones are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

BASE = "https://bench.example/"
EACH = 35
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
DOUBLE = "<http://www.w3.org/2001/XMLSchema#double>"
NEEDS, REGIONS, ACTORS, PLACES = 90, 26, 4000, 35_000
WORDS = [
    "atelier",
    "ferme",
    "maison",
    "jardin",
    "relais",
    "coopérative",
    "territoire",
    "mobilité",
    "énergie",
    "santé",
    "école",
]


def write(path: Path, statements: int) -> int:
    """Write about so many statements as N-Quads; return how many innovations that makes."""
    number = statements // EACH
    made = random.Random(20_261_123)
    with path.open("w", encoding="utf-8") as out:
        for index in range(number):
            out.writelines(_innovation(index, made))
    return number


def _iri(kind: str, index: int) -> str:
    return f"<{BASE}{kind}/{index}>"


def _uneven(made: random.Random, most: int) -> int:
    return min(int(most * made.random() ** 2.5), most - 1)


def _innovation(index: int, made: random.Random) -> Iterator[str]:
    subject, graph = _iri("innovation", index), _iri("graph", index)

    def line(one: str, name: str, value: str) -> str:
        return f"{one} <{BASE}ns#{name}> {value} {graph} .\n"

    name = " ".join(made.choices(WORDS, k=3))
    yield f"{subject} {TYPE} <{BASE}ns#Innovation> {graph} .\n"
    for language in ("fr", "en"):
        yield f'{subject} {LABEL} "{name} {index}"@{language} {graph} .\n'
    yield line(subject, "start", f'"{1990 + made.randrange(35)}"^^{INTEGER}')
    yield line(subject, "text", f'"{" ".join(made.choices(WORDS, k=40))}"@fr')
    yield line(subject, "lat", f'"{42 + made.random() * 9:.5f}"^^{DOUBLE}')
    yield line(subject, "long", f'"{-4 + made.random() * 12:.5f}"^^{DOUBLE}')
    yield line(subject, "place", _iri("place", made.randrange(PLACES)))
    yield line(subject, "region", _iri("region", _uneven(made, REGIONS)))
    for _ in range(2):
        yield line(subject, "need", _iri("need", _uneven(made, NEEDS)))
    for part in range(4):
        node = _iri("involvement", index * 4 + part)
        yield line(subject, "involves", node)
        yield f"{node} {TYPE} <{BASE}ns#Involvement> {graph} .\n"
        yield line(node, "actor", _iri("actor", _uneven(made, ACTORS)))
        yield line(node, "role", _iri("role", _uneven(made, 28)))
        yield line(node, "since", f'"{1990 + made.randrange(35)}"^^{INTEGER}')
        yield line(node, "source", f"<https://source.example/{made.randrange(90_000)}>")
