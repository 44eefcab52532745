"""What the two engines are compared on: terms, constraints, and records with faults."""

from __future__ import annotations

import csv
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyoxigraph as ox

from kb.validation.engines import Engine, Shapes, judge

FOLDER = Path(__file__).parent
PREFIXES = """
@prefix ex: <http://example.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
XSD = "http://www.w3.org/2001/XMLSchema#"
FAULTS: Sequence[ox.NamedNode | ox.Literal] = (
    ox.Literal(""),
    ox.Literal("n'importe quoi", language="fr"),
    ox.Literal("2014-13-40", datatype=ox.NamedNode(XSD + "date")),
    ox.Literal("007", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal("douze", datatype=ox.NamedNode(XSD + "integer")),
    ox.Literal("123456789"),
    ox.NamedNode("https://w3id.org/essaim/id/actor/nobody"),
    ox.NamedNode("https://w3id.org/essaim/scheme/need/nothing"),
)


def triples(text: str) -> list[ox.Triple]:
    """Return a Turtle text, which may use the prefixes above, as triples."""
    return [quad.triple for quad in ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)]


def shapes(text: str) -> Shapes:
    """Return a Turtle text as shapes."""
    return Shapes.of(triples(text))


def found(
    data: Sequence[ox.Triple] | bytes, by: Shapes, engine: Engine
) -> Counter[tuple[str, ...]]:
    """Return the results of an engine as a multiset."""
    return Counter(result.key() for result in judge(data, by, engine).results)


def rows(name: str) -> list[list[str]]:
    """Return the lines of a file of this folder, cut at tabs."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def faulty(
    records: Sequence[ox.Triple],
    seed: int,
    share: float = 0.01,
    faults: Sequence[ox.NamedNode | ox.Literal] = FAULTS,
) -> list[ox.Triple]:
    """Return records of which a share of the statements has a fault, the same for each seed.

    A statement is lost, says something else, or is said twice with two values.
    """
    chance = random.Random(seed)
    made = []
    for one in records:
        if chance.random() >= share:
            made.append(one)
            continue
        if chance.random() < 0.4:
            continue
        made.append(ox.Triple(one.subject, one.predicate, chance.choice(faults)))
        if chance.random() < 0.3:
            made.append(one)
    return made
