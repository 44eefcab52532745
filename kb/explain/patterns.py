"""The patterns of a query: which variables each binds, and which are not joined with the others.

Two patterns are joined when they share a variable (SPARQL 1.1 Query §18.2, Join); what is not
joined is a cross product, whose rows multiply. A FILTER compares rows after they were multiplied,
so it joins nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from lark import Token, Tree

from kb.explain.grammar import Node, leaves, nodes

PATTERNS = frozenset(
    ("union", "optional", "minus", "graph", "service", "filter", "bind", "inline_data")
)


@dataclass(frozen=True)
class Element:
    """One part of a group: a triple pattern or a larger pattern, its place and its variables.

    `text` is what to write to have it alone; `terms` are subject, predicate and object of a
    triple pattern as written.
    """

    kind: str
    start: int
    end: int
    text: str
    variables: frozenset[str]
    node: Node
    terms: tuple[str, str, str] = ("", "", "")


def elements(group: Node, text: str) -> list[Element]:
    """Return the parts of a group in their order, triple patterns one by one."""
    found: list[Element] = []
    for body in group.children:
        if not isinstance(body, Tree):
            continue
        if body.data == "sub_select":
            found.append(_element("sub_select", group, text, frozenset(bound(body))))
        for child in body.children if body.data == "group_body" else ():
            if isinstance(child, Tree) and child.data == "triples_block":
                found += [e for triples in nodes(child, "triples") for e in _triples(triples, text)]
            elif isinstance(child, Tree):
                found.append(_pattern(child, text))
    return found


def _pattern(node: Node, text: str) -> Element:
    variables = bound(node)
    if node.data in ("bind", "filter", "minus"):
        variables |= {str(t) for t in leaves(node) if t.type == "VAR"}
    return _element(str(node.data), node, text, frozenset(variables))


def _element(kind: str, node: Node, text: str, variables: frozenset[str]) -> Element:
    first, last = int(node.meta.start_pos), int(node.meta.end_pos)
    return Element(kind, first, last, text[first:last], variables, node)


def _triples(node: Node, text: str) -> Iterator[Element]:
    """Yield the triple patterns of a subject; nested brackets stay whole."""
    subject, *rest = node.children
    lists = [child for child in rest if isinstance(child, Tree) and child.data == "property_list"]
    if not isinstance(subject, Tree) or subject.data != "subject" or not lists:
        yield _element("triple", node, text, _named(node))
        return
    is_first = True
    for item in lists:
        verb: Node | None = None
        for child in item.children:
            if isinstance(child, Tree) and child.data == "verb_path":
                verb = child
            elif isinstance(child, Tree) and verb is not None:
                for thing in child.children:
                    if isinstance(thing, Tree):
                        yield _triple(subject, verb, thing, text, is_first)
                        is_first = False


def _triple(subject: Node, verb: Node, thing: Node, text: str, is_first: bool) -> Element:
    terms = tuple(text[n.meta.start_pos : n.meta.end_pos] for n in (subject, verb, thing))
    # A subject named outright joins what is said of it, as a variable would.
    variables = (_named(subject) or frozenset((terms[0],))) | _named(verb) | _named(thing)
    one, two, three = terms
    begins = subject if is_first else verb if verb.meta.line == thing.meta.line else thing
    first = int(begins.meta.start_pos)
    last = int(thing.meta.end_pos)
    return Element("triple", first, last, " ".join(terms), variables, thing, (one, two, three))


def _named(node: Node) -> frozenset[str]:
    """Return variables and blank nodes: a label joins as a variable does."""
    return frozenset(str(t) for t in leaves(node) if t.type in ("VAR", "BLANK"))


def bound(node: Node | Token) -> set[str]:
    """Return the variables in scope after a pattern (§18.2.1)."""
    if isinstance(node, Token):
        return set()
    if node.data in ("filter", "minus"):
        return set()
    if node.data in ("triples_block", "triples", "data_block", "inline_data"):
        return {str(t) for t in leaves(node) if t.type == "VAR"}
    if node.data == "bind":
        return {str(node.children[-2])}
    if node.data in ("sub_select", "select_query"):
        clause = node.children[0]
        names = {str(t) for t in selected(clause)} if isinstance(clause, Tree) else set()
        inner = [c for c in node.children if isinstance(c, Tree) and c.data == "where"]
        return names or (bound(inner[0]) if inner else set())
    found: set[str] = set()
    for child in node.children:
        if isinstance(child, Tree):
            found |= bound(child)
        elif child.type == "VAR" and node.data in ("graph", "service"):
            found.add(str(child))
    return found


def selected(clause: Node) -> list[Token]:
    """Return the variables a SELECT clause gives, with the names after AS; none for `*`."""
    found = []
    for item in clause.children:
        if isinstance(item, Tree):
            last = next(c for c in reversed(item.children) if getattr(c, "type", "") == "VAR")
            found.append(last)
    return [token for token in found if isinstance(token, Token)]


def unjoined(tree: Node, text: str) -> list[list[Element]]:
    """Return the components of the first group whose patterns are not all joined, else []."""
    in_one_graph = {id(part.children[-1]) for part in nodes(tree, "graph") if bound_graph(part)}
    for group in nodes(tree, "group"):
        if id(group) in in_one_graph:  # the variable of GRAPH joins all that stands in it
            continue
        parts = components(elements(group, text))
        if len(parts) > 1:
            return parts
    return []


def bound_graph(node: Node) -> bool:
    """Tell whether a GRAPH pattern names its graph by a variable."""
    return any(getattr(child, "type", "") == "VAR" for child in node.children)


def components(parts: list[Element]) -> list[list[Element]]:
    """Return the connected components of patterns over shared variables, in order of the text.

    Patterns without variables, and those that give one row at most, multiply nothing.
    """
    joined: list[tuple[set[str], list[Element]]] = []
    for part in parts:
        if part.kind in ("filter", "minus") or not _multiplies(part.variables) or _single_row(part):
            continue
        touched = [one for one in joined if one[0] & part.variables]
        joined = [one for one in joined if not one[0] & part.variables]
        variables = set(part.variables).union(*(one[0] for one in touched))
        joined.append((variables, [p for one in touched for p in one[1]] + [part]))
    real = [members for _, members in joined if any(p.kind != "bind" for p in members)]
    for members in real:
        members.sort(key=lambda part: part.start)
    return sorted(real, key=lambda members: members[0].start)


def _multiplies(variables: frozenset[str]) -> bool:
    return any(name[0] in "?$_" for name in variables)


def _single_row(part: Element) -> bool:
    if part.kind == "inline_data":
        block = next(nodes(part.node, "data_block"))
        one = any(isinstance(c, Tree) and c.data == "data_var" for c in block.children)
        rows = nodes(block, "data_value") if one else nodes(block, "data_row")
        return sum(1 for _ in rows) <= 1
    if part.kind in ("sub_select", "union"):
        inner = next(nodes(part.node, "sub_select"), None)
        groups = [c for c in part.node.children if isinstance(c, Tree) and c.data == "group"]
        if inner is None or len(groups) > 1:
            return False
        clause = inner.children[0]
        counts = isinstance(clause, Tree) and any(nodes(clause, "aggregate"))
        return counts and next(nodes(inner, "group_by"), None) is None
    return False


def unbound(tree: Node) -> list[Token]:
    """Return the variables that are used and bound nowhere, at their first place."""
    found: dict[str, Token] = {}
    for query in nodes(tree, "select_query", "sub_select", "construct_query", "ask_query"):
        if query.data == "construct_query" and not any(nodes(query, "construct_template")):
            continue
        known = {str(t) for part in nodes(query, "triples", "data_block") for t in leaves(part)}
        for part in nodes(query, "graph", "service"):
            known |= {str(t) for t in part.children if getattr(t, "type", "") == "VAR"}
        for part in nodes(query, "bind", "selected_as", "group_condition", "sub_select"):
            known |= {str(t) for t in _introduced(part)}
        for token in leaves(query):
            if token.type == "VAR" and str(token) not in known:
                found.setdefault(str(token), token)
    return list(found.values())


def _introduced(node: Node) -> list[Token]:
    """Return the variable that follows AS, if the part has one."""
    kids = node.children
    return [
        after
        for word, after in pairwise(kids)
        if getattr(word, "type", "") == "AS" and isinstance(after, Token)
    ]
