"""What a pool knows of a query before it runs, and what it lets run of a crowd of slow ones."""

from __future__ import annotations

import time

import pytest

from kb.engine import pace

QUERY = 'PREFIX x: <http://x/> SELECT ?o { <http://x/1> x:p ?o FILTER(?o != "a # b" && ?o < 10) }'


@pytest.mark.parametrize(
    "other",
    [
        QUERY.replace(" SELECT", "\n\n  SELECT"),
        QUERY + " # asked again",
        "# first\n" + QUERY,
    ],
)
def test_a_query_is_known_by_its_words(other: str) -> None:
    assert pace.likeness(other) == pace.likeness(QUERY)


@pytest.mark.parametrize(
    ("value", "another"), [("x/1", "x/22"), ("x:p", "x:q"), ("a # b", "'c'"), ("10", "2")]
)
def test_a_query_of_other_values_is_known_by_its_shape(value: str, another: str) -> None:
    words, shape = pace.likeness(QUERY.replace(value, another))
    assert words != pace.likeness(QUERY)[0]
    assert shape == pace.likeness(QUERY)[1]


@pytest.mark.parametrize("other", [QUERY.replace("?o", "?p"), QUERY.replace("SELECT ?o", "ASK")])
def test_another_shape_is_unknown(other: str) -> None:
    known = pace.Known()
    known.learn(pace.likeness(QUERY), pace.SLOW)
    assert known.pace(pace.likeness(other)) == pace.UNKNOWN


def test_the_last_pace_counts_and_the_same_words_before_the_shape() -> None:
    known, one, other = (
        pace.Known(),
        pace.likeness("ASK { <a> ?p 1 }"),
        pace.likeness("ASK { <b> ?p 1 }"),
    )
    known.learn(one, pace.SLOW)
    assert known.pace(other) == pace.SLOW
    known.learn(other, pace.LIGHT)
    assert (known.pace(one), known.pace(other)) == (pace.SLOW, pace.LIGHT)
    known.learn(one, pace.LIGHT)
    assert known.pace(one) == pace.LIGHT


def test_the_memory_of_queries_is_bounded() -> None:
    known = pace.Known()
    for number in range(pace.MOST_KNOWN):
        known.learn((number, -number - 1), pace.LIGHT)
    assert known.pace((0, -1)) == pace.UNKNOWN
    assert len(known._paces) == pace.MOST_KNOWN


@pytest.mark.parametrize("odd", ['"', "<", "'\\", "a:", "#", "'\\\n", "# \n", " "])
def test_odd_texts_are_read_in_time(odd: str) -> None:
    began = time.perf_counter()
    pace.likeness(odd * 100_000)
    assert time.perf_counter() - began < 0.25, (
        "an expression of kb/engine/pace.py goes back and forth"
    )
