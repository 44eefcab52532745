"""Reports that other programs read: valid by the schema of SARIF, by SHACL of its own results."""

from __future__ import annotations

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from functools import cache
from pathlib import Path

import pytest
from check import positions
from jsonschema import Draft4Validator
from pyshacl import validate
from rdflib import Graph

from kb.check import Report, check
from kb.check.report import FORMATS
from kb.check.words import LANGUAGES, message

# The package carries the schema that OASIS published, word for word.
SCHEMA_OF = "@microsoft/jest-sarif@1.0.0-beta.0"
KINDS = ("invalid", "mistakes", "sheets")
RESULTS = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <http://example.org/> .
ex:report sh:targetClass sh:ValidationReport ;
  sh:property [ sh:path sh:conforms ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:boolean ] ,
    [ sh:path sh:result ; sh:class sh:ValidationResult ] .
ex:result sh:targetClass sh:ValidationResult ;
  sh:property [ sh:path sh:focusNode ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path sh:resultSeverity ; sh:minCount 1 ; sh:maxCount 1 ;
      sh:in ( sh:Violation sh:Warning sh:Info ) ] ,
    [ sh:path sh:sourceConstraintComponent ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path sh:sourceShape ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
    [ sh:path sh:value ; sh:maxCount 1 ] ,
    [ sh:path sh:resultPath ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
    [ sh:path sh:resultMessage ; sh:uniqueLang true ; sh:minCount 2 ] ,
    [ sh:path [ sh:inversePath sh:result ] ; sh:minCount 1 ; sh:maxCount 1 ] .
"""


@cache
def told(kind: str) -> Report:
    if kind == "sheets":
        return check(sorted((positions.HERE / "sheets").iterdir()))
    return positions.report(kind)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Draft4Validator:
    """The schema of SARIF 2.1.0, as its package on npm has it."""
    if not shutil.which("npm"):
        pytest.skip("install Node.js and npm")
    folder = tmp_path_factory.mktemp("sarif")
    command = ["npm", "pack", "--silent", "--pack-destination", str(folder), SCHEMA_OF]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot fetch {SCHEMA_OF}: {done.stderr.strip()[-200:]}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    path = folder / "package" / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_sarif_follows_its_schema(schema: Draft4Validator, kind: str, language: str) -> None:
    log = json.loads(FORMATS["sarif"](told(kind), language))
    assert [f"{one.json_path}: {one.message}" for one in schema.iter_errors(log)][:5] == []
    assert len(log["runs"][0]["results"]) > 10


@pytest.mark.full
def test_the_schema_of_sarif_is_one_that_refuses(schema: Draft4Validator) -> None:
    log = json.loads(FORMATS["sarif"](told("sheets"), "fr"))
    log["runs"][0]["results"][0]["level"] = "grave"
    assert list(schema.iter_errors(log))


@pytest.mark.parametrize("form", ["turtle", "jsonld"])
def test_a_report_of_shapes_is_one_of_shacl(form: str) -> None:
    made = FORMATS[form](told("invalid"), "fr")
    graph = Graph().parse(data=made, format="json-ld" if form == "jsonld" else form)
    conforms, _, said = validate(graph, shacl_graph=Graph().parse(data=RESULTS, format="turtle"))
    assert conforms, said


@pytest.mark.parametrize("form", ["text", "json", "sarif", "html", "junit", "github"])
def test_every_format_names_the_cell(form: str) -> None:
    made = FORMATS[form](told("sheets"), "en")
    assert "Fiches!C3" in made
    if form == "junit":
        ElementTree.fromstring(made)  # ours, just written
    if form == "sarif":
        names = [
            place["logicalLocations"][0]["name"]
            for one in json.loads(made)["runs"][0]["results"]
            for place in one["locations"]
            if "logicalLocations" in place
        ]
        assert {"C3", "D3"} <= set(names)


@pytest.mark.parametrize("kind", KINDS)
def test_no_sentence_names_an_address_where_there_is_a_name(kind: str) -> None:
    for one in told(kind).told:
        for language in LANGUAGES:
            said = message(one, language)
            assert said[-1] not in ",;: ", said
            assert not said.startswith(("ou ", "or ")), said


def test_the_text_of_every_place_is_in_its_file() -> None:
    for kind in ("invalid", "mistakes"):
        for one in told(kind).told:
            assert one.place
            text = Path(one.file).read_bytes().decode("utf-8", "replace")
            assert one.place.end <= len(text)
