"""Turtle, TriG, N-Triples and N-Quads (RDF 1.1) with the place of every term and every mistake.

pyoxigraph says whether a file is valid; this reader says where each term stands, reads on after a
mistake, and proposes what to write instead. It knows nothing of the project's own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.reading.document import Document

__all__ = ["FORMS", "read"]

FORMS = ("turtle", "trig", "n-triples", "n-quads")


def read(
    text: str, form: str = "turtle", base: str = "", known: Mapping[str, str] | None = None
) -> Document:
    """Return the statements of a text with their places, and what is wrong with it.

    `base` resolves relative IRIs. `known` are prefixes and namespaces that are proposed where a
    declaration lacks. Raises ValueError when `form` is not of FORMS; never because of the text.

    >>> [str(found.places[2]) for found in read("<http://a> <http://b> 1, 2 .").statements]
    ['1:23', '1:26']
    """
    if form not in FORMS:
        raise ValueError(f"{form!r} is no form; write one of {', '.join(FORMS)}")
    from kb.reading.page import Page  # importing kb.reading alone costs nothing

    page = Page(text, form, base, known or {})
    if form in ("turtle", "trig"):
        from kb.reading.turtle import Reader

        Reader(page).run()
    else:
        from kb.reading.rows import Rows

        Rows(page).run()
    return page.document()
