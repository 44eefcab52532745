"""The endpoint with clients of other makers: curl, Comunica's client, rdflib and SPARQLWrapper.

Comunica's client (npm, `fetch-sparql-endpoint`) is installed aside for the test; without npm, or
without its registry, the test says so and is skipped.
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import waitress
from rdflib import Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, N3, TSV, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from kb.release import Release
from web import create_app

pytestmark = pytest.mark.full

COMUNICA = "fetch-sparql-endpoint@7"
INNOVATIONS = "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> }"
MANY = "SELECT * WHERE { ?s ?p ?o } LIMIT 50000"
needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="install curl")


def curl(*arguments: str, code: int = 0) -> bytes:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "60", *arguments],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


@needs_curl
def test_curl_asks_in_every_way(address: str) -> None:
    endpoint, accept = address + "sparql", "Accept: text/csv"
    got = curl("--get", "--data-urlencode", f"query={INNOVATIONS}", "-H", accept, endpoint)
    form = curl("--data-urlencode", f"query={INNOVATIONS}", "-H", accept, endpoint)
    kind = "Content-Type: application/sparql-query"
    direct = curl("--data-binary", INNOVATIONS, "-H", kind, "-H", accept, endpoint)
    assert len(got.splitlines()) > 200
    assert sorted(got.splitlines()) == sorted(form.splitlines()) == sorted(direct.splitlines())


@needs_curl
def test_curl_unzips_and_asks_for_what_changed(address: str, tmp_path: Path) -> None:
    endpoint = ["--get", "--data-urlencode", f"query={MANY}", address + "sparql"]
    zipped = curl("-H", "Accept-Encoding: gzip", "-H", "Accept: application/json", *endpoint)
    plain = curl("--compressed", "-H", "Accept: application/json", *endpoint)
    rows = [json.loads(body)["results"]["bindings"] for body in (gzip.decompress(zipped), plain)]
    assert len(rows[0]) == len(rows[1]) == 50_000
    tag = str(tmp_path / "tag")
    curl("--etag-save", tag, *endpoint)
    again = curl("--etag-compare", tag, "--write-out", "%{http_code}", "-o", "/dev/null", *endpoint)
    assert again == b"304"


@needs_curl
def test_head_and_problems_are_readable_in_a_terminal(address: str) -> None:
    head = curl("--head", address + "sparql?query=ASK%7B%7D").decode()
    assert head.startswith("HTTP/1.1 200")
    text = curl("--get", "--data-urlencode", "query=SELEC ?s {}", address + "sparql").decode()
    assert text.startswith("400 ")
    assert "^" in text


@needs_curl
def test_the_first_byte_does_not_wait_for_the_last(address: str) -> None:
    query = "SELECT * WHERE { ?s ?p ?o . ?s ?q ?r } LIMIT 400000"
    said = curl(
        "--get", "--data-urlencode", f"query={query}", "-H", "Accept: text/tab-separated-values",
        "-o", "/dev/null", "--write-out", "%{time_starttransfer} %{time_total}", address + "sparql",
    )  # fmt: skip
    first, total = map(float, said.split())
    assert first < total / 3, f"first byte after {first} s of {total} s"


@pytest.fixture(scope="module")
def few(shipped: Release) -> Iterator[str]:
    """An endpoint that sends at most 20 000 rows."""
    app = create_app(shipped)
    app.config["MAX_ROWS"] = 20_000
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    yield f"http://127.0.0.1:{server.effective_port}/sparql"
    server.close()


@needs_curl
def test_a_cut_answer_ends_well_where_it_can_say_so_and_badly_elsewhere(few: str) -> None:
    asked = ["--get", "--data-urlencode", f"query={MANY}", few]
    answer = json.loads(curl("-H", "Accept: application/json", *asked))
    assert len(answer["results"]["bindings"]) == 20_000
    assert answer["truncated"] == "rows"
    partial_file = 18  # curl's word for a connection that closed too soon
    curl("-H", "Accept: text/csv", *asked, code=partial_file)


@pytest.mark.parametrize("form", [JSON, XML, CSV, TSV])
def test_sparqlwrapper_reads_every_format(address: str, form: str) -> None:
    client = SPARQLWrapper(address + "sparql", returnFormat=form)
    client.setQuery(INNOVATIONS)
    found = client.query()
    assert found.response.status == 200
    assert len(str(found.convert())) > 10_000 or form == XML


def test_sparqlwrapper_knows_a_bad_query_and_a_graph(address: str) -> None:
    client = SPARQLWrapper(address + "sparql")
    client.setQuery("SELECT WHERE")
    with pytest.raises(QueryBadFormed):
        client.query()
    client.setQuery("CONSTRUCT WHERE { ?s a ?t } LIMIT 3")
    client.setReturnFormat(N3)
    assert len(Graph().parse(data=client.query().convert(), format="turtle")) == 3


def test_rdflib_asks_counts_and_binds(address: str) -> None:
    graph = Graph(store=SPARQLStore(address + "sparql", method="POST"))
    assert graph.query("ASK {}").askAnswer is True
    kind = URIRef("https://w3id.org/essaim/ns#SocialInnovation")
    rows = graph.query("SELECT (COUNT(*) AS ?n) { ?s a ?kind }", initBindings={"kind": kind})
    assert int(next(iter(rows))[0]) > 200


@pytest.fixture(scope="module")
def comunica(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of Comunica's client."""
    if not shutil.which("npm"):
        pytest.skip("install Node.js and npm")
    folder = tmp_path_factory.mktemp("npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), COMUNICA]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install {COMUNICA}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / ".bin" / "fetch-sparql-endpoint"


@pytest.mark.parametrize("way", ["--get", "--get=false"])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (INNOVATIONS + " LIMIT 3", "innovation/"),
        ("ASK {}", "true"),
        ("CONSTRUCT WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> } LIMIT 2",
         "SocialInnovation"),
    ],
    ids=["select", "ask", "construct"],
)  # fmt: skip
def test_comunica_reads_every_form_of_query(
    comunica: Path, address: str, query: str, expected: str, way: str
) -> None:
    done = subprocess.run(
        [str(comunica), "--endpoint", address + "sparql", "--query", query, way],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert expected in done.stdout


def test_a_client_that_hangs_up_ends_its_query(address: str) -> None:
    query = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"
    begun = time.monotonic()
    if shutil.which("curl"):
        timed_out = 28
        curl("--max-time", "1", "--get", "--data-urlencode", f"query={query}", "-o", "/dev/null",
             address + "sparql", code=timed_out)  # fmt: skip
    client = SPARQLWrapper(address + "sparql", returnFormat=JSON)
    client.setQuery("ASK {}")
    assert client.query().convert()["boolean"] is True
    assert time.monotonic() - begun < 5
