"""Both engines in the W3C's suite for SHACL; what differs is listed, and the list is no longer."""

from __future__ import annotations

import pytest
from w3c import shacl, shacl_score
from w3c.known import PASS

from kb import files
from kb.validation.engines import Engine

CASES = shacl.cases() if shacl.is_here() else []
needs_suite = pytest.mark.skipif(not CASES, reason="set ESSAIM_SUITES to the folder of the suites")


def ids(case: shacl.Case) -> str:
    return case.name


@needs_suite
def test_the_whole_suite_is_read() -> None:
    assert len(CASES) == 121


@needs_suite
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_the_pair_of_engines_passes(case: shacl.Case) -> None:
    found, decided = shacl.answered(case, "auto")
    assert found == case.expected, f"{decided} decided"


@needs_suite
@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_an_engine_alone_passes_or_refuses(case: shacl.Case, engine: Engine) -> None:
    listed = shacl.known().get(f"{engine} {case.name}")
    found, _ = shacl.answered(case, engine)
    if listed:
        assert found is None, "it is answered: remove it from tests/w3c/known-shacl.tsv"
        assert case.expected is not None, "a refusal is expected: remove the line"
    else:
        assert found == case.expected, "repair it, or list it with its reason"


@needs_suite
def test_a_listed_difference_is_of_a_case_and_has_a_reason() -> None:
    names = {f"{engine} {case.name}" for case in CASES for engine in ("fast", "pyshacl")}
    assert set(shacl.known()) <= names
    for known in shacl.known().values():
        assert known.outcome != PASS
        assert len(known.reason) > 30, f"{known.case}: say why"


@needs_suite
def test_the_published_score_is_up_to_date() -> None:
    published = files.root() / "docs" / "validation-conformance.md"
    assert published.read_text(encoding="utf-8") == shacl_score.page(), "run: make docs"
