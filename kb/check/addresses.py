"""Addresses of ours: where the name of a record must stand, and prefixes bound to something else.

A record is `https://w3id.org/essaim/id/{kind}/{slug}`; the file that describes it has its slug as
name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

import pyoxigraph as ox

from kb import terms
from kb.check import nearby
from kb.check.base import Base
from kb.check.contribution import SUBJECT, Contribution
from kb.check.finding import Finding
from kb.check.fixes import replaced
from kb.reading.places import Edit, Fix

ID, ESSAIM = terms.BASE + "id/", terms.NS
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
# Pages are named by their own address, which is not ours.
PAGES = frozenset((ESSAIM + "SourcePage",))
NUMBERED = re.compile(re.escape(ID) + r"territory/(commune|epci)-([0-9][0-9ab][0-9]{3}|[0-9]{9})")
SPACED = re.compile(r"(?:https?://)?(?:www\.)?w3id\.org/essaim(?=[/#]|\Z)", re.IGNORECASE)


def misplaced(iri: str) -> bool:
    """Tell whether an address looks like one of ours and is none: http, www, a missing `id`."""
    return bool(SPACED.match(iri)) and not iri.startswith(terms.BASE)


def numbered(iri: str) -> re.Match[str] | None:
    """Return the kind and the number of the address of a commune or an intercommunality."""
    return NUMBERED.fullmatch(iri)


def prefixes(one: Contribution) -> Iterator[Finding]:
    """Yield the prefixes of ours that a file binds to another address."""
    ours = terms.prefixes()
    if all(ours.get(prefix, iri) == iri for prefix, iri in one.namespaces.items()):
        return  # without looking for places
    if one.document is None:
        return
    for prefix, line in one.document.prefixes.items():
        right = terms.prefixes().get(prefix)
        if right is None or right == line.iri or prefix in ("", "wd"):
            continue
        near = misplaced(line.iri) or _alike(line.iri, right)
        values = {"prefix": prefix, "iri": line.iri, "right": right}
        fixes: tuple[Fix, ...] = ()
        start = one.text.find(f"<{line.iri}>", line.place.start, line.place.end + 1)
        if start >= 0:
            edit = Edit(start + 1, start + 1 + len(line.iri), right)
            fixes = (Fix("write", (edit,), False, {"text": right}),)
        severity = "error" if near else "warning"
        yield Finding("V007", severity, one.name, line.place, values=values, fixes=fixes)


def _alike(one: str, other: str) -> bool:
    """Tell whether two namespaces differ by their scheme or their end only."""
    return re.sub(r"^https?://|[#/]+$", "", one) == re.sub(r"^https?://|[#/]+$", "", other)


def subjects(one: Contribution, base: Base) -> Iterator[Finding]:
    """Yield the nodes of a file whose address is not one a record can have."""
    classes: dict[object, set[str]] = {}
    for subject, predicate, object_ in one.triples:
        if predicate == TYPE and isinstance(object_, ox.NamedNode):
            classes.setdefault(subject, set()).add(object_.value)
    kinds = _kinds(base)
    for subject, at in one.subjects().items():
        if not isinstance(subject, ox.NamedNode):
            continue
        ours = {name for name in classes.get(subject, ()) if name.startswith(ESSAIM)}
        if found := _judged(subject.value, ours - PAGES, kinds):
            code, values = found
            right = values.get("right_iri", "")
            values |= {"name": nearby.written(one, subject.value)}
            if right:
                values |= {"right": nearby.written(one, right)}
            fixes = replaced(one, one.place(at, SUBJECT), right)
            yield one.tell(code, "error", at, SUBJECT, values, fixes)
    yield from _file_name(one)


def _judged(iri: str, classes: set[str], kinds: set[str]) -> tuple[str, dict[str, str]] | None:
    if misplaced(iri):
        right = SPACED.sub(terms.BASE.rstrip("/"), iri)
        return "V011", {"right_iri": right}
    if not iri.startswith(ID):
        outside = classes and not iri.startswith(terms.BASE)
        return ("V010", {}) if outside else None
    kind, _, slug = iri.removeprefix(ID).partition("/")
    if kind not in kinds:
        near = nearby.closest(kind, kinds)
        right = f"{ID}{near[0]}/{slug}" if near else ""
        if kind in terms.prefixes():  # the prefix was taken for the kind
            right = terms.prefixes()[kind] + slug
        return "V013", {"kind": kind, "right_iri": right}
    if not terms.SLUG.fullmatch(slug):
        made = terms.slug(slug)
        return "V012", {"slug": slug, "right_iri": f"{ID}{kind}/{made}" if made else ""}
    return None


def _kinds(base: Base) -> set[str]:
    """Return the kinds of records: those for which the project has a prefix."""
    spaces = terms.prefixes().values()
    declared = {s.removeprefix(ID).rstrip("/") for s in spaces if s.startswith(ID)}
    return declared | {"alliance", "project", "announced"}


def _file_name(one: Contribution) -> Iterator[Finding]:
    """Warn when no record of a file is named like the file."""
    stem = PurePath(one.name).stem
    # The files of the reference layer are lists, each named after what it lists.
    is_list = PurePath(one.name).parent.name == "reference"
    if one.name.startswith("<") or not one.has_places or is_list:
        return
    slugs: dict[str, tuple[int, ox.NamedNode]] = {}
    for subject, at in one.subjects().items():
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(ID):
            slugs.setdefault(subject.value.rpartition("/")[2], (at, subject))
    if not slugs or any(f"-{stem}-" in f"-{slug}-" for slug in slugs):
        return
    slug, (at, subject) = next(iter(slugs.items()))
    values = {"name": nearby.written(one, subject.value), "slug": slug, "file": stem}
    yield one.tell("V015", "warning", at, SUBJECT, values)
