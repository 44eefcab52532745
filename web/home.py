"""The first page."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from web.negotiation import HTML, content_type
from web.panels import Panels
from web.site import site

blueprint = Blueprint("home", __name__)

FEATURED = 6


@blueprint.get("/")
def home() -> Response:
    """Show what this is, how much there is, and the ways in."""
    answered = [query for query in site().examples.values() if not query.missing()]
    striking = [query for query in answered if "vitrine" in query.tags] or answered
    body = render_template("home.html", panels=Panels("home"), questions=striking[:FEATURED])
    return Response(body, content_type=content_type(HTML))


@blueprint.get("/questions")
def questions() -> Response:
    """List every question that can be asked by a link."""
    body = render_template("questions.html", questions=site().examples.values())
    return Response(body, content_type=content_type(HTML))
