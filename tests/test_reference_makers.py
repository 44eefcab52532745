"""How the makers of the reference layer read their packages, on small ones written by hand."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb.importers import ImportProblem, abroad, cog, countries, geonames, ntriples, positions
from kb.importers.geonames import Spot
from kb.importers.positions import Commune
from kb.terms import ESSAIM, record

FIXTURES = Path(__file__).parent / "fixtures"


def territory(name: str) -> URIRef:
    return record("territory", name)


@pytest.fixture(scope="module")
def france() -> Graph:
    graph = Graph()
    for triple in cog.territories(FIXTURES / "cog"):
        graph.add(triple)
    return graph


@pytest.fixture
def no_gazetteer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the 80 MB of GeoNames by four places."""

    def few(codes: object) -> list[Spot]:
        return [
            spot("Gent", "BE", "VLG", 265086, 51.05, 3.72, 1),
            spot("Montréal", "CA", "10", 1762949, 45.5, -73.6, 2),
            spot("Saint-Gorgon", "FR", "53", 400, 47.7, -2.3, 3),
            spot("Pipriac", "FR", "53", 3800, 47.8, -1.9, 4),
        ]

    monkeypatch.setattr(geonames, "read", few)


def spot(
    name: str, country: str, division: str, people: int, lat: float, long: float, number: int
) -> Spot:
    return Spot(number, name, country, division, people, lat, long, frozenset())


def test_containment_goes_from_commune_to_country(france: Graph) -> None:
    path = list(france.transitive_objects(territory("commune-35219"), ESSAIM.withinTerritory))
    assert [str(step).rpartition("/")[2] for step in path] == [
        "commune-35219", "departement-35", "region-53", "country-fr",
    ]  # fmt: skip


def test_a_delegated_commune_is_left_out(france: Graph) -> None:
    assert (territory("commune-35999"), None, None) not in france


def test_an_overseas_collectivity_is_no_departement_and_in_no_region(france: Graph) -> None:
    place = territory("collectivite-977")
    assert france.value(place, RDF.type) == ESSAIM.AdministrativeTerritory
    assert france.value(place, ESSAIM.withinTerritory) == territory("country-fr")
    assert (territory("region-977"), None, None) not in france


def test_an_intercommunality_across_two_departements_counts_its_people_once(france: Graph) -> None:
    people = {
        name: france.value(territory(name), ESSAIM.populationCount)
        for name in ("epci-243500741", "departement-35", "departement-56", "region-53")
    }
    assert [int(str(count)) for count in people.values()] == [4659, 4272, 387, 4659]


def test_what_has_no_number_in_the_package_has_none_here(france: Graph) -> None:
    nobody = territory("commune-97799")
    assert france.value(nobody, ESSAIM.populationCount) is None
    assert france.value(nobody, ESSAIM.governingSiren) is None


def test_a_region_has_an_english_name_and_an_iso_code(france: Graph) -> None:
    assert Literal("Brittany", lang="en") in set(france.objects(territory("region-53"), RDFS.label))
    assert france.value(territory("region-53"), ESSAIM.isoCode) == Literal("FR-BRE")


def test_the_cog_report_names_what_is_missing(tmp_path: Path) -> None:
    report = cog.build(FIXTURES / "cog", tmp_path)
    assert (report.communes, report.regions, report.overseas) == (6, 2, 1)
    assert report.without_population == ("97799",)
    assert report.without_siren == ("97701", "97799")


def test_making_a_file_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    cog.build(FIXTURES / "cog", tmp_path / "one")
    cog.build(FIXTURES / "cog", tmp_path / "two")
    one, two = ((tmp_path / n / "cog-2026.nt.gz").read_bytes() for n in ("one", "two"))
    assert one == two


def test_a_line_is_written_once_and_escaped(tmp_path: Path) -> None:
    triple = (territory("x"), RDFS.label, Literal('L"Île', lang="fr"))
    assert ntriples.save([triple, triple], tmp_path / "x.nt.gz") == 1
    assert set(Graph().parse(ntriples_text(tmp_path / "x.nt.gz"), format="nt")) == {triple}


def ntriples_text(path: Path) -> Path:
    plain = path.with_suffix("")
    plain.write_bytes(gzip.decompress(path.read_bytes()))
    return plain


