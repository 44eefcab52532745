"""The reconciliation service: OpenRefine and other clients ask which things a list is about.

/reconcile        Reconciliation Service API 0.2, what OpenRefine speaks
/reconcile/1.0    the 1.0 draft
/reconcile/fr, /reconcile/en (and …/1.0)   the same in one language, for clients that name none

A batch counts as one question of its client. A query that cannot be answered gets an `error`
beside its empty list of candidates; a request that cannot be read gets 4xx and a problem document
(RFC 9457). Every answer may be read from other origins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flask import Blueprint, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.http import HTTP_STATUS_CODES

from kb.problems import Problem
from kb.reconcile import Malformed, Question
from kb.reconcile.asked import batch_02, batch_10, extension, question_02, question_10
from web import addresses, i18n, problems
from web.asking import Asking
from web.errors import RETRY_S, status_of
from web.manifests import manifest_02, manifest_10
from web.negotiation import HTML, PROBLEM, content_type
from web.proposals import Document, service
from web.site import site

PREFIX = "/reconcile"
JSON, SCRIPT = "application/json", "text/javascript"
CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)
FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors *"
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type",
    "Access-Control-Expose-Headers": "Content-Language, ETag, Retry-After",
    "Access-Control-Max-Age": "86400",
}
FARTHEST = 10_000  # suggestions skipped

routes = Blueprint("routes", __name__)
blueprint = Blueprint("reconcile", __name__, url_prefix=PREFIX)


@routes.url_value_preprocessor
def _choose_language(endpoint: str | None, values: dict[str, object] | None) -> None:
    if values and (named := values.pop("named", None)):
        g.language = named


@blueprint.after_app_request
def _open(response: Response) -> Response:
    """Let other origins read every answer below /reconcile, errors and 404 included."""
    if request.path == PREFIX or request.path.startswith(PREFIX + "/"):
        response.headers.update(OPEN)
        response.headers["Content-Language"] = i18n.language()
        response.vary.add("Accept-Language")
        if "is_framed" in g:  # OpenRefine shows a preview inside its own page
            del response.headers["X-Frame-Options"]
    return response


# Version 0.2


@routes.route("", methods=["GET", "POST"])
def reconcile() -> Response:
    """Answer a batch of queries or a data extension; without either, the manifest (0.2 §3)."""
    if "queries" in request.values:
        with _counting():
            queries = batch_02(request.values["queries"])
            results = _results(queries.values(), question_02, "result")
            return _json(dict(zip(queries, results, strict=True)))
    if "extend" in request.values:
        return _json(_extended_02())
    if request.method == "POST" or "query" in request.values:
        raise Malformed("no-parameter", name="queries")
    return _json(manifest_02(_root(), service().named))


@contextmanager
def _counting() -> Iterator[None]:
    """Count the request as one question of its client. Raises TooManyQuestions."""
    public = site().public
    if not isinstance(public, Asking):
        yield
        return
    with public.clients.asking(request.remote_addr or ""):
        yield


def _results(
    items: Iterable[object], read: Callable[[object], Question], name: str
) -> list[Document]:
    """Return the candidates of each query, or none and the reason."""
    served, asked = service(), [_read(item, read) for item in items]
    answers = iter(served.matcher.answers([one for one in asked if isinstance(one, Question)]))
    results: list[Document] = []
    for one in asked:
        found = one if isinstance(one, Malformed) else next(answers)
        if isinstance(found, Malformed):
            results.append({name: [], "error": {"code": found.code, "message": _said(found)}})
        else:
            results.append({name: [served.candidate(c, name == "candidates") for c in found]})
    return results


def _read(item: object, read: Callable[[object], Question]) -> Question | Malformed:
    try:
        return read(item)
    except Malformed as problem:
        return problem


def _extended_02() -> Document:
    with _counting():
        columns, rows = service().extended(extension(request.values["extend"]))
    ids = [column["id"] for column in columns]
    return {
        "meta": columns,
        "rows": {one: dict(zip(ids, cells, strict=True)) for one, cells in rows.items()},
    }


@routes.get("/flyout/entity")
def flyout_entity() -> Response:
    """Return a few lines about a thing, to show beside a suggestion (0.2 §6.4)."""
    given = _given("id")
    return _json({"id": given, "html": _preview(given, "reconcile/_thing.html")})


@routes.get("/flyout/<any(type, property):kind>")
def flyout(kind: str) -> Response:
    """Return a line about a type or a property."""
    served, given = service(), _given("id")
    iri = served.known.type(given) if kind == "type" else served.known.property(given)
    if iri is None:
        raise Malformed("unknown-id", 404, given=ascii(given[:200]))
    name = served.named(iri)
    html = render_template("reconcile/_term.html", name=name, iri=iri, **_explained(iri))
    return _json({"id": given, "html": html})


def _explained(iri: str) -> Document:
    texts = service().facts.of(iri)
    for name in ("http://www.w3.org/2000/01/rdf-schema#comment",
                 "http://www.w3.org/2004/02/skos/core#definition",
                 "http://purl.org/dc/terms/description"):  # fmt: skip
        if name in texts:
            return {"text": str(i18n.preferred(texts[name], i18n.language()))}
    return {"text": ""}


# Version 1.0


@routes.get("/1.0")
def manifest() -> Response:
    """Return the manifest (1.0-draft §3.1)."""
    return _json(manifest_10(_root("/1.0"), service().named))


@routes.post("/1.0/match")
def match() -> Response:
    """Answer a batch of queries in their order (1.0-draft §4)."""
    with _counting():
        queries = batch_10(_body())
        return _json({"results": _results(queries, question_10, "candidates")})


@routes.post("/1.0/extend")
def extend() -> Response:
    """Answer a data extension query (1.0-draft §7.4)."""
    with _counting():
        columns, rows = service().extended(extension(_body()))
    ids = [column["id"] for column in columns]
    found = [
        {"id": one, "properties": [{"id": i, "values": c} for i, c in zip(ids, cells, strict=True)]}
        for one, cells in rows.items()
    ]
    return _json({"meta": columns, "rows": found})


def _body() -> str:
    if request.mimetype != JSON:
        raise Malformed("no-body", 415)
    try:
        return request.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("not-unicode", name="body") from error


# Both versions


@routes.get("/suggest/<any(entity, type, property):kind>")
@routes.get("/1.0/suggest/<any(entity, type, property):kind>")
def suggest(kind: str) -> Response:
    """Complete what somebody begins to write (§6 of both versions)."""
    served, prefix, cursor = service(), request.args.get("prefix", "")[:300], _number("cursor", 0)
    if kind == "entity":
        wanted = served.known.type(request.args.get("type", ""))
        return _json({"result": served.entities(prefix, cursor, wanted)})
    found = served.types(prefix, cursor) if kind == "type" else served.properties(prefix, cursor)
    return _json({"result": found})


@routes.get("/extend/propose")
@routes.get("/1.0/extend/propose")
def propose() -> Response:
    """Return the properties that things of a type have, the most used first (§7 of both)."""
    served, given = service(), request.args.get("type", "")
    kind, limit = served.known.type(given), _number("limit", 0)
    if given and kind is None:
        raise Malformed("unknown-type", given=ascii(given[:80]))
    offered = served.known.offered(kind) if kind else ()
    every = offered or tuple(dict.fromkeys(sum(served.known.properties.values(), ())))
    found = [{"id": iri, "name": served.named(iri)} for iri in (every[:limit] if limit else every)]
    asked: Document = {"type": given} if given else {}
    return _json({"properties": found, **asked, **({"limit": limit} if limit else {})})


@routes.get("/preview")
@routes.get("/1.0/preview")
def preview() -> Response:
    """Show a thing in a small frame of another page (§5 of both versions)."""
    body = _preview(_given("id"), "reconcile/preview.html")
    response = Response(body, content_type=content_type(HTML))
    response.headers["Content-Security-Policy"] = FRAMED
    g.is_framed = True
    return response


@routes.get("/view")
@routes.get("/1.0/view")
def view() -> Response:
    """Lead to the page of a thing, or of anything else that has one here."""
    given = _given("id")
    iri = addresses.absolute(given)
    page = addresses.page(iri)
    if page == iri:
        page = addresses.page(service().entity(given).iri)
    return Response(status=303, headers={"Location": page})


def _preview(given: str, template: str) -> str:
    served = service()
    entity = served.entity(given)
    facts = served.facts.of(entity.iri)
    texts = facts.get("http://purl.org/dc/terms/description", {})
    about = str(i18n.preferred(texts, i18n.language()) or "")
    return render_template(
        template, name=served.named(entity.iri), line=served.described(entity), about=about,
        codes=[(served.named(name), value) for name, value in entity.codes],
        address=site().base_url.rstrip("/") + addresses.page(entity.iri),
    )  # fmt: skip


def _root(version: str = "") -> str:
    """Return the address of the service in the language it was asked in by its path."""
    path = request.path.rstrip("/").removesuffix("/1.0")
    return site().base_url.rstrip("/") + path + version


def _given(name: str) -> str:
    value = request.args.get(name, "").strip()
    if not value:
        raise Malformed("no-parameter", name=name)
    return value


def _number(name: str, otherwise: int) -> int:
    text = request.args.get(name, "") or str(otherwise)
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= FARTHEST):
        raise Malformed("whole-number", name=name, least=0)
    return int(text)


def _json(document: Document) -> Response:
    """Return a document as JSON, or as a script that calls `callback` (JSONP, 0.2 §3.3)."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    callback = request.args.get("callback", "")
    if not callback or "/1.0" in request.path:
        return Response(text, content_type=JSON)
    if not CALLBACK.fullmatch(callback) or len(callback) > 100:
        raise Malformed("callback")
    safe = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Response(f"/**/{callback}({safe});", content_type=content_type(SCRIPT))


