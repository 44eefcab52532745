"""What the tests of the protocol share: the queries they ask, and the types of their answers."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from flask.testing import FlaskClient

SELECT = (
    "SELECT ?s WHERE { ?s a <https://w3id.org/essaim/ns#SocialInnovation> } ORDER BY ?s LIMIT 2"
)
CONSTRUCT = "CONSTRUCT { <s> <p> 1 } WHERE { }"
QUERY = "application/sparql-query"
RESULTS_JSON = "application/sparql-results+json"
RECORD = "https://w3id.org/essaim/graph/contrib/innovations/tzcld-pipriac"
SOLUTIONS = (
    RESULTS_JSON,
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
)
GRAPHS = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")


def asked(client: FlaskClient, query: str, accept: str = RESULTS_JSON, **more: str):
    return client.get("/sparql?" + urlencode({"query": query, **more}), headers={"Accept": accept})


def rows(response) -> list[dict]:
    assert response.status_code == 200, response.get_data(as_text=True)
    return json.loads(response.data)["results"]["bindings"]
