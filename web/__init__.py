"""The pages of essaim: request → query → template, over the library `kb`.

site, addresses, negotiation    the release served, links, what a client reads
i18n, edtf, labels, panels      texts, dates in words, names and parts of pages
pages, resource, search         query pages, pages about things, search
knowledge                       the frame, the agreement, the tables, how to cite and to reply
sparql, editor, kept            the endpoint, its editor, queries kept to be cited
reconcile, proposals, manifests  the reconciliation service for OpenRefine
check, listing, guide           a file checked, how its page shows it, the page of each code
problems                        the page of each code of an error answer
dumps, errors                   downloads, what goes wrong
front, plain                    questions asked again or plain, answered before the application
clients, asking, watch          who may ask how much; what is counted and logged
app                             all of it put together
cli, serve, options, serving    `essaim serve`, its settings, the server process
operations                      is it well, and what does it do
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from kb.engine import Engine
    from kb.release import Release

__all__ = ["create_app"]


def create_app(
    release: Release, *, base_url: str | None = None, public: Engine | None = None
) -> Flask:
    """Return the application that serves one release; `public` answers questions from outside.

    `base_url` is the public address when a proxy stands in front; otherwise that of the request.
    """
    from web.app import create_app  # a check on the command line needs no pages

    return create_app(release, base_url=base_url, public=public)
