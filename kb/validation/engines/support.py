"""What the fast engine may judge: shapes in SHACL Core, without recursion, as it is known to do.

A shapes graph that says anything else of SHACL is left to pySHACL as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from kb.validation.engines.results import RDF, SH, Term
from kb.validation.engines.shapes import TARGETS, Shapes

# SHACL §2 to §4, and §5 as far as `sh:sparql`.
KNOWN = frozenset(
    """targetNode targetClass targetSubjectsOf targetObjectsOf severity message deactivated
    property path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    name description order group defaultValue class datatype nodeKind minCount maxCount
    minExclusive minInclusive maxExclusive maxInclusive minLength maxLength pattern flags
    languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node
    qualifiedValueShape qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint
    closed ignoredProperties hasValue in sparql select prefixes declare prefix namespace
    shapesGraph entailment conforms result focusNode resultPath value sourceShape
    sourceConstraint sourceConstraintComponent resultSeverity resultMessage detail""".split()  # noqa: SIM905
)
CLASSES = frozenset(
    """NodeShape PropertyShape Shape PropertyGroup PrefixDeclaration SPARQLConstraint
    ValidationReport ValidationResult""".split()  # noqa: SIM905
)
LEADING = ("property", "node", "not", "qualifiedValueShape")
LISTING = ("and", "or", "xone")
# Not in the regular expressions of XPath either; Rust has no such thing, Python has.
BEYOND = re.compile(r"\(\?|\\[1-9]")


def reason(shapes: Shapes) -> str:
    """Return why the fast engine is not to judge by these shapes; '' when it may."""
    for _, predicate, value in shapes.statements:
        if predicate.startswith(SH) and predicate[len(SH) :] not in KNOWN:
            return f"the fast engine does not know sh:{predicate[len(SH) :]}"
        if predicate == RDF + "type" and isinstance(value, ox.NamedNode):
            kind = value.value.removeprefix(SH)
            if value.value.startswith(SH) and kind not in CLASSES:
                return f"the fast engine does not know sh:{kind}"
        if predicate == SH + "pattern" and BEYOND.search(value.value):
            return f"the fast engine does not know the pattern {value.value!r}"
        if predicate == SH + "entailment":
            return "the shapes ask for an entailment"
    return _recursion(shapes) or _constraints(shapes)


def _recursion(shapes: Shapes) -> str:
    """Return which shape leads back to itself (SHACL §3.4.3), '' when none does."""
    done: set[Term] = set()
    for start in {subject for subject, _, _ in shapes.statements}:
        open_now, stack = {start}, [(start, iter(list(_inner(shapes, start))))]
        while stack:
            node, inner = stack[-1]
            following = next(inner, None)
            if following is None:
                done.add(node)
                open_now.discard(node)
                stack.pop()
            elif following in open_now:
                return f"{following} is recursive"
            elif following not in done:
                open_now.add(following)
                stack.append((following, iter(list(_inner(shapes, following)))))
    return ""


def _inner(shapes: Shapes, shape: Term) -> Iterator[Term]:
    for name in LEADING:
        yield from shapes.objects(shape, SH + name)
    for name in LISTING:
        for head in shapes.objects(shape, SH + name):
            yield from shapes.members(head)


def _constraints(shapes: Shapes) -> str:
    """Return which SPARQL constraint stands where its focus nodes are not plainly targets."""
    used = {o for name in (*LEADING[1:], *LISTING) for _, head in shapes.pairs(SH + name)
            for o in (head, *shapes.members(head))}  # fmt: skip
    for shape, _ in shapes.pairs(SH + "sparql"):
        owners = [o for o, s in shapes.pairs(SH + "property") if s == shape]
        is_target = any(shapes.objects(shape, SH + kind) for kind in TARGETS)
        deeper = [o for o in owners if shapes.objects(o, SH + "path") or o in used]
        nested = [o for owner in owners for o, s in shapes.pairs(SH + "property") if s == owner]
        if shape in used or deeper or nested or len(owners) + is_target > 1:
            return f"the SPARQL constraint of {shape} is inside another shape"
    return ""
