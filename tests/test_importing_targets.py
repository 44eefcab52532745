"""A downloaded set as Turtle: every row taken or told, the same file whatever the order of rows."""

from __future__ import annotations

import json
import os
import random
import tracemalloc
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from sparql_server import running

from kb import check, release
from kb.importers.tabled import TakenReport, convert
from kb.linking import targets
from kb.linking.targets import Target, target
from kb.problems import Problem
from web.cli import main

DAY = "2026-01-02"
STARTER = Path(os.environ.get("ESSAIM_TESTDATA", "")) / "starter"
SHIPPED = [name for name, each in targets.targets().items() if not each.queries]
HEAD = "siren,denomination,nom_usage,sigle,rna,commune,code_postal\n"
LINES = [
    "213502198,Le Relais,Relais nord,LR,W832023177,Lens,62300\n",
    "062201199,Régie de quartier,,,,Blois,41000\n",
    "120072016,Faute de clé,,,nimporte,Paris,75001\n",
]


def imported(folder: Path, name: str, octets: bytes, file: str, out: str = "x.ttl") -> TakenReport:
    path = folder / file
    path.write_bytes(octets)
    return convert(target(name), path, folder / out, DAY)


def triples(path: Path) -> set[str]:
    return {str(quad) for quad in ox.parse(path=str(path))}


def test_the_file_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    shuffled = LINES[:]
    random.Random(3).shuffle(shuffled)
    texts = set()
    for lines in (LINES, shuffled):
        imported(tmp_path, "digital-sse", (HEAD + "".join(lines)).encode(), "list.csv")
        text = (tmp_path / "x.ttl").read_text("utf-8")
        texts.add("\n".join(line for line in text.splitlines() if "sha256" not in line))
    assert len(texts) == 1


def test_a_cell_that_is_no_identifier_is_told_and_kept_in_words(tmp_path: Path) -> None:
    report = imported(tmp_path, "digital-sse", (HEAD + LINES[2]).encode(), "list.csv")
    assert [each.split(": ")[1] for each in report.noticed] == ["siren", "rna"]
    assert all("list.csv:2:" in each for each in report.noticed)
    text = (tmp_path / "x.ttl").read_text("utf-8")
    assert 'skos:editorialNote "siren: 120072016"@en' in text
    assert "essaim:siren" not in text


FAULTS = {
    "no name": (b"213502198,,,,,,\n", 2, "no name"),
    "no identifier": (b",Le Relais,,,,,\n", 2, "no identifier"),
    "another encoding": (b"213502198,Caf\xe9,,,,,\n", 2, "Windows-1252"),
    "too few cells": (b"213502198,Le Relais\n", 2, "2 cells of 7"),
    "too many cells": (b"213502198,Le Relais,,,,,,,more\n", 2, "cells where 7"),
    "an open quote": (b'213502198,"Le Relais,,,,,\n', 2, "quote"),
    "a huge cell": (b"213502198,Le Relais," + b"x" * 10_000_000 + b",,,,\n", 2, "10000000"),
}


