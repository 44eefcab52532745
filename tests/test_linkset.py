"""Links as RDF, from proposal to release: what was decided is stated, the rest is never."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kb import check, release, sssom
from kb.linking import decisions, review
from kb.linking.index import Entity, Index, write
from kb.rows import select
from kb.sssom import NO_TERM, Link, MappingSet
from web.cli import main

ABOUT = {
    "mapping_set_id": "https://w3id.org/essaim/list/ours-essaim",
    "license": "https://creativecommons.org/licenses/by/4.0/",
    "object_source": "target:essaim",
    "mapping_tool_version": "model 1",
    "curie_map": {
        "list": "https://w3id.org/essaim/list/ours/",
        "wd": "http://www.wikidata.org/entity/",
        "target": "https://w3id.org/essaim/target/",
    },
}
LINKS = tuple(
    Link(f"list:{n}", f"Nom {n}", "skos:exactMatch", f"wd:Q{n + 1}", f"Name {n}",
         confidence="0.8", comment="ratio 0.9", other='{"line": 2}')
    for n in range(3)
)  # fmt: skip
ORCID = "orcid:0000-0002-1825-0097"


@pytest.fixture
def decided(tmp_path: Path) -> Path:
    """A folder of decisions: one link accepted, one rejected, one still proposed."""
    proposed = MappingSet(ABOUT, LINKS)
    for link, state in zip(LINKS[:2], ("accepted", "rejected"), strict=True):
        decisions.decide(proposed, link, state, ORCID, tmp_path / "data" / "links", "2026-01-02")
    return tmp_path


def test_a_file_of_links_as_rdf_keeps_every_state_and_passes_the_check(tmp_path: Path) -> None:
    states = ("accepted", "rejected", "proposed")
    links = [replace(x, essaim_state=s) for x, s in zip(LINKS, states, strict=True)]
    path = tmp_path / "ours-essaim.sssom.tsv"
    sssom.write(MappingSet(ABOUT, tuple(links)), path)
    out = tmp_path / "ours.trig"
    done = CliRunner().invoke(main, ["link", "rdf", str(path), "--out", str(out)])
    assert done.exit_code == 0, done.output
    quads = list(ox.parse(path=str(out)))
    graph = "https://w3id.org/essaim/graph/link/ours-essaim"
    assert {q.graph_name.value for q in quads} == {graph}
    found = sorted(q.object.value for q in quads if q.predicate.value.endswith("linkState"))
    assert [each.rpartition("/")[2] for each in found] == sorted(states)
    assert sum(q.predicate.value.endswith("exactMatch") for q in quads) == 1
    assert [f for f in check.check([out]).findings if f.severity == "error"] == []


ASKED = """PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT ?row ?same ?set ?made WHERE { GRAPH ?set {
  ?row skos:exactMatch ?same . ?set a void:Linkset ; prov:wasGeneratedBy ?made } }"""


def test_the_next_release_states_accepted_links_only(decided: Path) -> None:
    built = release.build(decided, decided / "releases")
    (row,) = select(built.engine, ASKED)
    assert str(row["same"]) == "http://www.wikidata.org/entity/Q1"
    assert str(row["set"]) == "https://w3id.org/essaim/graph/link/ours-essaim"


def test_decisions_keep_their_order_whatever_came_first(tmp_path: Path) -> None:
    texts = set()
    for order in (LINKS, LINKS[::-1]):
        where = tmp_path / str(len(texts))
        for link in order:
            path = decisions.decide(
                MappingSet(ABOUT, LINKS), link, "accepted", ORCID, where, "2026-01-02"
            )
        texts.add(path.read_text("utf-8"))
    assert len(texts) == 1


def test_what_is_decided_no_longer_waits(decided: Path) -> None:
    waiting = review.waiting(MappingSet(ABOUT, LINKS), decided / "data" / "links")
    assert [each.subject_id for each in waiting] == ["list:2"]


def test_two_files_are_compared_row_by_row(tmp_path: Path) -> None:
    paths = [tmp_path / "old.sssom.tsv", tmp_path / "new.sssom.tsv"]
    changed = (LINKS[0], replace(LINKS[1], object_id="wd:Q9"), replace(LINKS[2], object_id=NO_TERM,
               essaim_state="none"))  # fmt: skip
    accepted = tuple(replace(each, essaim_state="accepted") for each in LINKS)
    for path, links in zip(paths, (accepted, changed), strict=True):
        sssom.write(MappingSet(ABOUT, links), path)
    done = CliRunner().invoke(main, ["link", "diff", *map(str, paths)])
    base = "http://www.wikidata.org/entity/"
    assert done.output.splitlines() == [
        f"list:1: {base}Q2 -> {base}Q9", f"list:2: {base}Q3 -> nothing", "2 rows differ",
    ]  # fmt: skip
    done = CliRunner().invoke(main, ["link", "eval", str(paths[1]), str(paths[0])])
    assert done.output == "n 3, precision 0.5, recall 0.333, f1 0.4\n"


def test_a_check_finds_what_two_siren_lead_to_and_what_has_ended(tmp_path: Path) -> None:
    base = "http://www.wikidata.org/entity/"
    entities = [Entity(base + "Q1", "actor", "Un"),
                Entity(base + "Q2", "actor", "Deux", ended="2024")]  # fmt: skip
    write(entities, tmp_path / "index", {"target": "essaim", "made_from": "0" * 64})
    for name, siren, link in (("a", "213502198", 0), ("b", "062201199", 0), ("b", "807469317", 1)):
        prefixes = {**ABOUT["curie_map"], "list": f"https://w3id.org/essaim/list/{name}/"}
        about = {**ABOUT, "mapping_set_id": f"https://w3id.org/essaim/list/{name}-essaim",
                 "curie_map": prefixes}  # fmt: skip
        one = replace(LINKS[link], comment=f"siren:{siren}; the names agree by 0.90")
        decisions.decide(MappingSet(about, LINKS), one, "accepted", ORCID, tmp_path / "links")
    found = review.conflicts(Index(tmp_path / "index"), "essaim", tmp_path / "links")
    assert len(found) == 2
    assert "Q2 ended 2024" in found[0]
    assert "Q1 is linked to 2 SIREN: 062201199" in found[1]


def test_a_row_whose_entities_bear_two_siren_is_found_whatever_the_target(tmp_path: Path) -> None:
    base, indexes = "http://www.wikidata.org/entity/", dict[str, Index]()
    for name, siren, link in (("one", "213502198", 0), ("two", "062201199", 1)):
        entity = Entity(f"{base}Q{link + 1}", "actor", "Un", identifiers=(f"siren:{siren}",))
        write([entity], tmp_path / name, {"target": name, "made_from": "0" * 64})
        indexes[name] = Index(tmp_path / name)
        about = {**ABOUT, "mapping_set_id": f"https://w3id.org/essaim/list/ours-{name}",
                 "object_source": f"target:{name}"}  # fmt: skip
        mapped = replace(LINKS[link], subject_id="list:0", comment="ratio 0.9")
        decisions.decide(MappingSet(about), mapped, "accepted", ORCID, tmp_path / "links")
    found = review.conflicts(indexes["one"], "one", tmp_path / "links", indexes)
    assert len(found) == 1
    assert "list/ours/0 is linked to 2 SIREN: 062201199" in found[0]


def test_a_row_whose_own_siren_is_another_than_its_entitys_is_found(tmp_path: Path) -> None:
    entity = Entity("http://www.wikidata.org/entity/Q1", "actor", "Un",
                    identifiers=("siren:213502198",))  # fmt: skip
    write([entity], tmp_path / "index", {"target": "essaim", "made_from": "0" * 64})
    one = replace(LINKS[0], comment="siren:062201199, but the names disagree (0.20)")
    decisions.decide(MappingSet(ABOUT), one, "accepted", ORCID, tmp_path / "links")
    found = review.conflicts(Index(tmp_path / "index"), "essaim", tmp_path / "links")
    assert len(found) == 1
    assert "2 SIREN" in found[0]


def test_a_person_who_takes_another_entity_leaves_the_evidence_of_the_first() -> None:
    made = review.instead(LINKS[0], "wd:Q9", "Autre")
    assert (made.object_id, made.comment, made.confidence) == ("wd:Q9", "chosen by hand", "")
