"""Proposals for a person to decide, the least sure first, with what differs marked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
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


def instead(one: Link, object_id: str, label: str = "") -> Link:
    """Return a link to another entity than the one proposed: its evidence is a person's word."""
    return replace(
        one, object_id=object_id, object_label=label, confidence="", match_string="",
        similarity_score="", similarity_measure="", comment="chosen by hand",
    )  # fmt: skip


def conflicts(
    index: Index, target: str, where: Path | None = None, others: Mapping[str, Index] | None = None
) -> list[str]:
    """Return what is wrong with the accepted links to a target, a sentence each.

    A row linked twice, an entity that rows of two SIREN lead to, in whatever lists; a row whose
    own SIREN is not that of its entity, or whose entities in several targets (`others`, by name)
    bear different ones; a target that has ended (closed or merged), or is gone since the release
    in which it was accepted.
    """
    found: list[str] = []
    rows: dict[str, dict[str, str]] = {}
    subjects: dict[str, dict[str, str]] = {}
    for path, links, name in _files(where):
        known = index if name == target else (others or {}).get(name)
        by_subject: dict[str, list[str]] = {}
        for each in links.mappings if known else ():
            if each.essaim_state != "accepted" or known is None:
                continue
            iri, place = links.expanded(each.object_id), f"{path}: {each.subject_id}"
            mine, theirs = SIREN.findall(each.comment), _siren(known, iri)
            row = subjects.setdefault(links.expanded(each.subject_id), {})
            row.update({siren: place for siren in theirs | set(mine) if siren not in row})
            if name == target:
                found += _broken(index, path, each, iri)
                by_subject.setdefault(each.subject_id, []).append(iri)
                rows.setdefault(iri, {}).update(dict.fromkeys(mine, place))
        found += [
            f"{path}: {subject} is linked to {len(iris)}: {', '.join(iris)}"
            for subject, iris in by_subject.items()
            if len(iris) > 1
        ]
    return found + _several(rows) + _several(subjects)


def _files(where: Path | None) -> Iterator[tuple[Path, MappingSet, str]]:
    """Yield the files of decisions with the name of the target of each."""
    for path, links in decisions.sets(where):
        yield path, links, str(links.about.get("object_source", "")).rpartition(":")[2]


def _siren(index: Index, iri: str) -> set[str]:
    """Return the SIREN of an entity, by the identifiers that its target gives."""
    known = {i for number in index.by_iri(iri)[:1] for i in index.entity(number).identifiers}
    return {i.partition(":")[2] for i in known if i.startswith("siren:")}


def _several(rows: dict[str, dict[str, str]]) -> list[str]:
    """Return the entities and rows that more than one SIREN leads to."""
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
