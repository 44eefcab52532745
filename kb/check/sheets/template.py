"""An empty sheet for a kind of record: its headings, from the shapes, those it must have first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from kb.check.sheets.fields import ADDRESSES_NEED, LABEL, NEED_CONCEPT, ROW, SPACES, Field, fields
from kb.problems import Problem

KINDS = tuple(dict.fromkeys(SPACES.values()))
# Derived when a release is built, or for records that leave the knowledge base.
NOT_WRITTEN = ("currentStage", "lawBranch", "documentationScore", "isReplacedBy", "sameAs",
               "familyNote", "samplePart", "documentationDepth")  # fmt: skip
SEPARATORS = {"fr": ";", "en": ","}


def template(kind: str, language: str) -> str:
    """Return the heading row of a sheet for a kind of record, with a byte order mark.

    The separator is the one that spreadsheets of the language expect. Raises Problem for a kind
    that does not exist.
    """
    if kind not in KINDS:
        raise Problem(f"{kind}: no such kind of record; write one of {', '.join(KINDS)}")
    out = io.StringIO()
    csv.writer(out, delimiter=SEPARATORS[language]).writerow(_headings(kind, language))
    return "\ufeff" + out.getvalue()


def _headings(kind: str, language: str) -> Iterator[str]:
    known = fields()
    class_ = next(name for name, space in SPACES.items() if space == kind)
    rules = known.of(class_)
    order = sorted(rules.known, key=lambda iri: (iri != LABEL, iri not in rules.required))
    yield known.all[ROW].heading(language)
    if kind != "innovation":  # what a sheet is about when nothing else is said
        yield "type"
    for iri in order:
        iri = NEED_CONCEPT if iri == ADDRESSES_NEED else iri
        one = known.all.get(iri)
        if one is None or iri.endswith(NOT_WRITTEN) or one.kind in ("type", "row"):
            continue
        if not known.fits_cell(one):
            continue
        yield from _named(one, language)


def _named(one: Field, language: str) -> Iterator[str]:
    if one.kind in ("language", "plain"):
        tags = ("fr", "en") if one.kind == "language" else (language,)
        yield from (f"{one.heading(language)} ({tag})" for tag in tags)
    else:
        yield one.heading(language)