@pytest.mark.parametrize(("octets", "line", "words"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_told_with_its_line_and_the_rest_is_taken(
    octets: bytes, line: int, words: str, tmp_path: Path
) -> None:
    octets = HEAD.encode() + octets + LINES[1].encode()
    report = imported(tmp_path, "digital-sse", octets, "list.csv")
    told = [*report.not_taken, *report.noticed]
    assert any(words in each and f"list.csv:{line}:" in each for each in told), told
    assert "Régie de quartier" in (tmp_path / "x.ttl").read_text("utf-8")
    assert report.rows + len(report.not_taken) == 2


def test_a_repeated_entity_is_joined_and_told(tmp_path: Path) -> None:
    twice = HEAD + LINES[0] + LINES[0].replace("Relais nord", "Autre nom")
    report = imported(tmp_path, "digital-sse", twice.encode(), "list.csv")
    assert (report.rows, report.entities) == (2, 1)
    assert any("line 2" in each for each in report.noticed)
    text = (tmp_path / "x.ttl").read_text("utf-8")
    assert "Relais nord" in text
    assert "Autre nom" in text


def test_trig_holds_the_graph_and_turtle_the_same_statements(tmp_path: Path) -> None:
    octets = (HEAD + "".join(LINES)).encode()
    for out in ("x.ttl", "x.trig"):
        imported(tmp_path, "digital-sse", octets, "list.csv", out)
    quads = list(ox.parse(path=str(tmp_path / "x.trig")))
    assert {q.graph_name.value for q in quads} == {"https://w3id.org/essaim/graph/ref/digital-sse"}
    assert {str(q.triple) for q in quads} == {
        str(q.triple) for q in ox.parse(path=str(tmp_path / "x.ttl"))
    }


def test_the_command_says_what_it_took(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(HEAD + "".join(LINES), "utf-8")
    out = tmp_path / "digital-sse.ttl"
    call = ["import", "digital-sse", str(tmp_path / "list.csv"), "--out", str(out), "--date", DAY]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 0, done.output
    assert "rows: 3" in done.output
    text = out.read_text("utf-8")
    for words in ("sha256:", "essaim import digital-sse list.csv", DAY, "licence-ouverte"):
        assert words in text


def test_another_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="no column 'siren'; is it the right file"):
        imported(tmp_path, "digital-sse", b"a,b\n1,2\n", "list.csv")


def test_an_imported_set_passes_the_check_and_loads(tmp_path: Path) -> None:
    out = "data/reference/digital-sse.ttl"
    (tmp_path / "data" / "reference").mkdir(parents=True)
    imported(tmp_path, "digital-sse", (HEAD + "".join(LINES)).encode(), "list.csv", out)
    assert [f for f in check.check([tmp_path / out]).findings if f.severity == "error"] == []
    built = release.build(tmp_path, tmp_path / "releases")
    assert built.manifest["statements"]["ref"] > 20


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (2_000, 8_000):
        rows = (f"Association numéro {n} de la rue,{n}\n" for n in range(count))
        (tmp_path / "big.csv").write_text("name,id\n" + "".join(rows), "utf-8")
        described = json.loads(target("susy").path.read_text("utf-8"))
        columns = described["tableSchema"]["columns"]
        columns[0]["titles"] = "id"
        described["tableSchema"]["columns"] = columns[:2]
        asked = Target("susy", tmp_path, described)
        tracemalloc.start()
        convert(asked, tmp_path / "big.csv", tmp_path / "big.ttl", DAY)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0], peaks


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_target_is_imported_whole(name: str, tmp_path: Path) -> None:
    path = STARTER / str(target(name).described["url"])
    if not path.is_file():
        pytest.skip("set ESSAIM_TESTDATA to the folder of open sets to read this one")
    report = convert(target(name), path, tmp_path / f"{name}.ttl", DAY)
    assert report.rows > 200
    assert report.rows > 50 * len(report.not_taken), report.not_taken[:5]
    store = ox.Store()
    store.bulk_load(path=str(tmp_path / f"{name}.ttl"))
    about = ox.NamedNode(f"https://w3id.org/essaim/graph/ref/{name}")
    assert list(store.quads_for_pattern(about, None, None))


NSI = {"_meta": {"version": "8"}, "nsi": {
    "brands/shop/second_hand": {"properties": {"exclude": {"generic": ["^x$"]}}, "items": [
        {"displayName": "Emmaüs", "id": "emmaus-1", "matchNames": ["emmaus", "communauté emmaüs"],
         "tags": {"brand:wikidata": "Q989437", "brand": "Emmaüs"}}]},
    "operators/office/association": {"items": [
        {"displayName": "ADAPEI", "id": "adapei-1", "tags": {"operator:wikidata": "Q2824082"}}]},
}}  # fmt: skip
BORDERS = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"wikidata": "Q142", "nameEn": "France", "iso1A2": "FR"}},
    {"type": "Feature", "properties": {"wikidata": "Q31", "nameEn": "Belgium", "iso1A2": "BE",
                                       "aliases": ["Belgique", "België"]}},
]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "file", "data", "item", "other"),
    [
        ("name-suggestion-index", "nsi.json", NSI, "Q989437", "communauté emmaüs"),
        ("name-suggestion-index", "nsi.json", NSI, "Q2824082", "emmaus"),
        ("country-coder", "borders.json", BORDERS, "Q31", "België"),
    ],
)
def test_wikidata_items_come_from_the_packages_of_npm(
    name: str, file: str, data: object, item: str, other: str, tmp_path: Path
) -> None:
    path = tmp_path / file
    path.write_text(json.dumps(data), "utf-8")
    found = list(targets.entities(target(name), path, None))
    assert any(f"wikidata:{item}" in each.identifiers for each in found)
    assert any(other in each.names for each in found)
    assert convert(target(name), path, tmp_path / "x.ttl", DAY).rows == 2


def own(folder: Path, **more: str) -> Target:
    (folder / "ours").mkdir()
    (folder / "ours" / "1.rq").write_text(
        "#+ summary: {fr: noms, en: names}\n"
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        'SELECT ?iri ("actor" AS ?kind) ("label" AS ?role) ?value\n'
        "WHERE { ?iri rdfs:label ?value }\n",
        "utf-8",
    )
    described = {"dc:title": {"fr": "à nous", "en": "ours"}, "essaim:queries": "ours", **more}
    (folder / "own.json").write_text(json.dumps(described), "utf-8")
    return target(str(folder / "own.json"))


GRAPH = '<https://e.org/1> <http://www.w3.org/2000/01/rdf-schema#label> "Le Relais"@fr .\n'


def test_a_turtle_file_is_a_target_by_its_queries(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(GRAPH, "utf-8")
    (one,) = targets.entities(own(tmp_path, url="x.ttl"), path, None)
    assert (one.iri, one.kind, one.label) == ("https://e.org/1", "actor", "Le Relais")
    path.write_text("<broken", "utf-8")
    with pytest.raises(Exception, match="is not RDF"):
        list(targets.entities(target(str(tmp_path / "own.json")), path, None))


def test_an_endpoint_is_a_target_by_its_queries(tmp_path: Path) -> None:
    with running(GRAPH) as address:
        asked = own(tmp_path, **{"essaim:endpoint": address})
        (one,) = targets.entities(asked, None, None)
    assert (one.iri, one.kind, one.label) == ("https://e.org/1", "actor", "Le Relais")


def test_an_endpoint_that_is_not_there_ends_with_a_sentence(tmp_path: Path) -> None:
    asked = own(tmp_path, **{"essaim:endpoint": "http://127.0.0.1:9/sparql"})
    with pytest.raises(Problem, match=r"127\.0\.0\.1:9"):
        list(targets.entities(asked, None, None))
