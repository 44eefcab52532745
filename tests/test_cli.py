"""The command: what it prints, what it refuses in one sentence, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result
from rdflib import Graph

from kb import release
from kb.commands import FORMATS
from kb.release import Release
from web.cli import main

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?i a <https://w3id.org/essaim/ns#SocialInnovation> }"
CONSTRUCT = "CONSTRUCT WHERE { <https://w3id.org/essaim/id/agent/essaim> ?p ?o }"
COMMAND = "from web.cli import main; main()"
Run = Callable[..., Result]


@pytest.fixture
def run(shipped: Release, monkeypatch: pytest.MonkeyPatch) -> Run:
    real = release.open_release

    def loaded(folder: Path | None = None, name: str = release.CURRENT) -> Release:
        """Return the current release as it was loaded before: a second each time is too long."""
        return shipped if name == release.CURRENT else real(folder, name)

    monkeypatch.setattr(release, "open_release", loaded)

    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return invoke


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("path", list(commands(main)), ids=lambda p: " ".join(p) or "essaim")
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.stdout
    assert len(result.stdout.split("\n\n")[1].strip()) > 20, "write a docstring for the command"


def refused(result: Result, *words: str) -> None:
    """Check for one sentence on the error stream, exit code 1 and no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("essaim: ")
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_a_shipped_question_is_asked_by_its_name(run: Run) -> None:
    result = run("query", "05-need-and-narrower")
    assert result.exit_code == 0
    assert "Cadre de vie" in result.stdout
    assert "need:cadre-de-vie" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("rows)")


