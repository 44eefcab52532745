"""SPARQL 1.1, 1.0 and 1.2 as the W3C tests them, on the engine every query runs on.

A failure that `tests/w3c/known-failures.tsv` does not list fails here, and so does a listed one
that passes. The archive `rdf-tests.tar.gz` is looked for in the folder that ESSAIM_SUITES names.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from w3c import conformance, protocol, run, suite
from w3c.known import FORM, PASS, known

from kb.engine import rewrite
from kb.release import Release

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.skipif(
    not suite.ARCHIVE.is_file(), reason="set ESSAIM_SUITES to the folder of rdf-tests.tar.gz"
)


@pytest.mark.parametrize("case", suite.cases(), ids=lambda case: case.name)
def test_a_query_case_of_the_w3c(case: suite.Case) -> None:
    outcome, detail = run.judged(case)
    expected = known()[case.name].outcome if case.name in known() else PASS
    remedy = "mend it, or list it with its reason in" if expected == PASS else "take it out of"
    assert outcome == expected, f"{detail}; {remedy} tests/w3c/known-failures.tsv"


def test_mending_never_costs_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    mended = {case.name: run.judged(case)[0] for case in suite.cases()}
    monkeypatch.setattr(rewrite, "mended", lambda text, _: text)
    for case in suite.cases():
        alone = run.judged(case)[0]
        assert mended[case.name] in {PASS: (PASS,), FORM: (PASS, FORM)}.get(alone, mended.values())


def test_every_known_failure_is_a_case() -> None:
    assert set(known()) <= {case.name for case in suite.cases()}
    assert all(failure.reason.endswith(".") for failure in known().values())


def test_the_suites_are_whole() -> None:
    groups = [case.group for case in suite.cases()]
    assert groups.count("sparql11 evaluation") >= 235
    assert groups.count("sparql10 evaluation") >= 283
    assert sum(group in ("sparql11 syntax", "sparql10 syntax") for group in groups) >= 296


def test_the_published_score_is_that_of_today(shipped: Release) -> None:
    published = (ROOT / "docs" / "sparql-conformance.md").read_text(encoding="utf-8")
    assert published == conformance.page(protocol.client(shipped)), "run `make docs`"
