"""The application put together: its pages, its settings, and what every answer carries."""

from __future__ import annotations

from flask import Flask, Response, g, request

from kb.engine import Engine
from kb.release import Release
from web import (
    check,
    dumps,
    editor,
    errors,
    guide,
    home,
    i18n,
    kept,
    knowledge,
    operations,
    pages,
    problems,
    reconcile,
    resource,
    search,
    sparql,
    views,
)
from web.site import Site

EXPOSED = "ETag, Essaim-Limits, Essaim-Truncated, Link, Retry-After"
LARGEST_REQUEST = 1_000_000
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(
    release: Release, *, base_url: str | None = None, public: Engine | None = None
) -> Flask:
    """Return the application that serves one release; `public` answers questions from outside.

    `base_url` is the public address when a proxy stands in front; otherwise that of the request.
    """
    app = Flask(__package__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_REQUEST
    app.url_map.strict_slashes = False
    served = app.extensions["essaim"] = Site(release, base_url, public)
    views.install(app)
    errors.install(app)
    for part in (home, resource, search, sparql, editor, kept, dumps, knowledge, operations,
                 reconcile, check, guide, problems):  # fmt: skip
        app.register_blueprint(part.blueprint)
    pages.install(app, served)
    app.after_request(_finished)
    return app


def _finished(response: Response) -> Response:
    """Add what every answer carries: safety headers, the language chosen, an entity tag."""
    there = {name.lower() for name, _ in response.headers}
    for name, value in SECURITY.items():
        if name.lower() not in there:
            response.headers.add(name, value)
    if request.path == "/sparql":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = i18n.language()
        response.vary.update(("Accept", "Accept-Language", "Cookie"))
    _keep_choice(response)
    if request.method in ("GET", "HEAD") and response.status_code == 200:
        _tag(response)
    return response


def _keep_choice(response: Response) -> None:
    choice = request.args.get(i18n.PARAMETER)
    if choice in i18n.LANGUAGES and choice != request.cookies.get(i18n.COOKIE):
        response.set_cookie(i18n.COOKIE, choice, max_age=i18n.YEAR_S, httponly=True, samesite="Lax")


def _tag(response: Response) -> None:
    """Tag a whole answer by its bytes, and send 304 to whoever has them (RFC 9110 §13.1.2)."""
    if response.is_streamed or response.direct_passthrough or "is_error" in g:
        return
    if "ETag" not in response.headers:
        response.add_etag()
        response.headers.setdefault("Cache-Control", "no-cache")
    response.make_conditional(request)
