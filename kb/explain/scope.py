"""Mistakes of queries that the grammar accepts: prefixes, and where a variable may be used.

SPARQL 1.1 Query §4.1.1 (prefixes), §18.2.1 (scope of variables), §11.4 (what may be selected from
a group), §4.1.4 (blank node labels), §10.2.2 (rows of VALUES).
"""

from __future__ import annotations

from collections.abc import Callable

from lark import Token, Tree

from kb import slips
from kb.explain import vocabulary
from kb.explain.explanation import Advice, Edit, Mistake
from kb.explain.grammar import Node, Reading, leaves, nodes
from kb.explain.patterns import bound, selected
from kb.explain.repair import end, start

NAMES = ("PNAME_LN", "PNAME_NS")


def undeclared_prefix(reading: Reading) -> Mistake | None:
    """Return the first prefix that is used and not declared, with the lines that declare all."""
    found = reading.tokens
    declared = {
        str(token)[:-1]: position
        for position, token in enumerate(found)
        if token.type == "PNAME_NS" and position and found[position - 1].type == "PREFIX"
    }
    used: dict[str, Token] = {}
    for token in found[: reading.failed + 1]:
        prefix = str(token).partition(":")[0]
        if token.type in NAMES and prefix not in declared and prefix not in ("http", "https"):
            used.setdefault(prefix, token)
    if not used:
        return None
    prefix, token = next(iter(used.items()))
    advice = _declaring(reading, used)
    for near in slips.nearest(prefix, declared, 1) if prefix else []:
        edits = _renamed(reading, prefix, near)
        advice = (Advice("spell", {"right": near + ":"}, edits), *advice)
    code = "prefix-undeclared" if prefix else "prefix-empty-undeclared"
    width = len(prefix) + 1
    return Mistake(code, start(token), start(token) + width, {"prefix": prefix}, advice)


def _declaring(reading: Reading, used: dict[str, Token]) -> tuple[Advice, ...]:
    known = vocabulary.well_known()
    lines = [f"PREFIX {prefix}: <{known[prefix]}>" for prefix in used if prefix in known]
    at = start(reading.tokens[0])
    if lines:
        edit = Edit(at, at, "\n".join(lines) + "\n")
        return (Advice("declare-prefix", {"lines": " ".join(lines)}, (edit,)),)
    prefix = next(iter(used))
    found = []
    for near in slips.nearest(prefix, known, 2) if prefix else []:
        declaration = f"PREFIX {near}: <{known[near]}>\n"
        edits = (Edit(at, at, declaration), *_renamed(reading, prefix, near))
        found.append(Advice("rename-prefix", {"right": near + ":"}, edits))
    return (*found, Advice("declare-yourself", {"prefix": prefix}))


def _renamed(reading: Reading, prefix: str, right: str) -> tuple[Edit, ...]:
    return tuple(
        Edit(start(token), start(token) + len(prefix), right)
        for token in reading.tokens
        if token.type in NAMES and str(token).partition(":")[0] == prefix
    )


def selections(tree: Node) -> list[tuple[Node, Node]]:
    """Return every SELECT clause with the query it belongs to."""
    found = []
    for query in nodes(tree, "select_query", "sub_select"):
        clause = query.children[0]
        if isinstance(clause, Tree):
            found.append((clause, query))
    return found


def _part(query: Node, name: str) -> Node | None:
    for child in query.children:
        if isinstance(child, Tree) and child.data == "modifiers":
            return next((c for c in child.children if isinstance(c, Tree) and c.data == name), None)
    return None


def not_grouped(reading: Reading, tree: Node) -> Mistake | None:
    """A variable of SELECT is neither grouped nor inside an aggregate."""
    for clause, query in selections(tree):
        group = _part(query, "group_by")
        if group is None and not any(nodes(clause, "aggregate")):
            continue
        grouped = {str(t) for t in leaves(group) if t.type == "VAR"} if group else set()
        star = next((t for t in leaves(clause) if t.type == "STAR"), None)
        if star and not any(nodes(clause, "selected", "selected_as")):
            advice: tuple[Advice, ...] = ()
            if grouped:
                names = " ".join(sorted(grouped))
                advice = (
                    Advice("spell", {"right": names}, (Edit(start(star), end(star), names),)),
                )
            return Mistake("select-star-grouped", start(star), end(star), {}, advice)
        named: set[str] = set()
        for item in nodes(clause, "selected", "selected_as"):
            bare = _outside_aggregates(item)
            if item.data == "selected_as":
                named.add(str(bare.pop()))
            lost = next((v for v in bare if str(v) not in grouped | named), None)
            if lost:
                return _ungrouped(reading, lost, group, query)
    return None


def _outside_aggregates(node: Node) -> list[Token]:
    found: list[Token] = []
    for child in node.children:
        if isinstance(child, Tree):
            found += [] if child.data in ("aggregate", "exists") else _outside_aggregates(child)
        elif child.type == "VAR":
            found.append(child)
    return found


