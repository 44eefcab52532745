"""What is downloaded whole: dumps, the catalogue entry (DCAT, VoID), and what robots may read."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from web import i18n
from web.negotiation import HTML, TURTLE, content_type, ranked
from web.site import site

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dump/<name>")
def dump(name: str) -> Response:
    """Return one file of the release."""
    path = site().release.dump(name)
    if path is None or not path.is_file():
        abort(404, i18n.t("download.unknown", names=", ".join(site().release.manifest["dumps"])))
    return send_file(path, "application/gzip", as_attachment=True, etag=site().release.id + name)


@blueprint.get("/dataset", defaults={"suffix": ""})
@blueprint.get("/dataset<any('.ttl'):suffix>")
def dataset(suffix: str) -> Response:
    """Return the description of the data set: a page, or DCAT and VoID in Turtle."""
    accepted = ranked(request.headers.get("Accept", ""), (HTML, TURTLE))
    if suffix:
        accepted = [TURTLE]
    if not accepted:
        abort(406, i18n.t("download.not-acceptable"))
    if accepted[0] == TURTLE:
        body = (site().release.path / "dcat.ttl").read_bytes()
        response = Response(body, content_type=content_type(TURTLE))
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        dumps = [
            (name, path.stat().st_size)
            for name in site().release.manifest["dumps"]
            if (path := site().release.dump(name)) is not None
        ]
        body_text = render_template("dataset.html", dumps=dumps)
        response = Response(body_text, content_type=content_type(HTML))
    response.headers["Content-Location"] = "/dataset.ttl" if accepted[0] == TURTLE else "/dataset"
    response.vary.add("Accept")
    return response


@blueprint.get("/.well-known/void")
def void() -> AnyResponse:
    """Lead to the VoID description (VoID §7.2)."""
    return redirect("/dataset.ttl", 303)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask robots to read the pages and to leave the endpoint alone."""
    lines = ("User-agent: *", "Disallow: /sparql", "Disallow: /search", "Allow: /", "")
    return Response("\n".join(lines), mimetype=PLAIN_TEXT)


PLAIN_TEXT = "text/plain"
