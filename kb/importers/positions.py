"""Latitudes and longitudes of French communes.

Communes the research records name have a centroid of their own (`coordinates.csv`, computed from
IGN/Etalab contours). The others are looked for in GeoNames by name, région and département. As
GeoNames gives no département here, that of a place is read off its neighbours: the communes whose
name is the only one of its région in both lists serve as anchors, and a place may lie in a
département that two of its eight nearest anchors belong to. A commune gets a position only if one
place fits it and that place fits no other commune; `docs/reference-layer.md` gives the measured
error.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from heapq import nsmallest
from pathlib import Path

from rdflib import URIRef

from kb.importers import ImportProblem, cog, geonames
from kb.importers.geonames import Spot
from kb.importers.inputs import Row, table, text
from kb.importers.ntriples import Triple, save
from kb.terms import record, slug

NEIGHBOURS = 8
# A place of this name but of quite another size is a hamlet or another commune.
SIZE = 3
# Overseas, GeoNames gives a country code where the COG gives a région or a collectivity.
AREAS = {"GP": "01", "MQ": "02", "GF": "03", "RE": "04", "YT": "06", "PM": "975", "BL": "977",
         "MF": "978", "WF": "986", "PF": "987", "NC": "988"}  # fmt: skip

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune as GeoNames is asked for it: `area` is its région or overseas collectivity."""

    code: str
    name: str
    area: str
    departement: str
    population: int

    @property
    def key(self) -> Key:
        return self.area, self.name

    @property
    def iri(self) -> URIRef:
        return record("territory", f"commune-{self.code.lower()}")


@dataclass(frozen=True)
class PositionsReport:
    """Where positions came from, and which rows of the records' file are no current commune."""

    from_records: int
    from_geonames: int
    without: int
    not_communes: tuple[str, ...]


def build(records_dir: Path, package_dir: Path, out_dir: Path) -> PositionsReport:
    """Write `coordinates.nt.gz` into a folder from the records and the COG package."""
    package = cog.read(package_dir)
    communes = [_commune(row, package.where) for row in package.communes]
    known = {commune.code: commune for commune in communes}
    given = read_given(records_dir / "coordinates.csv")
    others = [commune for commune in communes if commune.code not in given]
    spots = geonames.read(["FR", *AREAS])
    found = match(others, communes, spots)
    save(_triples(given, found, known), out_dir / "coordinates.nt.gz")
    here = given.keys() & known.keys()
    return PositionsReport(
        from_records=len(here),
        from_geonames=len(found),
        without=len(communes) - len(here) - len(found),
        not_communes=tuple(sorted(given.keys() - known.keys())),
    )


def read_given(path: Path) -> dict[str, tuple[str, str]]:
    """Return latitude and longitude by INSEE code from the records' own file."""
    given = {}
    for number, row in enumerate(table(path, ("insee", "lat", "lon")), start=2):
        if not all(re.fullmatch(r"-?\d+(\.\d+)?", row[key]) for key in ("lat", "lon")):
            raise ImportProblem(
                f"{path}:{number}: lat or lon is no decimal number; write it like 45.2465"
            )
        given[row["insee"]] = (row["lat"], row["lon"])
    return given


def match(
    wanted: Iterable[Commune], communes: Iterable[Commune], spots: Iterable[Spot]
) -> dict[str, Spot]:
    """Return the one place of GeoNames that each commune is, by code; doubtful ones are left.

    `communes` are all of them: they say which names are unique and which département is where.
    """
    communes, spots = list(communes), list(spots)
    own = _by_key((spot, [slug(spot.name)]) for spot in spots)
    ground = _Ground(communes, own)
    first = _fitting(communes, own, ground)
    taken = {spot.id for spot in first.values()}
    rest = [spot for spot in spots if spot.id not in taken]
    other = _by_key((spot, spot.names) for spot in rest)
    unnamed = [c for c in communes if c.key not in own]
    second = _fitting(unnamed, other, ground)
    found = first | second
    return {c.code: found[c.code] for c in wanted if c.code in found}


class _Ground:
    """Which départements a place may lie in, from the communes whose place is beyond doubt."""

    def __init__(self, communes: list[Commune], spots: Mapping[Key, list[Spot]]) -> None:
        names = Counter(commune.key for commune in communes)
        self._anchors: dict[str, list[tuple[Spot, str]]] = defaultdict(list)
        for commune in communes:
            found = spots.get(commune.key, [])
            if names[commune.key] == 1 and len(found) == 1 and _same_size(commune, found[0]):
                self._anchors[commune.area].append((found[0], commune.departement))
        self._known: dict[int, frozenset[str]] = {}

    def departements(self, spot: Spot) -> frozenset[str]:
        """Return the départements of two or more of the nearest anchors, itself not counted."""
        if spot.id not in self._known:
            anchors = (pair for pair in self._anchors[_area(spot)] if pair[0].id != spot.id)
            near = nsmallest(NEIGHBOURS, anchors, key=lambda pair: _distance(spot, pair[0]))
            count = Counter(departement for _, departement in near)
            self._known[spot.id] = frozenset(d for d, n in count.items() if n > 1)
        return self._known[spot.id]


def _fitting(
    communes: list[Commune], spots: Mapping[Key, list[Spot]], ground: _Ground
) -> dict[str, Spot]:
    """Return the places that fit one commune only, which fits no other place, by code."""
    fits: dict[str, list[Spot]] = {}
    claims: Counter[int] = Counter()
    for commune in communes:
        near = [
            spot
            for spot in spots.get(commune.key, [])
            if _same_size(commune, spot) and _may_lie_in(spot, commune, ground)
        ]
        fits[commune.code] = near
        claims.update(spot.id for spot in near)
    return {
        code: near[0] for code, near in fits.items() if len(near) == 1 and claims[near[0].id] == 1
    }


def _may_lie_in(spot: Spot, commune: Commune, ground: _Ground) -> bool:
    overseas = spot.country != "FR"  # one département, or none: the country code says it all
    return overseas or commune.departement in ground.departements(spot)


def _same_size(commune: Commune, spot: Spot) -> bool:
    people = commune.population
    return bool(people and spot.population) and people / SIZE <= spot.population <= people * SIZE


def _distance(one: Spot, other: Spot) -> float:
    """Return a flat distance in degrees of latitude, good enough to rank near places."""
    width = math.cos(math.radians(one.latitude))
    return math.hypot(one.latitude - other.latitude, (one.longitude - other.longitude) * width)


def _by_key(named: Iterable[tuple[Spot, Iterable[str]]]) -> dict[Key, list[Spot]]:
    made: dict[Key, list[Spot]] = defaultdict(list)
    for spot, names in named:
        for name in names:
            made[_area(spot), name].append(spot)
    return made


def _area(spot: Spot) -> str:
    return AREAS.get(spot.country, spot.division)


def _commune(row: Row, where: Path) -> Commune:
    count = row.get("population")
    return Commune(
        code=text(row, "code", where),
        name=slug(text(row, "nom", where)),
        area=text(row, "region", where),
        departement=text(row, "departement", where),
        population=count if isinstance(count, int) else 0,
    )


def _triples(
    given: Mapping[str, tuple[str, str]],
    found: Mapping[str, Spot],
    known: Mapping[str, Commune],
) -> Iterator[Triple]:
    for code in sorted(given.keys() & known.keys()):
        yield from geonames.position(known[code].iri, *given[code])
    for code, spot in found.items():
        yield from geonames.described(known[code].iri, spot)
