"""`essaim check`: each mistake is told once, at its place, in both languages, with its repair."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from check import positions
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import files
from kb.check import Options, check
from kb.check.apply import loses, repair
from kb.check.cli import check_command, explain
from kb.check.codes import codes, table
from kb.check.finding import Finding, Report
from kb.check.report import FORMATS
from kb.check.rulebook import known_rules
from kb.check.words import catalogue, message
from kb.problems import Problem
from kb.reading.problems import CODES
from kb.validation.engines import project, validate

ROOT = files.root()
MISTAKES = sorted((positions.HERE / "mistakes").glob("*.ttl"))
INVALID = sorted((positions.EXAMPLES / "invalid").glob("*.ttl"))
VALID = sorted((positions.EXAMPLES / "valid").glob("*.ttl"))


@cache
def told(kind: str) -> Report:
    return positions.report(kind)


def stem(path: Path) -> str:
    return path.stem


@pytest.mark.parametrize("slug", ["first-record", "ma-fiche"])
def test_the_record_to_start_from_has_nothing_to_mend(slug: str, tmp_path: Path) -> None:
    guide = (files.root() / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert guide.count("docs/first-record.ttl") == 2, "French and English name the file to copy"
    first = (files.root() / "docs" / "first-record.ttl").read_text(encoding="utf-8")
    copy = tmp_path / f"{slug}.ttl"
    copy.write_text(first.replace("first-record", slug), encoding="utf-8")
    result = CliRunner().invoke(check_command, [str(copy), "--lang", "en"])
    assert (result.exit_code, result.output) == (0, "1 file checked: nothing to say\n")


@pytest.mark.parametrize("path", positions.TABLES, ids=stem)
def test_every_mistake_is_told_at_its_line_and_column(path: Path) -> None:
    report = told(positions.TABLES[path])
    written = path.read_text(encoding="utf-8")
    assert report.obstacles == ()
    assert positions.table(positions.rows(report)) == written, (
        "run python tests/check/positions.py and read what changed"
    )


@pytest.mark.parametrize("path", INVALID, ids=stem)
def test_an_invalid_example_trips_its_rule_alone(path: Path) -> None:
    found = told("invalid").of(path.as_posix())
    assert {one.code for one in found} == {f"C-{path.stem}"}
    assert all(one.place for one in found)


def test_a_valid_example_is_told_nothing() -> None:
    found = check([positions.EXAMPLES / "valid"], options=Options(context=(CONTEXT,)))
    assert [(f.file, f.code) for f in found.told] == []


CONTEXT = positions.EXAMPLES / "context.ttl"


def test_the_records_of_the_base_are_told_nothing_grave() -> None:
    found = check([ROOT / "data" / "innovations"])
    assert found.conforms, [(f.file, str(f.place), f.code) for f in found.told[:5]]


def test_a_record_does_not_resemble_itself() -> None:
    found = check([ROOT / "data" / "innovations" / "tzcld-pipriac.ttl"])
    assert not [one for one in found.told if one.code.startswith("D")]


def test_catalogues_have_the_same_sentences_with_the_same_values() -> None:
    french, english = catalogue("fr"), catalogue("en")
    assert french.keys() == english.keys()
    for key in french:
        for text in (french[key], english[key]):
            assert text.count("[[") == text.count("]]"), key
        names = [set(re.findall(r"\{(\w+)", texts[key])) for texts in (french, english)]
        assert names[0] == names[1], f"{key}: the same values in both languages"


@pytest.mark.parametrize("code", codes())
def test_every_code_has_a_sentence_and_a_page(code: str) -> None:
    for language in ("fr", "en"):
        assert code in catalogue(language), f"add {code} to kb/check/messages/{language}.json"
        done = CliRunner().invoke(explain, [code, "--lang", language])
        assert done.exit_code == 0
        assert code in done.output


def test_every_code_that_is_told_is_known() -> None:
    known = {*codes(), *(rule.code for rule in known_rules()), *CODES}
    for kind in ("invalid", "mistakes"):
        assert {one.code for one in told(kind).findings} <= known


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_lacks_a_value(language: str) -> None:
    for kind in ("invalid", "mistakes"):
        for one in told(kind).told:
            assert not re.search(r"…\w+…", message(one, language)), one


def test_a_rule_can_be_explained_by_its_name() -> None:
    done = CliRunner().invoke(explain, ["need-concept-scheme", "--lang", "en"])
    assert "need:emplois" in done.output
    wrong = CliRunner().invoke(explain, ["need-concept-sheme"])
    assert isinstance(wrong.exception, Problem)
    assert "C-need-concept-scheme" in str(wrong.exception) or "no code" in str(wrong.exception)


def test_the_page_of_codes_is_up_to_date() -> None:
    page = (ROOT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert page == table(), "run make docs"


@pytest.mark.parametrize("path", MISTAKES, ids=stem)
@pytest.mark.parametrize("unsafe", [False, True])
def test_repairing_twice_changes_nothing_more(path: Path, unsafe: bool) -> None:
    text = path.read_bytes().decode("utf-8", "replace")
    options = Options(is_syntax_only=not _needs_more(path))

    def again(content: str) -> tuple[Finding, ...]:
        return check((), content, options=options).told

    once = repair(text, again, unsafe=unsafe)
    twice = repair(once.after, again, unsafe=unsafe)
    assert twice.after == once.after
    if not unsafe:
        edits = [edit for fix in once.fixes for edit in fix.edits]
        assert len(once.fixes) > 1 or not loses(text, once.after, edits, "turtle")


def _needs_more(path: Path) -> bool:
    """The slow stages are run for the mistakes that they find."""
    return any(f.fixes and f.code[0] != "S" for f in told("mistakes").of(path.as_posix()))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_format_tells_every_finding(form: str, language: str) -> None:
    report = told("mistakes")
    made = FORMATS[form](report, language)
    assert made.endswith("\n")
    if form in ("json", "sarif", "jsonld"):
        json.loads(made)
    if form == "json":
        assert len(json.loads(made)["findings"]) == len(report.told)
    if form == "github":
        assert made.count("\n::") + 1 == len(report.told)


def test_a_report_in_turtle_is_what_the_engine_found() -> None:
    path = INVALID[0]
    report = check([path], options=Options(context=(CONTEXT,)))
    import pyoxigraph as ox

    quads = list(ox.parse(FORMATS["turtle"](report, "fr"), ox.RdfFormat.TURTLE))
    results = [q for q in quads if q.predicate.value.endswith("#result")]
    assert len(results) == len([f for f in report.findings if f.shape])


def test_places_count_characters_whatever_ends_the_lines() -> None:
    plain = (positions.HERE / "mistakes" / "year-in-quotes.ttl").read_text(encoding="utf-8")
    for ends in ("\n", "\r\n", "\r"):
        found = [f for f in check((), plain.replace("\n", ends)).told if f.code[0] == "C"]
        assert [str(one.place) for one in found] == ["17:22"]


def test_other_shapes_judge_without_the_base(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(SHAPES, encoding="utf-8")
    data = '@prefix ex: <http://example.org/> .\nex:a a ex:Town ;\n  ex:name "x", "y" .\n'
    report = check((), data, options=Options(shapes=(shapes,)))
    assert [(f.code, str(f.place)) for f in report.told] == [("C-MaxCount", "3:3")]
    assert "1" in message(report.told[0], "en")


SHAPES = """@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
ex:s a sh:NodeShape ; sh:targetClass ex:Town ; sh:property [ sh:path ex:name ; sh:maxCount 1 ] .
"""


def test_results_are_those_of_the_engine_on_the_same_data(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(SHAPES, encoding="utf-8")
    assert project() is not None
    assert validate(b"", project()) == []


@pytest.mark.parametrize(
    ("text", "form", "code"),
    [
        ('{"@context": "http://example.org/c", "@id": "http://example.org/a"}', "json-ld", "S081"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><rdf:RDF/>', "rdf-xml", "S080"),
    ],
)
def test_nothing_is_fetched_nor_expanded(text: str, form: str, code: str) -> None:
    report = check((), text, form, Options(is_syntax_only=True))
    assert [one.code for one in report.told] == [code]


def run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kb.check", *arguments]
    return subprocess.run(command, input=data, capture_output=True, timeout=60, cwd=ROOT)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["tests/check/mistakes/nothing-wrong.ttl"], 0),
        (["tests/check/mistakes/year-in-quotes.ttl"], 1),
        (["tests/check/mistakes/year-in-quotes.ttl", "--exit-zero"], 0),
        (["tests/check/mistakes/file-of-another-name.ttl"], 0),
        (["tests/check/mistakes/file-of-another-name.ttl", "--strict"], 1),
        (["tests/check/mistakes/year-in-quotes.ttl", "--ignore", "C-dated"], 0),
        (["no-such-file.ttl"], 2),
        (["tests/check/mistakes/nothing-wrong.ttl", "--largest", "0"], 2),
    ],
)
def test_the_exit_code_says_how_it_ended(arguments: list[str], code: int) -> None:
    done = CliRunner().invoke(check_command, [str(ROOT / a) if "/" in a else a for a in arguments])
    assert done.exit_code == code, done.output


def test_a_file_is_repaired_in_place_and_only_where_needed(tmp_path: Path) -> None:
    before = (positions.HERE / "mistakes" / "siren-with-spaces.ttl").read_bytes()
    path = tmp_path / "siren-with-spaces.ttl"
    path.write_bytes(before)
    shown = CliRunner().invoke(check_command, [str(path), "--diff"])
    assert path.read_bytes() == before
    assert '+    essaim:siren "213502362"' in shown.output
    CliRunner().invoke(check_command, [str(path), "--fix"])
    assert path.read_bytes() == before.replace(b"213 502 362", b"213502362")


def test_another_encoding_is_written_as_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "encoding-windows.ttl"
    path.write_bytes((positions.HERE / "mistakes" / "encoding-windows.ttl").read_bytes())
    done = CliRunner().invoke(check_command, [str(path), "--fix"])
    assert done.exit_code == 0, done.output
    assert "Épicerie" in path.read_text(encoding="utf-8")


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_safe_repair_loses_no_statement(data: st.DataObject) -> None:
    """Whatever letter is lost or doubled, what a safe fix does not touch is still there."""
    text = (positions.HERE / "mistakes" / "nothing-wrong.ttl").read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text) - 1))
    text = (
        text[:at] + data.draw(st.sampled_from(["", text[at] * 2, '"', ";", "."])) + text[at + 1 :]
    )

    def again(content: str) -> tuple[Finding, ...]:
        return check((), content, options=Options(is_syntax_only=True)).told

    once = repair(text, again)
    assert repair(once.after, again).after == once.after
