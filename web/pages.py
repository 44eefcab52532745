"""Query pages: one file `queries/pages/<name>.rq` is one page, with its JSON and CSV twins.

The route is the file name with `/` for `_`; the template is `pages/<name>.html`, or a plain table.
Parameters come from the address; a wrong one is a 400 that names it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

from flask import Flask, Response, render_template, request
from jinja2 import TemplateNotFound

from kb.problems import QueryFileProblem
from kb.queries import Query
from kb.rows import Table
from web import addresses, i18n
from web.negotiation import CSV, HTML, JSON, content_type, ranked
from web.panels import Panels
from web.site import Answered, Site, site

TWINS = {"json": JSON, "csv": CSV}


def install(app: Flask, served: Site) -> None:
    """Give every page query and every example its routes."""
    for name, query in served.pages.items():
        path = "/" + name.replace("_", "/")
        _add(app, f"page:{name}", path, query, f"pages/{name}.html")
    for name, query in served.examples.items():
        _add(app, f"question:{name}", f"/questions/{name}", query, "question.html")


def _add(app: Flask, endpoint: str, path: str, query: Query, template: str) -> None:
    view = _view(query, template)
    app.add_url_rule(path, endpoint, view, defaults={"twin": ""})
    app.add_url_rule(f"{path}.<any({','.join(TWINS)}):twin>", endpoint, view)


def _view(query: Query, template: str) -> Callable[[str], Response]:
    def page(twin: str) -> Response:
        values = asked_values(query, request.args.to_dict(flat=False))
        number = _page_number()
        if twin:
            return _twin(query, values, TWINS[twin])
        accepted = ranked(request.headers.get("Accept", ""), (HTML, JSON, CSV)) or [HTML]
        if accepted[0] != HTML:
            return _twin(query, values, accepted[0])
        return _html(query, values, template, number)

    return page


def asked_values(query: Query, given: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the values of a query's parameters from an address; an empty one is left out.

    Raises QueryFileProblem when a parameter is given twice or has no place in the query.
    """
    values = {"lang": i18n.language()} if "lang" in query.parameters else {}
    for name, texts in given.items():
        if len(texts) > 1:
            raise QueryFileProblem(f"parameter {name}: given {len(texts)} times; give it once")
        if name in (i18n.PARAMETER, "page") or not texts[0].strip():
            continue
        parameter = query.parameters.get(name)
        is_iri = parameter is not None and parameter.type == "iri"
        values[name] = addresses.absolute(texts[0]) if is_iri else texts[0]
    query.bound(values)
    return values


def _twin(query: Query, values: Mapping[str, str], media_type: str) -> Response:
    if media_type == CSV:
        body = _csv(site().rows(query, values))
    else:
        body = site().release.engine.query(query.bound(values), accept=[media_type]).read()
    response = Response(body, content_type=content_type(media_type))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.vary.update(("Accept", "Accept-Language", "Cookie"))
    return response


def _csv(table: Table) -> bytes:
    """Return rows as CSV; written here because the engine leaves commas of addresses unquoted."""
    text = io.StringIO()
    csv.writer(text).writerows([table.variables, *table.texts()])
    return text.getvalue().encode()


def _html(query: Query, values: Mapping[str, str], template: str, number: int) -> Response:
    answered = Answered(query, values, site().rows(query, values))
    context = {"page": answered, "panels": Panels(query.name), "number_of_page": number}
    try:
        body = render_template(template, **context)
    except TemplateNotFound as missing:
        if missing.name != template:
            raise
        body = render_template("pages/_table.html", **context)
    return Response(body, content_type=content_type(HTML))


def _page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isdecimal() and 0 < int(text) < 10_000):
        raise QueryFileProblem(f"parameter page: {text!r} is no page; write a number from 1")
    return int(text)
