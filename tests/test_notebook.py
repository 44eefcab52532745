"""Three lines of a notebook: rows, a pandas frame, an rdflib graph."""

from __future__ import annotations

from pathlib import Path

import pandas
import pytest
from rdflib import RDF, RDFS, Literal, URIRef

import kb
from kb.notebook import Base
from kb.problems import QueryFileProblem, ReleaseProblem
from kb.release import Release
from kb.terms import ESSAIM, record

COUNT = """PREFIX essaim: <https://w3id.org/essaim/ns#>
SELECT (COUNT(?i) AS ?n) ("été"@fr AS ?word) (1.5 AS ?half) (?none AS ?unbound)
WHERE { ?i a essaim:SocialInnovation } GROUP BY ?none"""


@pytest.fixture(scope="module")
def base(shipped: Release) -> Base:
    del shipped  # it is current in the tests' own ESSAIM_HOME
    return kb.open()


def test_three_lines_give_rows(base: Base) -> None:
    rows = base.query("05-need-and-narrower")
    assert rows.variables[0] == "innovationLabel"
    assert len(rows) == len(list(rows)) > 0


def test_a_frame_has_python_values(base: Base) -> None:
    frame = base.query(COUNT).frame()
    assert isinstance(frame, pandas.DataFrame)
    row = frame.iloc[0]
    assert row["n"] > 200
    assert (row["word"], row["half"]) == ("été", 1.5)
    assert pandas.isna(row["unbound"])


def test_an_rdflib_graph_reads_the_same_release(base: Base) -> None:
    graph = base.graph()
    pipriac = URIRef(record("innovation", "tzcld-pipriac"))
    assert (pipriac, RDF.type, ESSAIM.SocialInnovation) in graph
    assert graph.value(pipriac, RDFS.label, any=True)
    (row,) = graph.query(COUNT)
    assert int(row[0]) == int(str(base.query(COUNT).rows[0]["n"]))  # type: ignore[index]
    assert row[1] == Literal("été", lang="fr")  # type: ignore[index]


def test_a_query_file_takes_values(base: Base, tmp_path: Path) -> None:
    path = tmp_path / "labels.rq"
    path.write_text(
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>\n"
        "SELECT ?label WHERE { ?_thing_iri rdfs:label ?label } ORDER BY ?label",
        encoding="utf-8",
    )
    thing = str(record("innovation", "tzcld-pipriac"))
    assert len(base.query(path, thing=thing)) == 2
    with pytest.raises(QueryFileProblem, match="'thing' is missing"):
        base.query(path)


def test_one_resource_is_described(base: Base) -> None:
    text = base.describe(str(record("innovation", "tzcld-pipriac")))
    assert "SocialInnovation" in text
    assert "PublicInvolvement" in text
    assert base.describe("http://example.org/nothing") == ""


def test_search_gives_hits(base: Base) -> None:
    assert base.search("pipriac")[0].label


def test_a_release_is_opened_by_its_id(base: Base, shipped: Release) -> None:
    assert kb.open(shipped.id).release.id == base.release.id
    with pytest.raises(ReleaseProblem, match="no release there"):
        kb.open("nothing")
