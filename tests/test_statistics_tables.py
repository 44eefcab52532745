"""The tables load without cleaning: types, keys, one row an item, nothing read as missing."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from kb import release
from kb.cli import main
from kb.rows import select
from kb.statistics import cli, export, schema
from kb.statistics.codebook import iri
from kb.statistics.schema import TableSchema
from kb.statistics.tables import TableProblem, _check_keys, rows, table_text

KINDS = {"integer": "Int64", "number": "float64", "boolean": "boolean", "string": "string"}
NAMES = sorted(path.stem for path in schema.queries().glob("*.rq"))


@pytest.fixture(scope="module")
def texts(shipped: release.Release) -> dict[str, str]:
    return dict(export.contents(shipped, "fr"))


@pytest.fixture(scope="module")
def tables(shipped: release.Release) -> dict[str, TableSchema]:
    return {table.name: table for table in schema.tables(schema.vocabulary(shipped))}


@pytest.fixture(scope="module")
def package(texts: dict[str, str]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(texts["datapackage.json"])
    return loaded


def _part(package: dict[str, Any], name: str) -> dict[str, Any]:
    return next(part for part in package["resources"] if part["name"] == name)


def _frame(text: str, part: dict[str, Any]) -> pd.DataFrame:
    fields = {field["name"]: field["type"] for field in part["schema"]["fields"]}
    dates = [name for name, kind in fields.items() if kind == "date"]
    kinds = {name: KINDS[kind] for name, kind in fields.items() if kind != "date"}
    return pd.read_csv(
        io.StringIO(text), dtype=kinds, parse_dates=dates, keep_default_na=False, na_values=[""]
    )


@pytest.mark.parametrize("name", NAMES)
def test_pandas_reads_a_table_with_the_declared_types(
    name: str, texts: dict[str, str], package: dict[str, Any]
) -> None:
    part = _part(package, name)
    frame = _frame(texts[f"{name}.csv"], part)
    assert list(frame.columns) == [field["name"] for field in part["schema"]["fields"]]
    assert len(frame) == texts[f"{name}.csv"].count("\n") - 1, "a row is a line"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_read_without_its_schema_keeps_its_text(
    name: str, texts: dict[str, str], package: dict[str, Any]
) -> None:
    """No code looks like a number or like a word that readers take for a missing value."""
    naive = pd.read_csv(io.StringIO(texts[f"{name}.csv"]))
    for field in _part(package, name)["schema"]["fields"]:
        column = naive[field["name"]].dropna()
        # A column of plain EDTF years reads as numbers; nothing is lost, and years have columns.
        if field["type"] == "string" and len(column) and field["name"] != "edtf":
            assert not pd.api.types.is_numeric_dtype(column), f"{name}.{field['name']}"
        given = sum(1 for row in csv.DictReader(io.StringIO(texts[f"{name}.csv"]))
                    if row[field["name"]])  # fmt: skip
        assert len(column) == given, f"{name}.{field['name']}: a value reads as missing"


@pytest.mark.parametrize("name", NAMES)
def test_a_table_has_one_row_for_each_item(
    name: str, texts: dict[str, str], tables: dict[str, TableSchema], shipped: release.Release
) -> None:
    counted = tables[name].counted
    if not counted:
        pytest.skip("a table of relations: its key is checked at export")
    question = f"SELECT (COUNT(DISTINCT ?item) AS ?n) WHERE {{ ?item a <{iri(counted)}> }}"
    (row,) = select(shipped.engine, question)
    assert texts[f"{name}.csv"].count("\n") - 1 == int(str(row["n"]))


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_unique_and_foreign_keys_hold(
    name: str, texts: dict[str, str], package: dict[str, Any]
) -> None:
    part = _part(package, name)["schema"]
    own = list(csv.DictReader(io.StringIO(texts[f"{name}.csv"])))
    keys = [tuple(row[column] for column in part["primaryKey"]) for row in own]
    assert len(set(keys)) == len(keys)
    assert keys == sorted(keys), "rows are in the order of their key"
    for foreign in part.get("foreignKeys", ()):
        target = foreign["reference"]
        fields, there = _listed(foreign["fields"]), _listed(target["fields"])
        known = {
            tuple(row[column] for column in there)
            for row in csv.DictReader(io.StringIO(texts[f"{target['resource']}.csv"]))
        }
        used = {tuple(row[column] for column in fields) for row in own}
        missing = {key for key in used - known if any(key)}
        assert not missing, f"{name}.{fields}: not in {target['resource']}: {sorted(missing)[:3]}"


def _listed(fields: str | list[str]) -> list[str]:
    return [fields] if isinstance(fields, str) else fields


def test_codes_are_those_of_their_lists(texts: dict[str, str], package: dict[str, Any]) -> None:
    for part in package["resources"]:
        lines = list(csv.DictReader(io.StringIO(texts[part["path"]])))
        for field in part["schema"]["fields"]:
            allowed = field.get("constraints", {}).get("enum")
            used = {line[field["name"]] for line in lines} - {""}
            assert allowed is None or used <= set(allowed), f"{part['name']}.{field['name']}"


def test_the_data_package_has_what_the_specification_requires(
    package: dict[str, Any], texts: dict[str, str], shipped: release.Release
) -> None:
    assert package["profile"] == "tabular-data-package"
    assert package["version"] == shipped.id
    assert {"name", "id", "title", "licenses", "created", "sources", "contributors"} <= set(package)
    names = [part["name"] for part in package["resources"]]
    assert len(set(names)) == len(names)
    for part in package["resources"]:
        assert part["bytes"] == len(texts[part["path"]].encode())
        assert part["schema"]["missingValues"] == [""]
        assert all({"name", "type"} <= set(field) for field in part["schema"]["fields"])


@pytest.mark.parametrize("name", NAMES)
def test_every_column_has_words_in_both_languages(
    name: str, tables: dict[str, TableSchema], shipped: release.Release
) -> None:
    for column in tables[name].columns:
        for language in ("fr", "en"):
            words = column.words[language]
            assert words.title, f"{name}.{column.name}: no title in {language}"
            assert words.definition, (
                f"{name}.{column.name}: no definition in {language}; give {column.property} an "
                "rdfs:comment in ontology/essaim.ttl, or words in queries/tables/columns.yaml"
            )


def test_the_codebook_defines_every_column_and_code(texts: dict[str, str]) -> None:
    lines = list(csv.DictReader(io.StringIO(texts["codebook.csv"])))
    assert {line["table"] for line in lines} == set(NAMES)
    for line in lines:
        assert line["title_fr"], line
        assert line["title_en"], line
    stages = {
        line["code"] for line in lines if (line["table"], line["column"]) == ("stages", "stage")
    }
    assert {"", "emergence", "ended"} <= stages


def test_the_codebook_ends_with_the_agreement(texts: dict[str, str]) -> None:
    _, _, agreed = texts["codebook.md"].rpartition("\n## ")
    figures = [line.split(" | ")[2:5] for line in agreed.splitlines() if line.startswith("| ")][1:]
    assert len(figures) > 30
    assert all(int(n) and float(percent) <= 100 for n, percent, _ in figures)


def test_two_rows_for_one_key_stop_the_export(tables: dict[str, TableSchema]) -> None:
    with pytest.raises(TableProblem, match=r"innovation='eusko'.*table of its own"):
        _check_keys(tables["innovations"], [("eusko",), ("eusko",)])
    with pytest.raises(TableProblem, match="without a key"):
        _check_keys(tables["innovations"], [("",)])


def test_the_citations_name_the_release(texts: dict[str, str], shipped: release.Release) -> None:
    cited = yaml.safe_load(texts["CITATION.cff"])
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == shipped.id
    assert str(cited["date-released"]) == shipped.manifest["issued"]
    assert all(shipped.id in texts[name] for name in ("citation.bib", "citation.txt"))
    assert texts["citation.bib"].count("{") == texts["citation.bib"].count("}")


@pytest.mark.parametrize("name", ["actors", "postures", "sources"])
def test_a_table_is_the_same_twice(
    name: str, shipped: release.Release, tables: dict[str, TableSchema], texts: dict[str, str]
) -> None:
    assert table_text(tables[name], rows(shipped, tables[name])) == texts[f"{name}.csv"]


def test_the_command_writes_every_file(
    shipped: release.Release,
    texts: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export, "contents", lambda *_: texts)
    done = CliRunner().invoke(main, ["export", "tables", "--out", str(tmp_path / "t")])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "t").iterdir()} == set(texts)
    for name, text in texts.items():
        raw = (tmp_path / "t" / name).read_bytes()
        assert raw == text.encode()
        assert b"\r" not in raw
        assert not raw.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_agreement_prints_in_every_form(
    form: str, shipped: release.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "_opened", lambda _: shipped)
    done = CliRunner().invoke(main, ["agreement", "--format", form, "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "posture:funder" in done.output


def test_frictionless_finds_nothing_to_say(texts: dict[str, str], tmp_path: Path) -> None:
    frictionless = pytest.importorskip("frictionless", reason="pip install frictionless to check")
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="\n")
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["title", "note"])[:3]


R_CLASSES = {"integer": {"integer"}, "number": {"integer", "numeric"}, "boolean": {"logical"}}


@pytest.mark.full
@pytest.mark.skipif(not shutil.which("Rscript"), reason="apt-get install r-base-core to check")
def test_r_reads_every_table_without_cleaning(
    texts: dict[str, str], package: dict[str, Any], tmp_path: Path
) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.csv").write_bytes(texts[f"{name}.csv"].encode())
    script = Path(__file__).with_name("statistics_tables.R")
    done = subprocess.run(
        ["Rscript", "--vanilla", script, tmp_path], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    read = {tuple(row[:2]): row[2:] for row in csv.reader(done.stdout.splitlines(), delimiter="\t")}
    for name in NAMES:
        kept = list(csv.DictReader(io.StringIO(texts[f"{name}.csv"])))
        for field in _part(package, name)["schema"]["fields"]:
            kind, rows, given = read[name, field["name"]]
            there = sum(1 for row in kept if row[field["name"]])
            assert (int(rows), int(given)) == (len(kept), there), f"{name}.{field['name']}"
            wanted = R_CLASSES.get(field["type"], {"character"})
            # a column of nothing is logical; plain EDTF years are numbers, as for pandas
            assert kind in wanted or not there or field["name"] == "edtf", f"{name}.{field['name']}"
