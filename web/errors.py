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

from kb import explain
from kb.engine import NotAcceptable
from kb.explain import Explanation
from kb.problems import (
    EngineProblem,
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
from web import i18n, problems
from web.clients import TooManyQuestions
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
    TooManyQuestions: 429,
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
    response = answer(status_of(error), str(error), explained(error))
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = str(getattr(error, "retry_s", RETRY_S))
    return response


def status_of(error: Problem) -> int:
    """Return the status of HTTP that tells a problem."""
    return next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)


def explained(error: Problem) -> Explanation | None:
    """Return what a client's own query has to do with a problem, in the client's language.

    `g.query` is the text of that query; without it the problem is not the client's to mend.
    """
    if isinstance(error, EngineProblem) and "query" in g:
        return explain.document(error, g.query, i18n.language())
    return None


def _of_accident(error: Exception) -> Response:
    logging.getLogger("essaim").exception("error while answering %s", request.path, exc_info=error)
    return answer(500, i18n.t("error.500"))


def answer(status: int, detail: str, explanation: Explanation | None = None) -> Response:
    """Return a problem in the form the client reads: HTML, problem+json or plain text."""
    title = HTTP_STATUS_CODES.get(status, "Error")
    form = _form(request.headers.get("Accept", ""))
    if form == HTML:
        body = render_template(
            "error.html", status=status, detail=detail, near=_near(status), explanation=explanation
        )
    elif form == PROBLEM:
        body = _document(status, title, detail, explanation)
    else:
        body = f"{status} {title}: {explanation.to_text() if explanation else detail}\n"
    response = Response(body, status, content_type=content_type(form))
    response.vary.update(("Accept", "Accept-Language"))
    g.is_error = True
    return response


def told(explanation: Explanation) -> Response | None:
    """Return an explanation alone, as JSON or plain text; None for a browser, which gets a page."""
    form = _form(request.headers.get("Accept", ""))
    if form == HTML:
        return None
    body = explanation.to_text() if form == PLAIN else json.dumps(
        explanation.to_json(), ensure_ascii=False
    )  # fmt: skip
    kind = PLAIN if form == PLAIN else "application/json"
    return Response(body + "\n", content_type=content_type(kind))


def _document(status: int, title: str, detail: str, explanation: Explanation | None) -> str:
    """Return a problem as RFC 9457 writes it, with the members of its explanation (§3.2)."""
    found: dict[str, object] = {
        "type": problems.address(explanation.code if explanation else ""),
        "title": title, "status": status, "detail": detail, "instance": request.path,
    }  # fmt: skip
    if explanation:
        found["detail"] = " ".join(filter(None, (explanation.title + ".", explanation.detail)))
        found.update(explanation.to_json())
    return json.dumps(found, ensure_ascii=False) + "\n"


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
