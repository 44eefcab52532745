"""Search: stems and beginnings of words, accents or not, each language apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb import search
from kb.engine import LocalEngine
from kb.problems import ReleaseProblem
from kb.queries import Query
from kb.release import Release

ENTRIES = """
SELECT ?iri ?kind ?language ?label ?text ?weight WHERE {
  VALUES (?iri ?kind ?language ?label ?text ?weight) {
    (<x:1> "innovation" "fr" "Mobilité rurale en Vexin" "Des trajets partagés" 4)
    (<x:1> "innovation" "en" "Rural mobility in Vexin" "Shared journeys" 4)
    (<x:2> "concept" "fr" "Lien social" "La mobilité n'y est pour rien" 3)
    (<x:3> "territory" "" "Œuvre-sur-Élan" "75001" 1)
    (<x:4> "actor" "fr" "Tézéa" "" 4)
    (<x:4> "actor" "fr" "Second nom, jamais écrit" "" 4)
    (<x:5> "actor" "fr" "Épicerie d'Été" "L'insertion" 4)
  }
}
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> search.Index:
    path = tmp_path_factory.mktemp("index") / "index.sqlite"
    count = search.build(
        path, LocalEngine(ox.Store()), [Query("entries", Path("entries.rq"), ENTRIES, {})]
    )
    assert count == 6
    return search.Index(path)


def found(index: search.Index, text: str, language: str = "fr", **more: object) -> list[str]:
    return [hit.iri for hit in index.search(text, language, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("mobilités rurales", "fr", ["x:1"]),
        ("MOBILITE", "fr", ["x:1", "x:2"]),
        ("mobil rur", "fr", ["x:1"]),
        ("trajet partagé", "fr", ["x:1"]),
        ("journey", "en", ["x:1"]),
        ("journey", "fr", []),
        ("trajets", "en", []),
        ("rural mobilities", "en", ["x:1"]),
        ("oeuvre sur elan", "fr", ["x:3"]),
        ("œuvre", "en", ["x:3"]),
        ("75001", "fr", ["x:3"]),
        ("tezea", "fr", ["x:4"]),
        ("Téz", "fr", ["x:4"]),
        ("epicerie d'ete", "fr", ["x:5"]),
        ("l'épicerie", "fr", ["x:5"]),
        ("L’ÉTÉ", "fr", ["x:5"]),
        ("insertion", "fr", ["x:5"]),
        ("mobilité nulle", "fr", ["x:1", "x:2"]),  # nothing has both: what has one
        ("second", "fr", []),
    ],
)
def test_words_are_found(
    index: search.Index, text: str, language: str, expected: list[str]
) -> None:
    assert found(index, text, language) == expected


@pytest.mark.parametrize("text", ["", "   ", "…", "« »", "''", '"', "*", "-", "()"])
def test_nothing_is_found_for_no_word(index: search.Index, text: str) -> None:
    assert index.search(text) == []


def test_a_label_comes_before_a_text(index: search.Index) -> None:
    assert found(index, "mobilité") == ["x:1", "x:2"]


def test_kinds_and_limit_narrow_the_hits(index: search.Index) -> None:
    assert found(index, "mobilité", kinds=["concept"]) == ["x:2"]
    assert found(index, "mobilité", kinds=["concept", "innovation"], limit=1) == ["x:1"]


@given(text=st.text(max_size=60))
def test_any_text_is_searched_without_failing(index: search.Index, text: str) -> None:
    index.search(text)


@pytest.mark.parametrize(
    "text", ['a" OR "b', "a NEAR b", "label_stems:a", "a*b", "NOT a", "{a} : b"]
)
def test_the_syntax_of_the_index_is_only_text(index: search.Index, text: str) -> None:
    assert found(index, text) == []


def test_many_threads_search_at_once(index: search.Index) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: tuple(found(index, "tezea")), range(80))) == {("x:4",)}


def test_a_missing_index_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ReleaseProblem, match="run `essaim build`"):
        search.Index(tmp_path / "none.sqlite")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("pipriac", "fr", "id/innovation/tzcld-pipriac"),
        ("35219", "fr", "id/territory/commune-35219"),
        ("Saint Étienne", "en", "id/territory/commune-42218"),
        ("zéro chômeurs", "fr", "id/model/territoire-zero-chomeur"),
        ("food", "en", "scheme/need/alimentation"),
        ("facilitateurs", "fr", "scheme/posture/facilitator"),
        ("loi 2014-856", "fr", "id/policy/fr-loi-2014-856"),
        ("l'alimentation", "fr", "scheme/need/alimentation"),
    ],
)
def test_the_shipped_records_are_found(
    shipped: Release, text: str, language: str, expected: str
) -> None:
    hits = [hit.iri for hit in shipped.index.search(text, language, limit=20)]
    assert f"https://w3id.org/essaim/{expected}" in hits


def test_every_record_is_indexed_in_both_languages(shipped: Release) -> None:
    for language in ("fr", "en"):
        hits = shipped.index.search("TZCLD", language, kinds=["innovation"], limit=500)
        assert len(hits) > 30
