"""Engines: what answers SPARQL, behind one contract.

contract    what every engine answers, media types, limits
local       the engine of this process
pool        the engine of workers that can be killed, by way of keeper (their births, deaths,
            deadlines), lanes (who may run), brood (a zygote and its workers, seen from outside),
            zygote and worker (what runs in those processes), frames (what travels between)
disk        a release too large for memory
"""

from kb.engine.contract import (
    DEADLINE_S,
    GRAPHS,
    JSON,
    MAX_BYTES,
    SOLUTIONS,
    TURTLE,
    Answer,
    Asked,
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
    "Asked",
    "Engine",
    "LocalEngine",
    "NotAcceptable",
]
