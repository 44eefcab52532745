"""Errors, said in the same words to people (HTML), programs (RFC 9457) and terminals (text).

Every route ends here when something is wrong; a trace back is logged and never sent.
"""

from __future__ import annotations

import json
import logging
import re

from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.http import HTTP_STATUS_CODES

from kb.engine import NotAcceptable
from kb.problems import (
    EngineUnavailable,
    Problem,
    QueryFileProblem,
    QueryRefused,
    QuerySyntax,
    QueryTooBig,
    ReleaseProblem,
)
from kb.search import Hit
from kb.statistics.tables import TableProblem
from web import i18n
from web.negotiation import EVERYTHING, HTML, PLAIN, PROBLEM, content_type, preferences, ranked
from web.site import site

STATUS: dict[type[Problem], int] = {
    QueryFileProblem: 400,
    QuerySyntax: 400,
    QueryRefused: 400,
    NotAcceptable: 406,
    QueryTooBig: 503,
    EngineUnavailable: 503,
    ReleaseProblem: 503,
    TableProblem: 503,
}
RETRY_S = "10"


def install(app: Flask) -> None:
    """Make an application answer every error through this module."""
    for code in default_exceptions:
        app.register_error_handler(code, _of_http)
    app.register_error_handler(Problem, _of_problem)
    app.register_error_handler(Exception, _of_accident)


def _of_http(error: HTTPException) -> Response:
    status = error.code or 500
    known = f"error.{status}"
    own_words = error.description != type(error).description
    detail = error.description if own_words else i18n.messages(i18n.language()).get(known)
    response = answer(status, detail or error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _of_problem(error: Problem) -> Response:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    response = answer(status, str(error))
    if status == 503:
        response.headers["Retry-After"] = RETRY_S
    return response


def _of_accident(error: Exception) -> Response:
    logging.getLogger("essaim").exception("error while answering %s", request.path, exc_info=error)
    return answer(500, i18n.t("error.500"))


def answer(status: int, detail: str) -> Response:
    """Return a problem in the form the client reads: HTML, problem+json or plain text."""
    title = HTTP_STATUS_CODES.get(status, "Error")
    form = _form(request.headers.get("Accept", ""))
    if form == HTML:
        body = render_template("error.html", status=status, detail=detail, near=_near(status))
    elif form == PROBLEM:
        body = json.dumps(
            {"type": "about:blank", "title": title, "status": status, "detail": detail,
             "instance": request.path},
            ensure_ascii=False,
        ) + "\n"  # fmt: skip
    else:
        body = f"{status} {title}: {detail}\n"
    response = Response(body, status, content_type=content_type(form))
    response.vary.update(("Accept", "Accept-Language"))
    g.is_error = True
    return response


def _form(header: str) -> str:
    """Return HTML where it is asked for by name, text for a terminal, problem+json otherwise."""
    wanted = preferences(header)
    if all(name == EVERYTHING for name, _ in wanted):  # curl sends `*/*`
        return PLAIN
    best = ranked(header, (HTML, PROBLEM, PLAIN)) or [PROBLEM]
    if best[0] == HTML and not any(name.endswith("html") for name, _ in wanted):
        return PLAIN
    return best[0]


def _near(status: int) -> list[Hit]:
    """Return what the words of an unknown address may have meant."""
    if status != 404:
        return []
    words = " ".join(re.findall(r"[^\W_]+", request.path.rpartition("/")[2]))
    return site().release.index.search(words, i18n.language(), limit=6)
