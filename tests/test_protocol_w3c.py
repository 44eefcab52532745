"""The W3C's own cases for SPARQL 1.1 Protocol, query side; its updates must be refused.

The archive `rdf-tests.tar.gz` is looked for in the folder that ESSAIM_SUITES names.
"""

from __future__ import annotations

import json
import os
import tarfile
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from kb.engine import GRAPHS, SOLUTIONS, LocalEngine
from kb.release import Release
from web import create_app

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT, CNT = Namespace("http://www.w3.org/2011/http#"), Namespace("http://www.w3.org/2011/content#")
FOLDER = "rdf-tests/sparql/sparql11/protocol/"
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
KINDS = {"boolean": list(SOLUTIONS)[:2], "tabular": SOLUTIONS, "RDF": GRAPHS}
ARCHIVE = Path(os.environ.get("ESSAIM_SUITES", "")) / "rdf-tests.tar.gz"

pytestmark = pytest.mark.skipif(
    not ARCHIVE.is_file(), reason="set ESSAIM_SUITES to the folder of rdf-tests.tar.gz"
)


@cache
def read(name: str) -> bytes:
    with tarfile.open(ARCHIVE) as archive:
        member = archive.extractfile(FOLDER + name)
        assert member is not None
        return member.read()


@cache
def manifest() -> Graph:
    return Graph().parse(
        data=read("manifest.ttl"), format="turtle", publicID="https://w3c.example/"
    )


def cases() -> list[str]:
    if not ARCHIVE.is_file():
        return []
    return sorted(str(s).rpartition("#")[2] for s in manifest().subjects(RDF.type, MF.ProtocolTest))


@pytest.fixture(scope="module")
def endpoint(shipped: Release) -> FlaskClient:
    """An endpoint over the three graphs of the suite."""
    store = ox.Store()
    for number in (1, 2, 3):
        graph = ox.NamedNode(DATA.format(number))
        store.load(read(f"data{number}.nt"), ox.RdfFormat.N_TRIPLES, to_graph=graph)
    release = Release(shipped.path, shipped.manifest)
    release.__dict__["engine"] = LocalEngine(store, shipped.id)
    return create_app(release).test_client()


@pytest.mark.parametrize("name", cases())
def test_a_case_of_the_w3c(endpoint: FlaskClient, name: str) -> None:
    graph = manifest()
    case = next(s for s in graph.subjects(RDF.type, MF.ProtocolTest) if s.endswith("#" + name))
    connection = graph.value(case, MF.action)
    requests = graph.value(connection, HT.requests)
    assert requests is not None
    for request in Collection(graph, requests):
        answer = endpoint.open(**asked(graph, request))
        if name.startswith("update_"):  # data are read-only here
            assert 400 <= answer.status_code < 500
            return
        check(graph, graph.value(request, HT.resp), answer)


def asked(graph: Graph, request: object) -> dict[str, object]:
    """Return a request as the client wants it."""
    body, headers = graph.value(request, HT.body), {}
    listed = graph.value(request, HT.headers)
    for header in Collection(graph, listed) if listed else ():
        headers[str(graph.value(header, HT.fieldName))] = str(graph.value(header, HT.fieldValue))
    data = b""
    if body is not None:
        encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
        data = str(graph.value(body, CNT.chars)).encode(encoding)
    path, method = graph.value(request, HT.absolutePath), graph.value(request, HT.methodName)
    return {"path": str(path), "method": str(method), "headers": headers, "data": data}


def check(graph: Graph, expected: object, answer) -> None:  # type: ignore[no-untyped-def]
    classes = [str(s)[-3:-2] for s in graph.objects(expected, MF.expectedStatus)]
    assert str(answer.status_code)[0] in classes, answer.get_data(as_text=True)
    for kind in graph.objects(expected, MF.expectedFormat):
        assert answer.mimetype in KINDS[str(kind)]
    for value in graph.objects(expected, MF.expectedBoolean):
        assert isinstance(value, Literal)
        assert json.loads(answer.data)["boolean"] is value.value


def test_there_are_cases_to_run() -> None:
    assert len(cases()) >= 30
    assert URIRef(str(MF.ProtocolTest)) in set(manifest().objects(None, RDF.type))
