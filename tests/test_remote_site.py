"""The whole site over other engines: every kind of page says what it says over our own engine.

Rows are compared as bags of values, graphs as sets of statements, tables cell by cell, pages by
their words. What is known to differ is in DIFFERS, with the reason; docs/engines.md tells it too.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from flask import Flask
from flask.testing import FlaskClient
from servers import bag
from test_web_pages import BASE, LISTS, PAGES, RECORDS, values
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from kb import files, rows
from kb.engine.contract import GRAPHS
from kb.engine.remote import RemoteEngine
from kb.queries import registry
from kb.release import Release
from web import create_app

pytestmark = pytest.mark.full

QUESTIONS = registry(files.root() / "queries" / "examples")
TABLES = registry(files.root() / "queries" / "tables")
RENNES = "id=https://w3id.org/essaim/id/authority/ville-de-rennes"
LISTED = tuple(
    "/" + name.replace("_", "/") + suffix + ("?" + urlencode(given, safe="/:") if given else "")
    for name, given in (
        (name, {k: v.removeprefix(BASE) for k, v in values(query).items()})
        for name, query in PAGES.items()
    )
    for suffix in ("", ".json", ".csv")
)
FILTERED = (
    "/innovations?need=scheme/need/emploi", "/innovations?territory=id/territory/region-53",
    "/innovations?posture=scheme/posture/funder", "/search?q=emploi", "/search?q=rennes",
    "/innovations?model=id/model/territoire-zero-chomeur",
)  # fmt: skip
RECONCILED = tuple(
    f"/reconcile{language}{path}"
    for language in ("", "/fr", "/en")
    for path in (
        "", "/1.0", "/extend/propose?type=essaim:Actor", "/suggest/entity?prefix=rennes",
        "/suggest/type?prefix=act", "/suggest/property?prefix=sir", "/flyout/entity?" + RENNES,
        "/flyout/type?id=essaim:Actor", "/flyout/property?id=essaim:siren", "/preview?" + RENNES,
        "/view?" + RENNES, "/1.0/extend/propose?type=essaim:Actor", "/1.0/preview?" + RENNES,
        "/1.0/suggest/entity?prefix=rennes", "/1.0/view?" + RENNES,
    )
)  # fmt: skip
NAMES = tuple(
    "/" + name
    for name in (
        "ns", "id/innovation/begawatts", "scheme/posture", "graph/contrib/innovations/begawatts",
        "id/nothing/there", "target/nothing", "list/nothing", ".well-known/genid/nothing",
    )
)  # fmt: skip
OTHER = ("/dataset.ttl", "/.well-known/void", "/agreement.csv", "/tables/frame.fr.md", "/q",
         "/tables/datapackage.json", "/tables/codebook.csv",
         "/sparql/completions.json")  # fmt: skip
ADDRESSES = tuple(
    dict.fromkeys(
        (
            *LISTED, *LISTS, *FILTERED, *RECONCILED, *NAMES, *OTHER,
            *(page + suffix for page in RECORDS for suffix in ("", ".ttl", ".jsonld", ".nt")),
            *(f"/questions/{name}{end}" for name in QUESTIONS for end in ("", ".json", ".csv")),
            *(f"/tables/{name}.csv" for name in TABLES),
        )
    )
)  # fmt: skip
# Whose answers do not come from the engine, or are about this process.
OWN = ("guide.", "problems.", "static", "editor.send", "kept.", "dumps.dump", "check.",
       "dumps.robots", "operations.", "sparql.")  # fmt: skip

UNORDERED = "one part of a list that its query leaves without order"
COUNTED = "the statements of the publication itself are counted"
BROADER = "two paths in one query: the broader types of a type are not found"
TRUTHS = "a truth value that a query computes is 1 or 0"
DIFFERS = {
    "oxigraph": {"/resource/names": UNORDERED, "/sparql/completions.json": COUNTED},
    "virtuoso": {
        "/resource/names": UNORDERED,
        "/sparql/completions.json": COUNTED,
        **{
            f"/reconcile{language}/suggest/type?prefix=act": BROADER
            for language in ("", "/fr", "/en")
        },
        **{
            f"/questions/{name}": TRUTHS
            for name in (
                "10-needs-from-diagnoses", "15-disagreement-on-ambition",
                "23-authorities-in-governance",
            )
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def served(published: RemoteEngine, shipped: Release) -> Iterator[FlaskClient]:
    """The site over another engine."""
    engine = RemoteEngine(published.address, release=shipped.id)
    yield create_app(dataclasses.replace(shipped, served_by=engine)).test_client()
    engine.close()


@pytest.fixture(scope="module")
def own(shipped: Release) -> FlaskClient:
    """The site over the engine of this process, in an application of its own."""
    return create_app(shipped).test_client()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_says_the_same(
    published: RemoteEngine, served: FlaskClient, own: FlaskClient, address: str, language: str
) -> None:
    is_page = "." not in address.rpartition("/")[2].partition("?")[0]
    headers = {"Accept": "text/html" if is_page else "*/*", "Accept-Language": language}
    found, wanted = (client.get(address, headers=headers) for client in (served, own))
    assert (found.status_code, found.content_type) == (wanted.status_code, wanted.content_type), (
        found.text[-500:]
    )
    if address not in DIFFERS[published.dialect().name]:
        assert meaning(found) == meaning(wanted)


def meaning(answer: TestResponse) -> object:
    """Return what an answer says, whatever the order in which an engine came by it."""
    kind = answer.mimetype
    if kind in GRAPHS:
        return set(map(str, ox.parse(answer.data, GRAPHS[kind])))
    if kind == rows.JSON:
        return bag(rows.parse(answer.data))
    if kind == "text/csv":
        return Counter(tuple(map(cell, row)) for row in csv.reader(io.StringIO(answer.text)))
    return Counter(map(number, re.findall(r"\d+\.\d+|\w+", answer.text)))


def cell(text: str) -> str:
    """Return a cell with what a query joined in one order, a truth value in its one spelling."""
    return {"true": "1", "false": "0"}.get(text, number("; ".join(sorted(text.split("; ")))))


def number(text: str) -> str:
    """Return a decimal to twelve places: Virtuoso 7.2 divides to fifteen, ours to eighteen."""
    if re.fullmatch(r"\d+\.\d+", text):
        return f"{round(Decimal(text), 12).normalize():f}"
    return text


def test_every_kind_of_page_is_asked_for(app: Flask) -> None:
    routes = app.url_map.bind("localhost")
    asked = set()
    for address in ADDRESSES:
        path, _, query = address.partition("?")
        try:
            asked.add(routes.match(path, "GET", query_args=query)[0])
        except (NotFound, MethodNotAllowed, RequestRedirect):
            continue
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    left = {name for name in there - asked if not name.startswith(OWN)}
    assert left == set(), "add an address of each to ADDRESSES"