# What goes wrong


def _said(problem: Problem) -> str:
    return problem.said(i18n.language()) if isinstance(problem, Malformed) else str(problem)


def _of_problem(problem: Problem) -> Response:
    status = problem.status if isinstance(problem, Malformed) else status_of(problem)
    code = getattr(problem, "code", "")
    prefix = problems.OF_RECONCILIATION if isinstance(problem, Malformed) else ""
    response = _problem(status, _said(problem), code, problems.address(prefix + code))
    if status in (429, 503):
        response.headers["Retry-After"] = str(getattr(problem, "retry_s", RETRY_S))
    return response


def _of_http(error: HTTPException) -> Response:
    return _problem(error.code or 500, error.description or "", "")


def _problem(status: int, detail: str, code: str, kind: str = "about:blank") -> Response:
    title = HTTP_STATUS_CODES.get(status, "Error")
    document = {"type": kind, "title": title, "status": status, "detail": detail}
    text = json.dumps({**document, **({"code": code} if code else {})}, ensure_ascii=False)
    g.is_error = True
    return Response(text, status, content_type=PROBLEM)


for _code in default_exceptions:
    if _code != 500:  # an accident is logged and answered like everywhere (`web.errors`)
        routes.register_error_handler(_code, _of_http)
routes.register_error_handler(Problem, _of_problem)
blueprint.register_blueprint(routes)
blueprint.register_blueprint(routes, name="in_language", url_prefix="/<any(fr, en):named>")
