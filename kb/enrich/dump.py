"""Facts from a file that the user has: a data set that `data/targets/` describes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path

from kb.enrich.facts import Fact
from kb.linking.index import Entity
from kb.linking.targets import Target, entities
from kb.terms import BASE, Iri, Literal

RDFS, SKOS = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2004/02/skos/core#"
SCHEMA = "https://schema.org/"
PLACE = {"town": "addressLocality", "area": "addressRegion", "country": "addressCountry"}


def from_dump(
    asked: Target, path: Path | None, scheme: str, wanted: Collection[str]
) -> dict[str, list[Fact]]:
    """Return what a data set says of the identifiers wanted; those unknown to it are absent."""
    day = datetime.now(UTC).date()
    if path is not None:
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    source = asked.source or f"{BASE}target/{asked.name}"
    left, found = set(wanted), dict[str, list[Fact]]()
    for entity in entities(asked, path, None):
        for identifier in entity.identifiers:
            kind, _, value = identifier.partition(":")
            if kind == scheme and value in left:
                said = [Fact(entity.iri, p, v, source, day.isoformat()) for p, v in _said(entity)]
                found.setdefault(value, []).extend(said)
    return found


def _said(entity: Entity) -> Iterator[tuple[str, Iri | Literal]]:
    yield RDFS + "label", Literal(entity.label)
    for name in dict.fromkeys(entity.names):
        yield SKOS + "altLabel", Literal(name)
    for identifier in entity.identifiers:
        scheme, _, value = identifier.partition(":")
        if scheme == "wikidata":
            yield RDFS + "seeAlso", Iri(f"http://www.wikidata.org/entity/{value}")
        elif scheme in ("siren", "siret", "rna"):
            yield f"{BASE}ns#{scheme}", Literal(value)
    for part, name in PLACE.items():
        if value := getattr(entity.place, part):
            yield SCHEMA + name, Literal(value)
    if entity.ended:
        yield SCHEMA + "dissolutionDate", Literal(entity.ended)
