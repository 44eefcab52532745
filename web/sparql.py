"""The endpoint: the query operation of SPARQL 1.1 Protocol, and a form for people.

https://www.w3.org/TR/sparql11-protocol/ §2.1 (query operation), §2.1.4 (data set), and
https://www.w3.org/TR/sparql11-service-description/ for what is said without a query. Refused:
updates, calls to other servers, anything that is not exactly one query.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app, g, render_template, request

from kb import engine, explain, guard, rows
from kb.cut import Cut
from kb.engine import (
    DEADLINE_S,
    GRAPHS,
    JSON,
    MAX_BYTES,
    SOLUTIONS,
    TURTLE,
    Answer,
    NotAcceptable,
)
from kb.lexer import tokens
from kb.problems import Problem, QueryFileProblem
from web import errors, i18n, plain, sending
from web.negotiation import HTML, content_type, ranked
from web.site import site

blueprint = Blueprint("sparql", __name__)
blueprint.record(lambda state: state.app.extensions.setdefault("essaim-warm", sending.Warm()))

FORM, QUERY, UPDATE = (
    "application/x-www-form-urlencoded",
    "application/sparql-query",
    "application/sparql-update",
)
METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
SHORT_NAMES = {  # what `format` may say; SPARQLWrapper and others send it beside Accept
    "json": (JSON, "application/ld+json"),
    "xml": ("application/sparql-results+xml", "application/rdf+xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "turtle": (TURTLE,),
    "ntriples": ("application/n-triples",),
    "jsonld": ("application/ld+json",),
    "rdfxml": ("application/rdf+xml",),
    "trig": ("application/trig",),
    "nquads": ("application/n-quads",),
}
SHORT_NAMES |= {
    "n3": SHORT_NAMES["turtle"], "json-ld": SHORT_NAMES["jsonld"], "rdf": SHORT_NAMES["rdfxml"],
    "rdf+xml": SHORT_NAMES["rdfxml"],
}  # fmt: skip
CHANGING = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
HINT = re.compile("|".join(CHANGING), re.IGNORECASE)
MAX_ROWS = 1_000_000
SHOWN_ROWS, READ_ROWS, SHOWN_CHARACTERS = 500, 10_000, 200_000
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, "
    "If-None-Match, User-Agent, X-Requested-With",
    "Access-Control-Max-Age": "86400",
}


@dataclass(frozen=True)
class Asked:
    """One query operation: the text and the data set the request names."""

    text: str
    defaults: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    short_name: str = ""
    asks_why: bool = False

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
        may_change = HINT.search(self.text)  # most queries need not be read again
        return bool(may_change) and any(
            t.kind == "word" and t.text.upper() in CHANGING for t in tokens(self.text)
        )

    def etag(self, media_type: str, base: str, release: str) -> str | None:
        """Return the entity tag of the answer, None where two answers may differ."""
        if self.changes():
            return None
        named = (*self.defaults, "", *self.named)
        parts = (release, base, self.text, *named, media_type)
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
    return Asked(queries[0], defaults, named, short_name, _asks_why(pairs))


def _asks_why(pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether the reason of an empty answer is asked for (`explain=rows`)."""
    wanted = next((value for name, value in pairs if name == "explain" and value), "")
    if wanted not in ("", "rows"):
        raise QueryFileProblem(f"explain: {wanted!r}; write rows")
    return bool(wanted)


def _answered(asked: Asked) -> Response:
    """Return the answer of a query in the best form the client reads."""
    g.query = asked.text
    if asked.asks_why:
        return _why(asked)
    forms = asked.forms()
    if asked.short_name:
        accepted = list(SHORT_NAMES.get(asked.short_name, (HTML,)))
    else:
        accepted = ranked(request.headers.get("Accept", ""), (*forms, HTML))
    if not accepted:
        told = ", ".join(forms)
        raise NotAcceptable(f"this query answers in {told}", "not-acceptable", forms=told)
    if accepted[0] == HTML:
        return _shown(asked)
    chosen = next((kind for kind in accepted if kind in forms), accepted[0])
    etag = asked.etag(chosen, _base(), site().release.id)
    if etag and request.method in ("GET", "HEAD") and request.if_none_match.contains_weak(etag):
        return _tagged(Response(status=304, content_type=content_type(chosen)), etag)
    warm = _warm().find(etag) if etag else None
    if warm:
        request.environ[sending.REPEATED] = True
        return _tagged(sending.whole(warm[1], warm[0]), etag)
    read = [kind for kind in accepted if kind != HTML]
    request.environ[plain.WAY] = _way(read)
    return _tagged(_sent(asked, read, etag), etag)


