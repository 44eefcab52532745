"""One resource as a graph: what is said of it, with the nodes that belong to its record.

DESCRIBE means something else in every engine, so the descriptions are CONSTRUCT queries, in
`queries/describe/`.
"""

from __future__ import annotations

from kb import files
from kb.engine import TURTLE, Engine
from kb.queries import read


def description(engine: Engine, iri: str, media_type: str = TURTLE) -> bytes:
    """Return the description of a resource in an RDF media type; empty when nothing is known.

    The graph holds the statements about the resource, those of the nodes its own file describes
    (the involvements of an innovation), and the labels of what they point to.
    """
    question = read(files.root() / "queries" / "describe" / "resource.rq")
    return engine.query(question.bound({"resource": iri}), accept=[media_type]).read()


def exists(engine: Engine, iri: str) -> bool:
    """Tell whether anything is said of an IRI."""
    question = read(files.root() / "queries" / "describe" / "exists.rq")
    answer = engine.query(question.bound({"resource": iri}), accept=["text/csv"]).read()
    return answer.strip() == b"true"
