"""Regions and municipalities outside France that the research records name.

What is named is read from the records (`cases.json`, `policies.json`); what it is called, which
kind of territory it is, and its ISO 3166-2 code where one fits are stated by hand, one line a
place, in `data/reference/foreign-places.csv`. Positions come from GeoNames, for municipalities
only, and only where name and country leave no doubt or the table gives the number of the place; a
position written in the table, with the page it was read on, goes before. A region read for a
municipality is the one the same record gives.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb import files, turtle
from kb.importers import ImportProblem, geonames
from kb.importers.countries import country_iri
from kb.importers.inputs import Row, rows_of, table, text
from kb.importers.ntriples import Triple
from kb.terms import ESSAIM, bound_graph, record, slug

COLUMNS = ("country", "name", "also", "kind", "within", "iso", "label_fr", "label_en",
           "label_local", "language", "note", "geonames", "latitude", "longitude",
           "position_source")  # fmt: skip
CLASSES = {
    "region": ESSAIM.Region,
    "subdivision": ESSAIM.AdministrativeTerritory,
    "place": ESSAIM.Place,
    "municipality": ESSAIM.Municipality,
}
HEAD = re.compile(r"[^(,]*")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Line:
    """One place of the table; `level` is `region` or `municipality`, as in its IRI."""

    country: str
    name: str
    kind: str
    labels: tuple[str, str]
    also: tuple[str, ...] = ()
    within: str = ""
    iso: str = ""
    local: tuple[str, str] = ("", "")
    note: str = ""
    geonames: int | None = None
    position: tuple[str, str] | None = None
    position_page: str = ""

    @property
    def level(self) -> str:
        return "municipality" if self.kind == "municipality" else "region"

    @property
    def iri(self) -> URIRef:
        """The territory: the country itself where the records write it as a region."""
        if self.kind == "country":
            return country_iri(self.country)
        return record("territory", f"{self.level}-{self.country.lower()}-{slug(self.name)}")


@dataclass(frozen=True)
class AbroadReport:
    """What was written, and what the records name that has no line, position or territory."""

    regions: int
    municipalities: int
    positions: int
    not_located: tuple[str, ...]
    ambiguous: tuple[str, ...]
    not_in_table: tuple[str, ...]
    never_named: tuple[str, ...]
    not_territories: tuple[str, ...]


@dataclass
class Named:
    """The lines the records name, the region read for each municipality, and what is left."""

    lines: dict[URIRef, Line] = field(default_factory=dict)
    regions: dict[URIRef, set[URIRef]] = field(default_factory=lambda: defaultdict(set))
    added: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)


def build(records_dir: Path, out_dir: Path) -> AbroadReport:
    """Write `foreign-places.ttl` into a folder from the records and report on it."""
    lines = read_table(files.root() / "data" / "reference" / "foreign-places.csv")
    named = read_records(records_dir, lines)
    spots = geonames.read({line.country for line in named.lines.values()})
    graph, report = bound_graph(), _Located()
    places = geonames.Gazetteer(spots)
    for iri, line in named.lines.items():
        for triple in _described(line, named.regions[iri], lines):
            graph.add(triple)
        if line.kind == "municipality":
            report.locate(graph, line, places)
    turtle.save(graph, out_dir / "foreign-places.ttl")
    return AbroadReport(
        regions=sum(line.kind not in ("municipality", "country") for line in named.lines.values()),
        municipalities=sum(line.kind == "municipality" for line in named.lines.values()),
        positions=report.found,
        not_located=tuple(sorted(report.unknown)),
        ambiguous=tuple(sorted(report.ambiguous)),
        not_in_table=tuple(sorted(named.added)),
        never_named=tuple(sorted(
            f"{line.country} {line.name}" for line in lines if line.iri not in named.lines
        )),
        not_territories=tuple(sorted(named.left)),
    )  # fmt: skip


def read_table(path: Path) -> list[Line]:
    """Return the lines of the hand-written table."""
    return [
        Line(
            country=row["country"],
            name=row["name"],
            kind=row["kind"],
            labels=(row["label_fr"], row["label_en"]),
            also=tuple(name for name in row["also"].split("|") if name),
            within=row["within"],
            iso=row["iso"],
            local=(row["label_local"], row["language"]),
            note=row["note"],
            geonames=int(row["geonames"]) if row["geonames"] else None,
            position=_position(row, f"{path}:{number}"),
            position_page=row["position_source"],
        )
        for number, row in enumerate(table(path, COLUMNS), start=2)
    ]


def _position(row: dict[str, str], where: str) -> tuple[str, str] | None:
    """Return the position a line gives; one without its page is refused."""
    given = row["latitude"], row["longitude"], row["position_source"]
    if not any(given):
        return None
    if not (all(DECIMAL.fullmatch(number) for number in given[:2]) and given[2]):
        raise ImportProblem(
            f"{where}: a position needs latitude, longitude and the page it was read on; "
            "write them like 45.2465, -71.7, https://…"
        )
    return given[0], given[1]


def read_records(folder: Path, lines: list[Line]) -> Named:
    """Return what the records of a folder name abroad, in lines of the table or new ones."""
    known = {
        (line.country, line.level, slug(name)): line
        for line in lines
        for name in (line.name, *line.also)
    }
    named = Named()
    cases = folder / "cases.json"
    for row in rows_of(cases):
        place = row.get("place")
        if isinstance(place, dict) and place.get("country") != "FR":
            _read_place(place, text(place, "country", cases), known, named)
    for row in rows_of(folder / "policies.json"):
        _read_jurisdiction(str(row.get("jurisdiction") or ""), lines, named)
    for line in list(named.lines.values()):
        if line.within:  # a province named alone still lies in its region
            above = known[line.country, "region", slug(line.within)]
            named.lines.setdefault(above.iri, above)
    return named


def _read_place(
    place: Row, country: str, known: dict[tuple[str, str, str], Line], named: Named
) -> None:
    region, municipality = place.get("region"), place.get("municipality")
    wide = narrow = None
    if isinstance(region, dict) and region.get("name"):
        wide = _line(country, "region", str(region["name"]), known, named)
    if municipality:
        narrow = _line(country, "municipality", str(municipality), known, named)
    if wide and narrow:
        named.regions[narrow.iri].add(wide.iri)
    if not wide and not narrow:
        start = HEAD.match(str(place.get("label") or ""))
        name = slug(start[0]) if start else ""
        found = known.get((country, "municipality", name)) or known.get((country, "region", name))
        if found:
            named.lines.setdefault(found.iri, found)


def _line(
    country: str, level: str, name: str, known: dict[tuple[str, str, str], Line], named: Named
) -> Line:
    """Return the line of a name; a name without one is taken as it is written."""
    line = known.get((country, level, slug(name)))
    if line is None:
        line = Line(country, name, level, (name, name))
        known[country, level, slug(name)] = line
        if level == "region":
            named.added.append(f"{country} {name}")
    named.lines.setdefault(line.iri, line)
    return line


def _read_jurisdiction(code: str, lines: list[Line], named: Named) -> None:
    if not code or code.startswith("FR") or code == "EU":
        return
    found = next((line for line in lines if line.iso == code), None)
    if found:
        named.lines.setdefault(found.iri, found)
    elif not re.fullmatch(r"[A-Z]{2}", code) or code == "UN":
        named.left.add(code)


def _described(line: Line, regions: set[URIRef], lines: list[Line]) -> Iterator[Triple]:
    """Yield what is said of a place; of one that is really a country, nothing new."""
    if line.kind == "country":
        return
    yield line.iri, RDF.type, CLASSES[line.kind]
    french, english = line.labels
    yield line.iri, RDFS.label, Literal(french, lang="fr")
    yield line.iri, RDFS.label, Literal(english, lang="en")
    local, language = line.local
    if local and local not in line.labels:
        yield line.iri, SKOS.altLabel, Literal(local, lang=language)
    if line.iso:
        yield line.iri, ESSAIM.isoCode, Literal(line.iso)
    if line.note:
        yield line.iri, SKOS.editorialNote, Literal(line.note, lang="fr")
    yield line.iri, ESSAIM.withinTerritory, _above(line, regions, lines)


def _above(line: Line, regions: set[URIRef], lines: list[Line]) -> URIRef:
    """Return the one territory a place lies in directly: its only region, else its country."""
    for other in lines:
        if line.within and other.name == line.within and other.country == line.country:
            return other.iri
    return next(iter(regions)) if len(regions) == 1 else country_iri(line.country)


@dataclass
class _Located:
    found: int = 0
    unknown: list[str] = field(default_factory=list)
    ambiguous: list[str] = field(default_factory=list)

    def locate(self, graph: Graph, line: Line, places: geonames.Gazetteer) -> None:
        """Add the position of a municipality, or note why it has none."""
        if line.position:
            self.found += 1
            for triple in geonames.position(line.iri, *line.position):
                graph.add(triple)
            graph.add((line.iri, RDFS.seeAlso, URIRef(line.position_page)))
            return
        names = (line.name, line.local[0], *line.also, *line.labels)
        spot, count = places.numbered(line.geonames), 0
        if spot is None:
            spot, count = places.find(line.country, names)
        label = f"{line.country} {line.name}"
        if spot:
            self.found += 1
            for triple in geonames.described(line.iri, spot):
                graph.add(triple)
        elif count:
            self.ambiguous.append(f"{label} ({count})")
        else:
            self.unknown.append(label)
