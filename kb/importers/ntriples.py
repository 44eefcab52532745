"""Compressed N-Triples files that are the same bytes for the same facts.

Lines are sorted and the gzip header carries neither name nor time (RFC 1952 §2.3.1), so that
making a reference file again shows in a diff only if something changed.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable
from pathlib import Path

from rdflib import Literal, URIRef

Triple = tuple[URIRef, URIRef, URIRef | Literal]


def save(triples: Iterable[Triple], path: Path) -> int:
    """Write triples, each once, and return how many; the file is replaced whole or not at all."""
    lines = sorted({f"{s.n3()} {p.n3()} {o.n3()} .\n" for s, p, o in triples})
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".tmp")
    with (
        beside.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as packed,
    ):
        packed.write("".join(lines).encode("utf-8"))
    os.replace(beside, path)
    return len(lines)
