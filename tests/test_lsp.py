"""An editor sees what `essaim check` says, where it says it, and can repair, complete and read."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from language_client import COMMAND, Editor, applied
from lsprotocol import types as lsp

from kb import files
from kb.check.cli import check_command
from kb.lsp.cli import lsp as command
from kb.lsp.outline import LARGEST, OBJECT, PREDICATE, SUBJECT, Outline, outline
from kb.lsp.positions import Positions

ROOT = files.root()
INVALID = sorted((ROOT / "shapes/examples/invalid").glob("*.ttl"))
MISTAKES = ROOT / "tests/check/mistakes"
QUICK = {"outcome-kind.ttl", "need-concept-scheme.ttl", "dated-start-year.ttl"}
FIXABLE = ["year-in-quotes.ttl", "siren-with-spaces.ttl"]
RECORD = """@prefix essaim: <https://w3id.org/essaim/ns#> .
@prefix innovation: <https://w3id.org/essaim/id/innovation/> .
@prefix need: <https://w3id.org/essaim/scheme/need/> .
@prefix need-statement: <https://w3id.org/essaim/id/need/> .

innovation:essai a essaim:SocialInnovation ;
    essaim:
"""


@pytest.fixture(scope="module")
def editor() -> Iterator[Editor]:
    made = Editor("en")
    yield made
    assert made.close() == 0


def marked(path: Path) -> object:
    return pytest.param(path, id=path.stem, marks=[] if path.name in QUICK else pytest.mark.full)


@pytest.mark.parametrize("path", [marked(path) for path in INVALID])
def test_an_editor_shows_what_the_check_says(path: Path, editor: Editor) -> None:
    editor.open(path.as_uri(), path.read_text(encoding="utf-8"))
    shown = sorted(
        (str(d.code), str(d.range), d.message) for d in editor.diagnostics(path.as_uri())
    )
    done = CliRunner().invoke(check_command, [str(path), "--format", "json", "--lang", "en"])
    expected = []
    for one in json.loads(done.output)["findings"]:
        at = one.get("place") or dict.fromkeys(("line", "column", "endLine", "endColumn"), 1)
        start = lsp.Position(at["line"] - 1, at["column"] - 1)
        where = lsp.Range(start, lsp.Position(at["endLine"] - 1, at["endColumn"] - 1))
        expected.append((one["code"], str(where), one["message"]))
    assert shown == sorted(expected)


def test_a_finding_goes_when_the_text_is_mended(editor: Editor) -> None:
    text = (MISTAKES / "year-in-quotes.ttl").read_text(encoding="utf-8")
    uri = (MISTAKES / "year-in-quotes.ttl").as_uri()
    editor.open(uri, text)
    (found,) = [d for d in editor.diagnostics(uri) if d.severity == lsp.DiagnosticSeverity.Error]
    assert found.code_description
    assert found.source == "essaim"
    start = Positions(text).offset(found.range.start)
    end = Positions(text).offset(found.range.end)
    editor.change(uri, text[start:end].strip('"'), found.range)
    assert editor.diagnostics(uri) == []


@pytest.mark.parametrize("name", FIXABLE)
@pytest.mark.parametrize("resolves", [True, pytest.param(False, marks=pytest.mark.full)])
def test_fixing_all_gives_what_the_command_writes(
    name: str, resolves: bool, tmp_path: Path
) -> None:
    editor = Editor("fr", resolves=resolves)
    text = (MISTAKES / name).read_text(encoding="utf-8")
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    uri = path.as_uri()
    editor.open(uri, text)
    everywhere = lsp.Range(lsp.Position(0, 0), lsp.Position(999, 0))
    (action,) = editor.actions(uri, everywhere, ["source.fixAll"])
    if resolves:
        assert action.edit is None
        action = editor.wait(editor.client.code_action_resolve_async(action))
    CliRunner().invoke(check_command, [str(path), "--fix"])
    assert applied(text, action.edit.changes[uri]) == path.read_text(encoding="utf-8")
    quick = editor.actions(uri, everywhere, ["quickfix"])
    assert any(one.is_preferred for one in quick)
    assert all(one.kind == "quickfix" and one.diagnostics for one in quick)
    assert editor.close() == 0


def test_a_sign_that_counts_twice_moves_the_place(editor: Editor) -> None:
    text = '@prefix a: <http://a/> .\na:b a:c "🐝🐝" ; a:d b:c .\n'
    editor.open("untitled:bees", text)
    utf_16 = next(d for d in editor.diagnostics("untitled:bees") if "b" in d.message)
    assert utf_16.range.start == lsp.Position(1, 21)
    other = Editor("en", ("utf-32", "utf-16"))
    assert other.about.capabilities.position_encoding == "utf-32"
    other.open("untitled:bees", text)
    utf_32 = next(d for d in other.diagnostics("untitled:bees") if "b" in d.message)
    assert utf_32.range.start == lsp.Position(1, 19)
    assert other.close() == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_offsets_and_positions_go_back_and_forth(encoding: str) -> None:
    text = "é🐝\u2028a\x0cb\r\nc\rd\n"
    places = Positions(text, encoding)
    for offset in range(len(text)):
        if text[offset - 1 : offset + 1] != "\r\n":
            assert places.offset(places.position(offset)) == offset
    assert places.position(len(text)).line == 3
    assert places.offset(lsp.Position(99, 99)) == len(text)


def complete(editor: Editor, line: str) -> list[lsp.CompletionItem]:
    """What is proposed at the end of a line that stands in the place of the record's last."""
    text = RECORD.replace("    essaim:\n", line)
    editor.open("untitled:record.ttl", text)
    lines = text.split("\n")
    return editor.complete("untitled:record.ttl", len(lines) - 1, len(lines[-1]))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("essaim:addressesNeed [ essaim:needConcept Employ", "need:emploi"),
        ("essaim:addressesNeed [ essaim:needConcept Sante", "need:sante"),
        ("essaim:addressesNeed [ essaim:needConcept need:Healt", "need:sante"),
        ("essaim:addressesNeed [ essaim:needConcept need:", "need:sante"),
        ("essaim:répond", "essaim:addressesNeed"),
        ("addresses", "essaim:addressesNeed"),
        (". innovation:x a Innovation soc".replace(" soc", ""), "essaim:SocialInnovation"),
        ("ess", "essaim:"),
    ],
)
def test_what_is_meant_is_found_by_name_or_label(line: str, written: str, editor: Editor) -> None:
    found = complete(editor, line)
    (item,) = [one for one in found if one.text_edit and one.text_edit.new_text == written]
    assert item.filter_text
    typed = line.split()[-1]
    assert item.filter_text.startswith(typed), "an editor filters by what is typed"


