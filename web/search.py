"""The search page: words in, things grouped by what they are."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from kb.search import Hit
from web import i18n
from web.negotiation import HTML, content_type
from web.site import site

blueprint = Blueprint("search", __name__)

LIMIT, LONGEST = 120, 300


@blueprint.get("/search")
def search() -> Response:
    """Show what the words of `q` find, best first, grouped by kind."""
    words = request.args.get("q", "")[:LONGEST].strip()
    hits = site().release.index.search(words, i18n.language(), limit=LIMIT)
    body = render_template(
        "search.html", words=words, groups=_grouped(hits), count=len(hits), limit=LIMIT
    )
    return Response(body, content_type=content_type(HTML))


def _grouped(hits: list[Hit]) -> dict[str, list[Hit]]:
    """Return hits by kind; kinds and hits in the order they were found."""
    groups: dict[str, list[Hit]] = {}
    for hit in hits:
        groups.setdefault(hit.kind, []).append(hit)
    return groups
