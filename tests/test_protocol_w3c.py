"""The W3C's own cases for SPARQL 1.1 Protocol, query side; its updates must be refused.

The archive `rdf-tests.tar.gz` is looked for in the folder that ESSAIM_SUITES names.
"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from w3c import protocol, suite

from kb.release import Release

pytestmark = pytest.mark.skipif(
    not suite.ARCHIVE.is_file(), reason="set ESSAIM_SUITES to the folder of rdf-tests.tar.gz"
)


@pytest.fixture(scope="module")
def endpoint(shipped: Release) -> FlaskClient:
    return protocol.client(shipped)


@pytest.mark.parametrize("name", protocol.queries())
def test_a_query_case_passes(endpoint: FlaskClient, name: str) -> None:
    assert protocol.problem(endpoint, name) == ""


@pytest.mark.parametrize("name", protocol.updates())
def test_an_update_case_is_refused(endpoint: FlaskClient, name: str) -> None:
    assert protocol.problem(endpoint, name) == ""


@pytest.mark.parametrize("name", protocol.DESCRIPTION)
def test_a_service_description_case_passes(endpoint: FlaskClient, name: str) -> None:
    assert protocol.described(endpoint, name) == ""


def test_there_are_cases_to_run(endpoint: FlaskClient) -> None:
    passed, known = protocol.score(endpoint)
    assert passed == known >= 20