def test_what_fits_the_subject_comes_first(editor: Editor) -> None:
    found = complete(editor, "essaim:")
    first = min(found, key=lambda one: one.sort_text or "")
    asked = editor.wait(editor.client.completion_item_resolve_async(first))
    assert isinstance(asked.documentation, lsp.MarkupContent)
    assert "Said of: Social innovation" in asked.documentation.value.replace("\\", "")


def test_a_prefix_that_lacks_is_declared_in_the_style_of_the_file(editor: Editor) -> None:
    found = complete(editor, "essaim:hasInvolvement [ essaim:involvementRole ")
    item = next(one for one in found if one.additional_text_edits)
    (line,) = item.additional_text_edits or []
    assert line.new_text.startswith("@prefix role: <")
    assert line.new_text.endswith("> .\n")
    assert line.range.start == lsp.Position(4, 0)


def test_a_prefix_that_the_file_uses_otherwise_is_left_alone(editor: Editor) -> None:
    text = RECORD.replace("@prefix need:", "@prefix role: <http://a/> .\n@prefix need:")
    text = text.replace("essaim:\n", "essaim:involvementRole fund")
    editor.open("untitled:role.ttl", text)
    lines = text.split("\n")
    found = editor.complete("untitled:role.ttl", len(lines) - 1, len(lines[-1]))
    written = [one.text_edit.new_text for one in found if one.text_edit]
    assert any(one.startswith("<https://w3id.org/essaim/scheme/") for one in written)
    assert not any(one.startswith("role:") for one in written)


def test_a_commune_is_found_by_its_name(editor: Editor) -> None:
    found = complete(editor, "essaim:implementedIn Pipria")
    assert any(one.label == "Pipriac" for one in found)


@pytest.mark.parametrize("line", ["# essaim:", '"essaim:', '"""a\n essaim:', "<https://essaim:"])
def test_nothing_is_proposed_in_comments_and_strings(line: str, editor: Editor) -> None:
    assert complete(editor, line) == []


def test_hovering_tells_a_term_in_the_language_asked() -> None:
    for language, words in (("fr", "Innovation sociale"), ("en", "Social innovation")):
        editor = Editor(language)
        editor.open("untitled:record.ttl", RECORD)
        assert words in editor.hover("untitled:record.ttl", 5, 25)
        assert editor.close() == 0


