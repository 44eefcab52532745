"""How the research records are read: by consumption, nothing lost, whatever they hold."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import URIRef

from kb.importers import ImportProblem
from kb.importers.records import convert, tables
from kb.importers.records.notes import ABOUT_READING, sentences, told
from kb.importers.records.pages import page, same
from kb.importers.records.reading import Json, Ledger, Node, nodes

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


def reader(value: dict[str, Json]) -> tuple[Ledger, Node]:
    ledger = Ledger()
    ledger.enter("x", value)
    return ledger, Node(ledger, "x", value)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, max_size=3))
def test_what_nobody_takes_is_listed(value: dict[str, Json]) -> None:
    ledger, _ = reader(value)
    assert len(ledger.unplaced()) == len(ledger.leaves)
    assert not ledger.placed()


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), SCALARS, min_size=1, max_size=3))
def test_what_is_taken_is_counted_once(value: dict[str, Json]) -> None:
    ledger, node = reader(value)
    for _ in range(2):
        for key in node.names():
            node.remark(key)
    assert not ledger.unplaced()
    assert sum(ledger.placed().values()) == len(value)


def test_a_value_of_another_type_stays_in_the_ledger() -> None:
    ledger, node = reader({"year": "2015", "names": ["a", 3], "flag": 1})
    assert node.whole("year") is None
    assert node.texts("names") == ["a"]
    assert node.flag("flag") is False
    assert [item.where for item in ledger.unplaced()] == ["x.year", "x.names[1]", "x.flag"]


def test_a_refused_value_is_listed_with_its_reason() -> None:
    ledger, node = reader({"type": "Guilde"})
    assert node.text("type") == "Guilde"
    node.refuse("type", "no class for this type of actor")
    assert [item.reason for item in ledger.unplaced()] == ["no class for this type of actor"]


def test_looking_takes_nothing() -> None:
    ledger, node = reader({"name": "a"})
    assert node.peek("name") == "a"
    assert len(ledger.unplaced()) == 1


@pytest.mark.parametrize("text", ["{", '{"id": "x"}', "[1]"])
def test_a_file_that_is_no_list_of_objects_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "cases.json").write_text(text, encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"cases\.json"):
        nodes(Ledger(), tmp_path, "cases")


def test_a_folder_without_cases_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportProblem, match=r"no cases\.json; give the folder"):
        convert(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("text", "description", "notes"),
    [
        ("Ouvert en 2015.", "Ouvert en 2015.", ()),
        ("Rôle propre de la commune non lu.", "", ("Rôle propre de la commune non lu.",)),
        ("Fondé en 2013 ; suite non lue.", "Fondé en 2013.", ("Suite non lue.",)),
        (
            "Budget de 10 000 € (montant lu ailleurs). Clos.",
            "Budget de 10 000 €. Clos.",
            ("Budget de 10 000 € (montant lu ailleurs).",),
        ),
        (
            "Créé en 1994 ou 1995 selon les sources.",
            "Créé en 1994 ou 1995 selon les sources.",
            ("Créé en 1994 ou 1995 selon les sources.",),
        ),
        ("Un élu résolu.", "Un élu résolu.", ()),
        ("Voir art. 15. Clos.", "Voir art. 15. Clos.", ()),
    ],
)
def test_a_remark_on_the_reading_becomes_a_note(
    text: str, description: str, notes: tuple[str, ...]
) -> None:
    found = told(text)
    assert (found.description, found.notes) == (description, notes)


WORDS = st.sampled_from(
    ["Ouvert en 2015", "suite non lue", "art", "à vérifier", "selon la source", "(montant lu)"]
)
JOINTS = st.sampled_from([". ", " ; ", ", ", " "])


@given(st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=6))
def test_no_clause_of_a_note_is_lost(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + joint for word, joint in pieces).strip()
    found = told(text)
    kept = (found.description + " " + " ".join(found.notes)).casefold()
    for sentence in sentences(text):
        for clause in sentence.rstrip(".").split(" ; "):
            assert clause.strip(" .").casefold() in kept


@given(st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=6))
def test_a_description_never_speaks_of_the_reading(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + joint for word, joint in pieces).strip()
    assert not ABOUT_READING.search(told(text).description)


@pytest.mark.parametrize(
    ("url", "iri"),
    [
        ("https://x.fr/a b", "https://x.fr/a%20b"),
        ("https://x.fr/?q={a}|b", "https://x.fr/?q=%7Ba%7D%7Cb"),
        ("https://x.fr/é", "https://x.fr/é"),
        ("https://x.fr/%C3%A9", "https://x.fr/%C3%A9"),
        ("update6", None),
        ("https://", None),
    ],
)
def test_an_address_becomes_a_legal_iri(url: str, iri: str | None) -> None:
    assert page(url) == (None if iri is None else URIRef(iri))


@pytest.mark.parametrize("other", ["http://x.fr/a", "https://www.x.fr/a/", "https://X.fr/a"])
def test_two_spellings_of_an_address_are_one(other: str) -> None:
    assert same(other) == same("https://x.fr/a")


def test_a_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.tsv"
    path.write_text("name\tnote\na\tb\n", encoding="utf-8")
    with pytest.raises(ImportProblem, match="no column 'model'; add it"):
        tables.rows(path, ("name", "model"))


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "models.tsv"
    path.write_text("name\tmodel\na\tb\tc\n", encoding="utf-8")
    with pytest.raises(ImportProblem, match=r"models\.tsv:2: 3 cells under 2 columns"):
        tables.rows(path, ("name", "model"))


def test_every_value_of_the_real_records_finds_its_place(tmp_path: Path) -> None:
    folder = os.environ.get("ESSAIM_RECORDS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("ESSAIM_RECORDS names no folder of research records")
    report = convert(Path(folder), tmp_path)
    assert report.unplaced == [], "add a rule, or refuse the value with a reason"
    cases = json.loads((Path(folder) / "cases.json").read_text(encoding="utf-8"))
    assert report.written["innovations"] == len(cases)
    assert len(report.differences) == 2, "Rosans alone is placed outside its département"
