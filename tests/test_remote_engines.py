"""The same release on other engines: every example gives the rows of the engine of this process.

What was found is in docs/engines.md; tests/servers.py runs the engines.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from servers import rows

from kb import files
from kb.engine.graphstore import GraphStore
from kb.engine.remote import RemoteEngine
from kb.engine.wire import Credentials
from kb.enrich.remote import Endpoint, from_endpoint
from kb.problems import EngineUnavailable, QuerySyntax, QueryTooBig
from kb.publish import publish
from kb.queries import registry
from kb.release import Release
from kb.rows import select

pytestmark = pytest.mark.full

EXAMPLES = registry(files.root() / "queries" / "examples")
RUNAWAY = """SELECT (COUNT(*) AS ?n)
{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STR(?c) < STR(?f) && STR(?f) < STR(?i)) }"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_gives_the_same_rows(
    published: RemoteEngine, shipped: Release, name: str
) -> None:
    assert rows(published, EXAMPLES[name].text) == rows(shipped.engine, EXAMPLES[name].text)


def test_the_release_published_is_told(published: RemoteEngine, shipped: Release) -> None:
    assert published.release_id() == shipped.id
    again = publish(shipped, GraphStore(published))
    assert (again.sent, again.removed) == (0, 0)


def test_a_runaway_query_ends_for_the_caller_at_the_deadline(published: RemoteEngine) -> None:
    begun = time.monotonic()
    with pytest.raises(QueryTooBig) as caught:
        published.query(RUNAWAY, deadline_s=2).read()
    assert caught.value.code == "too-long"
    assert time.monotonic() - begun < 3


def test_a_mistake_is_told_with_its_line(published: RemoteEngine) -> None:
    with pytest.raises(QuerySyntax) as caught:
        published.query("SELECT * {\n  ?s ?p ?\n}")
    assert caught.value.line in (2, 3), "Virtuoso counts where it noticed"


def test_a_wrong_password_publishes_nothing(published: RemoteEngine, shipped: Release) -> None:
    if published.dialect().name == "oxigraph":
        pytest.skip("the Oxigraph server knows no users")
    stranger = RemoteEngine(published.address, credentials=Credentials("dba", "wrong"))
    with pytest.raises(EngineUnavailable, match="ESSAIM_ENGINE_PASSWORD"):
        publish(shipped, GraphStore(stranger))
    assert published.health() == "ok"


SIRENS = """PREFIX essaim: <https://w3id.org/essaim/ns#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?id ?item ?property ?value
WHERE {
  VALUES ?id { "000000000" }
  GRAPH ?file { ?item essaim:siren ?id ; rdfs:label ?value }
  BIND(rdfs:label AS ?property)
}"""


def test_identifiers_are_looked_up_at_either(
    published: RemoteEngine, shipped: Release, tmp_path: Path
) -> None:
    siren = "<https://w3id.org/essaim/ns#siren>"
    some = f"SELECT DISTINCT ?id WHERE {{ ?item {siren} ?id }} ORDER BY ?id LIMIT 7"
    known = select(shipped.engine, some)
    wanted = [str(row["id"]) for row in known]
    asked = Endpoint(published.address, "me@example.org", batch=3, pause_s=0.01)
    found = from_endpoint(asked, SIRENS, [*wanted, "000000000"], tmp_path / "answers.sqlite")
    assert sorted(found) == sorted(wanted)
    assert all(fact.source == published.address for facts in found.values() for fact in facts)
