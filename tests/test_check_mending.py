"""Files repaired: sheets cell by cell in their own encoding, the standard input, over HTTP."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from check import positions
from click.testing import CliRunner
from flask.testing import FlaskClient

from kb.check import check
from kb.check.cli import check_command
from kb.check.mending import encoded

SHEETS = positions.HERE / "sheets"
HEAD = "Nom (fr);Nom (en);Besoin;Commune;Unité;Source;année de début\r\n"
ROW = '"Régie ""neuve""";One;emploi;35219;occurrence;https://example.org/1|https://example.org/2;'
WRONG, RIGHT = HEAD + ROW + "2014.0\r\n", HEAD + ROW + "2014\r\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RECORD = (positions.HERE / "mistakes" / "siren-with-spaces.ttl").read_bytes()
MENDED = RECORD.replace(b"213 502 362", b"213502362")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_sheet_is_repaired_in_its_encoding_and_nowhere_else(
    tmp_path: Path, codec: str, separator: str
) -> None:
    path = tmp_path / "fiches.csv"
    path.write_bytes(WRONG.replace(";", separator).encode(codec))
    CliRunner().invoke(check_command, [str(path), "--fix"])
    assert path.read_bytes() == RIGHT.replace(";", separator).encode(codec)
    CliRunner().invoke(check_command, [str(path), "--fix"])
    assert path.read_bytes() == RIGHT.replace(";", separator).encode(codec)


def test_what_is_written_in_a_cell_is_quoted_where_it_must_be() -> None:
    from kb.check.sheets.separated import table

    made = table('a,b\nx,"y ""z"""\n')
    bare, quoted = made.rows[1]
    assert made.edits(bare.start, bare.end, "1, 2")[0].text == '"1, 2"'
    assert made.edits(quoted.start, quoted.end, 'p "q"')[0].text == '"p ""q"""'
    assert made.edits(bare.start, bare.end, "plain")[0].text == "plain"


def test_letters_that_an_encoding_lacks_make_it_utf_8() -> None:
    assert encoded("中", "é".encode("cp1252")) == "中".encode("utf-8-sig")


def test_a_workbook_is_left_as_it_is_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "mistakes.xlsx"
    path.write_bytes((SHEETS / "mistakes.xlsx").read_bytes())
    done = CliRunner().invoke(check_command, [str(path), "--fix", "--lang", "en"])
    assert path.read_bytes() == (SHEETS / "mistakes.xlsx").read_bytes()
    assert "save the sheet as CSV" in done.stderr


@pytest.mark.parametrize(("data", "after"), [(RECORD, MENDED), (MENDED, MENDED)])
def test_the_standard_input_comes_out_repaired_and_alone(data: bytes, after: bytes) -> None:
    command = [sys.executable, "-m", "kb.check", "-", "--fix"]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60)
    assert done.stdout == after
    assert done.returncode == 0
    assert b"<stdin>" in done.stderr or b"1 fichier" in done.stderr


@pytest.mark.parametrize("sent", ["body", "file"])
def test_a_sheet_is_checked_over_http(client: FlaskClient, sent: str) -> None:
    data = (SHEETS / "mistakes.csv").read_bytes()
    asked = {"data": data, "content_type": "text/csv"}
    if sent == "file":
        asked = {
            "data": {"file": (io.BytesIO(data), "f.csv")},
            "content_type": "multipart/form-data",
        }
    answer = client.post("/check?lang=en", headers={"Accept": "application/json"}, **asked)
    found = {one.get("cell"): one["code"] for one in json.loads(answer.data)["findings"]}
    assert found["D3"] == "V029"


def test_a_workbook_is_shown_as_lines_that_can_be_repaired(client: FlaskClient) -> None:
    data = (SHEETS / "mistakes.xlsx").read_bytes()
    answer = client.post("/check?lang=en", data={"file": (io.BytesIO(data), "f.xlsx")},
                         content_type="multipart/form-data",
                         headers={"Accept": "text/html"})  # fmt: skip
    page = answer.text
    assert "cell Fiches!C3" in page
    assert "<option selected>csv</option>" in page
    text = unescape(re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)[1])
    again = client.post("/check?lang=en", data={"text": text, "as": "csv"},
                        headers={"Accept": "text/html"}).text  # fmt: skip
    assert "cell C3" in again
    assert 'name="make"' in again


def test_a_sheet_is_repaired_over_http(client: FlaskClient) -> None:
    answer = client.post("/check?fix=1", data=WRONG.encode("cp1252"), content_type="text/csv")
    assert answer.data == RIGHT.encode("cp1252")
    book = client.post("/check?fix=1", data=(SHEETS / "mistakes.xlsx").read_bytes(),
                       content_type=XLSX)  # fmt: skip
    assert (book.status_code, book.mimetype) == (200, "text/csv")
    assert check(text=book.data, form="csv").files[0].statements > 5


@pytest.mark.parametrize(
    ("given", "after"), [("ignore=C-actor", RECORD), ("select=C-actor", MENDED)]
)
def test_only_the_codes_chosen_are_repaired(client: FlaskClient, given: str, after: bytes) -> None:
    answer = client.post(f"/check?fix=1&{given}", data=RECORD, content_type="text/turtle")
    assert answer.data == after
