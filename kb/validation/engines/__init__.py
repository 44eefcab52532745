"""Engines that judge data by SHACL shapes, and one way to ask them.

    from kb.validation.engines import loaded, validate

    results = validate(pyoxigraph.parse(path="data.ttl"), loaded([Path("shapes.ttl")]))

    shapes       shapes read once, any SHACL
    judging      which engine decides, and what happens when it fails
    support      what the fast engine may judge
    core         SHACL Core by the `shacl` wheel
    groups       large data cut into groups, so that memory is bounded
    wheel, child the wheel in a process of its own, whose death is noticed
    forms        SPARQL constraints: forbidden, or safe to ask once
    constraints  SPARQL constraints asked of pyoxigraph
    reference    pySHACL, the reference and fallback

Importing this takes a hundredth of a second: rdflib and pySHACL are loaded when they are used.
"""

from kb.validation.engines.judging import ENGINES, Engine, Judgement, judge, validate
from kb.validation.engines.results import Result
from kb.validation.engines.shapes import Shapes, loaded, project

__all__ = [
    "ENGINES",
    "Engine",
    "Judgement",
    "Result",
    "Shapes",
    "judge",
    "loaded",
    "project",
    "validate",
]
