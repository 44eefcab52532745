"""What several tests share: one release of the shipped sources, built once a session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pools import LIMITS
from records_made import Made, make
from servers import SERVERS

from kb import release
from kb.engine.graphstore import GraphStore
from kb.engine.pool import PoolEngine
from kb.engine.remote import RemoteEngine
from kb.publish import publish
from web import create_app


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of releases of the tests' own, so that no test touches the user's."""
    folder = tmp_path_factory.mktemp("essaim-home")
    before = os.environ.get("ESSAIM_HOME")
    os.environ["ESSAIM_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["ESSAIM_HOME"]
    else:
        os.environ["ESSAIM_HOME"] = before


@pytest.fixture(scope="session")
def shipped(home: Path) -> release.Release:
    """The release of the sources as they are shipped."""
    return release.build(folder=home / "releases")


@pytest.fixture(scope="session")
def app(shipped: release.Release) -> Flask:
    """The web application over the shipped release."""
    made = create_app(shipped)
    made.testing = False  # errors are answered as they are to everybody
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies of other tests."""
    return app.test_client()


@pytest.fixture(scope="session", params=SERVERS)
def published(
    request: pytest.FixtureRequest,
    shipped: release.Release,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RemoteEngine]:
    """Another engine that holds the release as it is shipped."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as engine:
        publish(shipped, GraphStore(engine))
        assert engine.dialect().name == request.param
        yield engine


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One conversion of small records written by hand."""
    return make(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of three thousand numbers, for pools."""
    path = tmp_path_factory.mktemp("pool") / "kb.nq"
    integer = "http://www.w3.org/2001/XMLSchema#integer"
    line = f'<http://x/{{0}}> <http://x/p> "{{0}}"^^<{integer}> <http://x/g> .\n'
    path.write_text("".join(line.format(n) for n in range(3_000)), encoding="utf-8")
    return path


@pytest.fixture
def pool(numbers: Path) -> Iterator[PoolEngine]:
    """A pool over the numbers."""
    engine = PoolEngine(numbers, "abc", limits=LIMITS)
    yield engine
    engine.close()
