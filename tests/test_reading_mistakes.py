"""One file a mistake: its place and code, its words, its repair; and files meant to do harm."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.reading import read, words
from kb.reading.bytes import decoded
from kb.reading.document import Document
from kb.reading.places import Edit, Fix, edited, repaired
from kb.reading.problems import CODES
from kb.reading.repair import repair

FOLDER = Path(__file__).parent / "reading"
SOURCES = sorted(Path(words.__file__).parent.glob("*.py"))
FORMS = {".ttl": "turtle", ".trig": "trig", ".nt": "n-triples"}
MISTAKES = sorted(path for path in FOLDER.iterdir() if path.suffix in FORMS)
KNOWN = {"dct": "http://purl.org/dc/terms/"}


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def document(path: Path) -> Document:
    return read(text_of(path), FORMS[path.suffix], known=KNOWN)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
def test_a_mistake_is_told_once_and_at_its_place(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    found = [f"{problem.place} {problem.code}" for problem in document(path).problems]
    assert found == expected, f"{path.name}: correct the reader, or the .txt beside it"


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_problem_can_be_said(path: Path, language: str) -> None:
    for problem in document(path).problems:
        said = words.said(problem, language)
        assert said
        assert "\n" not in said
        for fix in problem.fixes:
            assert words.titled(fix, language)


@pytest.mark.parametrize("path", MISTAKES, ids=lambda path: path.stem)
@pytest.mark.parametrize("is_bold", [False, True])
def test_a_repair_is_whole_and_keeps_what_was_read(path: Path, is_bold: bool) -> None:
    before, form = document(path), FORMS[path.suffix]
    text, made = repair(before.text, form, known=KNOWN, is_bold=is_bold)
    after = read(text, form, known=KNOWN)
    assert repair(text, form, known=KNOWN, is_bold=is_bold) == (text, []), "it repairs twice"
    if made and len(before.problems) == 1:
        assert not after.problems, f"still wrong: {after.problems}"
    kept = {triple(q) for q in after.statements.quads()}
    if before.problems[0].code != "S060":  # two numbers become one: that is the repair
        assert {triple(q) for q in before.statements.quads()} <= kept


def triple(quad: object) -> str:
    return re.sub(r"_:l+\d+c\d+\w*", "_:", str(quad))


def test_enough_mistakes_are_kept() -> None:
    assert len(MISTAKES) >= 60


def test_messages_are_complete_and_none_is_left_over() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    titles = set(re.findall(r'(?:Fix|replacing)\(\s*"([a-z0-9-]+)"', code))
    wanted = {*CODES, *(f"fix.{title}" for title in titles)}
    english, french = (words.messages(language) for language in ("en", "fr"))
    assert set(english) == wanted
    assert set(french) == wanted
    for code, message in english.items():
        assert set(re.findall(r"{(\w+)", message)) == set(re.findall(r"{(\w+)", french[code]))
        assert code.startswith("fix.") or ";" in message, f"{code}: say what to write"


def test_codes_used_are_codes_listed() -> None:
    used = set(re.findall(r'"(S\d{3})"', "".join(p.read_text(encoding="utf-8") for p in SOURCES)))
    assert used == set(CODES)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
     ("utf-32", "UTF-32")],
)  # fmt: skip
def test_another_encoding_is_decoded(encoding: str, name: str) -> None:
    text = '<http://e/a> <http://e/b> "l’été à Québec"@fr .\n'
    found = decoded(text.encode(encoding))
    assert (found.text, found.encoding) == (text, name)
    assert [(p.code, p.fixes[0].title_code) for p in found.problems] == [("S001", "save-utf8")]
    assert all(words.said(p, lang) for p in found.problems for lang in words.LANGUAGES)


def test_double_encoding_is_undone() -> None:
    text = '<http://e/a> <http://e/b> "l’été à Québec"@fr .\n'
    found = decoded(text.encode("utf-8").decode("cp1252", "replace").encode("utf-8"))
    assert [p.code for p in found.problems] == ["S002"]
    (fix,) = found.problems[0].fixes
    assert "l’été" in edited(found.text, fix.edits)
    assert not decoded("Âge, Ã la carte, tâche".encode()).problems


def test_what_is_no_text_is_refused() -> None:
    assert [p.code for p in decoded(bytes(range(256)) * 20).problems] == ["S006"]
    assert [p.code for p in decoded(b"x" * 11, largest=10).problems] == ["S005"]


START = "@prefix : <http://e/> .\n:a :b "
HOSTILE = {
    "brackets": (START + "{0}", "[ :p ", 1), "lists": (START + "{0}", "(", 1),
    "prefixes": ("{0}", "@prefix a: <http://e/> .\n", 0), "digits": (START + "{0} .", "1", 0),
    "unclosed": (START + '"{0}', "x ", 1), "unclosed long": (START + '"""{0}', "x ", 1),
    "literal": (START + '"{0}" .', "x" * 100, 1), "escapes": (START + '"{0}" .', "\\n" * 20, 0),
    "quotes inside": (START + '"""{0}""" .', 'a"a' * 20, 0), "angles": (START + "{0}", "<a ", 1001),
    "spaces": (START + '"{0}x', " " * 10, 1), "commas": (START + "({0}) .", "1 , ", 1),
    "dots": ("{0}", ":a. ", 1001), "words": (START + "{0}", "a'", 1),
    "unknown": ("{0}", "x:a y:b z:c .\n", 3), "strings": (START + "{0}", '"x\n', 1001),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_linear_time(name: str) -> None:
    frame, part, most = HOSTILE[name]
    spent = []
    for size in (2_000, 20_000):
        text = frame.format(part * size)
        start = time.process_time()
        assert len(read(text).problems) <= most
        spent.append(time.process_time() - start)
    assert spent[1] < 1 or spent[1] < 15 * spent[0], f"{spent} seconds: not linear"


@pytest.mark.full
@pytest.mark.parametrize("name", HOSTILE)
def test_a_very_large_hostile_text_ends_within_ten_seconds(name: str) -> None:
    frame, part, most = HOSTILE[name]
    start = time.process_time()
    assert len(read(frame.format(part * 200_000)).problems) <= most
    assert time.process_time() - start < 10


@given(path=st.sampled_from(MISTAKES), data=st.data())
@settings(max_examples=300, deadline=None)
def test_any_damage_is_survived(path: Path, data: st.DataObject) -> None:
    text = text_of(path)
    at = data.draw(st.integers(0, len(text)))
    sign = data.draw(st.sampled_from(list("\"'<>[](){}.;,@^:_ \n\\a1é\x00«")))
    damaged = text[:at] + sign + text[at + data.draw(st.integers(0, 3)) :]
    found = read(damaged, FORMS[path.suffix], known=KNOWN)
    for problem in found.problems:
        assert all(words.said(problem, language) for language in words.LANGUAGES)
    fixed, _ = repair(damaged, FORMS[path.suffix], known=KNOWN)
    assert repair(fixed, FORMS[path.suffix], known=KNOWN)[0] == fixed


def test_edits_that_overlap_are_refused_and_put_off() -> None:
    first, second = (Fix("x", (Edit(0, 2, "a"),)), Fix("x", (Edit(1, 3, "b"),)))
    with pytest.raises(ValueError, match="overlap"):
        edited("xyz", [*first.edits, *second.edits])
    assert repaired("xyz", [second, first]) == ("az", [first])


def test_messages_are_sorted_by_code() -> None:
    for language in words.LANGUAGES:
        path = Path(words.__file__).parent / "messages" / f"{language}.json"
        keys = list(json.loads(path.read_text(encoding="utf-8")))
        assert keys == sorted(keys)