def _ungrouped(reading: Reading, lost: Token, group: Node | None, query: Node) -> Mistake:
    if group:
        at = int(group.meta.end_pos)
        edit = Edit(at, at, f" {lost}")
    else:
        where = next(c for c in query.children if isinstance(c, Tree) and c.data == "where")
        at = int(where.meta.end_pos)
        edit = Edit(at, at, f" GROUP BY {lost}")
    sample = Edit(start(lost), end(lost), f"(SAMPLE({lost}) AS {lost}_one)")
    advice = (
        Advice("group-by", {"variable": str(lost)}, (edit,)),
        Advice("sample", {"variable": str(lost)}, (sample,)),
    )
    return Mistake("not-grouped", start(lost), end(lost), {"variable": str(lost)}, advice)


def misplaced_aggregate(reading: Reading, tree: Node) -> Mistake | None:
    """An aggregate stands in FILTER or BIND, where there is no group."""
    for condition in nodes(tree, "filter", "bind"):
        if inner := next(nodes(condition, "aggregate"), None):
            first, last = int(inner.meta.start_pos), int(inner.meta.end_pos)
            return Mistake("aggregate-in-filter", first, last, {"found": reading.text[first:last]})
    return None


def name_taken(reading: Reading, tree: Node) -> Mistake | None:
    """`AS ?x` gives a name that is in use already."""
    for body in nodes(tree, "group_body"):
        seen: set[str] = set()
        for child in body.children:
            if isinstance(child, Tree) and child.data == "bind":
                target = child.children[-2]
                if isinstance(target, Token) and str(target) in seen:
                    return _taken(reading, target)
            seen |= bound(child)
    for clause, query in selections(tree):
        where = next(c for c in query.children if isinstance(c, Tree) and c.data == "where")
        taken = bound(where)
        for item in nodes(clause, "selected", "selected_as"):
            name = _outside_aggregates(item)[-1]
            if str(name) in taken and item.data == "selected_as":
                return _taken(reading, name)
            if item.data == "selected_as":
                taken.add(str(name))
    return None


def _taken(reading: Reading, name: Token) -> Mistake:
    other = f"{name}_2"
    while other in {str(t) for t in reading.tokens}:
        other += "_2"
    advice = Advice("other-name", {"name": other}, (Edit(start(name), end(name), other),))
    return Mistake("name-taken", start(name), end(name), {"variable": str(name)}, (advice,))


def uneven_values(reading: Reading, tree: Node) -> Mistake | None:
    """A row of VALUES has more or fewer values than there are variables."""
    for block in nodes(tree, "data_block"):
        wanted = sum(1 for c in block.children if isinstance(c, Token) and c.type == "VAR")
        for row in nodes(block, "data_row"):
            given = sum(1 for _ in nodes(row, "data_value"))
            if given != wanted:
                first, last = int(row.meta.start_pos), int(row.meta.end_pos)
                return Mistake("values-uneven", first, last, {"given": given, "wanted": wanted})
    return None


def blank_reused(reading: Reading, tree: Node) -> Mistake | None:
    """A blank node label is used in two groups of patterns."""
    seen: dict[str, int] = {}
    number = 0
    for block in nodes(tree, "group_body"):
        for child in block.children:
            kind = child.data if isinstance(child, Tree) else ""
            if kind == "triples_block":
                for token in leaves(child):
                    if token.type == "BLANK" and seen.setdefault(str(token), number) != number:
                        return _reused(reading, token)
            elif kind not in ("", "filter"):
                number += 1
        number += 1
    return None


def _reused(reading: Reading, token: Token) -> Mistake:
    name = "?" + str(token)[2:]
    edits = tuple(Edit(start(t), end(t), name) for t in reading.tokens if str(t) == str(token))
    advice = Advice("as-variable", {"word": name}, edits)
    return Mistake("blank-reused", start(token), end(token), {"label": str(token)}, (advice,))


def selected_twice(reading: Reading, tree: Node) -> Mistake | None:
    """SELECT names a variable twice."""
    for clause, _ in selections(tree):
        seen: set[str] = set()
        for name in selected(clause):
            if str(name) in seen:
                edit = Edit(start(name), end(name), "")
                advice = Advice("drop", {"found": str(name)}, (edit,))
                values = {"variable": str(name)}
                return Mistake("selected-twice", start(name), end(name), values, (advice,))
            seen.add(str(name))
    return None


Rule = Callable[[Reading, Node], Mistake | None]
RULES: tuple[Rule, ...] = (
    not_grouped, misplaced_aggregate, name_taken, uneven_values, blank_reused, selected_twice,
)  # fmt: skip


def mistake(reading: Reading) -> Mistake | None:
    """Return what is wrong with the names of a query that the grammar accepts, None if nothing."""
    tree = reading.tree
    if tree is None:
        return None
    return next((found for rule in RULES if (found := rule(reading, tree))), None)
