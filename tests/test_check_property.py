"""Repairs held to a law: one mistake is sown in a valid record, and only it is taken out again.

Whatever the mistake, what a repair does not mean to change is still said, the file can be read, and
a second repair changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pyoxigraph as ox
import pytest
from check import positions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.check import Options, check
from kb.check.apply import repair
from kb.check.finding import Finding

TEXT = (positions.HERE / "mistakes" / "nothing-wrong.ttl").read_text(encoding="utf-8")
LETTERS = Options(is_syntax_only=True)
# What is written right, and how it is written wrong; the n-th place of it in the file is sown.
SOWN: dict[str, tuple[str, str]] = {
    "year in quotes": ("essaim:startYear 2014", 'essaim:startYear "2014"'),
    "year with a space": ("essaim:startYear 2014", 'essaim:startYear "2 014"'),
    "year with a decimal": ("essaim:startYear 2014", "essaim:startYear 2014.0"),
    "source in quotes": ("<https://example.org/presse>", '"https://example.org/presse"'),
    "source bare": ("<https://example.org/presse>", "https://example.org/presse"),
    "source with a space": ("<https://example.org/presse>", "<https://example.org/pre sse>"),
    "class misspelt": ("a essaim:SocialInnovation", "a essaim:SocialInovation"),
    "class in small letters": ("a essaim:SocialInnovation", "a essaim:socialInnovation"),
    "property misspelt": ("essaim:needConcept", "essaim:needConcpt"),
    "concept misspelt": ("need:alimentation", "need:alimentaton"),
    "concept in quotes": ("need:alimentation", '"Alimentation"'),
    "language missing": ('"Forges grocery"@en', '"Forges grocery"'),
    "dot missing": (" .\n", "\n"),
    "semicolon missing": (" ;\n", "\n"),
    "semicolon before a subject": (" .\n", " ;\n"),
    "quotes of print": ('"Forges grocery"@en', "“Forges grocery”@en"),
    "prefix missing": ("@prefix need: <https://w3id.org/essaim/scheme/need/> .\n", ""),
    "byte order mark": ("@prefix dcterms", "\ufeff@prefix dcterms"),
}
SAME = {"source with a space"}  # a space can be coded, not guessed away


def triples(text: str) -> set[str]:
    return {str(quad.triple) for quad in ox.parse(text.encode(), ox.RdfFormat.TURTLE)}


@cache
def right() -> frozenset[str]:
    return frozenset(triples(TEXT))


def again(options: Options) -> Callable[[str], tuple[Finding, ...]]:
    return lambda content: check(text=content, options=options).told


def sown(name: str, number: int) -> str:
    wanted, wrong = SOWN[name]
    places = [at for at in range(len(TEXT)) if TEXT.startswith(wanted, at)]
    assert places, f"{name}: nothing-wrong.ttl no longer has {wanted!r}"
    at = places[number % len(places)]
    return TEXT[:at] + wrong + TEXT[at + len(wanted) :]


@pytest.mark.full
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(SOWN)), st.integers(0, 30), st.booleans(), st.sampled_from("\n\r"))
def test_a_mistake_is_taken_out_and_nothing_else(
    name: str, number: int, unsafe: bool, ends: str
) -> None:
    ends = "\r\n" if ends == "\r" else ends
    text = sown(name, number).replace("\n", ends)
    once = repair(text, again(Options()), unsafe=unsafe)
    twice = repair(once.after, again(Options()), unsafe=unsafe)
    assert twice.after == once.after, "a second repair changes something"
    if once.after == text:
        return
    after = triples(once.after)  # it can be read
    if unsafe and name not in SAME:
        assert after == right(), f"{name}: {sorted(right() ^ after)}"
    lost = {line for line in right() - after if "https://example.org/presse" not in line}
    assert unsafe or not lost or name.startswith(("class", "property", "concept", "language"))


@pytest.mark.parametrize("name", sorted(SOWN))
def test_a_sown_mistake_is_repaired_to_what_was_meant(name: str) -> None:
    once = repair(sown(name, 1), again(Options()), unsafe=True)
    if name not in SAME:
        assert triples(once.after) == right(), once.after


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(TEXT) - 1), st.sampled_from('.;,"<>[]@^ \n\\')),
                min_size=1, max_size=3))  # fmt: skip
def test_signs_put_in_or_lost_anywhere_never_cost_a_statement(
    changes: list[tuple[int, str]],
) -> None:
    text = TEXT
    for at, sign in changes:
        text = text[:at] + sign + text[at + (text[at : at + 1] == sign) :]
    once = repair(text, again(LETTERS))
    assert repair(once.after, again(LETTERS)).after == once.after
    try:
        before = triples(text)
    except SyntaxError:
        return
    assert before <= triples(once.after), "a safe repair of a readable file loses a statement"
