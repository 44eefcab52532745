"""Two files of links compared: what changed between them, and how right one is by the other."""

from __future__ import annotations

from collections.abc import Iterator

from kb.sssom import NO_TERM, MappingSet


def answers(links: MappingSet, states: tuple[str, ...]) -> dict[str, str]:
    """Return the address that each row is linked to, '' where it is linked to nothing."""
    return {
        each.subject_id: "" if each.object_id == NO_TERM else links.expanded(each.object_id)
        for each in links.mappings
        if each.essaim_state in states
    }


def changes(old: MappingSet, new: MappingSet) -> Iterator[str]:
    """Yield what is different in `new`, a sentence a row, in the order of rows."""
    every = ("proposed", "accepted", "none")
    before, after = answers(old, every), answers(new, every)
    for row in sorted(before.keys() | after.keys()):
        was, now = before.get(row), after.get(row)
        if was != now:
            yield f"{row}: {_said(was)} -> {_said(now)}"


def _said(answer: str | None) -> str:
    return "not in the file" if answer is None else answer or "nothing"


def measured(links: MappingSet, truth: MappingSet) -> dict[str, float]:
    """Return how right the answers of a file are by decisions: n, precision, recall, f1.

    Only rows of `truth` that were accepted, or that say there is no term, count. Without an answer
    the precision is 1.
    """
    known, given = answers(truth, ("accepted", "none")), answers(links, ("proposed", "accepted"))
    said = {row: answer for row, answer in given.items() if row in known}
    right = sum(known[row] == answer for row, answer in said.items())
    present = sum(bool(answer) for answer in known.values())
    precision = right / len(said) if said else 1.0
    recall = right / present if present else 1.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"n": len(known), "precision": precision, "recall": recall, "f1": f1}
