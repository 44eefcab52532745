"""The frame says what the base holds, by query, in both languages."""

from __future__ import annotations

import pytest

from kb import release
from kb.rows import select
from kb.statistics import frame


@pytest.fixture(scope="module")
def sections(shipped: release.Release) -> dict[str, frame.Section]:
    return {section.name: section for section in frame.frame(shipped, "en")}


def _figure(section: frame.Section, item: str, figure: str) -> float:
    (row,) = [row for row in section.table if str(row["item"]).endswith(item)]
    return float(str(row[figure]))


def _total(sections: dict[str, frame.Section]) -> int:
    return int(_figure(sections["totals"], "#SocialInnovation", "entities"))


@pytest.mark.parametrize(
    "name", ["decades", "sources-per-innovation", "documentation-score", "depth-by-habit"]
)
def test_a_partition_counts_every_innovation_once(
    name: str, sections: dict[str, frame.Section]
) -> None:
    counted = sum(int(str(row["innovations"])) for row in sections[name].table)
    assert counted == _total(sections)


def test_the_two_great_families_are_shown_against_the_french_cases(
    sections: dict[str, frame.Section], shipped: release.Release
) -> None:
    french = int(_figure(sections["countries"], "country-fr", "innovations"))
    both = sum(
        _figure(sections["models"], name, "inFrance")
        for name in ("/territoire-zero-chomeur", "/ptce")
    )
    assert french > 100
    assert both / french > 0.4, "TZCLD and PTCE were 62 of 128 French cases"


def test_every_french_region_is_compared_with_its_population(
    sections: dict[str, frame.Section], shipped: release.Release
) -> None:
    question = """PREFIX essaim: <https://w3id.org/essaim/ns#>
    SELECT DISTINCT ?region ?people
    WHERE { ?region a essaim:Region ; essaim:populationCount ?people ;
      essaim:withinTerritory <https://w3id.org/essaim/id/territory/country-fr> }"""
    people = {
        str(row["region"]): int(str(row["people"])) for row in select(shipped.engine, question)
    }
    rows = {str(row["item"]): row for row in sections["french-regions"].table}
    assert set(rows) == set(people)
    placed = sum(int(str(row["innovations"])) for row in rows.values())
    for region, row in rows.items():
        share = int(str(row["innovations"])) / placed
        expected = share / (people[region] / sum(people.values()))
        assert float(str(row["index"])) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_has_words_for_every_figure(shipped: release.Release, language: str) -> None:
    page = frame.markdown(frame.frame(shipped, language), shipped.id, language)
    assert shipped.id in page
    assert "https://w3id.org" not in page, "every item has a label"
    assert page.count("\n## ") >= 12
