"""Spreadsheets: what is wrong is told at its cell, what is right becomes a record."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from kb.check import Options, Report, check
from kb.check.sheets.template import KINDS, template
from kb.check.words import LANGUAGES, catalogue, message
from kb.cli import main
from kb.problems import Problem

HERE = Path(__file__).parent / "check" / "sheets"
HEAD = "Nom (fr);Nom (en);Besoin;Commune;Unité;Source;{heading}\n"
ROW = "Une régie;One;emploi;35219;occurrence;https://example.org/1|https://example.org/2;{value}\n"


def told(report: Report) -> dict[str, set[str]]:
    """Return the codes told at each cell, remarks of the shapes left out."""
    made: dict[str, set[str]] = {}
    for one in report.told:
        if one.severity != "info" or one.code.startswith("S"):
            made.setdefault(one.values.get("cell", ""), set()).add(one.code)
    return made


def of(heading: str, value: str) -> dict[str, set[str]]:
    text = (HEAD + ROW).format(heading=heading, value=value)
    return told(check(text=text, form="csv"))


CELLS = {
    "mistakes.csv": {
        "H1": {"V020"}, "I2": {"V025"}, "D3": {"V029"}, "E3": {"V033"}, "G3": {"V034"},
        "I3": {"V025"}, "G4": {"V035"}, "D4": {"C-innovation-need-required"},
        "E5": {"V030"}, "J5": {"S081"},
    },
    "mistakes.xlsx": {
        "Fiches!C3": {"V029"}, "Fiches!D3": {"V033"}, "Fiches!G3": {"V028"},
        "Fiches!H3": {"V026"}, "Fiches!C5": {"C-innovation-need-required"},
        "Fiches!A5": {"S079", "S084"}, "Fiches!A1": {"S088"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", CELLS)
def test_a_mistake_is_told_at_its_cell(name: str) -> None:
    found = told(check([HERE / name]))
    assert {cell: found.get(cell) for cell in CELLS[name]} == CELLS[name]


@pytest.mark.parametrize("name", ["right.csv", "right-windows.csv"])
def test_a_right_sheet_conforms_in_either_encoding(name: str) -> None:
    report = check([HERE / name])
    assert report.conforms, told(report)
    assert report.files[0].statements > 10


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("année de début", "2014.0", "V024"),
        ("start year", "2,014E+03", "V024"),
        ("essaim:startYear", "vers 2014", "V024"),
        ("date de début", "12/03/2014", "V025"),
        ("startDate", "41730", "V025"),
        ("commune", "3.5E+13", "V032"),
        ("commune", "1004", "V033"),
        ("population", "retraité", "V029"),
        ("modèle", "un modèle que personne ne connaît", "V031"),
        ("description", "x", "V023"),
        ("page", "=LIEN(A1)", "V028"),
    ],
)
def test_what_a_spreadsheet_damages_is_told(heading: str, value: str, code: str) -> None:
    found = of(heading, value)
    assert code in found.get("G2", set()) | found.get("G1", set()), found


@pytest.mark.parametrize(
    ("heading", "value"),
    [
        ("année de début", "2014"), ("start year", "2014"), ("startYear", "2014"),
        ("date de début", "2014-03-12"), ("Population", "population:jobseekers"),
        ("description@fr", "Un texte"), ("Description (anglais)", "A text"),
    ],
)  # fmt: skip
def test_names_and_labels_are_headings(heading: str, value: str) -> None:
    assert of(heading, value) == {}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(separator: str) -> None:
    text = (HEAD + ROW).format(heading="Année de début", value="2014").replace(";", separator)
    assert check(text=text, form="csv").conforms


def test_a_row_with_a_mistake_keeps_no_other_row_from_being_read() -> None:
    text = HEAD.format(heading="note (fr)") + ROW.format(value='"jamais fermé')
    text += ROW.format(value="trop;de;cellules").replace("Une", "Deux")
    text += "\n" + ROW.format(value="bien").replace("Une", "Trois") + "Court\n"
    found = told(check(text=text, form="csv"))
    assert found["G2"] == {"S081"}
    assert found["H3"] == {"S083"}
    assert found["A5"] == {"S084"}
    assert "S085" in found["A6"]


def test_two_rows_of_one_name_and_two_headings_alike_are_told() -> None:
    found = told(check(text=HEAD.format(heading="besoin") + 2 * ROW.format(value=""), form="csv"))
    assert found["G1"] == {"V021"}
    assert found["A3"] == {"V038"}


def test_only_the_form_is_looked_at_when_asked() -> None:
    report = check([HERE / "mistakes.csv"], options=Options(is_syntax_only=True))
    assert {one.code for one in report.told} == {"S081"}


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name.replace("_", "/") + ".xml", data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "S086"),
        (b"no zip", "S086"),
        (packed(xl_workbook=b"<a/>"), "S086"),
        (packed(xl_workbook=b" " * 30_000_000), "S087"),
        (packed(xl_workbook=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "S080"),
    ],
    ids=["empty", "other", "no workbook", "zip bomb", "entities"],
)
def test_a_hostile_workbook_is_refused_in_one_sentence(data: bytes, code: str) -> None:
    report = check(text=data, form="xlsx")
    assert [one.code for one in report.told] == [code]


def test_a_long_cell_is_told_and_the_rest_read() -> None:
    found = of("note (fr)", "x" * 10_000_000)
    assert found == {"G2": {"S082"}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_template_has_only_headings_that_are_known(kind: str, language: str) -> None:
    report = check(text=template(kind, language), form="csv")
    assert not [message(one, language) for one in report.told if one.code.startswith("V02")]


def test_a_template_of_no_kind_names_the_kinds() -> None:
    with pytest.raises(Problem, match="innovation, model"):
        template("nothing", "fr")


def test_a_right_sheet_becomes_records_that_conform(tmp_path: Path) -> None:
    asked = ["import", "sheet", str(HERE / "right.csv"), "--out", str(tmp_path)]
    assert CliRunner().invoke(main, asked).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["regie-nouvelle.ttl"]
    assert check([tmp_path]).conforms
    again = CliRunner().invoke(main, asked)
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_a_wrong_sheet_writes_nothing(tmp_path: Path) -> None:
    asked = ["import", "sheet", str(HERE / "mistakes.csv"), "--out", str(tmp_path)]
    assert CliRunner().invoke(main, asked).exit_code == 1
    assert not list(tmp_path.iterdir())


def test_a_workbook_says_what_the_same_csv_says(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (HEAD + ROW).format(heading="année de début", value="2014").splitlines():
        book.active.append(line.split(";"))
    book.save(tmp_path / "right.xlsx")
    assert check([tmp_path / "right.xlsx"]).conforms


def test_both_languages_have_every_sentence() -> None:
    folder = Path(__file__).parent.parent / "kb" / "check" / "sheets" / "messages"
    assert {path.stem for path in folder.iterdir()} == set(LANGUAGES)
    ours = {key for key in catalogue("fr") if key[:4] in ("V020", "V038", "S079")}
    assert ours <= set(catalogue("en"))
