"""Why a query was too heavy, as far as its text tells: joins, paths, sorting, unused names."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Tree

from kb import slips
from kb.explain.explanation import Advice, Edit, Mistake, place, say
from kb.explain.grammar import Node, Reading, leaves, nodes
from kb.explain.patterns import Element, unbound, unjoined
from kb.explain.repair import end, start


@dataclass(frozen=True)
class Weight:
    """What makes a query heavy: unjoined patterns, hints of the catalogue, and a place to show."""

    unjoined: tuple[str, ...]
    hints: tuple[Advice, ...]
    shown: Mistake | None


def weight(reading: Reading, language: str) -> Weight:
    """Return what makes a query heavy; nothing when its text is not SPARQL 1.1."""
    tree = reading.tree
    if tree is None:
        return Weight((), (), None)
    parts = unjoined(tree, reading.text)
    hints = [hint for hint in (_path(tree), _distinct(tree), _sorted(tree)) if hint]
    shown = None
    if parts:
        first = parts[1][0]
        shown = Mistake("unjoined", first.start, first.end)
    for lost in unbound(tree)[:3]:
        hints.append(Advice("hint-unbound", {"variable": str(lost)}))
        shown = shown or unbound_variable(reading, tree)
    return Weight(
        tuple(_named(part, reading.text, language) for part in parts), tuple(hints), shown
    )


def _named(part: list[Element], text: str, language: str) -> str:
    """Return the patterns of a component with their lines, the first four of them."""
    told = [
        say(language, "text.at-line", line=place(text, one.start)[0])
        + " ".join(one.text.split())[:120]
        for one in part[:4]
    ]
    return " · ".join(told) + (" …" if len(part) > 4 else "")


def _path(tree: Node) -> Advice | None:
    """A path of any length whose ends are both variables walks the whole graph."""
    for triples in nodes(tree, "triples"):
        for path in nodes(triples, "path_repeated"):
            if any(t.type in ("STAR", "PLUS") for t in path.children if not isinstance(t, Tree)):
                terms = [t.type for t in leaves(triples)]
                if terms[0] == "VAR" and terms[-1] == "VAR":
                    line = path.meta.line
                    return Advice("hint-path", {"line": line})
    return None


def _distinct(tree: Node) -> Advice | None:
    for clause in nodes(tree, "select_clause"):
        kinds = [t.type for t in leaves(clause)]
        if "DISTINCT" in kinds and "STAR" in kinds:
            return Advice("hint-distinct")
    return None


def _sorted(tree: Node) -> Advice | None:
    counts_all = any(nodes(tree, "aggregate")) and not any(nodes(tree, "group_by"))
    if counts_all:  # one row
        return None
    if any(nodes(tree, "order_by")) and not any(nodes(tree, "limit")):
        return Advice("hint-limit")
    return None


def unbound_variable(reading: Reading, tree: Node) -> Mistake | None:
    """Return the first variable that is used and bound nowhere, with the name it may have meant."""
    lost = next(iter(unbound(tree)), None)
    if lost is None:
        return None
    others = {str(t) for t in reading.tokens if t.type == "VAR" and str(t) != str(lost)}
    advice = tuple(
        Advice("spell", {"right": near}, tuple(
            Edit(start(t), end(t), near) for t in reading.tokens if str(t) == str(lost)
        ))
        for near in slips.nearest(str(lost), others, 2)
    )  # fmt: skip
    return Mistake("variable-unbound", start(lost), end(lost), {"variable": str(lost)}, advice)