def test_a_question_is_read_from_a_file_text_or_standard_input(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "count.rq"
    path.write_text(COUNT, encoding="utf-8")
    answers = {
        run("query", str(path), "--format", "csv").stdout,
        run("query", COUNT, "--format", "csv").stdout,
        run("query", "-", "--format", "csv", stdin=COUNT).stdout,
        run("query", "--format", "csv", stdin=COUNT).stdout,
    }
    assert len(answers) == 1
    assert answers.pop().splitlines()[0] == "n"


READERS: dict[str, Callable[[str], object]] = {
    "table": lambda text: text.splitlines()[0].split() == ["n"],
    "csv": lambda text: text.splitlines() == ["n", text.splitlines()[1]],
    "tsv": lambda text: text.splitlines()[0] == "?n",
    "json": lambda text: json.loads(text)["head"]["vars"] == ["n"],
    "xml": lambda text: ElementTree.fromstring(text).tag.endswith("sparql"),
}


@pytest.mark.parametrize("form", READERS)
def test_rows_come_in_each_format(form: str, run: Run) -> None:
    result = run("query", COUNT, "--format", form)
    assert result.exit_code == 0
    assert READERS[form](result.stdout)


def test_every_format_of_the_command_is_tested() -> None:
    assert set(READERS) | {"turtle"} == set(FORMATS)


@pytest.mark.parametrize("options", [(), ("--format", "turtle")])
def test_a_graph_comes_as_turtle(options: tuple[str, ...], run: Run) -> None:
    result = run("query", CONSTRUCT, *options)
    assert len(Graph().parse(data=result.stdout, format="turtle")) > 2


def test_yes_and_no_are_answers(run: Run) -> None:
    assert "true" in run("query", "ASK { ?s ?p ?o }").stdout
    assert "false" in run("query", "ASK { ?s ?p <x:none> }").stdout


def test_missing_data_are_named_on_the_error_stream(run: Run) -> None:
    french = run("query", "25-actors-elsewhere")
    english = run("query", "25-actors-elsewhere", "--lang", "en")
    assert french.exit_code == 0
    assert "(0 rows)" in french.stdout
    assert "SIREN" in french.stderr
    assert "No private actor" in english.stderr


def test_values_are_given_by_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "exists.rq"
    path.write_text("ASK { ?_thing_iri ?p ?o }", encoding="utf-8")
    known = "thing=https://w3id.org/essaim/id/innovation/tzcld-pipriac"
    assert "true" in run("query", str(path), "-p", known).stdout
    assert "false" in run("query", str(path), "--param", "thing=x:none").stdout
    refused(run("query", str(path)), "'thing' is missing")
    refused(run("query", str(path), "-p", "thing"), "write NAME=VALUE")
    refused(run("query", str(path), "-p", "thing=a b"), "parameter thing", "is no iri")
    refused(run("query", str(path), "-p", "other=x:y"), "no parameter 'other'; it has thing")


def test_what_is_no_question_is_refused(run: Run, tmp_path: Path) -> None:
    refused(run("query", "nowhere.rq"), "nowhere.rq: no such file")
    refused(run("query", "no-such-name"), "no file, no shipped query and no SPARQL")
    refused(run("query", "--lang", "en", "SELECT ?s WHERE { ?s ?p }"), "line 1", "^")
    refused(run("query", "", stdin=""), "")
    refused(run("query", "-", stdin=""), "")
    latin = tmp_path / "latin.rq"
    latin.write_bytes("# été\nASK {}".encode("latin-1"))
    refused(run("query", str(latin)), "latin.rq: cannot be read")
    refused(run("query", str(tmp_path)), "")


def test_what_an_endpoint_does_not_do_is_refused(run: Run) -> None:
    refused(run("query", "--lang", "en", "DELETE WHERE { ?s ?p ?o }"), "the data are read-only")
    refused(
        run("query", "--lang", "en", "ASK { SERVICE <http://x/> { ?s ?p ?o } }"),
        "SERVICE is refused",
    )


def test_a_format_that_does_not_fit_is_refused(run: Run) -> None:
    refused(run("query", "--lang", "en", COUNT, "--format", "turtle"), "ask for one of them")
    refused(run("query", "--lang", "en", CONSTRUCT, "--format", "csv"), "ask for one of them")


def test_a_release_that_is_not_there_is_refused(run: Run) -> None:
    refused(run("query", COUNT, "--release", "0123456789ab"), "no release there")


def test_a_wrong_call_ends_with_two(run: Run) -> None:
    for arguments in (["quary"], ["query", COUNT, "--format", "pdf"], ["query", COUNT, "-x"]):
        assert run(*arguments).exit_code == 2


def test_a_build_says_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESSAIM_HOME", str(tmp_path / "home"))
    record = tmp_path / "source" / "data" / "actors" / "a.ttl"
    record.parent.mkdir(parents=True)
    record.write_text("<x:a> a <x:b> .", encoding="utf-8")
    source = ("--source", str(tmp_path / "source"))
    result = CliRunner().invoke(main, ["build", *source])
    assert result.exit_code == 0
    assert "1 statements" in result.stdout
    record.write_text("<x:a> a <x:b>", encoding="utf-8")
    refused(CliRunner().invoke(main, ["build", *source]), "a.ttl:1:")
    asked = CliRunner().invoke(main, ["query", "ASK { <x:a> a <x:b> }"])
    assert "true" in asked.stdout, "the release before is still asked"


def essaim(*arguments: str, home: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        input=stdin,
        env={**os.environ, "ESSAIM_HOME": str(home)},
        capture_output=True,
        timeout=60,
    )


def test_standard_input_that_is_no_utf_8_is_refused(shipped: Release) -> None:
    done = essaim("query", home=shipped.path.parent.parent, stdin="# é\nASK {}".encode("latin-1"))
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stderr.startswith(b"essaim: standard input is not UTF-8")


def test_a_reader_who_leaves_gets_no_traceback(shipped: Release) -> None:
    query = "query 'SELECT ?s ?p ?o { ?s ?p ?o }' --format csv"
    command = f"{sys.executable} -c '{COMMAND}' {query} | head -1"
    done = subprocess.run(
        command,
        shell=True,
        env={**os.environ, "ESSAIM_HOME": str(shipped.path.parent.parent)},
        capture_output=True,
        timeout=60,
    )
    assert done.stdout.strip() == b"s,p,o"
    assert b"Traceback" not in done.stderr
