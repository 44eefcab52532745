"""Data sets to link to: one description each in `data/targets/`, read as entities.

A description is the metadata of a table in CSVW (https://www.w3.org/TR/tabular-metadata/): which
file, which columns, what they mean by `propertyUrl`, how an address is made of a row by `aboutUrl`.
What CSVW has no word for is ours: a JSON list of objects is read as a table, and `essaim:queries`
names a folder of queries whose rows are the table. They ask the release, the Turtle file that is
given where the description has a `url`, or the SPARQL endpoint at `essaim:endpoint`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from kb import files
from kb.engine import Engine, LocalEngine
from kb.engine.remote import RemoteEngine
from kb.linking import LinkProblem, ids
from kb.linking.decisions import accepted_spellings
from kb.linking.index import FORMAT, Entity, Index, write
from kb.linking.normalize import RULES
from kb.linking.places import place
from kb.linking.tables import described_rows
from kb.problems import EngineProblem
from kb.queries import registry
from kb.release import Release, build, open_release
from kb.rows import Table, select

ROLES = {
    "rdfs:label": "label",
    "skos:altLabel": "name",
    "essaim:siren": "siren",
    "essaim:siret": "siren",
    "essaim:rna": "rna",
    "essaim:inseeCode": "insee",
    "essaim:isoCode": "iso",
    "essaim:governingSiren": "governing",
    "skos:exactMatch": "wikidata",
    "dc:identifier": "identifier",
    "dc:type": "kind",
    "schema:addressLocality": "town",
    "schema:postalCode": "postcode",
    "schema:addressRegion": "area",
    "schema:addressCountry": "country",
    "schema:dissolutionDate": "ended",
    "essaim:isActive": "active",
}
Values = dict[str, list[str]]
UNDATED = "(no date)"


@dataclass(frozen=True)
class Target:
    """A data set to link to: its `name`, title by language, licence, and description."""

    name: str
    path: Path
    described: dict[str, Any]

    @property
    def licence(self) -> str:
        """The address of the licence."""
        return str(self.described.get("dc:license", ""))

    @property
    def source(self) -> str:
        """Where the data set is published."""
        return str(self.described.get("dc:source", ""))

    @property
    def queries(self) -> Path | None:
        """The folder of queries whose rows are this target; None when it is a file."""
        name = self.described.get("essaim:queries")
        beside = self.path.parent / str(name)
        shipped = files.root() / "queries" / "targets" / str(name)
        return (beside if beside.is_dir() else shipped) if name else None

    @property
    def endpoint(self) -> str:
        """The address of the SPARQL endpoint that is asked; '' where none is."""
        return str(self.described.get("essaim:endpoint", ""))

    @property
    def is_file(self) -> bool:
        """Whether the data is a file that the user has."""
        return not self.queries or "url" in self.described


def targets() -> dict[str, Target]:
    """Return the targets that are described, by name."""
    folder = files.root() / "data" / "targets"
    found = {}
    for path in sorted(folder.glob("*.json")):
        found[path.stem] = _described(path)
    return found


def _described(path: Path) -> Target:
    """Return the target of a description; raises LinkProblem when it is none."""
    try:
        described = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise LinkProblem(f"{path}: is not JSON: {error}") from error
    schema = described.get("tableSchema", {}) if isinstance(described, dict) else {}
    if isinstance(described, dict) and "essaim:queries" in described:
        return Target(path.stem, path, described)
    labels = [c for c in schema.get("columns", ()) if c.get("propertyUrl") == "rdfs:label"]
    if not labels or "aboutUrl" not in schema:
        raise LinkProblem(
            f"{path}: describes no target; it needs essaim:queries, or a tableSchema with aboutUrl "
            "and a column whose propertyUrl is rdfs:label"
        )
    return Target(path.stem, path, described)


def target(name: str) -> Target:
    """Return a target by name, or by the path of a description of one's own.

    Raises LinkProblem with the names there are.
    """
    if name.endswith(".json") and Path(name).is_file():
        return _described(Path(name))
    known = targets()
    if name not in known:
        raise LinkProblem(f"{name!r}: no such target; there are {', '.join(known)}")
    return known[name]


def opened(asked: Target, path: Path | None = None) -> Index:
    """Return the index of a target, made first when its data or the rules have changed.

    A target that is a file is read from `path`; without one, the index made last is opened.
    """
    folder = files.home() / "linking" / asked.name
    if asked.is_file and path is None:
        if not (folder / "index.json").is_file():
            raise LinkProblem(f"{asked.name}: give the file of this target, with --file")
        return Index(folder)
    released = _release() if asked.queries and not (asked.is_file or asked.endpoint) else None
    about = {"target": asked.name, "made_from": _fingerprint(asked, path, released)}
    if not _fresh(folder, about["made_from"]):
        write(entities(asked, path, released), folder, about)
    return Index(folder)


def indexed() -> dict[str, Index]:
    """Return the indexes that were made here, by the name of their target."""
    found = {}
    for path in sorted((files.home() / "linking").glob("[!.]*/index.json")):
        try:
            found[path.parent.name] = Index(path.parent)
        except LinkProblem:  # of an older version: made again when it is asked for
            continue
    return found


def _fresh(folder: Path, made_from: str) -> bool:
    try:
        about = Index(folder).about
    except LinkProblem:
        return False
    return bool(about["made_from"] == made_from)


def _release() -> Release:
    return open_release() if (files.releases() / "current").exists() else build()


def _fingerprint(asked: Target, path: Path | None, released: Release | None) -> str:
    total = hashlib.sha256(f"{FORMAT}\n{released.id if released else ''}\n".encode())
    queries = sorted(asked.queries.glob("*.rq")) if asked.queries else []
    for read in [RULES, asked.path, *queries, *([path] if path else [])]:
        total.update(hashlib.sha256(read.read_bytes()).digest())
    for spelling in learned(asked.name):
        total.update("\t".join(spelling).encode())
    return total.hexdigest()


def learned(name: str) -> list[tuple[str, str]]:
    """Return the spellings that accepted links have taught: address of the entity, name."""
    return accepted_spellings(name)


def entities(asked: Target, path: Path | None, released: Release | None) -> Iterator[Entity]:
    """Yield the entities of a target, with the names learned since."""
    taught: dict[str, list[str]] = {}
    for iri, spelling in learned(asked.name):
        taught.setdefault(iri, []).append(spelling)
    gathered = _asked(asked, path, released) if asked.queries else _file(asked, path)
    for iri, values in gathered:
        if iri and values.get("label"):
            yield entity(iri, values, tuple(taught.get(iri, ())))


def entity(iri: str, values: Values, also: tuple[str, ...] = ()) -> Entity:
    """Return an entity from the values of its roles; names beyond the first are other names."""
    labels = values["label"]
    found: list[str] = []
    for scheme, read in (("siren", ids.siren), ("rna", ids.rna), ("wikidata", ids.wikidata)):
        found += [known for cell in values.get(scheme, ()) for known in read(cell).found]
    for scheme in ("governing", "iso", "identifier"):
        found += [k for cell in values.get(scheme, ()) for k in ids.plain(scheme, cell).found]
    found += [f"insee:{code}" for code in map(ids.insee, values.get("insee", ())) if code]
    only = {role: said[0] for role, said in values.items() if len(set(said)) == 1}
    where = {p: only.get(p, "") for p in ("insee", "town", "postcode", "area", "country")}
    around = {ids.departement_of(code) for code in map(ids.insee, values.get("insee", ())) if code}
    if not where["area"] and len(around) == 1:  # several municipalities of one département
        where["area"] = around.pop()
    names = (*labels[1:], *values.get("name", ()), *also)
    kind, ended = only.get("kind", "thing"), only.get("ended", "")
    if only.get("active") == "false":
        ended = ended or UNDATED
    identifiers = tuple(dict.fromkeys(found))
    return Entity(iri, kind, labels[0], names, place(**where), identifiers, ended)


def _asked(
    asked: Target, path: Path | None, released: Release | None
) -> Iterator[tuple[str, Values]]:
    """Yield the values of each entity from the rows of the target's queries."""
    gathered: dict[str, Values] = {}
    answering = _engine(asked, path, released)
    for query in registry(asked.queries or Path()).values():
        for row in _rows(asked, answering, query.bound({})):
            values = gathered.setdefault(str(row["iri"]), {})
            said = values.setdefault(str(row["role"]), [])
            french = getattr(row["value"], "language", "") == "fr"
            said.insert(0 if french else len(said), str(row["value"]))
            if "kind" in row and "kind" not in values:
                values["kind"] = [str(row["kind"])]
    yield from sorted(gathered.items())


def _rows(asked: Target, answering: Engine, text: str) -> Table:
    try:
        return select(answering, text, deadline_s=120)
    except EngineProblem as problem:
        raise LinkProblem(f"{asked.endpoint or asked.name}: {problem}") from problem


def _engine(asked: Target, path: Path | None, released: Release | None) -> Engine:
    """Return what answers the queries of a target: endpoint, Turtle file, or release."""
    if asked.endpoint:
        return RemoteEngine(asked.endpoint)
    if not asked.is_file:
        return (released or _release()).engine
    if path is None:
        raise LinkProblem(f"{asked.name}: give the file of this target, with --file")
    store = ox.Store()
    try:
        store.bulk_load(path=str(path))
    except (SyntaxError, ValueError, OSError) as error:
        raise LinkProblem(
            f"{path}: is not RDF: {error}; name it .ttl, .nt, .trig or .nq"
        ) from error
    return LocalEngine(store)


def _file(asked: Target, path: Path | None) -> Iterator[tuple[str, Values]]:
    if path is None:
        raise LinkProblem(f"{asked.name}: give the file of this target, with --file")
    yield from described_rows(asked.described, path, ROLES)