def _way(accept: Sequence[str]) -> plain.Way:
    """Return how questions are answered that differ from this one in their text alone."""
    base, release = _base(), site().release.id
    return plain.Way(
        engine.Asked("", tuple(accept), base=base), _max_rows(), _warm(),
        lambda asked: Asked(asked.text).etag(accept[0], base, release),
        sending.takes_gzip(request.headers.get("Accept-Encoding", "")),
    )  # fmt: skip


def _sent(asked: Asked, accept: Sequence[str], etag: str | None) -> Response:
    """Return the answer of the engine as it comes, within the limit of rows.

    The first chunk is awaited here, so that what goes wrong before it is an error of its own.
    """
    if plain.FAILED in request.environ:  # asked already, in front of this application
        raise request.environ.pop(plain.FAILED)
    answer = _asked(asked, accept)
    kind = content_type(answer.media_type)
    cut = Cut(answer.chunks, answer.media_type, _max_rows())
    first = next(cut, b"")
    cut.is_begun = True
    warm = _warm()

    def keep(body: bytes) -> None:
        if etag and not cut.reason:
            warm.keep(etag, kind, body)

    if request.method == "HEAD":
        cut.close()
    response = sending.streamed(sending.collected(chain([first], cut), keep), len(first), kind)
    if cut.reason:
        response.headers["Essaim-Truncated"] = cut.reason
    return response


def _tagged(response: Response, etag: str | None) -> Response:
    """Tag an answer: weakly, since the engine may give the same rows in another order."""
    response.headers["Cache-Control"] = "no-cache" if etag else "no-store"
    response.headers["Essaim-Limits"] = _limits()
    response.vary.add("Accept-Encoding")
    if etag:
        response.set_etag(etag, weak=True)
    return response


def _base() -> str:
    """Return what relative addresses are resolved against: the address of the endpoint."""
    return site().base_url + "sparql"


def _max_rows() -> int:
    return int(current_app.config.get("MAX_ROWS", MAX_ROWS))


def _limits() -> str:
    """Return the limits of an answer in force, as a client can read them (RFC 8941 §3.2)."""
    asking = site().public
    most_bytes = getattr(asking, "max_bytes", MAX_BYTES)
    seconds = getattr(asking, "deadline_s", DEADLINE_S)
    return f"rows={_max_rows()}, bytes={most_bytes}, seconds={seconds:g}"


def _warm() -> sending.Warm:
    warm: sending.Warm = current_app.extensions["essaim-warm"]
    return warm


def _asked(asked: Asked, accept: Sequence[str]) -> Answer:
    return site().public.query(
        asked.text, accept=accept, default_graphs=asked.defaults, named_graphs=asked.named,
        base=_base(),
    )  # fmt: skip


def _why(asked: Asked) -> Response:
    """Return why a query has no rows: a small document, or the page with it."""
    found = explain.no_rows(
        site().public, asked.text, i18n.language(),
        default_graphs=asked.defaults, named_graphs=asked.named, base=_base(),
    )  # fmt: skip
    return errors.told(found) or _page(asked, 200, problem=found)


def _shown(asked: Asked) -> Response:
    """Return the page with the form and the answer under it; a problem is shown there too."""
    try:
        answer = _asked(asked, [JSON, TURTLE])
        if answer.media_type == JSON:
            read = b"".join(Cut(answer.chunks, JSON, READ_ROWS))
            return _page(asked, 200, table=rows.parse(read))
        text = _beginning(answer)
        cut = len(text) > SHOWN_CHARACTERS
        return _page(asked, 200, text=text[:SHOWN_CHARACTERS], is_cut=cut)
    except Problem as error:
        problem = errors.explained(error) or str(error)
        return _page(asked, errors.status_of(error), problem=problem)


def _page(asked: Asked, status: int, **shown: object) -> Response:
    """Return the page of the form with what is shown under it."""
    shown = {"table": None, "text": "", "problem": "", "is_cut": False, **shown}
    body = render_template(
        "sparql.html", asked=asked, shown_rows=SHOWN_ROWS, examples=site().examples.values(),
        **shown,
    )  # fmt: skip
    return Response(body, status, content_type=content_type(HTML))


def _beginning(answer: Answer) -> str:
    """Return the first characters of an answer, one more than are shown when there are more."""
    read = b""
    while len(read) <= 4 * SHOWN_CHARACTERS and (chunk := next(answer.chunks, b"")):
        read += chunk
    return read.decode(errors="ignore")[: SHOWN_CHARACTERS + 1]


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
    return _page(Asked(i18n.t("sparql.first-query")), 200)
