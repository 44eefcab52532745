"""What must hold in the shipped reference layer, whatever maker wrote it."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import files

FOLDER = files.root() / "data" / "reference"
REF = "https://w3id.org/essaim/graph/ref/"
PREFIXES = """
PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX geo: <http://www.w3.org/2003/01/geo/wgs84_pos#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX t: <https://w3id.org/essaim/id/territory/>
PREFIX ref: <https://w3id.org/essaim/graph/ref/>
PREFIX dcterms: <http://purl.org/dc/terms/>
"""
MAKE_AGAIN = "make the file again with the command data/reference/README.md gives"


@pytest.fixture(scope="module")
def layer() -> ox.Store:
    """Return the reference files, each in its named graph."""
    store = ox.Store()
    for path in sorted([*FOLDER.glob("*.ttl"), *FOLDER.glob("*.nt.gz")]):
        graph = ox.NamedNode(REF + path.name.partition(".")[0])
        form = ox.RdfFormat.TURTLE if path.suffix == ".ttl" else ox.RdfFormat.N_TRIPLES
        raw = path.read_bytes()
        data = gzip.decompress(raw) if path.suffix == ".gz" else raw
        store.bulk_load(io.BytesIO(data), form, to_graph=graph)
    return store


def rows(store: ox.Store, where: str) -> list[tuple[str, ...]]:
    answer = store.query(PREFIXES + where, use_default_graph_as_union=True)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(term.value if term else "" for term in row) for row in answer]


def value(store: ox.Store, pattern: str) -> int:
    return int(rows(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}")[0][0])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("?x a essaim:Commune", 34969),
        ("?x a essaim:Region ; essaim:inseeCode ?c", 18),
        ("?x a essaim:Department", 101),
        ("?x a essaim:Intercommunality", 1255),
        ("?x a essaim:AdministrativeTerritory ; essaim:inseeCode ?c", 8),
        ("?x a essaim:Commune FILTER NOT EXISTS { ?x essaim:governingSiren ?s }", 94),
        ("?x a essaim:Commune FILTER NOT EXISTS { ?x essaim:populationCount ?n }", 6),
        ("?x a essaim:Commune ; essaim:memberOfIntercommunality ?e", 34871),
        ("?x a essaim:Country", 249),
        ("?x a essaim:Intercommunality ; essaim:intercommunalityType 'METRO'", 21),
        ("?x a essaim:Intercommunality ; essaim:intercommunalityType 'CC'", 989),
    ],
)
def test_the_layer_holds_what_its_sources_hold(
    layer: ox.Store, pattern: str, expected: int
) -> None:
    assert value(layer, pattern) == expected, f"{pattern}: {MAKE_AGAIN}"


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("a commune lies directly in one territory", """
            { ?x a essaim:Commune FILTER NOT EXISTS { ?x essaim:withinTerritory ?d } } UNION
            { ?x a essaim:Commune ; essaim:withinTerritory ?a, ?b FILTER (?a != ?b) }"""),
        ("what a commune lies in is a département or an overseas collectivity", """
            ?x a essaim:Commune ; essaim:withinTerritory ?d
            FILTER NOT EXISTS { ?d a essaim:Department }
            FILTER NOT EXISTS { ?d a essaim:AdministrativeTerritory ;
                                   essaim:withinTerritory t:country-fr }"""),
        ("a département lies in a région", """
            ?x a essaim:Department
            FILTER NOT EXISTS { ?x essaim:withinTerritory ?r . ?r a essaim:Region }"""),
        ("no territory lies in two", """
            ?x essaim:withinTerritory ?a, ?b FILTER (?a != ?b)"""),
        ("what contains something is described", """
            ?y essaim:withinTerritory ?x FILTER NOT EXISTS { ?x a ?c }"""),
        ("an intercommunality takes no part in containment", """
            ?x a essaim:Intercommunality
            { ?x essaim:withinTerritory ?y } UNION { ?y essaim:withinTerritory ?x }"""),
        ("an intercommunality has no INSEE code", """
            ?x a essaim:Intercommunality ; essaim:inseeCode ?c"""),
        ("a commune belongs to one intercommunality at most", """
            ?x essaim:memberOfIntercommunality ?a, ?b FILTER (?a != ?b)"""),
        ("an intercommunality has members", """
            ?x a essaim:Intercommunality
            FILTER NOT EXISTS { ?y essaim:memberOfIntercommunality ?x }"""),
        ("no région or département has a SIREN in the source", """
            ?x a ?c ; essaim:governingSiren ?s
            FILTER (?c IN (essaim:Region, essaim:Department))"""),
        ("every territory has a French label", """
            ?x a ?c FILTER STRSTARTS(STR(?x), STR(t:))
            FILTER NOT EXISTS { ?x rdfs:label ?l FILTER (LANG(?l) = "fr" && STR(?l) != "") }"""),
        ("a country has its three ISO codes, one Wikidata id and an English label", """
            ?x a essaim:Country FILTER NOT EXISTS {
              ?x essaim:isoCode ?a ; essaim:isoAlpha3 ?b ; essaim:isoNumeric ?c ;
                 skos:exactMatch ?w ; rdfs:label ?l
              FILTER (REGEX(?a, "^[A-Z]{2}$") && REGEX(?b, "^[A-Z]{3}$") && REGEX(?c, "^[0-9]{3}$"))
              FILTER (REGEX(STR(?w), "^http://www[.]wikidata[.]org/entity/Q[0-9]+$"))
              FILTER (LANG(?l) = "en") }"""),
        ("no two countries share a code or a Wikidata id", """
            VALUES ?p { essaim:isoCode essaim:isoAlpha3 essaim:isoNumeric skos:exactMatch }
            ?x a essaim:Country ; ?p ?v . ?y a essaim:Country ; ?p ?v FILTER (?x != ?y)"""),
        ("a subdivision's ISO code begins with its country's", """
            ?x essaim:isoCode ?c ; essaim:withinTerritory+ ?y . ?y a essaim:Country
            FILTER NOT EXISTS { ?x a essaim:Country } FILTER NOT EXISTS { ?y essaim:isoCode ?i
              FILTER STRSTARTS(?c, CONCAT(?i, "-")) }"""),
        ("a position has latitude and longitude, once each", """
            { ?x geo:lat ?a FILTER NOT EXISTS { ?x geo:long ?b } } UNION
            { ?x geo:long ?b FILTER NOT EXISTS { ?x geo:lat ?a } } UNION
            { ?x geo:lat ?a, ?b FILTER (?a != ?b) } UNION
            { ?x geo:long ?a, ?b FILTER (?a != ?b) }"""),
        ("a position belongs to a territory that is described", """
            ?x geo:lat ?a FILTER NOT EXISTS { ?x a ?c }"""),
    ],
)  # fmt: skip
def test_nothing_breaks_the_rule(layer: ox.Store, rule: str, pattern: str) -> None:
    broken = rows(layer, f"SELECT DISTINCT ?x WHERE {{ {pattern} }} LIMIT 3")
    assert not broken, f"{rule}: {broken}; {MAKE_AGAIN}"


def test_containment_has_no_cycle(layer: ox.Store) -> None:
    above: dict[str, str] = {}
    for inside, outside in rows(layer, "SELECT ?x ?y WHERE { ?x essaim:withinTerritory ?y }"):
        above[inside] = outside
    for start in above:
        here, steps = start, 0
        while here in above:
            here, steps = above[here], steps + 1
            assert steps <= 4, f"{start} never reaches a country; {MAKE_AGAIN}"


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("Commune", r"^(\d{2}|2[AB])\d{3}$"),
        ("Department", r"^(\d{2}|2[AB]|97[1-6])$"),
        ("AdministrativeTerritory", r"^9[78]\d$"),
        ("Region", r"^\d{2}$"),
    ],
)
def test_codes_are_well_formed_and_unique(layer: ox.Store, kind: str, pattern: str) -> None:
    codes = [c for (c,) in rows(layer, f"SELECT ?c WHERE {{ ?x a essaim:{kind} ; "
                                       "essaim:inseeCode ?c }")]  # fmt: skip
    assert codes
    assert all(re.match(pattern, code) for code in codes)
    assert len(codes) == len(set(codes))


def test_every_siren_has_nine_digits_and_a_right_key(layer: ox.Store) -> None:
    numbers = [n for (n,) in rows(layer, "SELECT ?n WHERE { ?x essaim:governingSiren ?n }")]
    assert len(numbers) == len(set(numbers)) == 34875 + 1255
    assert [number for number in numbers if not _luhn(number)] == []


def _luhn(number: str) -> bool:
    digits = [int(d) for d in reversed(number)]
    doubled = (sum(divmod(2 * d, 10)) for d in digits[1::2])
    return len(digits) == 9 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


@pytest.mark.parametrize(
    ("whole", "path"),
    [
        ("Department", "essaim:withinTerritory"),
        ("Region", "essaim:withinTerritory/essaim:withinTerritory"),
        ("Intercommunality", "essaim:memberOfIntercommunality"),
    ],
)
def test_a_population_is_the_sum_of_its_communes(layer: ox.Store, whole: str, path: str) -> None:
    told = rows(layer, f"""SELECT ?x ?n (SUM(?m) AS ?sum) WHERE {{ ?c a essaim:Commune ;
        essaim:populationCount ?m ; {path} ?x . ?x a essaim:{whole} ; essaim:populationCount ?n }}
        GROUP BY ?x ?n""")  # fmt: skip
    everywhere = "?x essaim:inseeCode ?c ." if whole == "Region" else ""
    assert len(told) == value(layer, f"?x a essaim:{whole} . {everywhere}")
    assert [row for row in told if row[1] != row[2]] == []


BOXES = {  # latitude and longitude: lowest and highest
    "metropolitan France": ("9[0-5]|[0-8][0-9]|2[AB]", 41.3, 51.2, -5.3, 9.7),
    "Guadeloupe, Martinique": ("97[12]", 14.3, 16.6, -62.0, -60.7),
    "Guyane": ("973", 2.0, 6.0, -54.7, -51.5),
    "La Réunion": ("974", -21.5, -20.8, 55.1, 55.9),
    "Mayotte": ("976", -13.1, -12.6, 44.9, 45.4),
    "Nouvelle-Calédonie": ("988", -23.0, -19.0, 163.0, 168.5),
}


@pytest.mark.parametrize("area", BOXES)
def test_positions_lie_where_the_code_says(layer: ox.Store, area: str) -> None:
    codes, south, north, west, east = BOXES[area]
    found = rows(layer, f"""SELECT ?code ?lat ?long WHERE {{ ?x a essaim:Commune ;
        essaim:inseeCode ?code ; geo:lat ?lat ; geo:long ?long
        FILTER REGEX(?code, "^({codes})") }}""")  # fmt: skip
    outside = [
        row for row in found
        if not (south <= float(row[1]) <= north and west <= float(row[2]) <= east)
    ]  # fmt: skip
    assert found
    assert outside == []


def test_positions_abroad_lie_outside_france_and_on_earth(layer: ox.Store) -> None:
    found = rows(
        layer,
        """SELECT ?x ?lat ?long WHERE {
        ?x a essaim:Municipality ; geo:lat ?lat ; geo:long ?long }""",
    )
    assert len(found) >= 70
    assert all(-90 <= float(lat) <= 90 and -180 <= float(long) <= 180 for _, lat, long in found)


@pytest.mark.parametrize(
    ("code", "name", "departement", "people"),
    [
        ("75056", "Paris", "75", 2000000),
        ("69123", "Lyon", "69", 500000),
        ("13055", "Marseille", "13", 850000),
        ("2A004", "Ajaccio", "2A", 70000),
        ("97411", "Saint-Denis", "974", 140000),
    ],
)
def test_cities_are_whole_communes(
    layer: ox.Store, code: str, name: str, departement: str, people: int
) -> None:
    found = rows(layer, f"""SELECT ?name ?d ?n WHERE {{
        t:commune-{code.lower()} rdfs:label ?name ; essaim:populationCount ?n ;
            essaim:withinTerritory/essaim:inseeCode ?d }}""")  # fmt: skip
    assert [(n, d) for n, d, _ in found] == [(name, departement)]
    assert int(found[0][2]) > people


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.nt.gz")), ids=lambda path: path.name)
def test_a_compressed_file_is_sorted_and_bears_no_date(path: Path) -> None:
    raw = path.read_bytes()
    lines = gzip.decompress(raw).splitlines()
    assert raw[4:8] == b"\0\0\0\0", f"{path.name} bears a time; {MAKE_AGAIN}"
    assert lines == sorted(set(lines)), f"{path.name} is not sorted; {MAKE_AGAIN}"


def _described() -> list[str]:
    paths = sorted([*FOLDER.glob("*.ttl"), *FOLDER.glob("*.nt.gz")])
    return [path.name.partition(".")[0] for path in paths if path.name != "sources.ttl"]


@pytest.mark.parametrize("stem", _described())
def test_each_file_states_source_licence_attribution_and_maker(layer: ox.Store, stem: str) -> None:
    for name in ("license", "source", "rightsHolder", "provenance", "title"):
        pattern = f"GRAPH ref:sources {{ ref:{stem} dcterms:{name} ?v }}"
        found = rows(layer, f"SELECT ?v WHERE {{ {pattern} }}")
        assert found, f"data/reference/sources.ttl: ref:{stem} has no dcterms:{name}; state it"
    assert stem in (FOLDER / "README.md").read_text(encoding="utf-8")
