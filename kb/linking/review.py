"""Proposals for a person to decide, the least sure first, with what differs marked."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from pathlib import Path

from kb.linking import decisions
from kb.linking.index import Index
from kb.sssom import Link, MappingSet

SIREN = re.compile(r"\bsiren:(\d{9})\b")


def waiting(links: MappingSet, where: Path | None = None) -> list[Link]:
    """Return the proposals nobody decided, those nearest to even odds first."""
    decided = decisions.decided(links, where).mappings
    done = {each.pair for each in decided}
    linked = {each.subject_id for each in decided if each.essaim_state == "accepted"}
    left = [
        each for each in links.mappings
        if each.essaim_state == "proposed" and each.pair not in done
        and each.subject_id not in linked
    ]  # fmt: skip
    return sorted(left, key=lambda x: (abs(float(x.confidence or 0.5) - 0.5), x.pair))


def pieces(one: str, other: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return two texts in pieces, each with whether the other text has it too."""
    left, right = [], []
    folded = SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False)
    for kind, a, b, c, d in folded.get_opcodes():
        left.append((one[a:b], kind == "equal"))
        right.append((other[c:d], kind == "equal"))
    return [each for each in left if each[0]], [each for each in right if each[0]]


def marked(one: str, other: str) -> tuple[str, str]:
    """Return two texts with the characters that differ in square brackets."""
    left, right = (
        "".join(text if same else f"[{text}]" for text, same in side) for side in pieces(one, other)
    )
    return left, right


def shown(one: Link) -> str:
    """Return a proposal as lines of text: both names, evidence, rivals."""
    mine, theirs = marked(one.subject_label, one.object_label)
    told = json.loads(one.other) if one.other.startswith("{") else {}
    lines = [f"  list    {mine}", f"  target  {theirs}   <{one.object_id}>"]
    lines.append(f"  {one.comment}; confidence {one.confidence}, line {told.get('line', '?')}")
    for rival in told.get("rivals", ()):
        lines.append(f"  or      {rival['label']}   <{rival['id']}>   {rival['score']:.2f}")
    return "\n".join(lines)


def conflicts(index: Index, target: str, where: Path | None = None) -> list[str]:
    """Return what is wrong with the accepted links to a target, a sentence each.

    A row linked twice, an entity that rows of two SIREN lead to, in whatever lists; a target that
    has ended (closed or merged), or is gone since the release in which it was accepted.
    """
    found: list[str] = []
    rows: dict[str, dict[str, str]] = {}
    for path, links in decisions.sets(where):
        if not str(links.about.get("object_source", "")).endswith(f":{target}"):
            continue
        by_subject: dict[str, list[str]] = {}
        for each in links.mappings:
            if each.essaim_state != "accepted":
                continue
            iri = links.expanded(each.object_id)
            by_subject.setdefault(each.subject_id, []).append(iri)
            found += _broken(index, path, each, iri)
            for siren in SIREN.findall(each.comment):
                rows.setdefault(iri, {}).setdefault(siren, f"{path}: {each.subject_id}")
        found += [
            f"{path}: {subject} is linked to {len(iris)}: {', '.join(iris)}{_sirens(index, iris)}"
            for subject, iris in by_subject.items()
            if len(iris) > 1
        ]
    return found + _several(rows)


def _several(rows: dict[str, dict[str, str]]) -> list[str]:
    """Return the entities that were accepted for rows of more than one SIREN."""
    return [
        f"{iri} is linked to {len(sirens)} SIREN: "
        + ", ".join(f"{siren} ({place})" for siren, place in sorted(sirens.items()))
        for iri, sirens in sorted(rows.items())
        if len(sirens) > 1
    ]


def _broken(index: Index, path: Path, one: Link, iri: str) -> list[str]:
    numbers = index.by_iri(iri)
    if not numbers:
        return [f"{path}: {one.subject_id}: {iri} is no longer in the target"]
    ended = index.ended[numbers[0]]
    return [f"{path}: {one.subject_id}: {iri} ended {ended}"] if ended else []


def _sirens(index: Index, iris: list[str]) -> str:
    numbers = [number for iri in iris for number in index.by_iri(iri)[:1]]
    known = {i for n in numbers for i in index.entity(n).identifiers if i.startswith("siren:")}
    return f" ({', '.join(sorted(known))})" if len(known) > 1 else ""
