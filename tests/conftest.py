"""Fixtures shared by all tests: one release of the shipped sources, built once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kb import release


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[release.Release]:
    """Return a release of the shipped sources, current in an ESSAIM_HOME of its own."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESSAIM_HOME", str(home))
        yield release.build()
