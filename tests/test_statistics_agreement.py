"""κ is Cohen's; the figures of the command follow from the two readings that were published."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import release
from kb.statistics import readings
from kb.statistics.agreement import Pair, agreement, jaccard, kappa, mean_jaccard

PAIRS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


def pairs(counts: dict[tuple[str, str], int]) -> list[Pair]:
    return [pair for pair, times in counts.items() for _ in range(times)]


# Square tables worked out in statistics textbooks: (rows = first coder, columns = second coder).
KNOWN = [
    ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 0.4),
    ({("y", "y"): 45, ("y", "n"): 15, ("n", "y"): 25, ("n", "n"): 15}, 0.1304),
    ({("y", "y"): 25, ("y", "n"): 35, ("n", "y"): 5, ("n", "n"): 35}, 0.2593),
    ({("a", "a"): 1, ("b", "b"): 1, ("a", "b"): 1, ("b", "a"): 1}, 0.0),
    ({("a", "b"): 3, ("b", "a"): 3}, -1.0),
]


@pytest.mark.parametrize(("counts", "known"), KNOWN)
def test_kappa_is_the_known_one(counts: dict[tuple[str, str], int], known: float) -> None:
    found = kappa(pairs(counts))
    assert found is not None
    assert round(found, 4) == known


@given(PAIRS)
def test_kappa_is_symmetric(given_pairs: list[tuple[str, str]]) -> None:
    assert kappa(given_pairs) == kappa([(b, a) for a, b in given_pairs])


@given(PAIRS)
def test_kappa_does_not_depend_on_order_and_stays_in_range(
    given_pairs: list[tuple[str, str]],
) -> None:
    found = kappa(given_pairs)
    assert found == kappa(sorted(given_pairs))
    assert found is None or -1 <= found <= 1


@given(st.lists(st.sampled_from("abc"), min_size=1))
def test_equal_codings_agree_fully(answers: list[str]) -> None:
    found = agreement([(a, a) for a in answers])
    assert found.agreed == found.n
    assert found.kappa == (1.0 if len(set(answers)) > 1 else None)


def test_without_units_nothing_is_claimed() -> None:
    assert agreement([]).share is None
    assert kappa([]) is None
    assert mean_jaccard([]) is None


def test_jaccard_counts_what_both_hold() -> None:
    assert jaccard({"a", "b"}, {"b", "c"}) == pytest.approx(1 / 3)
    assert jaccard(set(), set()) == 1.0


@pytest.fixture(scope="module")
def facets(shipped: release.Release) -> dict[tuple[str, str], readings.Facet]:
    found = readings.facets(readings.readings(shipped))
    return {(facet.name, facet.cases): facet for facet in found}


def _rounded(facet: readings.Facet) -> tuple[int, int, float | None]:
    kept = facet.found.kappa
    return facet.found.n, facet.found.agreed, None if kept is None else round(kept, 2)


SHIPPED = {
    "ambition-decided": (37, 33, 0.74),
    "ambition": (45, 34, 0.55),
    "law-branch": (45, 7, 0.08),
    "stage": (45, 20, 0.34),
    "stage-merged": (45, 29, 0.51),
    "posture:producer": (68, 68, 1.0),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_the_two_readings_agree_as_documented(
    name: str, facets: dict[tuple[str, str], readings.Facet]
) -> None:
    assert _rounded(facets[name, "all"]) == SHIPPED[name], (
        "a reading was changed: both readings are kept as they were; if the change is meant, "
        "write the new figure here and in docs/statistics.md"
    )


def test_inherited_proposals_are_left_out_of_the_own_ones(
    facets: dict[tuple[str, str], readings.Facet],
) -> None:
    for (name, cases), facet in facets.items():
        if cases == "own":
            assert facet.found.n < facets[name, "all"].found.n


def test_every_facet_has_words_in_both_languages(shipped: release.Release) -> None:
    found = readings.facets(readings.readings(shipped))
    tables = [readings.table(shipped, found, language) for language in ("fr", "en")]
    assert all("label" in row for table in tables for row in table)
    assert {str(r["label"]) for r in tables[0]} != {str(r["label"]) for r in tables[1]}


RECORDS = os.environ.get("ESSAIM_RECORDS", "")
LATER = {"ptce-lille-metropole-solidaire", "ptce-culture-cooperation",
         "ptce-2021-place-des-possibles", "ptce-bouquetot"}  # fmt: skip


@pytest.mark.skipif(not RECORDS, reason="set ESSAIM_RECORDS to the folder of research records")
def test_the_published_figures_follow_from_the_records() -> None:
    first = {case["id"]: case for case in _load("cases.json")}
    second = _load("second-reading.json")
    ambition = [
        (
            (None if case["id"] in LATER else first[case["id"]]["coding"].get("ambition"))
            or "undecidable",
            case["ambition"]["value"],
        )
        for case in second
    ]
    decided = agreement([pair for pair in ambition if "undecidable" not in pair])
    assert (decided.n, decided.agreed, round(decided.kappa or 0, 2)) == (34, 31, 0.78)
    assert round(kappa(ambition) or 0, 2) == 0.53
    units = _postures(first, second)
    assert len(units) == 57
    assert round(mean_jaccard(units) or 0, 2) == 0.46
    assert round(kappa([("funder" in a, "funder" in b) for a, b in units]) or 0, 2) == 0.75


def _load(name: str) -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = json.loads((Path(RECORDS) / name).read_text("utf-8"))
    return loaded


def _postures(first: dict, second: list) -> list[tuple[set[str], set[str]]]:  # type: ignore[type-arg]
    found = []
    for case in second:
        for authority in first[case["id"]]["public_authorities"]:
            name = authority["name"]
            seen = {p["posture"] for p in case["postures"] if p["authority"] == name}
            if seen and authority.get("roles"):
                found.append((set(authority["roles"]), seen))
    return found
