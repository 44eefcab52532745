"""Things and the pages about them (Cool URIs for the Semantic Web, 303).

`/id/…`, `/scheme/…` and `/ns` name things and lead to documents under `/doc/`; a document is a
page or a graph, by suffix or by Accept (RFC 9110 §12).
"""

from __future__ import annotations

import hashlib

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kb import describe, terms
from kb.problems import QueryFileProblem
from web import addresses, i18n
from web.negotiation import HTML, JSONLD, NTRIPLES, TURTLE, content_type, ranked
from web.panels import Panels
from web.site import site

blueprint = Blueprint("resource", __name__)

SUFFIXES = {".html": HTML, ".ttl": TURTLE, ".jsonld": JSONLD, ".nt": NTRIPLES}
OFFERED = tuple(SUFFIXES.values())
ENDINGS = {media_type: suffix for suffix, media_type in SUFFIXES.items()}
KINDS = frozenset(
    ("innovation", "model", "actor", "authority", "person", "policy", "resource", "territory",
     "reading", "publisher")
)  # fmt: skip
NEEDS = "scheme/need/"


@blueprint.get("/id/<path:tail>", defaults={"space": "id/"})
@blueprint.get("/scheme/<path:tail>", defaults={"space": "scheme/"})
@blueprint.get("/graph/<path:tail>", defaults={"space": "graph/"})
@blueprint.get("/target/<path:tail>", defaults={"space": "target/"})
@blueprint.get("/list/<path:tail>", defaults={"space": "list/"})
@blueprint.get("/.well-known/genid/<path:tail>", defaults={"space": ".well-known/genid/"})
@blueprint.get("/ns", defaults={"space": "ns", "tail": ""})
def thing(space: str, tail: str) -> AnyResponse:
    """Lead from the name of a thing to the document about it."""
    name, media_type = _split(space + tail)
    if not _is_known(name):
        abort(404)
    if not media_type:
        accepted = ranked(request.headers.get("Accept", ""), OFFERED)
        if not accepted:
            abort(406, i18n.t("resource.not-acceptable"))
        media_type = accepted[0]
    suffix = "" if media_type == HTML else ENDINGS[media_type]
    response = redirect(addresses.page(addresses.iri(name)) + suffix, 303)
    response.vary.add("Accept")
    return response


@blueprint.get("/doc/<path:tail>")
def document(tail: str) -> Response:
    """Return the document about a thing: a page, Turtle, JSON-LD or N-Triples."""
    name, media_type = _split(tail)
    if not _is_known(name):
        abort(404)
    is_negotiated = not media_type
    if is_negotiated:
        accepted = ranked(request.headers.get("Accept", ""), OFFERED)
        if not accepted:
            abort(406, i18n.t("resource.not-acceptable"))
        media_type = accepted[0]
    response = _page(name) if media_type == HTML else _graph(name, media_type)
    _add_links(response, name, media_type)
    if is_negotiated:
        response.vary.add("Accept")
    return response


def _split(tail: str) -> tuple[str, str]:
    """Return the name of a thing and the media type its suffix asks for, '' without one."""
    for suffix, media_type in SUFFIXES.items():
        if tail.endswith(suffix):
            return tail.removesuffix(suffix), media_type
    return tail, ""


def _is_known(name: str) -> bool:
    iri = addresses.iri(name)
    if not addresses.is_ours(iri):
        return False
    try:
        return describe.exists(site().release.engine, iri)
    except QueryFileProblem:  # no IRI at all: a space, a bracket
        return False


def _graph(name: str, media_type: str) -> Response:
    """Return the graph about a thing; a vocabulary or a graph is given whole."""
    engine, iri = site().release.engine, addresses.iri(name)
    tag = hashlib.sha256(f"{site().release.id}\0{iri}\0{media_type}".encode()).hexdigest()[:32]
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    elif whole := _whole_graph(name):
        text = site().protocol["graph"].bound({"graph": whole})
        body = engine.query(text, accept=[media_type]).read()
        response = Response(body, content_type=content_type(media_type))
    else:
        body = describe.description(engine, iri, media_type)
        response = Response(body, content_type=content_type(media_type))
    response.set_etag(tag)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _whole_graph(name: str) -> str:
    """Return the graph that holds all of a vocabulary, or '' when the thing is one record."""
    if name == addresses.TERMS:
        return str(terms.graph("vocab", "essaim"))
    if name.startswith("graph/"):
        return addresses.iri(name)
    parts = name.split("/")
    return str(terms.graph("vocab", parts[1])) if parts[0] == "scheme" and len(parts) == 2 else ""


def kind(name: str) -> str:
    """Return the kind of page for a thing: `innovation`, `need`, `concept`, `resource`…"""
    if name == addresses.TERMS:
        return "ontology"
    if name.startswith(NEEDS):
        return "need"
    space, _, rest = name.partition("/")
    if space == "scheme":
        return "concept" if "/" in rest else "vocabulary"
    first = rest.partition("/")[0]
    if space != "id" or first not in KINDS:
        return "thing"
    return "document" if first == "resource" else first


def _page(name: str) -> Response:
    iri, what = addresses.iri(name), kind(name)
    body = render_template(
        [f"records/{what}.html", "records/_record.html"],
        iri=iri, kind=what, panels=Panels(what, iri), document=addresses.page(iri),
    )  # fmt: skip
    return Response(body, content_type=content_type(HTML))


def _add_links(response: Response, name: str, media_type: str) -> None:
    """Say where else this is, what it is about, and which address this answer has of its own."""
    iri = addresses.iri(name)
    path = addresses.page(iri)
    links = [f'<{iri}>; rel="describes"', f'<{site().base_url}{path[1:]}>; rel="canonical"']
    links += [
        f'<{path}{suffix}>; rel="alternate"; type="{other}"'
        for suffix, other in SUFFIXES.items()
        if other != media_type
    ]
    response.headers["Link"] = ", ".join(links)
    response.headers["Content-Location"] = path + ENDINGS[media_type]
