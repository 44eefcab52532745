"""The W3C's cases for SPARQL 1.1 Protocol, query side, and for Service Description.

Cases that update are asked too: a read-only endpoint must refuse them, so they are counted apart.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pyoxigraph as ox
from flask.testing import FlaskClient
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from kb.engine import GRAPHS, SOLUTIONS, LocalEngine
from kb.release import Release
from w3c import suite
from web import create_app

MF = Namespace(suite.MF)
SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
HT, CNT = Namespace("http://www.w3.org/2011/http#"), Namespace("http://www.w3.org/2011/content#")
FOLDER = suite.BASE + "sparql11/protocol/"
DATA = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
KINDS = {"boolean": list(SOLUTIONS)[:2], "tabular": SOLUTIONS, "RDF": GRAPHS}
DESCRIPTION = ("returns-rdf", "has-endpoint-triple", "conforms-to-schema")


@cache
def _manifest() -> Graph:
    data = suite.read(FOLDER + "manifest.ttl")
    return Graph().parse(data=data, format="turtle", publicID=FOLDER)


def queries() -> list[str]:
    """Return the names of the cases that query."""
    return [name for name in _names() if not name.startswith("update_")]


def updates() -> list[str]:
    """Return the names of the cases that update."""
    return [name for name in _names() if name.startswith("update_")]


def _names() -> list[str]:
    if not suite.ARCHIVE.is_file():
        return []
    found = _manifest().subjects(RDF.type, MF.ProtocolTest)
    return sorted(str(s).rpartition("#")[2] for s in found)


def client(release: Release) -> FlaskClient:
    """Return a client of an endpoint over the three graphs of the suite."""
    store = ox.Store()
    for number in (1, 2, 3):
        graph = ox.NamedNode(DATA.format(number))
        store.load(suite.read(f"{FOLDER}data{number}.nt"), ox.RdfFormat.N_TRIPLES, to_graph=graph)
    served = replace(release, served_by=LocalEngine(store, release.id))
    return create_app(served).test_client()


def problem(client: FlaskClient, name: str) -> str:
    """Return what is wrong with the answers to a case; nothing when they are as expected."""
    graph = _manifest()
    case = next(s for s in graph.subjects(RDF.type, MF.ProtocolTest) if s.endswith("#" + name))
    requests = graph.value(graph.value(case, MF.action), HT.requests)
    for request in Collection(graph, requests):
        answer = client.open(**_asked(graph, request))
        if name.startswith("update_"):
            refused = 400 <= answer.status_code < 500
            return "" if refused else f"status {answer.status_code}, not refused"
        if wrong := _wrong(graph, graph.value(request, HT.resp), answer):
            return wrong
    return ""


def _asked(graph: Graph, request: Any) -> dict[str, Any]:
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


def _wrong(graph: Graph, expected: Any, answer: Any) -> str:
    classes = [str(s)[-3:-2] for s in graph.objects(expected, MF.expectedStatus)]
    if str(answer.status_code)[0] not in classes:
        return f"status {answer.status_code}: {answer.get_data(as_text=True)}"
    for kind in graph.objects(expected, MF.expectedFormat):
        if answer.mimetype not in KINDS[str(kind)]:
            return f"{answer.mimetype} is no {kind}"
    for value in graph.objects(expected, MF.expectedBoolean):
        if isinstance(value, Literal) and json.loads(answer.data)["boolean"] is not value.value:
            return f"the answer is not {value}"
    return ""


def described(client: FlaskClient, name: str) -> str:
    """Return what is wrong with the description of the service; nothing when a case passes.

    The suite has names and no data for these three: SPARQL 1.1 Service Description §2 and §3.
    """
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    if name == "returns-rdf":
        is_rdf = (answer.status_code, answer.mimetype) == (200, "text/turtle")
        return "" if is_rdf else f"{answer.status_code} {answer.mimetype}"
    graph = Graph().parse(data=answer.data, format="turtle")
    endpoint = URIRef("http://localhost/sparql")
    if name == "has-endpoint-triple":
        return "" if (None, SD.endpoint, endpoint) in graph else "no sd:endpoint"
    return _against_schema(graph)


def _against_schema(graph: Graph) -> str:
    """Check domains, ranges and cardinalities of the vocabulary, §3.2 to §3.4."""
    services = set(graph.subjects(RDF.type, SD.Service))
    endpoints = [list(graph.objects(service, SD.endpoint)) for service in services]
    if not services or any(len(found) != 1 for found in endpoints):
        return "each service has one sd:endpoint"
    for subject, value in graph.subject_objects(SD.defaultDataset):
        if subject not in services or (value, RDF.type, SD.Dataset) not in graph:
            return "sd:defaultDataset leads from a service to an sd:Dataset"
    for subject, value in graph.subject_objects(SD.defaultGraph):
        if (subject, RDF.type, SD.Dataset) not in graph or (value, RDF.type, SD.Graph) not in graph:
            return "sd:defaultGraph leads from an sd:Dataset to an sd:Graph"
    instances = (SD.feature, SD.resultFormat, SD.inputFormat, SD.supportedLanguage)
    for predicate in instances:
        for subject, value in graph.subject_objects(predicate):
            if subject not in services or not isinstance(value, URIRef | BNode):
                return f"{predicate} leads from a service to a thing"
    return ""


def score(client: FlaskClient) -> tuple[int, int]:
    """Return how many cases of the query side and the description pass, and how many there are."""
    problems = [problem(client, name) for name in queries()]
    problems += [described(client, name) for name in DESCRIPTION]
    return problems.count(""), len(problems)
