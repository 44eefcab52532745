"""What templates know: addresses, texts, names, and rows put in groups. Nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask, request

from kb.queries import Query
from kb.rows import Row
from kb.terms import Iri, Literal, Term
from web import addresses, i18n
from web.labels import label
from web.site import Answered, site

LABEL = "Label"


def install(app: Flask) -> None:
    """Give the templates of an application their functions and filters."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=i18n.t, label=label, page_of=addresses.page, is_ours=addresses.is_ours,
        is_web=addresses.is_web, columns=columns, twin=twin, query_page=query_page,
        in_language=in_language, sparql_link=sparql_link, stylesheet=stylesheet,
        has_text=has_text,
    )  # fmt: skip
    app.jinja_env.filters.update(
        grouped=grouped, number=i18n.number, host=addresses.host, short=addresses.short,
        is_iri=lambda term: isinstance(term, Iri), day=day, size=size,
    )  # fmt: skip
    app.context_processor(_of_request)


def _of_request() -> dict[str, object]:
    release = site().release
    return {
        "lang": i18n.language(),
        "languages": i18n.LANGUAGES,
        "release": release.id,
        "issued": release.manifest["issued"],
        "base_url": site().base_url,
    }


def columns(table: Answered) -> list[str]:
    """Return the variables to show: a thing's label is shown in the thing's own column."""
    names = table.table.variables
    return [name for name in names if not (name.endswith(LABEL) and name[: -len(LABEL)] in names)]


def grouped(rows: Iterable[Row], *names: str) -> list[tuple[Row, list[Row]]]:
    """Return rows in groups of equal values, in the order of their first rows.

    Each group is its first row and all its rows.
    """
    groups: dict[tuple[Term | None, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return [(members[0], members) for members in groups.values()]


def query_page(name: str, values: Mapping[str, str] | None = None, suffix: str = "") -> str:
    """Return the address of a query page with values: `/innovations?need=scheme/need/emploi`."""
    query = site().pages.get(name)
    path = f"/{name.replace('_', '/')}" if query else f"/questions/{name}"
    return path + suffix + _query_string(values or {})


def twin(answered: Answered, suffix: str) -> str:
    """Return the address of the JSON or CSV twin of an answer, in the same language."""
    return query_page(answered.query.name, answered.values, suffix)


def _query_string(values: Mapping[str, str]) -> str:
    kept = {name: addresses.short(value) for name, value in values.items()}
    return "?" + urlencode(kept, safe="/:") if kept else ""


def sparql_link(query: Query, values: Mapping[str, str] | None = None) -> str:
    """Return the address that shows a query in the endpoint's form and runs it."""
    return "/sparql?" + urlencode({"query": query.bound(values or {})})


def in_language(language: str) -> str:
    """Return the address of the current page in another language."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return request.path + "?" + urlencode([*kept, (i18n.PARAMETER, language)], safe="/:")


def has_text(term: Term | None) -> bool:
    """Tell whether a value is worth showing."""
    return isinstance(term, Literal) and bool(term.value.strip())


@cache
def stylesheet() -> str:
    """Return the address of the stylesheet, which changes when its bytes do."""
    content = (Path(__file__).parent / "static" / "essaim.css").read_bytes()
    return "/static/essaim.css?v=" + hashlib.sha256(content).hexdigest()[:10]


def day(text: object) -> str:
    """Return an ISO date as people write it, in the language of the request."""
    when = date.fromisoformat(str(text))
    months = i18n.t("months").split(" ")
    return f"{when.day} {months[when.month - 1]} {when.year}"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    return i18n.number(f"{count / 1_000_000:.1f}") + " " + i18n.t("megabytes")
