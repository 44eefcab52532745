"""Clients people really use: rdflib, SPARQLWrapper, and bare HTTP as curl speaks it."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

import pytest
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import JSON, POST, POSTDIRECTLY, TURTLE, SPARQLWrapper

pytestmark = pytest.mark.full

INNOVATIONS = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
RECORD = "https://w3id.org/essaim/id/innovation/tzcld-pipriac"


def test_rdflib_as_a_client(address: str) -> None:
    graph = Graph(store=SPARQLStore(address + "sparql"))
    assert len(list(graph.query(INNOVATIONS))) > 200
    assert len(list(graph.predicate_objects(URIRef(RECORD)))) > 10


@pytest.mark.parametrize("way", ["get", "form", "direct"])
def test_sparqlwrapper_as_a_client(address: str, way: str) -> None:
    client = SPARQLWrapper(address + "sparql", returnFormat=JSON)
    client.setQuery(INNOVATIONS)
    if way != "get":
        client.setMethod(POST)
    if way == "direct":
        client.setRequestMethod(POSTDIRECTLY)
    assert len(client.query().convert()["results"]["bindings"]) > 200


def test_sparqlwrapper_gets_a_graph(address: str) -> None:
    client = SPARQLWrapper(address + "sparql", returnFormat=TURTLE)
    client.setQuery(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ BIND(<{RECORD}> AS ?s) ?s ?p ?o }}")
    assert len(Graph().parse(data=client.query().convert(), format="turtle")) > 10


def test_rdflib_reads_a_record_by_its_document(address: str) -> None:
    graph = Graph().parse(address + "doc/id/innovation/tzcld-pipriac")
    assert (URIRef(RECORD), None, None) in graph


def asked(address: str, path: str, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_large_answer_is_streamed_whole(address: str) -> None:
    path = "/sparql?query=" + quote("SELECT * WHERE { ?s ?p ?o } LIMIT 200000")
    status, body = asked(address, path, Accept="text/csv")
    assert status == 200
    assert body.count(b"\n") >= 200_001


def test_a_slow_query_delays_nobody(address: str) -> None:
    slow = "/sparql?query=" + quote(
        "SELECT (COUNT(*) AS ?n) WHERE { ?a a ?x . ?b a ?y . FILTER(?a != ?b) } "
    )
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(asked, address, slow)
        time.sleep(0.5)
        begun = time.monotonic()
        assert asked(address, "/healthz")[0] == 200
        assert asked(address, "/sparql?query=ASK%20%7B%7D")[0] == 200
        assert time.monotonic() - begun < 2
        assert waiting.result()[0] in (200, 503)
