"""The first page."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from web.negotiation import HTML, content_type
from web.panels import Panels
from web.site import site

blueprint = Blueprint("home", __name__)

FEATURED = (
    "01-postures-by-need",
    "15-disagreement-on-ambition",
    "16-policies-fed-by-innovations",
    "08-models-across-borders",
    "13-badly-met-by-policy",
    "04-alliances-with-research",
)


@blueprint.get("/")
def home() -> Response:
    """Show what this is, how much there is, and the ways in."""
    questions = [site().examples[name] for name in FEATURED if name in site().examples]
    body = render_template("home.html", panels=Panels("home"), questions=questions)
    return Response(body, content_type=content_type(HTML))


@blueprint.get("/questions")
def questions() -> Response:
    """List every question that can be asked by a link."""
    body = render_template("questions.html", questions=site().examples.values())
    return Response(body, content_type=content_type(HTML))
