"""What templates know: addresses, texts, names, and rows put in groups. Nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlencode, urlsplit

from flask import Flask, request
from markupsafe import Markup

from kb import search, terms
from kb.queries import Query
from kb.rows import Row
from kb.terms import Iri, Literal, Term
from web import addresses, edtf, i18n
from web.labels import label
from web.site import Answered, site

LABEL, PER_PAGE, NO_BREAK = "Label", 500, "\u00a0"
READINGS = tuple(terms.BASE + "id/agent/" + name for name in ("first-reading", "second-reading"))
NUMBERS = ("integer", "decimal", "double", "float")
CONCEPTS = terms.BASE + "scheme/"
UNSOURCED = frozenset(
    f"{CONCEPTS}basis/{name}" for name in ("unverified", "guessed-from-name")
)  # fmt: skip
COUNTED = frozenset(
    str(terms.ESSAIM[name])
    for name in ("populationCount", "participantCount", "proposalCount", "announcedTotal")
)


def install(app: Flask) -> None:
    """Give the templates of an application their functions and filters."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=i18n.t, label=label, page_of=addresses.page, is_ours=addresses.is_ours,
        is_web=addresses.is_web, columns=columns, twin=twin, query_page=query_page,
        in_language=in_language, sparql_link=sparql_link, stylesheet=stylesheet, heading=heading,
        is_number=is_number, outside_name=outside_name, preferred=preferred, without=without,
        numbered=numbered, typeset=typeset, shown_label=shown_label,
        unsourced=UNSOURCED, counted=COUNTED, per_page=PER_PAGE, when=edtf.words, cited=cited,
        not_coded=CONCEPTS + "verdict/not-coded", not_found=CONCEPTS + "basis/not-found",
        occurrence=CONCEPTS + "unit/occurrence",
    )  # fmt: skip
    app.jinja_env.filters.update(
        grouped=grouped, number=i18n.number, host=addresses.host, short=addresses.short,
        is_iri=is_iri, day=day, size=size, path=path, capitalise=capitalise, largest=largest,
        share=share, alphabetical=alphabetical, by_reading=by_reading, slice_of=slice_of,
        compact=lambda iri: terms.compact(str(iri)), fragment=fragment,
        last_part=last_part, named=named,
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


# Addresses


def query_page(name: str, values: Mapping[str, str] | None = None, suffix: str = "") -> str:
    """Return the address of a query page with values: `/innovations?need=scheme/need/emploi`."""
    is_page = name in site().pages
    address = f"/{name.replace('_', '/')}" if is_page else f"/questions/{name}"
    return address + suffix + _query_string(values or {})


def twin(answered: Answered, suffix: str) -> str:
    """Return the address of the JSON or CSV twin of an answer, in the same language."""
    return query_page(answered.query.name, answered.values, suffix)


def without(answered: Answered, name: str) -> str:
    """Return the address of a query page with one value less."""
    kept = {key: value for key, value in answered.values.items() if key not in (name, "lang")}
    return query_page(answered.query.name, kept)


def numbered(page: int) -> str:
    """Return the address of another part of a long list."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return request.path + "?" + urlencode([*kept, ("page", str(page))], safe="/:")


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


@cache
def stylesheet() -> str:
    """Return the address of the stylesheet, which changes when its bytes do."""
    content = (Path(__file__).parent / "static" / "essaim.css").read_bytes()
    return "/static/essaim.css?v=" + hashlib.sha256(content).hexdigest()[:10]


def outside_name(iri: str) -> str:
    """Return how a page elsewhere is shown: its host and the end of its path."""
    return addresses.host(iri) + path(iri)


def path(iri: str) -> str:
    """Return the path and the query of a web address, readable."""
    parts = urlsplit(iri)
    shown = unquote(parts.path) + ("?" + unquote(parts.query) if parts.query else "")
    return "" if shown == "/" else shown


def fragment(iri: object) -> str:
    """Return what follows `#` in an IRI."""
    return str(iri).rpartition("#")[2]


def last_part(iri: object) -> str:
    """Return what follows the last `/` of an IRI: the notation of a concept."""
    return str(iri).rpartition("/")[2]


# Rows


def columns(answered: Answered) -> list[str]:
    """Return the columns to show: a thing and its label are one, where the first of them stands."""
    names = answered.table.variables
    things = [name.removesuffix(LABEL) if name.removesuffix(LABEL) in names else name
              for name in names]  # fmt: skip
    return list(dict.fromkeys(things))


def grouped(rows: Iterable[Row], *names: str) -> list[tuple[Row, list[Row]]]:
    """Return rows in groups of equal values, in the order of their first rows.

    Each group is its first row and all its rows.
    """
    groups: dict[tuple[Term | None, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return [(members[0], members) for members in groups.values()]


def alphabetical(rows: Iterable[Row], name: str) -> list[Row]:
    """Return rows as a dictionary orders them: case and accents do not count."""
    return sorted(rows, key=lambda row: search.folded(str(row.get(name, ""))))


def named(joined: object) -> str:
    """Return the names that a query joined by `; ` as the pages show them.

    The order of the parts of a GROUP_CONCAT is each engine's own (SPARQL 1.1 §18.5.1.7), and
    Virtuoso 7.2 writes `?` for a separator outside ASCII: both are settled here.
    """
    parts = str(joined).split("; ")
    return " · ".join(sorted(parts, key=lambda name: (search.folded(name), name)))


def by_reading(rows: Iterable[Row], name: str) -> list[Row]:
    """Return rows in the order the readings were made: first, second, then the later ones."""

    def rank(row: Row) -> tuple[int, str]:
        coder = str(row.get(name, ""))
        return (READINGS.index(coder) if coder in READINGS else len(READINGS), coder)

    return sorted(rows, key=rank)


def cited(rows: Iterable[Row]) -> list[Row]:
    """Return the distinct web pages that rows name as source, with what is known of each."""
    known = site().cited(i18n.language())
    pages = dict.fromkeys(str(row["source"]) for row in rows if "source" in row)
    return [known.get(page, {"page": Iri(page)}) for page in pages if addresses.is_web(page)]


def slice_of(rows: Sequence[Row], page: int) -> Sequence[Row]:
    """Return the rows of one part of a long list."""
    return rows[(page - 1) * PER_PAGE : page * PER_PAGE]


def largest(rows: Iterable[Row], name: str) -> float:
    """Return the largest value of a column of numbers; 1 when there is none."""
    return max((float(str(row[name])) for row in rows if name in row), default=1.0) or 1.0


def share(value: object, whole: float) -> str:
    """Return a value as a percentage of another, for a drawing."""
    return f"{100 * float(str(value)) / whole:.1f}"


def preferred(rows: Iterable[Row], name: str) -> Term | None:
    """Return the value of a column in the language of the request, else the best there is."""
    return i18n.preferred((row[name] for row in rows if name in row), i18n.language())


def shown_label(row: Row, name: str) -> Term:
    """Return the label of a thing of a row, in the language of the request where it has one."""
    given, iri = row.get(name + LABEL), str(row[name])
    if not isinstance(given, Literal):
        return label(iri)
    if given.language in ("", i18n.language()):
        return given
    return site().names(i18n.language()).get(iri, given)


def is_iri(term: object) -> bool:
    """Tell whether a value is an IRI."""
    return isinstance(term, Iri)


def is_number(term: object) -> bool:
    """Tell whether a value is a number."""
    return isinstance(term, Literal) and term.datatype.rpartition("#")[2] in NUMBERS


# Words


def typeset(text: object, language: str) -> str:
    """Return a text with the spaces of French typography kept from breaking the line."""
    if language != "fr":
        return str(text)
    return re.sub(r"(?<=\S) (?=[:;?!»%€])|(?<=«) ", NO_BREAK, str(text))


def heading(name: str) -> str:
    """Return the heading of a column: known in the language, else the variable's own words."""
    known = i18n.messages(i18n.language()).get("col." + name)
    if known:
        return known
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).lower()
    return words[:1].upper() + words[1:]


def capitalise(text: str) -> str:
    """Return a text that begins with a capital; a text that begins with markup stays."""
    made = text[:1].upper() + text[1:]
    return Markup(made) if isinstance(text, Markup) else made


def day(text: object) -> str:
    """Return an ISO date as people write it, in the language of the request."""
    try:
        when = date.fromisoformat(str(text))
    except ValueError:
        return str(text)
    months = i18n.t("months").split(" ")
    return f"{when.day} {months[when.month - 1]} {when.year}"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    return i18n.number(f"{count / 1_000_000:.1f}") + " " + i18n.t("megabytes")
