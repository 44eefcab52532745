"""Citable queries: `POST /q` keeps a question and its answer, `/q/<id>` gives both for good.

/q/<id>          the page; or JSON, CSL-JSON, BibTeX, text, the query itself by Accept or suffix
/q/<id>/answer   the answer as it was kept, in the form its checksum was computed over
/q/<id>/today    the same question asked of the release served now, and what differs
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NoReturn, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, request

from kb import files, guard
from kb.engine import JSON as YES_OR_NO
from kb.kept import answers, citing
from kb.kept.answers import Difference, Question
from kb.kept.shelf import Kept, KeptProblem, Shelf
from web import i18n
from web.negotiation import HTML, PLAIN, content_type, ranked
from web.site import site

blueprint = Blueprint("kept", __name__)

EXTENSION = "essaim.kept"
JSON, CSL = "application/json", "application/vnd.citationstyles.csl+json"
BIBTEX, QUERY = "application/x-bibtex", "application/sparql-query"
SUFFIXES = {"json": JSON, "csl.json": CSL, "bib": BIBTEX, "rq": QUERY, "txt": PLAIN, "html": HTML}
SHOWN_ROWS = 200
FOR_GOOD = "public, max-age=31536000, immutable"


def shelf() -> Shelf:
    """Return the shelf of the application, that of this home unless one was given."""
    made = current_app.extensions.setdefault(EXTENSION, Shelf(files.kept()))
    return cast(Shelf, made)


@blueprint.post("/q")
def keep() -> Response:
    """Keep a query with its answer of today; answer its address."""
    question = _question()
    made, g.query = site().release, question.text
    answer = answers.ask(site().public, question)
    keeper = request.remote_addr or ""
    try:
        kept = shelf().keep(question, answer, made.id, str(made.manifest["issued"]), keeper)
    except KeptProblem as problem:
        _refuse(problem)
    address = "/q/" + kept.id
    if _wants_page():
        return cast(Response, redirect(address, 303))
    body = Response(_json(kept), 201, content_type=content_type(JSON))
    body.headers["Location"] = address
    return body


def _wants_page() -> bool:
    return ranked(request.headers.get("Accept", ""), (JSON, HTML))[:1] == [HTML]


def _question() -> Question:
    texts = request.form.getlist("query")
    if len(texts) != 1 or not texts[0].strip():
        abort(400, i18n.t("sparql.one-query", count=len(texts)))
    if len(texts[0]) > guard.MAX_CHARACTERS:
        abort(413, i18n.t("sparql.too-long", most=guard.MAX_CHARACTERS))
    graphs = (tuple(filter(None, request.form.getlist(name))) for name in
              ("default-graph-uri", "named-graph-uri"))  # fmt: skip
    return Question(texts[0].replace("\r\n", "\n"), *graphs)


def _refuse(problem: KeptProblem) -> NoReturn:
    if problem.code == "keeper-full":
        abort(429, i18n.t("kept.keeper-full", **problem.values))
    if problem.code == "shelf-full":
        abort(507, i18n.t("kept.shelf-full"))
    current_app.logger.error("%s", problem)
    abort(503, i18n.t("kept.unavailable"))


@blueprint.get("/q/<name>")
def show(name: str) -> Response:
    """Show a kept query and how to cite it, in the form asked for."""
    identifier, _, suffix = name.partition(".")
    kept = _found(identifier)
    if suffix and suffix not in SUFFIXES:
        abort(404, i18n.t("kept.unknown"))
    offered = (HTML, JSON, CSL, BIBTEX, QUERY, PLAIN)
    accepted = [SUFFIXES[suffix]] if suffix else ranked(request.headers.get("Accept", ""), offered)
    if not accepted:
        abort(406, i18n.t("sparql.not-acceptable", forms=", ".join(offered)))
    response = Response(_written(kept, accepted[0]), content_type=content_type(accepted[0]))
    response.headers["Link"] = f'<{_address(kept)}>; rel="cite-as"'
    response.headers["X-Robots-Tag"] = "noindex"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _found(identifier: str) -> Kept:
    try:
        kept = shelf().find(identifier)
    except KeptProblem as problem:
        _refuse(problem)
    if kept is None:
        abort(404, i18n.t("kept.unknown"))
    if kept.withdrawn:
        abort(410, i18n.t("kept.withdrawn", day=kept.withdrawn))
    return kept


def _address(kept: Kept) -> str:
    return f"{site().base_url}q/{kept.id}"


def _written(kept: Kept, form: str) -> str:
    writers: dict[str, Callable[[], str]] = {
        JSON: lambda: _json(kept),
        CSL: lambda: citing.csl(kept, _address(kept)),
        BIBTEX: lambda: citing.bibtex(kept, _address(kept)),
        QUERY: lambda: kept.question.text,
        PLAIN: lambda: citing.sentence(kept, _address(kept), i18n.language()) + "\n",
        HTML: lambda: _page(kept, None),
    }
    return writers[form]()


def _json(kept: Kept) -> str:
    document = {
        "id": kept.id,
        "address": _address(kept),
        "title": citing.title(kept, "en"),
        "query": kept.question.text,
        "default-graph-uri": kept.question.defaults,
        "named-graph-uri": kept.question.named,
        "release": kept.release,
        "released": kept.issued,
        "kept": kept.kept_at,
        "mediaType": kept.answer.media_type,
        "rows": len(kept.answer.lines),
        "sha256": kept.sha256,
        "answer": _address(kept) + "/answer",
        "today": _address(kept) + "/today",
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


@blueprint.get("/q/<identifier>/answer")
def answer(identifier: str) -> Response:
    """Return the answer as it was kept: heading, then rows sorted by their bytes."""
    kept = _found(identifier)
    if not kept.is_intact:
        current_app.logger.error("kept query %s: its answer has another checksum", kept.id)
        abort(500, i18n.t("kept.damaged"))
    response = Response(kept.answer.text, content_type=content_type(kept.answer.media_type))
    if kept.answer.media_type == YES_OR_NO:  # a yes or no, kept as one line
        response.content_type = content_type(PLAIN)
    response.set_etag(kept.sha256)
    response.headers["Cache-Control"] = FOR_GOOD
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/q/<identifier>/today")
def today(identifier: str) -> Response:
    """Ask the question again of the release served now, and say what differs."""
    kept = _found(identifier)
    g.query = kept.question.text
    now = answers.ask(site().public, kept.question)
    difference = answers.compare(kept.answer, now)
    offered = (HTML, JSON)
    accepted = ranked(request.headers.get("Accept", ""), offered)
    if not accepted:
        abort(406, i18n.t("sparql.not-acceptable", forms=", ".join(offered)))
    if accepted[0] == HTML:
        body = _page(kept, difference)
    else:
        body = _difference(kept, now.sha256, difference)
    response = Response(body, content_type=content_type(accepted[0]))
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _difference(kept: Kept, sha256: str, difference: Difference) -> str:
    document = {
        "id": kept.id,
        "before": {"release": kept.release, "sha256": kept.sha256},
        "after": {"release": site().release.id, "sha256": sha256},
        "same": not difference,
        "sameColumns": difference.is_same_heading,
        "added": difference.added,
        "removed": difference.removed,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _asked_again(question: Question) -> list[tuple[str, str]]:
    graphs = [("default-graph-uri", graph) for graph in question.defaults]
    graphs += [("named-graph-uri", graph) for graph in question.named]
    return [("query", question.text), *graphs]


def _page(kept: Kept, difference: Difference | None) -> str:
    language, address = i18n.language(), _address(kept)
    return render_template(
        "kept.html", kept=kept, address=address, title=citing.title(kept, language),
        sentence=citing.sentence(kept, address, language), bibtex=citing.bibtex(kept, address),
        difference=difference, edit="/sparql?" + urlencode(_asked_again(kept.question)),
        is_current=kept.release == site().release.id, shown=SHOWN_ROWS,
    )  # fmt: skip
