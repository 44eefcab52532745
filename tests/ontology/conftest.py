"""Fixtures of the ontology tests: each shipped vocabulary file, parsed once a session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, Graph

from kb import files


@cache
def parsed(path: Path) -> Graph:
    return Graph().parse(path, format="turtle")


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Graph]:
    """Return the function that parses a Turtle file, once."""
    return parsed


@pytest.fixture(scope="session")
def ontology() -> Graph:
    return parsed(files.root() / "ontology" / "essaim.ttl")


@pytest.fixture(scope="session")
def alignments() -> Graph:
    return parsed(files.root() / "ontology" / "alignments.ttl")


@pytest.fixture(scope="session")
def merged(ontology: Graph, alignments: Graph) -> Graph:
    """Return the ontology with its alignments, as one ontology: one header only."""
    made = Graph()
    made += ontology
    made += alignments
    for header in alignments.subjects(RDF.type, OWL.Ontology):
        made.remove((header, None, None))
    return made


@pytest.fixture(scope="session")
def schemes() -> Graph:
    """Return all concept schemes in one graph."""
    made = Graph()
    for path in sorted((files.root() / "ontology" / "schemes").glob("*.ttl")):
        made += parsed(path)
    return made