def test_symbols_and_definitions_lead_to_subjects(editor: Editor) -> None:
    path = ROOT / "data/innovations/tzcld-pipriac.ttl"
    text = path.read_text(encoding="utf-8")
    editor.open(path.as_uri(), text)
    asked = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(path.as_uri()))
    symbols = editor.wait(editor.client.text_document_document_symbol_async(asked)) or []
    assert any("innovation:tzcld-pipriac" in one.name and "(" in one.name for one in symbols)
    at = next(n for n, row in enumerate(text.split("\n")) if "essaim:assesses involvement:" in row)
    where = editor.at(path.as_uri(), at, 25)
    found = editor.wait(editor.client.text_document_definition_async(lsp.DefinitionParams(**where)))
    assert isinstance(found, list)
    assert found[0].uri == path.as_uri()  # type: ignore[union-attr]


def test_a_record_of_another_file_is_found_there(editor: Editor) -> None:
    text = (
        "@prefix actor: <https://w3id.org/essaim/id/actor/> .\nactor:a actor:b actor:13-avenir .\n"
    )
    editor.open("untitled:a.ttl", text)
    where = lsp.DefinitionParams(**editor.at("untitled:a.ttl", 1, 20))
    (found,) = editor.wait(editor.client.text_document_definition_async(where)) or []  # type: ignore[misc, union-attr]
    assert found.uri.endswith("data/actors/13-avenir.ttl")


@pytest.mark.full
@pytest.mark.parametrize("text", ["<a:a> <a:b> " + "[ <a:b> " * 100_000, '"' * 900_000, "\ud800"])
def test_a_hostile_text_is_answered_and_the_server_lives(text: str, editor: Editor) -> None:
    start = time.monotonic()
    editor.open("untitled:hostile.ttl", text)
    assert editor.diagnostics("untitled:hostile.ttl")
    editor.complete("untitled:hostile.ttl", 0, 900)
    assert time.monotonic() - start < 15
    editor.open("untitled:fine.ttl", RECORD)
    assert editor.hover("untitled:fine.ttl", 5, 25)


def test_only_the_last_of_many_states_is_told(editor: Editor) -> None:
    uri = "untitled:typing.ttl"
    editor.open(uri, "<a:a> <a:b> 1")
    for number in range(20):
        editor.change(uri, f"<a:a> <a:b> {number} .")
    assert [d.code for d in editor.diagnostics(uri) if str(d.code).startswith("S")] == []
    told = [one.version for one in editor.shown[uri]]
    assert told[-1] == editor.version
    assert len(told) <= 2


def test_messages_that_make_no_sense_do_not_end_the_server() -> None:
    def packed(body: bytes) -> bytes:
        return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)

    odd = [
        b"{",
        b"[]",
        b'{"jsonrpc":"2.0","id":1,"method":"no/such"}',
        b'{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":7}}',
        b'{"jsonrpc":"2.0","id":3,"method":"initialize","params":{"capabilities":{}}}',
        b'{"jsonrpc":"2.0","id":4,"method":"textDocument/hover","params":{"textDocument":'
        b'{"uri":"untitled:never"},"position":{"line":9,"character":9}}}',
        b'{"jsonrpc":"2.0","id":5,"method":"shutdown"}',
        b'{"jsonrpc":"2.0","method":"exit"}',
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "lsp"], input=b"".join(map(packed, odd)),
        capture_output=True, timeout=30, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0
    assert b'"id": 5' in done.stdout or b'"id":5' in done.stdout
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0:2087", "example.org:80", "127.0.0.1", "[::1]:0"])
def test_another_machine_is_never_let_in(address: str) -> None:
    done = CliRunner().invoke(command, ["--tcp", address])
    assert done.exception
    assert "127.0.0.1" in str(done.exception)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("", SUBJECT),
        ("<a:a> ", PREDICATE),
        ("<a:a> a ", OBJECT),
        ("<a:a> a <a:b> ; ", PREDICATE),
        ("<a:a> a <a:b>, ", OBJECT),
        ("<a:a> a <a:b> . ", SUBJECT),
        ("<a:a> <a:b> [ ", PREDICATE),
        ("<a:a> <a:b> [ <a:c> ", OBJECT),
        ("<a:a> <a:b> [ <a:c> 1 ] ; ", PREDICATE),
        ("<a:a> <a:b> ( 1 ", OBJECT),
        ('<a:a> <a:b> "x"@fr ; ', PREDICATE),
        ('<a:a> <a:b> "1"^^<a:d>, ', OBJECT),
        ("<a:g> { ", SUBJECT),
        ("<a:g> { <a:a> <a:b> 1 } ", SUBJECT),
        ("PREFIX a: <a:> ", SUBJECT),
        ("@prefix a: <a:> . ", SUBJECT),
    ],
)
def test_half_a_text_says_what_comes_next(text: str, role: str) -> None:
    assert outline(text).role == role


def test_a_text_too_large_is_not_walked() -> None:
    assert outline("<a:a> " * LARGEST).terms == []
    assert not Outline("", 0).is_aside()
