"""A list and a target in, a set of links out: the whole of `essaim link run`, for programs too."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kb.linking import decide, decisions, targets
from kb.linking.cascade import Known, linked
from kb.linking.curies import LISTS, TARGETS, Curies
from kb.linking.index import Index
from kb.linking.reader import Note, read
from kb.linking.tables import roles_of
from kb.sssom import MappingSet


def link_list(
    path: Path, index: Index, target: str, *, kinds: tuple[str, ...] = (),
    auto: float | None = None, columns: Mapping[str, str] | None = None,
    decided: Path | None = None,
) -> tuple[MappingSet, list[Note]]:  # fmt: skip
    """Link a list to a target; return the links and the remarks, line by line.

    `decided` is the folder of decisions (default: that of the base). The same list, target,
    decisions and model give the same links. Raises LinkProblem when the file is no list.
    """
    sheet = read(path)
    about, curies, known = begun(path, index, target, decided)
    roles = roles_of(sheet, columns or {})
    result = linked(index, sheet, roles, curies, kinds=kinds, auto=auto, known=known)
    return MappingSet(with_prefixes(about, curies), tuple(result.links)), result.notes


def begun(
    path: Path, index: Index, target: str, decided: Path | None = None
) -> tuple[dict[str, Any], Curies, Known]:
    """Return what is said of the links of a list, the prefixes so far, and what was decided."""
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "list"
    name = f"{stem}-{target}"
    curies = Curies(f"{LISTS}{stem}/")
    about = {
        "mapping_set_id": f"{LISTS}{name}",
        "license": targets.target(target).licence,
        "mapping_tool": "essaim link",
        "mapping_tool_version": f"model {decide.model().version}",
        "object_source": f"target:{target}",
        "object_source_version": str(index.about["made_from"])[:12],
        "subject_source_version": digest(path)[:12],
        "curie_map": {"target": TARGETS},
    }
    before = MappingSet(about)
    curies.prefixes.update(decisions.decided(before, decided).about.get("curie_map", {}))
    return about, curies, decisions.known(before, decided)


def with_prefixes(about: dict[str, Any], curies: Curies) -> dict[str, Any]:
    """Return what is said of links, with every prefix that they use."""
    return {**about, "curie_map": {**curies.prefixes, "target": TARGETS}}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    with path.open("rb") as octets:
        return hashlib.file_digest(octets, "sha256").hexdigest()
