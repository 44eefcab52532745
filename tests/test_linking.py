"""A list linked: every row kept, every fault told, decisions held, the same input the same file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyoxigraph as ox
import pytest

from kb import linkset, sssom
from kb.linking import LinkProblem, decide, decisions, review, targets
from kb.linking.cascade import Judge, Known, Wanted
from kb.linking.curies import Curies
from kb.linking.index import Entity, Index, write
from kb.linking.linking import link_list
from kb.linking.matching import Answer, Asked, match
from kb.linking.places import place
from kb.linking.reader import Row, read
from kb.linking.tables import roles_of

BASE = "https://w3id.org/essaim/id/actor/"
LENS = place(town="Lens", area="62")
SAINT_DENIS = [place(town="Saint-Denis", area=area) for area in ("93", "974")]
ENTITIES = [
    Entity(BASE + "relais", "actor", "Le Relais", ("Relais Nord",), LENS, ("siren:213502198",)),
    Entity(BASE + "mjc", "actor", "Maison des jeunes et de la culture Aragon", (), LENS),
    Entity(BASE + "atelier", "actor", "Atelier vélo Bollaert de la gare", (), LENS),
    Entity(BASE + "amis-93", "actor", "Les Amis de la Terre", (), SAINT_DENIS[0]),
    Entity(BASE + "amis-93-b", "actor", "Amis de la terre", (), SAINT_DENIS[0]),
    Entity(BASE + "filo", "actor", "Cooperativa Il Filo", (), place(town="Bologna", country="IT")),
    Entity(BASE + "fnars", "actor", "Fédération nationale Accueil Réinsertion Sociale"),
    Entity(
        "https://w3id.org/essaim/id/model/tzcld",
        "model",
        "Territoire zéro chômeur de longue durée",
        ("TZCLD",),
    ),
    Entity("https://w3id.org/essaim/id/territory/lens", "territory", "Lens", (), LENS),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    folder = tmp_path_factory.mktemp("linking") / "index"
    write(ENTITIES, folder, {"target": "essaim", "made_from": "0" * 64})
    return Index(folder)


def listed(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def linked(index: Index, path: Path, **given: object) -> sssom.MappingSet:
    return link_list(path, index, "essaim", decided=path.parent / "links", **given)[0]  # type: ignore[arg-type]


def test_a_query_answers_the_same_alone_and_in_a_batch(index: Index) -> None:
    asked = [Asked("relais"), Asked("MJC Aragon", LENS), Asked("Il filo"), Asked("")]
    assert match(index, asked) == [match(index, [one])[0] for one in asked]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Relais nord", "relais"),
        ("M.J.C. Aragon", "mjc"),
        ("Fed nat acc reinsert soc", "fnars"),
        ("FNARS", "fnars"),
        ("Filo (Il), cooperativa", "filo"),
    ],
)
def test_other_spellings_find_the_entity(index: Index, said: str, found: str) -> None:
    assert match(index, [Asked(said)])[0].candidates[0].iri == BASE + found


def test_kinds_restrict_the_answer(index: Index) -> None:
    for kind in ("actor", "territory"):
        answer = match(index, [Asked("Lens", kinds=(kind,))])[0]
        assert {each.kind for each in answer.candidates} <= {kind}


def test_an_identifier_whose_name_agrees_is_accepted_from_a_precision_on(
    index: Index, tmp_path: Path
) -> None:
    path = listed(tmp_path, "Nom,SIREN\nRelais (Le),213502198\n")
    (link,) = linked(index, path, auto=0.9).mappings
    assert (link.essaim_state, link.object_label) == ("accepted", "Le Relais")
    assert linked(index, path).mappings[0].essaim_state == "proposed"


def test_an_identifier_whose_name_disagrees_goes_to_review(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom,SIREN\nBoulangerie Dupont,213502198\n")
    links, notes = link_list(path, index, "essaim", auto=0.5, decided=tmp_path)
    assert links.mappings[0].essaim_state == "proposed"
    assert "names disagree" in links.mappings[0].comment
    assert [note.line for note in notes] == [2]


def test_an_identifier_without_a_name_goes_to_review(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom,SIREN,Ville\n,213502198,Lens\n,,Lens\n,,Lens\n")
    links, notes = link_list(path, index, "essaim", auto=0.5, decided=tmp_path)
    (link,) = links.mappings
    assert (link.object_label, link.essaim_state) == ("Le Relais", "proposed")
    assert "no name to compare" in link.comment
    assert [(note.line, "no name" in note.text) for note in notes] == [(3, True), (4, True)]


def test_two_of_one_name_in_one_area_always_go_to_review(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom,Commune,Dep\nAmis de la terre,Saint-Denis,93\n")
    (link,) = linked(index, path, auto=0.5).mappings
    assert link.essaim_state == "proposed"
    assert len(json.loads(link.other)["rivals"]) >= 1


def test_a_model_is_not_the_thing_in_one_place(index: Index, tmp_path: Path) -> None:
    rows = "nom,commune\nTZCLD Arras,Arras\nTZCLD,Arras\n"
    placed, named = linked(index, listed(tmp_path, rows)).mappings
    assert placed.object_id == sssom.NO_TERM
    assert named.object_id == "model:tzcld", "its very name is that of the model"


def test_a_name_in_its_place_is_shown_behind_a_rival_ranked_higher(index: Index) -> None:
    """The model is unsure of both; a person is shown the one that has all the words."""
    asked = Asked("Atelier vélo Bollaert", LENS)
    rival = match(index, [Asked("Lens", LENS)], limit=1)[0].candidates
    atelier = next(c for c in match(index, [asked])[0].candidates if c.iri.endswith("atelier"))
    row = Wanted(Row(2, {"nom": asked.name}), "a", asked, (), {"name": "nom"})
    judge = Judge(index, Curies(BASE), None, Known())
    link = judge.link(row, Answer((*rival, atelier), 0.01), [])
    assert (link.object_label, link.essaim_state) == (atelier.label, "proposed")


def test_what_stands_in_two_municipalities_has_their_area() -> None:
    made = targets.entity("http://x", {"label": ["TZCLD"], "insee": ["35219", "35268"]})
    assert (made.place.area, made.place.town) == ("35", "")
    apart = targets.entity("http://x", {"label": ["TZCLD"], "insee": ["35219", "44109"]})
    assert apart.place.area == ""


def test_a_row_without_a_match_is_kept_and_says_so(index: Index, tmp_path: Path) -> None:
    (link,) = linked(index, listed(tmp_path, "Nom\nClub de plongée\n")).mappings
    assert (link.essaim_state, link.object_id) == ("none", sssom.NO_TERM)


def test_the_same_input_gives_the_same_file(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom,Commune\nRelais nord,Lens\nIl Filo,Bologna\nLens,\n")
    assert sssom.text(linked(index, path)) == sssom.text(linked(index, path))


def test_links_survive_a_file(index: Index, tmp_path: Path) -> None:
    links = linked(index, listed(tmp_path, "Nom,Commune\nRelais nord,Lens\nPlongée,\n"))
    sssom.write(links, tmp_path / "x.sssom.tsv")
    assert sssom.read(tmp_path / "x.sssom.tsv").mappings == links.mappings


def test_what_was_rejected_is_never_proposed_again(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom\nRelais nord\n")
    links = linked(index, path)
    decisions.decide(links, links.mappings[0], "rejected", where=tmp_path / "links")
    (again,) = linked(index, path).mappings
    assert again.object_id != links.mappings[0].object_id


def test_an_accepted_link_stays_and_teaches_its_spelling(index: Index, tmp_path: Path) -> None:
    path, folder = listed(tmp_path, "Nom\nRelais nord\n"), tmp_path / "links"
    links = linked(index, path)
    decisions.decide(links, links.mappings[0], "accepted", "orcid:1", folder, "2026-01-02")
    assert linked(index, path).mappings[0].essaim_state == "accepted"
    assert decisions.accepted_spellings("essaim", folder) == [(BASE + "relais", "Relais nord")]
    assert not review.waiting(links, folder)
    decisions.decide(links, links.mappings[0], "proposed", where=folder)
    assert review.waiting(links, folder)


def test_only_accepted_links_are_stated(index: Index, tmp_path: Path) -> None:
    links = linked(index, listed(tmp_path, "Nom\nRelais nord\nIl Filo\n"))
    for link, state in zip(links.mappings, ("accepted", "rejected"), strict=True):
        path = decisions.decide(links, link, state, where=tmp_path, day="2026-01-02")
    graph = ox.NamedNode("https://w3id.org/essaim/graph/link/x")
    quads = list(linkset.quads(path, graph))
    stated = [q for q in quads if q.predicate.value == sssom.BUILT_IN["skos"] + "exactMatch"]
    assert [q.object.value for q in stated] == [BASE + "relais"]  # type: ignore[union-attr]
    assert {q.graph_name for q in quads} == {graph}


def test_a_check_finds_a_row_linked_twice_and_a_target_that_is_gone(
    index: Index, tmp_path: Path
) -> None:
    from dataclasses import replace

    links = linked(index, listed(tmp_path, "Nom\nRelais nord\n"))
    for object_id in ("actor:relais", "actor:gone"):
        one = replace(links.mappings[0], object_id=object_id)
        decisions.decide(links, one, "accepted", where=tmp_path)
    found = review.conflicts(index, "essaim", tmp_path)
    assert any("no longer" in each for each in found)
    assert any("linked to 2" in each for each in found)


BAD_ROWS = {
    "a row too short": "list:1\tskos:exactMatch\n",
    "a prefix nobody declared": "list:1\tskos:exactMatch\tzz:1\tsemapv:LexicalMatching\t0.5\n",
    "a confidence above one": "list:1\tskos:exactMatch\tlist:2\tsemapv:LexicalMatching\t1.5\n",
    "no object": "list:1\tskos:exactMatch\t\tsemapv:LexicalMatching\t0.5\n",
    "owl:sameAs": "list:1\towl:sameAs\tlist:2\tsemapv:LexicalMatching\t0.5\n",
}


@pytest.mark.parametrize("row", BAD_ROWS.values(), ids=list(BAD_ROWS))
def test_a_bad_row_is_refused_with_its_line(row: str) -> None:
    head = "# curie_map:\n#   list: https://example.org/\n"
    columns = "subject_id\tpredicate_id\tobject_id\tmapping_justification\tconfidence\n"
    with pytest.raises(sssom.LinkFileProblem, match=r"^x\.tsv:4: "):
        sssom.parse(head + columns + row, "x.tsv")


LISTS = {
    "cp1252 among utf-8": (b"Nom\n\xc3\x89picerie\nCaf\xe9\n", ["Épicerie", "Café"], {3}),
    "cp1252 throughout": (b"Nom\n\xc9picerie\nCaf\xe9\n", ["Épicerie", "Café"], {0}),
    "encoded twice": ("Nom\nÃ‰picerie\n".encode(), ["Épicerie"], set()),
    "a quote left open": (b'Nom,Ville\n"Relais,Lens\nFilo,Rome\n', ["Relais", "Filo"], {2}),
    "a cell over two lines": (b'Nom,Ville\n"Le\nRelais",Lens\n', ["Le\nRelais"], set()),
    "missing columns": (b"Nom;Ville\nRelais\nFilo;Rome\n", ["Relais", "Filo"], {2}),
    "too many cells": (b"Nom\tVille\nRelais\tLens\tx\n", ["Relais"], {2}),
    "a huge cell": (b"Nom,Note\nRelais," + b"x" * 10_000_000 + b"\n", ["Relais"], {2}),
    "a byte order mark": (b"\xef\xbb\xbfNom\nRelais\n", ["Relais"], set()),
    "zeros": (b"Nom\nRe\0lais\n", ["Relais"], set()),
}


@pytest.mark.parametrize(("octets", "names", "lines"), LISTS.values(), ids=list(LISTS))
def test_a_damaged_list_is_read_and_each_fault_told(
    octets: bytes, names: list[str], lines: set[int], tmp_path: Path
) -> None:
    sheet = read(listed(tmp_path, octets))
    assert [row.cells["Nom"] for row in sheet.rows] == names
    assert {note.line for note in sheet.notes} == lines


def test_a_repeated_row_is_linked_once_and_told(index: Index, tmp_path: Path) -> None:
    path = listed(tmp_path, "Nom\nRelais nord\nRelais nord\n")
    links, notes = link_list(path, index, "essaim", decided=tmp_path)
    assert len(links.mappings) == 1
    assert [(note.line, note.text) for note in notes] == [(3, "repeats line 2: linked once")]


def test_a_json_list_is_read_by_its_keys(tmp_path: Path) -> None:
    path = listed(tmp_path, '[{"name": "Relais", "city": ["Lens"]}, 3]', "x.json")
    sheet = read(path)
    assert sheet.rows[0].cells == {"name": "Relais", "city": "Lens"}
    assert [note.line for note in sheet.notes] == [2]
    assert roles_of(sheet, {})["town"] == "city"


@pytest.mark.parametrize(("octets", "name"), [
    (b"", "x.csv"), (b"{", "x.json"), (b"PK", "x.xlsx"), (b"a,b\n1,2\n", "y.csv"),
])  # fmt: skip
def test_what_is_no_list_is_refused_with_a_sentence(
    octets: bytes, name: str, index: Index, tmp_path: Path
) -> None:
    with pytest.raises(LinkProblem, match=name):
        linked(index, listed(tmp_path, octets, name))


def test_the_model_was_made_for_these_features() -> None:
    model = decide.model()
    assert 0 < model.review < 1
    for is_placed in (True, False):
        assert model.expected(1.0, is_placed) >= 0.99 > model.expected(0.5, is_placed)


@pytest.mark.parametrize("name", sorted(targets.targets()))
def test_a_target_says_what_it_is_in_both_languages(name: str) -> None:
    described = targets.target(name).described
    assert set(described["dc:title"]) == {"fr", "en"}
    assert described["dc:rights"]
    assert "essaim:queries" in described or "aboutUrl" in described["tableSchema"]


OPEN = [name for name, each in targets.targets().items() if not each.queries]


@pytest.mark.parametrize("name", OPEN)
def test_a_downloaded_target_is_read_by_its_description(name: str) -> None:
    starter = Path(os.environ.get("ESSAIM_TESTDATA", "")) / "starter"
    asked = targets.target(name)
    path = starter / str(asked.described["url"])
    if not path.is_file():
        pytest.skip("set ESSAIM_TESTDATA to the folder of open sets to read this one")
    found = list(targets.entities(asked, path, None))
    assert len(found) > 200
    assert all(each.iri.startswith("https://") for each in found)
