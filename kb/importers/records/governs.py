"""Which territory an authority governs: only where a name says so exactly.

« Ville de Rennes » governs the commune of Rennes when the same record is placed in Rennes, or when
one commune alone has that name in the record's département. Nothing is guessed from a likeness.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.importers.records.bodies import Body
from kb.importers.records.places import Places, head, territory
from kb.importers.records.reading import Node
from kb.terms import slug

COMMUNE = re.compile(r"(?:Ville|Commune|Mairie) (?:de |d')(?P<name>.+)$")
DEPARTMENT = re.compile(
    r"(?:Département|Conseil général|Conseil départemental)"
    r" (?:de la |de l'|des |du |de |d')(?P<name>.+)$"
)
REGION = re.compile(r"Région (?P<name>.+)$")
REGIONAL = {"region", "canton", "federated-entity"}
# The words that may stand beside the name of a municipality abroad, and nothing else.
AROUND = {
    "ville", "de", "d", "commune", "municipalite", "comune", "di", "citta", "stad", "stadt",
    "gemeente", "miasto", "gmina", "ajuntament", "ayuntamiento", "camara", "municipal", "do",
    "council", "city", "town", "kommune", "borough", "municipio", "london", "of",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Governed:
    """A territory and the SIREN of the legal person that governs it, or why there is none."""

    territory: str = ""
    siren: str = ""
    note: str = ""


def governed(body: Body, places: Places) -> Governed:
    """Return what an authority governs."""
    if body.kind != "LocalAuthority" or body.plural or "(" in body.name:
        return Governed()
    found = Governed()
    for case in body.cases:
        place = case.child("place")
        if place is None:
            continue
        for name in body.names:
            found = (_french if place.peek("country") == "FR" else _foreign)(
                name.replace("’", "'"), body, place, places
            )
            if found.territory:
                return found
    return found


def _foreign(name: str, body: Body, place: Node, places: Places) -> Governed:
    region = place.child("region")
    if region and body.level in REGIONAL and slug(region.peek("name")) == slug(name):
        made = places.abroad("region", place.peek("country"), name)
        return Governed(str(territory(made)))
    municipality = place.peek("municipality") or head(place.peek("label"))
    words, around = slug(name).split("-"), slug(municipality).split("-")
    if body.level != "commune" or not municipality or slug(municipality) not in slug(name):
        return Governed()
    for start in range(len(words)):
        if words[start : start + len(around)] == around:
            rest = words[:start] + words[start + len(around) :]
            if rest and set(rest) <= AROUND:
                found = places.named(municipality, place.peek("country"))
                return Governed(str(found or ""))
    return Governed()


def _french(name: str, body: Body, place: Node, places: Places) -> Governed:
    if found := COMMUNE.match(name):
        return _commune(found["name"], place, places)
    if found := DEPARTMENT.match(name):
        return _with_siren(places, places.reference.only("departement", found["name"]))
    if found := REGION.match(name):
        iri = places.reference.only("region", found["name"])
        if not iri and places.reference.facts:
            return Governed(note="Ancienne région : elle n'administre plus de territoire actuel.")
        return _with_siren(places, iri)
    if body.level == "epci":
        epci = place.child("epci")
        if epci and slug(epci.peek("name")) == slug(name):
            return Governed(str(territory(f"epci-{epci.peek('siren')}")), epci.peek("siren"))
        return _with_siren(places, places.reference.only("epci", name))
    return Governed()


def _commune(name: str, place: Node, places: Places) -> Governed:
    for commune in place.children("communes"):
        if slug(commune.peek("name")) == slug(name):
            iri = str(territory(f"commune-{commune.peek('insee').lower()}"))
            return Governed(iri, commune.peek("siren") or places.reference.fact(iri, "siren"))
    department = place.child("departement")
    if department is None:
        return Governed()
    within = str(territory(f"departement-{department.peek('code').lower()}"))
    return _with_siren(places, places.reference.only("commune", name, within))


def _with_siren(places: Places, iri: str) -> Governed:
    return Governed(iri, places.reference.fact(iri, "siren")) if iri else Governed()