def _copy(tmp_path: Path, name: str) -> Path:
    return Path(shutil.copytree(FIXTURES / name, tmp_path / name))


def _edit(path: Path, change: Callable[[list[dict[str, object]]], object]) -> None:
    rows = json.loads(path.read_text(encoding="utf-8"))
    change(rows)
    path.write_text(json.dumps(rows), encoding="utf-8")


def test_a_missing_file_is_named_with_the_remedy(tmp_path: Path) -> None:
    package = _copy(tmp_path, "cog")
    (package / "data" / "epci.json").unlink()
    with pytest.raises(ImportProblem, match=r"epci\.json: the file is missing; give the folder"):
        cog.build(package, tmp_path)
    assert not (tmp_path / "cog-2026.nt.gz").exists()


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    package = _copy(tmp_path, "cog")
    (package / "data" / "communes.json").write_text("[{", encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"communes\.json: it is not readable JSON"):
        cog.build(package, tmp_path)


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    package = _copy(tmp_path, "cog")
    (package / "data" / "communes.json").write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(ImportProblem, match="not a list of objects"):
        cog.build(package, tmp_path)


def test_a_row_without_a_name_is_named_by_its_code(tmp_path: Path) -> None:
    package = _copy(tmp_path, "cog")
    _edit(package / "data" / "communes.json", lambda rows: rows[0].pop("nom"))
    with pytest.raises(ImportProblem, match="'35219' has no 'nom'"):
        cog.build(package, tmp_path)


def test_another_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match="this is the package '@rapideditor/country-coder'"):
        cog.build(FIXTURES / "country-coder", tmp_path)


@pytest.fixture
def world(tmp_path: Path) -> Graph:
    pytest.importorskip("babel", reason="names of countries need babel: pip install babel")
    report = countries.build(FIXTURES / "country-coder", tmp_path)
    assert report.countries == 3
    assert report.dependent == ("RE",)
    return Graph().parse(tmp_path / "countries.ttl")


def test_only_assigned_codes_become_countries(world: Graph) -> None:
    assert len(set(world.subjects(RDF.type, ESSAIM.Country))) == 3
    assert world.value(territory("european-union"), RDF.type) == ESSAIM.SupranationalTerritory


def test_a_country_is_not_taken_for_its_realm(world: Graph) -> None:
    wikidata = world.value(territory("country-nl"), SKOS.exactMatch)
    assert wikidata == URIRef("http://www.wikidata.org/entity/Q55")


def test_a_french_territory_overseas_points_at_the_french_layer(world: Graph) -> None:
    assert world.value(territory("country-re"), RDFS.seeAlso) == territory("region-04")
    assert world.value(territory("country-re"), ESSAIM.withinTerritory) == territory("country-fr")


@pytest.mark.usefixtures("no_gazetteer")
def test_two_spellings_are_one_place_abroad(tmp_path: Path) -> None:
    abroad.build(FIXTURES / "places", tmp_path)
    graph = Graph().parse(tmp_path / "foreign-places.ttl")
    gent = territory("municipality-be-gent")
    assert graph.value(gent, ESSAIM.withinTerritory) == territory("region-be-vlaanderen")
    assert (territory("municipality-be-gand"), None, None) not in graph
    assert (territory("region-be-belgique"), None, None) not in graph


@pytest.mark.usefixtures("no_gazetteer")
def test_montreal_is_a_city_in_a_region_in_quebec(tmp_path: Path) -> None:
    abroad.build(FIXTURES / "places", tmp_path)
    graph = Graph().parse(tmp_path / "foreign-places.ttl")
    city = territory("municipality-ca-montreal")
    path = list(graph.transitive_objects(city, ESSAIM.withinTerritory))
    assert [str(step).rpartition("/")[2] for step in path[1:]] == [
        "region-ca-montreal", "region-ca-quebec", "country-ca",
    ]  # fmt: skip


@pytest.mark.usefixtures("no_gazetteer")
def test_the_report_on_places_abroad_hides_nothing(tmp_path: Path) -> None:
    report = abroad.build(FIXTURES / "places", tmp_path)
    assert report.not_in_table == ("BE Région inventée",)
    assert report.not_located == ("BE Nulle-Part", "IT Bologna")
    assert report.not_territories == ("ILO",)
    assert report.positions == 2


