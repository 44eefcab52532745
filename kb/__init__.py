"""essaim: a semantic knowledge base of territorial social innovation, as linked data.

This package is the library; it knows nothing of HTTP pages. The layers, lowest first:

    files, terms          where shipped files are, how things are named
    turtle, sources       Turtle files read and written, one named graph per file
    engine, queries       SPARQL answered, `.rq` files read and bound
    search, describe      the side index, one resource as a graph
    catalog, release      the data set described, built, opened, swapped
    importers             lists of others turned into record files
    cli                   the command, without the web server
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.notebook import Base

__all__ = ["open"]


def open(release_id: str | None = None) -> Base:
    """Open the knowledge base: the current release, or one by its id.

    Example: `kb.open().query("SELECT ?s WHERE { ?s a essaim:SocialInnovation }").frame()` with the
    PREFIX line of your choice. The first call on a fresh installation builds the release.
    """
    from kb.notebook import open_base  # importing kb alone stays quick

    return open_base(release_id)
