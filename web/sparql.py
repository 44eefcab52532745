"""The endpoint: the query operation of SPARQL 1.1 Protocol, and a form for people.

https://www.w3.org/TR/sparql11-protocol/ §2.1 (query operation), §2.1.4 (data set), and
https://www.w3.org/TR/sparql11-service-description/ for what is said without a query. Refused:
updates, calls to other servers, anything that is not exactly one query.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, render_template, request

from kb import guard, rows
from kb.engine import GRAPHS, JSON, SOLUTIONS, TURTLE, Answer
from kb.lexer import tokens
from kb.problems import Problem, QueryFileProblem
from web import errors, i18n
from web.negotiation import HTML, content_type, ranked
from web.site import site

blueprint = Blueprint("sparql", __name__)

FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
SHORT_NAMES = {
    "json": JSON,
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "turtle": TURTLE,
    "ntriples": "application/n-triples",
    "jsonld": "application/ld+json",
    "rdfxml": "application/rdf+xml",
}
CHANGING = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
SHOWN_ROWS, SHOWN_CHARACTERS = 500, 200_000
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Asked:
    """One query operation: the text and the data set the request names."""

    text: str
    defaults: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    short_name: str = ""

    def forms(self) -> tuple[str, ...]:
        """Return the media types this form of query can be answered in, ours first."""
        for token in tokens(self.text):
            if token.kind == "word" and token.text.upper() in ("CONSTRUCT", "DESCRIBE"):
                return tuple(GRAPHS)
            if token.kind == "word" and token.text.upper() in ("SELECT", "ASK"):
                break
        return tuple(SOLUTIONS)

    def changes(self) -> bool:
        """Tell whether two answers from one release may differ."""
        return any(t.kind == "word" and t.text.upper() in CHANGING for t in tokens(self.text))

    def etag(self, media_type: str) -> str:
        """Return the entity tag of the answer: release, query, data set, media type."""
        parts = (site().release.id, self.text, *self.defaults, "", *self.named, media_type)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


@blueprint.route("/sparql", methods=METHODS, provide_automatic_options=False)
def endpoint() -> Response:
    """Answer a query, describe the service, or show the form."""
    if request.method == "OPTIONS":
        response = Response(status=204, headers={**PREFLIGHT, "Allow": ", ".join(METHODS)})
    elif request.method == "POST":
        response = _answered(_posted())
    else:
        pairs = _pairs(request.environ.get("QUERY_STRING", "").encode("latin-1"))
        _refuse_update(pairs)
        response = _answered(_operation(pairs)) if _has(pairs, "query") else _without_query()
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Return the pairs of a form, decoded once.

    An empty value stays; what is not UTF-8 is a 400.
    """
    try:
        text = raw.decode("utf-8")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        abort(400, i18n.t("sparql.not-utf8"))


def _has(pairs: Sequence[tuple[str, str]], name: str) -> bool:
    return any(key == name for key, _ in pairs)


def _refuse_update(pairs: Sequence[tuple[str, str]]) -> None:
    if _has(pairs, "update"):
        abort(403, i18n.t("sparql.read-only"))


def _posted() -> Asked:
    """Return the operation of a POST: a form, or the query itself (§2.1.2, §2.1.3)."""
    kind = request.mimetype
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if kind == UPDATE:
        abort(403, i18n.t("sparql.read-only"))
    if kind not in (FORM, QUERY) or charset not in ("utf-8", "utf8"):
        abort(415, i18n.t("sparql.unsupported", form=FORM, query=QUERY))
    in_address = _pairs(request.environ.get("QUERY_STRING", "").encode("latin-1"))
    body = request.get_data()
    if kind == FORM:
        pairs = in_address + _pairs(body)
        _refuse_update(pairs)
        return _operation(pairs)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        abort(400, i18n.t("sparql.not-utf8"))
    return _operation([*in_address, ("query", text)])


