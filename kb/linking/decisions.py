"""What people decided about links, kept in plain files that git can review.

One SSSOM file a list and target in `data/links/`. A decision is a row: who, when, and the link as
it was proposed; a new decision about the same pair takes the place of the older. Releases read
these files; the index of a target learns the accepted spellings from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from kb import files, sssom
from kb.linking import LinkProblem
from kb.linking.cascade import Known
from kb.sssom import Link, MappingSet

MANUAL = "semapv:ManualMappingCuration"


def folder() -> Path:
    """Return the folder of decisions: of the sources in a checkout, else of this installation."""
    return files.root() / "data" / "links" if files.is_checkout() else files.home() / "links"


def place(links: MappingSet, where: Path | None = None) -> Path:
    """Return the file where the decisions about a set of proposals belong."""
    name = str(links.about.get("mapping_set_id", "")).rstrip("/").rpartition("/")[2]
    if not name:
        raise LinkProblem("the file of links has no mapping_set_id; make it with `essaim link run`")
    return (where or folder()) / f"{name}.sssom.tsv"


def decided(links: MappingSet, where: Path | None = None) -> MappingSet:
    """Return what was decided about a set of proposals so far."""
    path = place(links, where)
    return sssom.read(path) if path.is_file() else MappingSet(links.about)


def decide(
    links: MappingSet, one: Link, state: str, author: str = "", where: Path | None = None,
    day: str = "", comment: str = "",
) -> Path:  # fmt: skip
    """Keep a decision, `accepted`, `rejected` or `proposed` (taken back); return its file."""
    before = decided(links, where)
    kept = [each for each in before.mappings if each.pair != one.pair]
    if state != "proposed":
        day = day or datetime.now(UTC).date().isoformat()
        kept.append(replace(
            one, essaim_state=state, predicate_modifier="Not" if state == "rejected" else "",
            mapping_justification=MANUAL, author_id=author, mapping_date=day,
            comment=comment or one.comment,
        ))  # fmt: skip
    prefixes = {**before.about.get("curie_map", {}), **links.about.get("curie_map", {})}
    about = {**links.about, "curie_map": prefixes}
    path = place(links, where)
    sssom.write(MappingSet(about, tuple(sorted(kept, key=lambda each: each.pair))), path)
    return path


def known(links: MappingSet, where: Path | None = None) -> Known:
    """Return what was decided, as linking a list wants it."""
    found = decided(links, where).mappings
    return Known(
        {each.subject_id: each for each in found if each.essaim_state == "accepted"},
        frozenset(each.pair for each in found if each.essaim_state == "rejected"),
    )


def sets(where: Path | None = None) -> Iterator[tuple[Path, MappingSet]]:
    """Yield the files of decisions, in the order of their names."""
    for path in sorted((where or folder()).glob("*.sssom.tsv")):
        yield path, sssom.read(path)


def accepted_spellings(target: str, where: Path | None = None) -> list[tuple[str, str]]:
    """Return the spellings that accepted links to a target have taught: entity, name."""
    return [
        (found.expanded(each.object_id), each.subject_label)
        for _, found in sets(where)
        if str(found.about.get("object_source", "")).endswith(f":{target}")
        for each in found.mappings
        if each.essaim_state == "accepted" and each.subject_label
    ]
