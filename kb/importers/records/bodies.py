"""The registry: every actor and every authority once, whatever record names it.

A name is a key: two spellings that make one slug are one body, and the tables `authorities.tsv`
and `actors.tsv` of `data/making` say which different names are. A plural entry (« Communes
adoptantes ») belongs to its case only.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import URIRef

from kb.importers.records import tables
from kb.importers.records.places import head
from kb.importers.records.reading import Node
from kb.terms import record, slug

# JSON actor type: class, legal form.
TYPES = {
    "Association": ("Association", ""),
    "Cooperative": ("Enterprise", "cooperative"),
    "ReseauESS": ("Network", "sse-network"),
    "Fondation": ("Foundation", ""),
    "Collective": ("Collective", ""),
    "EntrepriseAButdEmploi": ("Enterprise", "ebe"),
    "Research": ("ResearchBody", ""),
    "OBNL": ("Association", "obnl"),
    "Groupement": ("Cluster", ""),
    "EtablissementPublic": ("PublicBody", ""),
    "EntrepriseESS": ("Enterprise", "sse-enterprise"),
    "SocieteCommerciale": ("Enterprise", "commercial-company"),
    "PublicService": ("PublicBody", "public-service"),
    "SCIC": ("Enterprise", "scic"),
    "SCOP": ("Enterprise", "scop"),
    "BailleurSocial": ("SocialLandlord", ""),
    "StructureIAE": ("Enterprise", "work-integration"),
    "Collectivite": ("LocalAuthority", ""),
    "Accompagnateur": ("SupportOrganisation", ""),
    "RegieDeQuartier": ("Enterprise", "neighbourhood-enterprise"),
    "ReseauEntreprises": ("Network", "business-network"),
    "CooperativeHLM": ("Enterprise", "hlm-cooperative"),
}
LEVELS = {
    **dict.fromkeys(
        ("commune", "epci", "departement", "region", "intercommunal", "syndicat-mixte",
         "arrondissement", "mrc", "province", "canton", "federated-entity"),
        "LocalAuthority",
    ),
    **dict.fromkeys(("national", "etat-deconcentre"), "StateAuthority"),
    **dict.fromkeys(("eu", "international"), "SupranationalBody"),
    "public-operator": "PublicBody",
}  # fmt: skip
PUBLIC = {
    "PublicActor", "PublicActorGroup", "LocalAuthority", "StateAuthority", "SupranationalBody",
    "PublicBody",
}  # fmt: skip
ABOVE_COUNTRIES = {"eu", "international"}


@dataclass(slots=True)
class Body:
    """An actor or authority, with everything the records say of it."""

    slug: str
    name: str
    plural: bool = False
    chosen: str = ""
    chosen_level: str = ""
    names: list[str] = field(default_factory=list)
    types: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    countries: list[str] = field(default_factory=list)
    cases: list[Node] = field(default_factory=list)

    @property
    def level(self) -> str:
        """The level of government: chosen by the table, else the one noted most often."""
        if self.chosen_level:
            return self.chosen_level
        return self.levels.most_common(1)[0][0] if self.levels else ""

    @property
    def kind(self) -> str:
        """The class of the body, without its prefix."""
        if self.chosen:
            return self.chosen
        if self.levels:
            return LEVELS[self.levels.most_common(1)[0][0]]
        if self.chosen_level:
            return LEVELS[self.chosen_level]
        if self.types:
            return TYPES[self.types.most_common(1)[0][0]][0]
        return "PublicActor"

    @property
    def public(self) -> bool:
        """Tell whether it is a public actor, filed under `authorities`."""
        return self.kind in PUBLIC

    @property
    def legal_form(self) -> str:
        """The legal form of the type noted most often, '' where the type says none."""
        if not self.types or (self.public and self.kind != "PublicBody"):
            return ""
        return TYPES[self.types.most_common(1)[0][0]][1]

    @property
    def iri(self) -> URIRef:
        """The IRI of the body."""
        return record("authority" if self.public else "actor", self.slug)


@dataclass(slots=True)
class Registry:
    """The bodies by slug, and by the slug of each of their names."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    bodies: dict[str, Body] = field(default_factory=dict)
    index: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def build(cls, making: Path, cases: list[Node], second: list[Node]) -> Registry:
        """Enter every body the records name: authorities first, whose level decides the class."""
        made = cls()
        for row in tables.rows(making / "actors.tsv", ("name", "same_as")):
            made.rows[slug(row["name"])] = row
        columns = ("name", "same_as", "class", "level", "plural")
        for row in tables.rows(making / "authorities.tsv", columns):
            made.rows[slug(row["name"])] = row
        for case in cases:
            for item in case.children("public_authorities"):
                if item.peek("level") in LEVELS:
                    made._enter(item.peek("name"), case, level=item.peek("level"))
        by_id = {case.peek("id"): case for case in cases}
        for reading in second:
            for item in reading.children("postures_outside_record"):
                if case_read := by_id.get(reading.peek("id")):
                    made._enter(item.peek("authority"), case_read)
        for case in cases:
            for item in case.children("actors"):
                if item.peek("type") in TYPES:
                    made._enter(item.peek("name"), case, kind=item.peek("type"))
        return made

    def canonical(self, name: str) -> str:
        """Return the name a body goes by, where the tables give it another."""
        row = self.rows.get(slug(name), {})
        return row.get("same_as") or name

    def _enter(self, name: str, case: Node, kind: str = "", level: str = "") -> None:
        if not slug(name):
            return
        canonical = self.canonical(name)
        row = self.rows.get(slug(canonical), {})
        place = case.child("place")
        country = place.peek("country") if place else ""
        body = self.find(name, case) or self._new(canonical, case, country, row)
        if name not in body.names:
            body.names.append(name)
        if kind:
            body.types[kind] += 1
        if level:
            body.levels[level] += 1
        if country and country not in body.countries:
            body.countries.append(country)
        body.cases.append(case)

    def _new(self, name: str, case: Node, country: str, row: dict[str, str]) -> Body:
        plural = bool(row.get("plural"))
        key = f"{slug(name)}-{case.peek('id')}" if plural else slug(name)
        if key in self.bodies:
            key += f"-{country.lower()}"
        body = Body(key, name, plural, row.get("class", ""), row.get("level", ""))
        self.bodies[key] = body
        self.index.setdefault(slug(name), []).append(key)
        return body

    def find(self, name: str, case: Node) -> Body | None:
        """Return the body a case means by a name: of its own country, or above countries."""
        place = case.child("place")
        country = place.peek("country") if place else ""
        for key in self.index.get(slug(self.canonical(name)), []):
            body = self.bodies[key]
            if body.plural:
                if case.peek("id") == body.cases[0].peek("id"):
                    return body
            elif not body.public or body.level in ABOVE_COUNTRIES or country in body.countries:
                return body
        return None

    def near(self, name: str, case: Node) -> Body | None:
        """Return the body a text names, its parentheses left out where that is needed."""
        return self.find(name, case) or self.find(head(name), case)
