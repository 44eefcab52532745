"""The reader of places is asked only where there is something to place, and agrees then."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb import files
from kb.check.contribution import contribution
from kb.check.inputs import Input

EXAMPLES = sorted((files.root() / "shapes" / "examples").glob("*valid/*.ttl"))
START = "@prefix a: <http://a/> . "
# Valid for pyoxigraph; our reader has something to say all the same, so it looks at once.
LOOKED_AT = {
    "a decimal comma": "a:b a:c 2,5 .",
    "a triple term": "a:b a:c <<( a:b a:c 1 )>> .",
    "a reifier": "a:b a:c 1 ~ a:r .",
    "a direction": 'a:b a:c "d"@en--ltr .',
    "a version": 'VERSION "1.2"',
    "a blank node": "a:b a:c [] .",
    "a mistake": "a:b a:c",
}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_places_read_later_are_those_of_the_same_statements(path: Path) -> None:
    one = contribution(Input(path.as_posix(), "turtle", path), 0, 10**6)
    is_later = callable(one.source)
    assert one.document is not None
    assert one.document.is_valid or not is_later
    assert len(one.document.statements) == len(one.triples)
    if is_later:
        there = [(s.subject, s.predicate, s.object) for s in one.document.statements]
        assert there == one.triples
        assert {p: line.iri for p, line in one.document.prefixes.items()} == one.namespaces


@pytest.mark.parametrize("kind", LOOKED_AT)
def test_what_only_the_reader_tells_is_looked_at_once(kind: str) -> None:
    one = contribution(Input("x.ttl", "turtle", None, (START + LOOKED_AT[kind]).encode()), 0, 999)
    assert not callable(one.source)


def test_a_byte_order_mark_is_looked_at_once() -> None:
    one = contribution(Input("x.ttl", "turtle", None, b"\xef\xbb\xbf<a:a> <a:b> 1 ."), 0, 999)
    assert [problem.code for problem in one.problems] == ["S003"]


def test_a_faultless_file_is_read_without_the_reader() -> None:
    one = contribution(Input("x.ttl", "turtle", None, (START + "a:b a:c 1, 2 .").encode()), 0, 999)
    assert callable(one.source)
    assert str(one.place(1, 2)) == "1:37"
