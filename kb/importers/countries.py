"""Countries with their ISO 3166-1 codes, Wikidata ids, and French and English names.

Codes and Wikidata ids: npm package `@rapideditor/country-coder` 5.6.1 (ISC). Names: the Unicode
CLDR as PyPI `babel` carries it (BSD-3-Clause, data under the Unicode License v3). Every officially
assigned alpha-2 code is one record; codes that are only reserved or user-assigned are left out.
The package says of some territories that they belong to a state: these lie within that state.
It gives the code of two realms (DK, NL) to the realm; ISO's name and ours are the country's, so
the id is that of the package's unnumbered feature of the same name inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDF, RDFS, SKOS, Graph, Literal, URIRef

from kb import turtle
from kb.importers import ImportProblem
from kb.importers.inputs import Row, package_version, rows_of, text
from kb.importers.ntriples import Triple
from kb.terms import ESSAIM, bound_graph, record

PACKAGE = "@rapideditor/country-coder"
EUROPEAN_UNION = record("territory", "european-union")
WIKIDATA = "http://www.wikidata.org/entity/"

# The French territories overseas have both an ISO code and a place in the French layer.
IN_THE_FRENCH_LAYER = {
    "GP": "region-01", "MQ": "region-02", "GF": "region-03", "RE": "region-04",
    "YT": "region-06", "PM": "collectivite-975", "BL": "collectivite-977",
    "MF": "collectivite-978", "TF": "collectivite-984", "WF": "collectivite-986",
    "PF": "collectivite-987", "NC": "collectivite-988",
}  # fmt: skip


@dataclass(frozen=True)
class CountriesReport:
    """How many countries were written, and which lie within another."""

    version: str
    countries: int
    dependent: tuple[str, ...]
    without_french_name: tuple[str, ...]


def build(package_dir: Path, out_dir: Path) -> CountriesReport:
    """Write `countries.ttl` into a folder from the unpacked package and report what it holds."""
    version = package_version(package_dir, PACKAGE)
    rows = _features(package_dir / "src" / "data" / "borders.json")
    french, english = _names("fr"), _names("en")
    graph = bound_graph()
    graph.bind("wd", WIKIDATA)
    dependent, nameless = [], []
    assigned = [row for row in rows if _is_assigned(row)]
    for row in assigned:
        code = text(row, "iso1A2", package_dir)
        if code not in french:
            nameless.append(code)
            continue
        if "country" in row:
            dependent.append(code)
        names = (french[code], english[code])
        _add(graph, _country(row, names, _wikidata(row, rows, english[code]), package_dir))
    _add(graph, _union(rows, french["EU"], english["EU"]))
    turtle.save(graph, out_dir / "countries.ttl")
    return CountriesReport(
        version, len(assigned) - len(nameless), tuple(sorted(dependent)), tuple(nameless)
    )


def country_iri(code: str) -> URIRef:
    """Return the IRI of a country from its alpha-2 code: `country_iri("BE")`."""
    return record("territory", f"country-{code.lower()}")


def _country(row: Row, names: tuple[str, str], wikidata: str, where: Path) -> Iterator[Triple]:
    code = text(row, "iso1A2", where)
    subject = country_iri(code)
    yield subject, RDF.type, ESSAIM.Country
    yield subject, RDFS.label, Literal(names[0], lang="fr")
    yield subject, RDFS.label, Literal(names[1], lang="en")
    yield subject, ESSAIM.isoCode, Literal(code)
    yield subject, ESSAIM.isoAlpha3, Literal(text(row, "iso1A3", where))
    yield subject, ESSAIM.isoNumeric, Literal(text(row, "iso1N3", where))
    yield subject, SKOS.exactMatch, URIRef(WIKIDATA + wikidata)
    if "country" in row:
        yield subject, ESSAIM.withinTerritory, country_iri(text(row, "country", where))
    if code in IN_THE_FRENCH_LAYER:
        yield subject, RDFS.seeAlso, record("territory", IN_THE_FRENCH_LAYER[code])


def _wikidata(row: Row, rows: list[Row], english: str) -> str:
    """Return the Wikidata id of the country itself where the row is that of a wider realm."""
    for other in rows:
        inside = other.get("country") == row["iso1A2"] and "iso1A2" not in other
        if inside and other.get("nameEn") == english:
            return str(other["wikidata"])
    return str(row["wikidata"])


def _union(rows: list[Row], french: str, english: str) -> Iterator[Triple]:
    yield EUROPEAN_UNION, RDF.type, ESSAIM.SupranationalTerritory
    yield EUROPEAN_UNION, RDFS.label, Literal(french, lang="fr")
    yield EUROPEAN_UNION, RDFS.label, Literal(english, lang="en")
    for row in rows:
        if row.get("iso1A2") == "EU":
            yield EUROPEAN_UNION, SKOS.exactMatch, URIRef(f"{WIKIDATA}{row['wikidata']}")


def _features(path: Path) -> list[Row]:
    collection = rows_of(path, single=True)[0]
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise ImportProblem(f"{path}: it holds no features; give the folder of the npm package")
    return [feature.get("properties", {}) for feature in features]


def _is_assigned(row: Row) -> bool:
    """Tell whether ISO has assigned the code, rather than reserved it or left it to users."""
    return "iso1A2" in row and "isoStatus" not in row


def _names(language: str) -> dict[str, str]:
    """Return CLDR's names of territories in a language, by alpha-2 code."""
    try:
        from babel import Locale  # only makers need it: not a dependency of the installed command
    except ImportError:
        raise ImportProblem(
            "country names: the Python package 'babel' is not installed; run pip install babel"
        ) from None
    return {str(code): str(name) for code, name in Locale(language).territories.items()}


def _add(graph: Graph, triples: Iterator[Triple]) -> None:
    for triple in triples:
        graph.add(triple)
