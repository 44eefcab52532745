"""Links as SSSOM/TSV (https://w3id.org/sssom, version 1.0), read and written.

A file is the metadata of a set of links as YAML in lines that begin with `#`, then a table. The
state of a link is ours (`essaim_state`), declared as the standard asks of other columns. A row that
is no link is refused with its line: a reader that drops it would lose a decision in silence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from kb.problems import Problem

NO_TERM = "sssom:NoTermFound"
STATES = ("proposed", "accepted", "rejected", "none")
BUILT_IN = {
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sssom": "https://w3id.org/sssom/",
    "orcid": "https://orcid.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
}
PREDICATES = {"skos:exactMatch", "skos:closeMatch", "skos:broadMatch", "skos:narrowMatch",
              "skos:relatedMatch"}  # fmt: skip


class LinkFileProblem(Problem):
    """A file of links is not SSSOM, or a row of it is no link."""


@dataclass(frozen=True, slots=True)
class Link:
    """One link: columns of SSSOM by their names, and its state."""

    subject_id: str
    subject_label: str
    predicate_id: str
    object_id: str
    object_label: str = ""
    mapping_justification: str = "semapv:LexicalSimilarityThresholdMatching"
    predicate_modifier: str = ""
    confidence: str = ""
    subject_match_field: str = ""
    object_match_field: str = ""
    match_string: str = ""
    similarity_score: str = ""
    similarity_measure: str = ""
    author_id: str = ""
    mapping_date: str = ""
    comment: str = ""
    other: str = ""
    essaim_state: str = "proposed"

    @property
    def pair(self) -> tuple[str, str]:
        """What is linked: subject and object."""
        return self.subject_id, self.object_id


COLUMNS = tuple(each.name for each in fields(Link))
REQUIRED = ("subject_id", "predicate_id", "object_id", "mapping_justification")


@dataclass(frozen=True)
class MappingSet:
    """A set of links: metadata (`curie_map` among them) and the links in order."""

    about: Mapping[str, Any]
    mappings: tuple[Link, ...] = field(default=())

    def expanded(self, curie: str) -> str:
        """Return the address that a CURIE of this set stands for."""
        return expanded(curie, self.about.get("curie_map", {}))


def expanded(curie: str, prefixes: Mapping[str, str]) -> str:
    """Return the address of a CURIE; raises LinkFileProblem for a prefix nobody declared."""
    prefix, colon, rest = curie.partition(":")
    base = prefixes.get(prefix) or BUILT_IN.get(prefix)
    if not colon or base is None:
        raise LinkFileProblem(f"{curie!r}: declare its prefix under curie_map")
    return base + rest


def read(path: Path) -> MappingSet:
    """Read a file. Raises LinkFileProblem with file, line and remedy for the first bad row."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LinkFileProblem(f"{path}: cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, where: str) -> MappingSet:
    """Read the text of a file called `where`."""
    lines = text.split("\n")
    head = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    about = _metadata(lines[:head], where)
    table = csv.reader(lines[head:], delimiter="\t", quotechar='"', strict=True)
    header: list[str] = []
    mappings = []
    try:
        for cells in table:
            if not header:
                header = _header(cells, f"{where}:{head + table.line_num}")
            elif cells:
                place = f"{where}:{head + table.line_num}"
                mappings.append(_mapping(header, cells, about, place))
    except csv.Error as error:
        raise LinkFileProblem(f"{where}:{head + table.line_num}: {error}") from error
    return MappingSet(about, tuple(mappings))


def _metadata(lines: list[str], where: str) -> dict[str, Any]:
    try:
        about = yaml.safe_load("\n".join(line[1:].removeprefix(" ") if _flat(lines) else line[1:]
                                         for line in lines)) or {}  # fmt: skip
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise LinkFileProblem(f"{where}:{line}: the metadata is not YAML; {error}") from error
    if not isinstance(about, dict) or not isinstance(about.get("curie_map", {}), dict):
        raise LinkFileProblem(f"{where}:1: the metadata is no list of keys and values")
    return about


def _flat(lines: list[str]) -> bool:
    """Tell whether every line of metadata has a space after its sign."""
    return all(line.startswith("# ") or line == "#" for line in lines)


def _header(cells: list[str], place: str) -> list[str]:
    missing = [name for name in REQUIRED if name not in cells]
    if missing:
        raise LinkFileProblem(f"{place}: no column {', '.join(missing)}; add it")
    return cells


def _mapping(header: list[str], cells: list[str], about: dict[str, Any], place: str) -> Link:
    if len(cells) != len(header):
        raise LinkFileProblem(f"{place}: {len(cells)} cells, {len(header)} columns; mend the row")
    given = dict(zip(header, cells, strict=True))
    for name in REQUIRED:
        if not given[name].strip():
            raise LinkFileProblem(f"{place}: {name} is empty; write it or remove the row")
    known = {name: given[name] for name in COLUMNS if name in given}
    made = replace(Link("", "", "", ""), **known)
    try:
        for curie in (made.subject_id, made.predicate_id, made.object_id):
            expanded(curie, about.get("curie_map", {}))
    except LinkFileProblem as problem:
        raise LinkFileProblem(f"{place}: {problem}") from problem
    _check(made, place)
    if "essaim_state" in given:
        return made
    return replace(made, essaim_state=_state(made))


def _check(made: Link, place: str) -> None:
    if made.essaim_state not in STATES:
        raise LinkFileProblem(f"{place}: essaim_state is {made.essaim_state!r}; write {STATES}")
    if made.predicate_id not in PREDICATES:
        raise LinkFileProblem(f"{place}: {made.predicate_id!r} is no mapping property of SKOS")
    if made.predicate_modifier not in ("", "Not"):
        raise LinkFileProblem(f"{place}: predicate_modifier is not empty or Not")
    for name in ("confidence", "similarity_score"):
        number = getattr(made, name)
        try:
            fits = not number or 0 <= float(number) <= 1
        except ValueError:
            fits = False
        if not fits:
            raise LinkFileProblem(f"{place}: {name} is {number!r}; write a number from 0 to 1")


def _state(made: Link) -> str:
    """Return the state of a link in a file of others, who have no column for it."""
    if made.object_id == NO_TERM:
        return "none"
    if made.predicate_modifier:
        return "rejected"
    return (
        "accepted" if made.mapping_justification == "semapv:ManualMappingCuration" else "proposed"
    )


def text(links: MappingSet) -> str:
    """Return a set as a file: the same set gives the same bytes."""
    return head(links.about) + rows(links.mappings)


def head(about: Mapping[str, Any]) -> str:
    """Return what a file begins with: its metadata and the line of its columns."""
    about = {
        **about,
        "extension_definitions": [
            {
                "slot_name": "essaim_state",
                "property": "https://w3id.org/essaim/ns#linkState",
                "type_hint": "xsd:string",
            }
        ],
    }
    told = yaml.safe_dump(about, allow_unicode=True, width=1000).splitlines()
    return "".join(f"# {line}\n" for line in told) + "\t".join(COLUMNS) + "\n"


def rows(links: Iterable[Link]) -> str:
    """Return links as the rows of a file."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    for each in links:
        writer.writerow(_one_line(getattr(each, name)) for name in COLUMNS)
    return out.getvalue()


def _one_line(cell: str) -> str:
    return " ".join(cell.split())


def write(links: MappingSet, path: Path) -> None:
    """Write a set to a file, aside first, so that no reader sees half of it."""
    aside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(text(links), encoding="utf-8")
        aside.replace(path)
    except OSError as error:
        raise LinkFileProblem(f"{path}: cannot be written: {error.strerror or error}") from error