HEADER = ",".join(abroad.COLUMNS) + "\n"
POSITION = "SN,Fissel,,municipality,,,Fissel,Fissel,,,,,{latitude},{longitude},{page}\n"


@pytest.mark.parametrize(
    "given",
    [
        {"latitude": "14°30", "longitude": "-16.6", "page": "https://example.org/fissel"},
        {"latitude": "14.5", "longitude": "", "page": "https://example.org/fissel"},
        {"latitude": "14.5", "longitude": "-16.6", "page": ""},
    ],
)
def test_a_position_abroad_needs_two_numbers_and_its_page(
    tmp_path: Path, given: dict[str, str]
) -> None:
    path = tmp_path / "foreign-places.csv"
    path.write_text(HEADER + POSITION.format(**given), encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"foreign-places\.csv:2: a position needs latitude"):
        abroad.read_table(path)


@pytest.mark.usefixtures("no_gazetteer")
def test_positions_say_which_rows_are_no_commune(tmp_path: Path) -> None:
    report = positions.build(FIXTURES / "places", FIXTURES / "cog", tmp_path)
    assert (report.from_records, report.not_communes) == (1, ("75113",))


def test_a_latitude_that_is_no_number_is_named(tmp_path: Path) -> None:
    path = tmp_path / "coordinates.csv"
    path.write_text('insee,lat,lon\n35219,"47,8",-1.9\n', encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"coordinates\.csv:2: lat or lon is no decimal"):
        positions.read_given(path)


def test_a_table_without_its_columns_is_named(tmp_path: Path) -> None:
    path = tmp_path / "coordinates.csv"
    path.write_text("code,lat\n", encoding="utf-8")
    with pytest.raises(ImportProblem, match="no column insee, lon"):
        positions.read_given(path)


# Two départements of one région, side by side: A west of longitude 0, B east of it.
ANCHORS = [
    (Commune(f"{d}{n}", f"{d.lower()}{n}", "53", d, 1000),
     spot(f"{d}{n}", "FR", "53", 1000, n / 10, side + n / 50, 100 * ord(d) + n))
    for d, side in (("A", -2.0), ("B", 2.0))
    for n in range(9)
]  # fmt: skip


def matched(communes: list[Commune], spots: list[Spot]) -> dict[str, int]:
    """Return which spot each of some communes got, among nine plain neighbours on each side."""
    every = [*communes, *(c for c, _ in ANCHORS)]
    found = positions.match(communes, every, [*spots, *(s for _, s in ANCHORS)])
    return {code: place.id for code, place in found.items()}


def test_homonyms_of_one_region_are_told_apart_by_departement() -> None:
    communes = [Commune("A99", "le-pin", "53", "A", 800), Commune("B99", "le-pin", "53", "B", 900)]
    spots = [
        spot("Le Pin", "FR", "53", 800, 0.4, -2, 1),
        spot("Le Pin", "FR", "53", 900, 0.4, 2, 2),
    ]
    assert matched(communes, spots) == {"A99": 1, "B99": 2}


def test_a_place_in_another_departement_is_no_match() -> None:
    communes = [Commune("A99", "le-pin", "53", "A", 800)]
    assert matched(communes, [spot("Le Pin", "FR", "53", 800, 0.4, 2, 1)]) == {}


def test_a_place_of_quite_another_size_is_no_match() -> None:
    communes = [Commune("A99", "le-pin", "53", "A", 80)]
    assert matched(communes, [spot("Le Pin", "FR", "53", 800, 0.4, -2, 1)]) == {}


def test_two_places_for_one_commune_leave_it_without() -> None:
    communes = [Commune("A99", "le-pin", "53", "A", 800)]
    spots = [spot("Le Pin", "FR", "53", 700, y, -2, n) for n, y in ((1, 0.3), (2, 0.5))]
    assert matched(communes, spots) == {}


def test_the_largest_of_several_is_meant_only_when_by_far() -> None:
    small, large = (spot("Preston", "GB", "ENG", n, 0, 0, n) for n in (100, 499))
    assert geonames.clear([small, large]) is None
    assert geonames.clear([small, spot("Preston", "GB", "ENG", 500, 0, 0, 1)]) is not None
