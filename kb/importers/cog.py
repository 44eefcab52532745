"""French territories from the official geographic code (COG), vintage 2026.

Source: npm package `@etalab/decoupage-administratif` 6.0.0 (Insee, DGCL, La Poste – Etalab;
data under Licence Ouverte). Containment is administrative only, commune → département →
région → country: intercommunalities cross départements and régions, so a commune is a *member*
of one and never inside it. Only current communes are taken: delegated and associated communes
and the districts of Paris, Lyon and Marseille share their code space and are left out.
`docs/reference-layer.md` says what is summed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, RDFS, Literal, URIRef

from kb import files
from kb.importers.inputs import Row, package_version, rows_of, table, text
from kb.importers.ntriples import Triple, save
from kb.terms import ESSAIM, record

PACKAGE = "@etalab/decoupage-administratif"
VINTAGE = 2026
FRANCE = record("territory", "country-fr")

# ISO 3166-2 names départements by their number, save Paris, whose code changed in 2021.
ISO_OF_PARIS = "FR-75C"


@dataclass(frozen=True)
class CogReport:
    """What the French layer holds, and which communes lack a number in the package."""

    version: str
    triples: int
    regions: int
    departements: int
    overseas: int
    intercommunalities: int
    communes: int
    without_siren: tuple[str, ...]
    without_population: tuple[str, ...]


@dataclass(frozen=True)
class Package:
    """The four lists of the package that are used, current communes only."""

    version: str
    regions: list[Row]
    departements: list[Row]
    epci: list[Row]
    communes: list[Row]
    where: Path


def read(package: Path) -> Package:
    """Read the unpacked package; raises ImportProblem when a file or a field is missing."""
    version = package_version(package, PACKAGE)
    data = package / "data"
    every = rows_of(data / "communes.json")
    return Package(
        version,
        rows_of(data / "regions.json"),
        rows_of(data / "departements.json"),
        rows_of(data / "epci.json"),
        [row for row in every if row.get("type") == "commune-actuelle"],
        data,
    )


def build(package_dir: Path, out_dir: Path) -> CogReport:
    """Write `cog-2026.nt.gz` into a folder and report what it holds."""
    package = read(package_dir)
    count = save(triples_of(package), out_dir / f"cog-{VINTAGE}.nt.gz")
    overseas = [row for row in package.departements if _is_overseas_collectivity(row)]
    return CogReport(
        version=package.version,
        triples=count,
        regions=len(package.regions) - len(overseas),
        departements=len(package.departements) - len(overseas),
        overseas=len(overseas),
        intercommunalities=len(package.epci),
        communes=len(package.communes),
        without_siren=_without(package, "siren"),
        without_population=_without(package, "population"),
    )


def territories(package_dir: Path) -> Iterable[Triple]:
    """Return the triples of the French layer, read from an unpacked package."""
    return triples_of(read(package_dir))


def triples_of(package: Package) -> Iterator[Triple]:
    """Yield the triples of régions, départements, intercommunalities and communes."""
    people = _populations(package)
    codes = {row["insee"]: row for row in table(_regions_table(), ("insee", "iso", "label_en"))}
    for row in package.regions:
        if not _is_overseas_collectivity(row):
            yield from _region(row, codes.get(text(row, "code", package.where)), package.where)
    for row in package.departements:
        yield from _departement(row, package.where)
    for row in package.epci:
        yield from _intercommunality(row, package.where)
    for row in package.communes:
        yield from _commune(row, package.where)
    for subject, count in people.items():
        yield subject, ESSAIM.populationCount, Literal(count)


def _region(row: Row, known: dict[str, str] | None, where: Path) -> Iterator[Triple]:
    code = text(row, "code", where)
    region = record("territory", f"region-{code}")
    yield from _named(region, ESSAIM.Region, text(row, "nom", where), code)
    yield region, ESSAIM.withinTerritory, FRANCE
    if known:
        yield region, ESSAIM.isoCode, Literal(known["iso"])
        yield region, RDFS.label, Literal(known["label_en"], lang="en")


def _departement(row: Row, where: Path) -> Iterator[Triple]:
    """Yield a département, or an overseas collectivity, which belongs to no région."""
    code, name = text(row, "code", where), text(row, "nom", where)
    subject = _departement_iri(row, code)
    overseas = _is_overseas_collectivity(row)
    kind = ESSAIM.AdministrativeTerritory if overseas else ESSAIM.Department
    yield from _named(subject, kind, name, code)
    if overseas:
        yield subject, ESSAIM.withinTerritory, FRANCE
        return
    yield subject, RDFS.label, Literal(name, lang="en")
    yield subject, ESSAIM.isoCode, Literal(ISO_OF_PARIS if code == "75" else f"FR-{code}")
    region = record("territory", f"region-{text(row, 'region', where)}")
    yield subject, ESSAIM.withinTerritory, region


def _intercommunality(row: Row, where: Path) -> Iterator[Triple]:
    """Yield an intercommunality: it has a SIREN and no INSEE code, and lies inside nothing."""
    siren = text(row, "code", where)
    subject = record("territory", f"epci-{siren}")
    yield subject, RDF.type, ESSAIM.Intercommunality
    yield subject, RDFS.label, Literal(text(row, "nom", where), lang="fr")
    yield subject, ESSAIM.governingSiren, Literal(siren)
    yield subject, ESSAIM.intercommunalityType, Literal(text(row, "type", where))
    for commune in _members(row, where):
        yield commune, ESSAIM.memberOfIntercommunality, subject


def _commune(row: Row, where: Path) -> Iterator[Triple]:
    code = text(row, "code", where)
    subject = record("territory", f"commune-{code.lower()}")
    yield from _named(subject, ESSAIM.Commune, text(row, "nom", where), code)
    above = text(row, "departement", where)
    yield subject, ESSAIM.withinTerritory, _departement_iri(row, above)
    siren = row.get("siren")
    if siren:
        yield subject, ESSAIM.governingSiren, Literal(siren)


def _named(subject: URIRef, kind: URIRef, name: str, code: str) -> Iterator[Triple]:
    yield subject, RDF.type, kind
    yield subject, RDFS.label, Literal(name, lang="fr")
    yield subject, ESSAIM.inseeCode, Literal(code)


def _populations(package: Package) -> Counter[URIRef]:
    """Sum the communes' populations upward; a territory without a counted commune has none."""
    sums: Counter[URIRef] = Counter()
    intercommunality = {
        commune: record("territory", f"epci-{text(row, 'code', package.where)}")
        for row in package.epci
        for commune in _members(row, package.where)
    }
    for row in package.communes:
        count = row.get("population")
        if not isinstance(count, int):
            continue
        commune = record("territory", f"commune-{text(row, 'code', package.where).lower()}")
        sums[commune] += count
        sums[_departement_iri(row, text(row, "departement", package.where))] += count
        if not _is_overseas_collectivity(row):
            sums[record("territory", f"region-{text(row, 'region', package.where)}")] += count
        if commune in intercommunality:
            sums[intercommunality[commune]] += count
    return sums


def _members(row: Row, where: Path) -> Iterator[URIRef]:
    members = row.get("membres")
    for member in members if isinstance(members, list) else ():
        yield record("territory", f"commune-{text(member, 'code', where).lower()}")


def _departement_iri(row: Row, code: str) -> URIRef:
    kind = "collectivite" if _is_overseas_collectivity(row) else "departement"
    return record("territory", f"{kind}-{code.lower()}")


def _is_overseas_collectivity(row: Row) -> bool:
    """Tell the eight overseas territories that are neither département nor région."""
    return row.get("zone") == "com"


def _without(package: Package, key: str) -> tuple[str, ...]:
    return tuple(str(row.get("code")) for row in package.communes if row.get(key) is None)


def _regions_table() -> Path:
    return files.root() / "data" / "reference" / "french-regions.csv"
