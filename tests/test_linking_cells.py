"""Cells of lists: names brought together by each rule, identifiers checked, places compared."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kb.linking import ids
from kb.linking.normalize import RULES, fold, mend, name
from kb.linking.places import place

GIVEN = yaml.safe_load(RULES.read_text(encoding="utf-8"))
EXAMPLES = [rule for group in ("letters", "phrases", "words") for rule in GIVEN[group]]


@pytest.mark.parametrize("rule", EXAMPLES, ids=lambda rule: rule["from"])
def test_each_rule_does_what_its_example_says(rule: dict[str, str]) -> None:
    assert name(rule["example"]).text == rule["gives"]


@pytest.mark.parametrize(
    ("said", "core"),
    [
        ("Caisse des Dépôts CDC Habitat", "CAISSE DEPOTS CDC HABITAT"),
        ("Un jardin pour tous", "JARDIN TOUS"),
        ("Cooperativa sociale Il Filo", "COOPERATIVA SOCIAL FILO"),
        ("Союз кооперативов", "СОЮЗ КООПЕРАТИВОВ"),
        ("Association", "ASSOCIATION"),
        ("***", ""),
    ],
)
def test_a_rule_leaves_other_words_alone(said: str, core: str) -> None:
    assert name(said).core == core


@pytest.mark.parametrize("said", ["Épicerie", "Forêt d’Ille", "Œuvre – été", "Ça alors"])
def test_a_name_encoded_twice_is_mended(said: str) -> None:
    assert mend(said.encode().decode("cp1252", "ignore")) in (said, mend(said))
    assert fold(said.encode().decode("latin-1")) == fold(said)


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("213502198", ("siren:213502198",)),
        ("213 502 198", ("siren:213502198",)),
        ("062201199", ("siren:062201199",)),
        ("62201199", ("siren:062201199",)),
        ("62201199.0", ("siren:062201199",)),
        ("80746931700018", ("siret:80746931700018", "siren:807469317")),
        ("35600000000048", ("siret:35600000000048", "siren:356000000")),
        ("35600000049837", ("siret:35600000049837", "siren:356000000")),
        ("3.5E+13", ()),
        ("3,5181e+13", ()),
        ("35181600000000", ()),
        ("120072016", ()),
        ("n/a", ()),
        ("", ()),
    ],
)
def test_a_siren_is_read_from_a_damaged_cell_or_refused(cell: str, found: tuple[str, ...]) -> None:
    assert ids.siren(cell).found == found


def test_two_digits_exchanged_are_suggested_never_applied() -> None:
    reading = ids.siren("120072016")
    assert not reading.found
    assert "120027016" in reading.notes[0]


@given(st.text(max_size=20))
def test_any_cell_gives_a_reading_or_a_reason(cell: str) -> None:
    reading = ids.siren(cell)
    assert bool(reading.found or reading.notes) == bool(cell.strip())


@pytest.mark.parametrize(
    ("cell", "code"),
    [("1004", "01004"), ("2A004", "2A004"), ("97411", "97411"), ("26281.0", "26281"), ("x", "")],
)
def test_an_insee_code_gets_its_zero_back(cell: str, code: str) -> None:
    assert ids.insee(cell) == code


def test_rna_and_wikidata_are_read_by_their_form() -> None:
    assert ids.rna("w 832023177").found == ("rna:W832023177",)
    assert ids.rna("832023177").notes
    assert ids.wikidata("https://www.wikidata.org/wiki/Q989437").found == ("wikidata:Q989437",)
    assert ids.wikidata("L42").notes


def test_places_compare_by_code_then_by_name_and_area() -> None:
    romans = place(insee="26281")
    assert romans.compared(place(town="ROMANS SUR ISERE", postcode="26100")) == (1, 1)
    assert romans.compared(place(town="Romans", area="79")) == (-1, -1)
    assert romans.compared(place()) == (0, 0)
    assert place(town="St-Denis Cedex 2", area="93").town == "SAINT DENIS"


def test_a_place_abroad_needs_no_french_code() -> None:
    there = place(town="Bologna", area="Emilia-Romagna", postcode="40121", country="IT")
    assert (there.town, there.area, there.code) == ("BOLOGNA", "EMILIA ROMAGNA", "")
