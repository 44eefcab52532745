"""The `shacl` wheel in a process of its own, run by `wheel`: it may die here, and only here.

`python child.py VERSION` reads requests from the standard input and writes an answer to each. Both
are a length of eight bytes and a value in Python's own quick form (`marshal`), for both ends are
the same Python. A request is the number of the shapes, their N-Triples (None when they were sent
before) and those of the data; an answer is the rows of the report, or a text that says why there
is none. It imports nothing of essaim, so that it starts in a hundredth of a second.
"""

from __future__ import annotations

import marshal
import os
import sys
from typing import Any

LENGTH = 8
KEPT = 8


def answer(request: tuple[int, bytes | None, bytes], compiled: dict[int, Any], version: str) -> Any:
    """Return the rows that a request asks for, or why there are none."""
    number, shapes, data = request
    try:
        import shacl

        if shacl.__version__ != version:
            return f"the fast engine is {shacl.__version__}, and known to be right as {version}"
        if shapes is not None:
            while len(compiled) >= KEPT:
                del compiled[next(iter(compiled))]
            compiled[number] = shacl.Shapes.from_text(shapes.decode(), format="ntriples")
        report = compiled[number].validate_text(data.decode(), format="ntriples")
        rows = [
            (r.focus_node, r.path, r.value, r.component_iri, r.source_shape, r.severity_iri)
            for r in report.results
        ]
        if report.conforms != (not rows):
            return "the fast engine contradicts itself"
        return rows
    except ImportError as error:
        return f"the fast engine is not installed: {error}"
    except BaseException as error:  # a panic of Rust is no Exception
        return f"the fast engine failed: {type(error).__name__}: {error}"


def serve(version: str) -> None:
    """Answer requests until there are no more; what the wheel prints goes to the error stream."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    compiled: dict[int, Any] = {}
    while length := sys.stdin.buffer.read(LENGTH):
        request = marshal.loads(sys.stdin.buffer.read(int.from_bytes(length, "big")))
        written = marshal.dumps(answer(request, compiled, version))
        del request
        out.write(len(written).to_bytes(LENGTH, "big") + written)
        out.flush()


if __name__ == "__main__":
    serve(sys.argv[1])
