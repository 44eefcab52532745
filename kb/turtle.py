"""Record files: read and written in one canonical form, so that a diff shows only facts.

The form is rdflib's long Turtle (RDF 1.1 Turtle, one object a line), which is idempotent.
"""

from __future__ import annotations

import os
from pathlib import Path

from rdflib import Graph


def text(graph: Graph) -> str:
    """Return the canonical Turtle text of a graph, ending in one line feed."""
    return graph.serialize(format="longturtle", encoding="utf-8").decode("utf-8").strip() + "\n"


def save(graph: Graph, path: Path) -> bool:
    """Write a graph as a record file; return whether the file changed.

    The folder is made where it is missing. The file is replaced whole or not at all.
    """
    new = text(graph)
    if path.is_file() and path.read_text(encoding="utf-8") == new:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_text(new, encoding="utf-8")
    os.replace(beside, path)
    return True