def _operation(pairs: Sequence[tuple[str, str]]) -> Asked:
    queries = [value for name, value in pairs if name == "query"]
    if len(queries) != 1:
        abort(400, i18n.t("sparql.one-query", count=len(queries)))
    if len(queries[0]) > guard.MAX_CHARACTERS:
        abort(413, i18n.t("sparql.too-long", most=guard.MAX_CHARACTERS))
    defaults = tuple(value for name, value in pairs if name == "default-graph-uri")
    named = tuple(value for name, value in pairs if name == "named-graph-uri")
    short_name = next((value for name, value in pairs if name == "format" and value), "")
    if short_name and short_name not in SHORT_NAMES and short_name != "html":
        raise QueryFileProblem(f"format: {short_name!r}; write one of {', '.join(SHORT_NAMES)}")
    return Asked(queries[0], defaults, named, short_name)


def _answered(asked: Asked) -> Response:
    """Return the answer of a query in the best form the client reads."""
    forms = asked.forms()
    if asked.short_name:
        accepted = [SHORT_NAMES.get(asked.short_name, HTML)]
    else:
        accepted = ranked(request.headers.get("Accept", ""), (*forms, HTML))
    if not accepted:
        abort(406, i18n.t("sparql.not-acceptable", forms=", ".join(forms)))
    if accepted[0] == HTML:
        return _shown(asked)
    chosen = next((kind for kind in accepted if kind in forms), accepted[0])
    etag = None if asked.changes() else asked.etag(chosen)
    if etag and request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag):
        return _tagged(Response(status=304), etag)
    answer = _asked(asked, [kind for kind in accepted if kind != HTML])
    response = Response(_body(answer), content_type=content_type(answer.media_type))
    return _tagged(response, etag)


def _tagged(response: Response, etag: str | None) -> Response:
    response.headers["Cache-Control"] = "no-cache" if etag else "no-store"
    if etag:
        response.set_etag(etag)
    return response


def _asked(asked: Asked, accept: Sequence[str]) -> Answer:
    return site().public.query(
        asked.text, accept=accept, default_graphs=asked.defaults, named_graphs=asked.named
    )


def _body(answer: Answer) -> Iterator[bytes]:
    """Return the bytes to send; begun here, so that dropping them ends the query."""
    first = next(answer.chunks, b"")
    if request.method == "HEAD":
        return iter(())
    return chain([first], answer.chunks)


def _shown(asked: Asked) -> Response:
    """Return the page with the form and the answer under it; a problem is shown there too."""
    table, text, problem, status = None, "", "", 200
    try:
        answer = _asked(asked, [JSON, TURTLE])
        if answer.media_type == JSON:
            table = rows.parse(answer.read())
        else:
            text = answer.read().decode()
    except Problem as error:
        problem = str(error)
        status = errors.STATUS.get(type(error), 400)
    body = render_template(
        "sparql.html", asked=asked, table=table, text=text[:SHOWN_CHARACTERS],
        is_cut=len(text) > SHOWN_CHARACTERS, problem=problem, shown_rows=SHOWN_ROWS,
        examples=site().examples.values(),
    )  # fmt: skip
    return Response(body, status, content_type=content_type(HTML))


def _without_query() -> Response:
    """Return the form to browsers, the service description to programs (§2.1, SD §2)."""
    described = tuple(GRAPHS)[:4]
    accepted = ranked(request.headers.get("Accept", ""), (*described, HTML))
    if not accepted:
        abort(406, i18n.t("sparql.not-acceptable", forms=", ".join(described)))
    if accepted[0] == HTML:
        return _form()
    text = site().protocol["service_description"].bound({"endpoint": site().base_url + "sparql"})
    answer = site().release.engine.query(text, accept=accepted)
    return Response(answer.read(), content_type=content_type(answer.media_type))


def _form() -> Response:
    body = render_template(
        "sparql.html", asked=Asked(i18n.t("sparql.first-query")), table=None, text="", problem="",
        is_cut=False, shown_rows=SHOWN_ROWS, examples=site().examples.values(),
    )  # fmt: skip
    return Response(body, content_type=content_type(HTML))
