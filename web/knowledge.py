"""What is known, and how: the frame, the agreement, the tables, the citation, the right of reply.

The figures are made by `kb.statistics`, once a release. They are not query pages because each is
made of several queries, or of arithmetic that SPARQL does not have.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, render_template

from kb.release import Release
from kb.rows import Row, Table
from kb.statistics import citation, export, frame, readings, schema
from kb.statistics import tables as statistics
from web import i18n
from web.negotiation import CSV, HTML, PLAIN, content_type
from web.site import site

blueprint = Blueprint("knowledge", __name__)

CONTACT = "ESSAIM_CONTACT"
TYPES = {"csv": CSV, "json": "application/json", "md": "text/markdown", "bib": PLAIN,
         "cff": PLAIN, "txt": PLAIN}  # fmt: skip


def _html(template: str, **context: object) -> Response:
    body = render_template(f"knowledge/{template}", **context)
    return Response(body, content_type=content_type(HTML))


@blueprint.get("/frame")
def show_frame() -> Response:
    """Show how the cases were found and what they represent."""
    language = i18n.language()
    return _html(
        "frame.html", title=frame.TITLE[language], found=frame.FOUND[language],
        sections=site().once(frame.frame, language), words=_frame_words(language),
    )  # fmt: skip


def _frame_words(language: str) -> Mapping[str, str]:
    return {name: pair[language == "en"] for name, pair in frame.WORDS.items()}


def _agreement(release: Release, language: str) -> Table:
    return readings.table(release, readings.facets(readings.readings(release)), language)


def _agreed(release: Release, language: str) -> Mapping[str, Row]:
    """Return the agreement on all cases by facet, for the codes it speaks of."""
    rows = _agreement(release, language)
    return {str(row["facet"]): row for row in rows if str(row["cases"]) == "all"}


@blueprint.app_context_processor
def _of_codes() -> dict[str, Callable[[], Mapping[str, Row]]]:
    """Let the codebook show how far two readers agreed; asked only where it is shown."""
    return {"agreed": lambda: site().once(_agreed, i18n.language())}


@blueprint.get("/agreement")
def show_agreement() -> Response:
    """Show how far the two readings agree, facet by facet."""
    return _html("agreement.html", table=site().once(_agreement, i18n.language()))


@blueprint.get("/agreement.csv")
def agreement_csv() -> Response:
    """Return the agreement as CSV, as `essaim agreement --format csv` prints it."""
    table = site().once(_agreement, i18n.language())
    response = Response(
        statistics.csv_text(table.variables, table.texts()), content_type=content_type(CSV)
    )
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _schemas(release: Release) -> list[schema.TableSchema]:
    return schema.tables(schema.vocabulary(release))


@blueprint.get("/tables")
def tables() -> Response:
    """List the tables for R and pandas, and what describes them."""
    return _html("tables.html", schemas=site().once(_schemas))


def _csv(release: Release, name: str) -> str:
    found = next(each for each in _schemas(release) if each.name == name)
    return statistics.table_text(found, statistics.rows(release, found))


def _file(name: str) -> str | None:
    """Return one file of the export; a table is made alone, the rest together, once a release."""
    stem, _, suffix = name.rpartition(".")
    if suffix == "csv" and any(stem == each.name for each in site().once(_schemas)):
        return site().once(_csv, stem)
    return site().once(export.contents, i18n.language()).get(name)


@blueprint.get("/tables/<name>")
def table(name: str) -> Response:
    """Return one file of the export."""
    text = _file(name)
    if text is None:
        abort(404, i18n.t("tables.unknown"))
    kind = TYPES[name.rpartition(".")[2]]
    response = Response(text, content_type=content_type(kind))
    response.headers["Access-Control-Allow-Origin"] = "*"
    if kind == CSV:
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@blueprint.get("/cite")
def cite() -> Response:
    """Show how to cite the release that is served."""
    made = site().release
    return _html(
        "cite.html", sentence=citation.sentence(made, i18n.language()),
        bibtex=citation.bibtex(made), cff=citation.cff(made),
    )  # fmt: skip


@blueprint.get("/right-of-reply")
def right_of_reply() -> Response:
    """Say who is described here, and how to have a record corrected."""
    contact = os.environ.get(CONTACT, "").strip()
    return _html("right-of-reply.html", contact=contact, link=_link(contact))


def _link(contact: str) -> str:
    """Return where a contact leads: a page or a mailbox; '' for plain words."""
    if contact.startswith(("https://", "http://")):
        return contact
    return "mailto:" + contact if "@" in contact and " " not in contact else ""
