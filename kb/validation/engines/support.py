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
XSD = "http://www.w3.org/2001/XMLSchema#"
FLAGS = ("closed", "deactivated", "qualifiedValueShapesDisjoint")
BOOLEANS = ((XSD + "boolean", "true"), (XSD + "boolean", "false"))
LEADING = ("property", "node", "not", "qualifiedValueShape")
LISTING = ("and", "or", "xone")
# Look-around, references, sets within sets: Rust, Python and XPath disagree on them.
BEYOND = re.compile(r"\(\?(?!:)|\\[1-9]|\[(?:[^\]\\]|\\.)*?(?:\[|&&|--|~~)")
# Datatypes whose lexical form the fast engine does not judge.
UNJUDGED = frozenset(
    XSD + name for name in ("dayTimeDuration", "yearMonthDuration", "base64Binary", "hexBinary")
)
BOUNDS = frozenset(SH + end + kind for end in ("min", "max") for kind in ("Inclusive", "Exclusive"))
ORDERED = frozenset(XSD + name for name in ("integer", "decimal", "double", "date", "dateTime"))


def reason(shapes: Shapes) -> str:
    """Return why the fast engine is not to judge by these shapes; '' when it may."""
    for _, predicate, value in shapes.statements:
        if predicate.startswith(SH) or (predicate == RDF + "type" and SH in str(value)):
            doubt = _doubt(predicate.removeprefix(SH), predicate, value)
            if doubt:
                return f"the fast engine does not know {doubt}"
    return _recursion(shapes) or _constraints(shapes)


def _doubt(name: str, predicate: str, value: Term) -> str:
    """Return what one statement says that the fast engine does not know as pySHACL does."""
    text = "" if isinstance(value, ox.BlankNode) else value.value
    if predicate == RDF + "type":
        return "" if text.removeprefix(SH) in CLASSES else text
    if name not in KNOWN or name == "entailment":
        return "sh:" + name
    datatype = value.datatype.value if isinstance(value, ox.Literal) else ""
    if (
        (name == "pattern" and BEYOND.search(text))
        or (name == "flags" and text.strip("i"))
        or (name == "datatype" and text in UNJUDGED)
        or (predicate in BOUNDS and datatype not in ORDERED)
        # SHACL §4.4.2 knows only `true` for sh:uniqueLang; for others "1" is as good.
        or (name in FLAGS and (datatype, text) not in BOOLEANS)
    ):
        return f"sh:{name} {value}"
    return ""


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
