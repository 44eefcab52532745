"""SPARQL constraints (SHACL §5) sorted: which may be asked once, with `$this` free.

SHACL asks a constraint anew for each focus node, with `$this` bound beforehand. Asked once with
`$this` free and joined with the targets, it gives the same rows when each group that names `$this`
names it first in a plain triple, so that every solution binds it before anything else reads it.
This module knows such queries by their tokens and is narrow on purpose: pySHACL has the rest.
It also refuses what SHACL forbids (§5.2.1, Appendix A), which no engine refuses in full.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pyoxigraph as ox

from kb.lexer import Token, tokens
from kb.problems import ShapesProblem
from kb.validation.engines.results import RDF, SH, Term
from kb.validation.engines.shapes import Shapes

FORBIDDEN = ("MINUS", "VALUES", "SERVICE")
PREBOUND = ("this", "shapesGraph", "currentShape", "PATH")
# What an answer for one node cannot be cut out of an answer for all.
UNSAFE = frozenset(("LIMIT", "OFFSET", "FROM", "CONSTRUCT", "ASK", "DESCRIBE"))
TAILS = frozenset(("GROUP", "HAVING", "ORDER"))
ENDS = frozenset(("variable", "iri", "name", "string"))
SHAPES_GRAPH = ox.NamedNode("urn:x-essaim:shapes")


class Unsafe(Exception):
    """A constraint that this module does not know how to ask once; the text says why."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A SPARQL constraint ready to be asked once.

    `predicates` are those its answer can depend on, None when it can depend on any. Where
    `names_focus` is false, the answer is the same for every focus node.
    """

    shape: Term
    query: str
    predicates: frozenset[str] | None
    names_focus: bool
    reads_shapes: bool


def constraints(shapes: Shapes) -> list[Constraint]:
    """Return the SPARQL constraints of shapes, those that are deactivated left out.

    Raises ShapesProblem for one that SHACL forbids, Unsafe for one that cannot be asked once.
    """
    made = []
    for shape, node in shapes.pairs(SH + "sparql"):
        texts = shapes.objects(node, SH + "select")
        if len(texts) != 1 or not isinstance(texts[0], ox.Literal):
            raise ShapesProblem(f"{node}: a SPARQL constraint has one sh:select; write one text")
        found = [t for t in tokens(texts[0].value) if t.kind not in ("space", "comment")]
        refuse(found, str(shape))
        if not any(shapes.is_true(n, SH + "deactivated") for n in (shape, node)):
            made.append(_constraint(shapes, shape, node, texts[0].value))
    return made


def refuse(found: Sequence[Token], where: str) -> None:
    """Raise ShapesProblem when a query does what SHACL forbids before variables are bound."""
    words = [t.text.upper() if t.kind == "word" else t.text for t in found]
    for word in FORBIDDEN:
        if word in words:
            raise ShapesProblem(f"{where}: SHACL forbids {word} in a constraint; leave it out")
    for here, after in pairwise(words):
        if here == "AS" and after[1:] in PREBOUND and after[0] in "$?":
            raise ShapesProblem(f"{where}: {after} is bound beforehand; name another variable")
    starts = [i for i, word in enumerate(words) if word == "SELECT"]
    for start in starts[1:]:
        if not _projects_focus(found[start + 1 :]):
            raise ShapesProblem(f"{where}: a subquery must select $this; add it")


def _projects_focus(rest: Sequence[Token]) -> bool:
    depth = 0
    for token in rest:
        if token.text == "{" or token.text.upper() == "WHERE":
            return False
        depth += (token.text == "(") - (token.text == ")")
        if not depth and (_is_focus(token) or token.text == "*"):
            return True
    return False


def _is_focus(token: Token) -> bool:
    return token.kind == "variable" and token.text[1:] == "this"


def _constraint(shapes: Shapes, shape: Term, node: Term, text: str) -> Constraint:
    query = _bound(text, shapes, shape)
    found = [t for t in tokens(query) if t.kind not in ("space", "comment")]
    words = {t.text.upper() for t in found if t.kind == "word"}
    if words & UNSAFE or any(t.kind == "broken" for t in found):
        raise Unsafe(f"{shape}: {', '.join(sorted(words & UNSAFE)) or 'an open quote'}")
    start = next((i for i, t in enumerate(found) if t.text.upper() == "SELECT"), len(found))
    if not _projects_focus(found[start + 1 :]):
        raise Unsafe(f"{shape}: the query does not select $this")
    if any(t.kind == "variable" and t.text[1:] in ("failure", "PATH") for t in found):
        raise Unsafe(f"{shape}: the query names ?failure or a path that is not known")
    reads_shapes = "GRAPH" in words
    graphs = {b.text for a, b in pairwise(found) if a.kind == "word" and a.text.upper() == "GRAPH"}
    if graphs - {str(SHAPES_GRAPH)}:
        raise Unsafe(f"{shape}: the query names a graph that is not $shapesGraph")
    names_focus = _names_focus_safely(found[start:], shape)
    prefixes = shapes.prefixes(node)
    everything = not names_focus or _depends_on_any(found[start:])
    return Constraint(
        shape,
        "".join(f"PREFIX {p}: <{n}>\n" for p, n in prefixes.items()) + query,
        None if everything else frozenset(_iris(found, prefixes)),
        names_focus,
        reads_shapes,
    )


def _bound(text: str, shapes: Shapes, shape: Term) -> str:
    """Write what is known beforehand, $PATH, $currentShape and $shapesGraph, into a query."""
    path = shapes.path_of(shape)
    known = {"PATH": path, "shapesGraph": str(SHAPES_GRAPH)}
    if isinstance(shape, ox.NamedNode):
        known["currentShape"] = str(shape)
    names = "|".join(name for name, value in known.items() if value)
    text = re.sub(rf"(?i:\bbound)\s*\(\s*[$?](?:{names})\s*\)", "(true)", text)
    return "".join(
        known.get(t.text[1:]) or t.text if t.kind == "variable" else t.text for t in tokens(text)
    )


@dataclass(slots=True)
class _Group:
    """A group between braces: has it named `$this`, is it a select clause, how many parentheses."""

    is_bound: bool = False
    is_aside: bool = False
    parentheses: int = 0


@dataclass(slots=True)
class _Walk:
    """Where in a query the reading stands: the groups that are open, outermost first."""

    groups: list[_Group] = field(default_factory=lambda: [_Group(is_aside=True)])
    was_named: bool = False
    is_top_bound: bool = False


def _names_focus_safely(found: Sequence[Token], shape: Term) -> bool:
    """Tell whether the pattern names `$this` at all. Raises Unsafe where it does so unsafely."""
    walk = _Walk()
    for i, token in enumerate(found):
        group, word = walk.groups[-1], token.text.upper()
        if token.text == "{":
            walk.groups.append(_Group())
        elif token.text == "}" and len(walk.groups) > 1:
            walk.groups.pop()
        elif word == "SELECT" or (token.kind == "word" and word in TAILS):
            group.is_aside = True
            if word == "GROUP" and not _groups_by_focus(found[i + 2 :]):
                raise Unsafe(f"{shape}: GROUP BY without $this")
        elif token.text in "()":
            group.parentheses += 1 if token.text == "(" else -1
        elif _is_focus(token) and not group.is_aside:
            walk.was_named = True
            if not group.is_bound and (group.parentheses or not _is_in_triple(found, i)):
                raise Unsafe(f"{shape}: $this is read before a triple binds it")
            group.is_bound = True
            walk.is_top_bound |= len(walk.groups) == 2
    if walk.was_named and not walk.is_top_bound:
        raise Unsafe(f"{shape}: no triple of the outermost group binds $this")
    return walk.was_named


def _groups_by_focus(rest: Sequence[Token]) -> bool:
    for token in rest:
        if token.kind != "variable":
            return False
        if _is_focus(token):
            return True
    return False


def _is_in_triple(found: Sequence[Token], i: int) -> bool:
    """Tell whether the token is subject or object of a triple that has no path of no length."""
    before, after = found[i - 1], found[i + 1 : i + 4]
    if before.kind in ("iri", "name") or before.text == "a":
        return found[i - 2].text != "|"
    if after and after[0].text == "^":
        after = after[1:]
    verb = after and (after[0].kind in ("iri", "name", "variable") or after[0].text == "a")
    return bool(verb) and len(after) > 1 and after[1].text not in ("*", "?", "|")


def _depends_on_any(found: Sequence[Token]) -> bool:
    """Tell whether a query could depend on a predicate that it does not name.

    It could by a variable in the place of a predicate, by `!`, and by a path of no length between
    nodes that nothing else binds. Doubt counts as yes: it only costs time.
    """
    texts = [t.text for t in found]
    for i, token in enumerate(found[:-1]):
        before, after = found[i - 1], found[i + 1]
        if token.text == "!" and (after.kind in ("iri", "name") or after.text in ("^", "a", "(")):
            return True
        is_followed = after.kind in ENDS or after.text in ("[", "(", "a")
        is_preceded = before.kind in ENDS or before.text in (";", "]", ")")
        if token.kind == "variable" and is_followed and is_preceded:
            return True
        is_path = before.kind in ("iri", "name") or before.text in (")", "a")
        if (
            token.text in ("*", "?")
            and is_path
            and "this"
            not in (
                after.text[1:],
                texts[i - 2][1:],
            )
        ):
            return True
    return False


def _iris(found: Sequence[Token], prefixes: dict[str, str]) -> Iterator[str]:
    """Yield every IRI that a query names; `a` is one."""
    known = dict(prefixes)
    for word, name, iri in zip(found, found[1:], found[2:], strict=False):
        if word.text.upper() == "PREFIX":
            known[name.text[:-1]] = iri.text[1:-1]
    for token in found:
        if token.text == "a":
            yield RDF + "type"
        elif token.kind == "iri":
            yield token.text[1:-1]
        elif token.kind == "name":
            prefix, _, local = token.text.partition(":")
            yield known.get(prefix, "") + local.replace("\\", "")
