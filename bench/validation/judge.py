"""One judgement by one engine in a process of its own: `judge.py ENGINE DATA SHAPES`.

Both files are N-Triples. Writes the results as JSON: a list of focus node, component and
value, `_` for a blank node.
Runs in the engine's own environment, so it imports nothing of essaim but for essaim.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SH = "http://www.w3.org/ns/shacl#"
Rows = list[list[str]]


def essaim(data: str, shapes: str) -> Rows:
    """Judge by `kb.validation.engines`, as `essaim check` does."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from kb.validation.engines import loaded, validate

    found = validate(Path(data).read_bytes(), loaded([Path(shapes)]))

    def text(term: Any) -> str:
        return "_" if str(term).startswith("_:") else getattr(term, "value", "")

    return [[text(one.focus), one.component, text(one.value)] for one in found]


def pyshacl(data: str, shapes: str) -> Rows:
    """Judge by pySHACL through its own reader."""
    import pyshacl

    return _reported(pyshacl.validate(_graph(data), shacl_graph=_graph(shapes), inplace=True)[1])


def turbo(data: str, shapes: str) -> Rows:
    """Judge by pyshacl-turbo on rdflib-turbo."""
    import pyshacl_turbo

    return _reported(
        pyshacl_turbo.validate(_graph(data), shacl_graph=_graph(shapes), inplace=True)[1]
    )


def shifty(data: str, shapes: str) -> Rows:
    """Judge by pyshifty's reader of the W3C's semantics."""
    import shifty

    return _reported(shifty.validate(_graph(data), _graph(shapes), infer=False)[1])


def _graph(path: str) -> Any:
    import rdflib

    rdflib.NORMALIZE_LITERALS = False  # "007" stays what the record says
    return rdflib.Graph().parse(path, format="nt")


def _reported(report: Any) -> Rows:
    from rdflib import BNode, URIRef

    def one(node: Any, name: str) -> str:
        term = report.value(node, URIRef(SH + name))
        return "_" if isinstance(term, BNode) else "" if term is None else str(term)

    return [
        [one(node, "focusNode"), one(node, "sourceConstraintComponent"), one(node, "value")]
        for node in report.objects(None, URIRef(SH + "result"))
    ]


ENGINES = {"essaim": essaim, "pyshacl": pyshacl, "pyshacl-turbo": turbo, "pyshifty": shifty}

if __name__ == "__main__":
    json.dump(ENGINES[sys.argv[1]](*sys.argv[2:]), sys.stdout)
