"""Engines: what answers SPARQL, behind one contract.

contract    what every engine answers, media types, limits
local       the engine of this process
"""

from kb.engine.contract import (
    DEADLINE_S,
    GRAPHS,
    JSON,
    MAX_BYTES,
    SOLUTIONS,
    TURTLE,
    Answer,
    Engine,
    NotAcceptable,
)
from kb.engine.local import LocalEngine

__all__ = [
    "DEADLINE_S",
    "GRAPHS",
    "JSON",
    "MAX_BYTES",
    "SOLUTIONS",
    "TURTLE",
    "Answer",
    "Engine",
    "LocalEngine",
    "NotAcceptable",
]
