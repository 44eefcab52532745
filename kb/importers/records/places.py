"""Where a case is: the territories of a record, checked against the reference layer.

A French place is a commune, else an EPCI, a département, a region; a place abroad is a
municipality, else a region, else the country. The name as written is always kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from rdflib import RDF, SKOS, Literal, URIRef

from kb.importers.records import tables
from kb.importers.records.files import Files
from kb.importers.records.reading import Node
from kb.importers.records.reference import Reference
from kb.terms import ESSAIM, record, slug

# The municipal districts of Paris, Lyon and Marseille have codes but are no communes.
DISTRICT = re.compile(r"(751|6938|132)(\d{1,2})$")
PARENTS = {"751": "75056", "6938": "69123", "132": "13055"}
PARENTHESIS = re.compile(r"\s*\(.*")


def head(name: str) -> str:
    """Return a name without what follows in parentheses.

    >>> head("État (Dihal)")
    'État'
    """
    return PARENTHESIS.sub("", name).strip()


def territory(name: str) -> URIRef:
    """Return the IRI of a territory."""
    return record("territory", name)


@dataclass(slots=True)
class Whereabouts:
    """The territories of a case and what is to be said about them."""

    territories: list[URIRef] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    perimeter: str = ""


@dataclass(slots=True)
class Places:
    """The places the records name, by country and name."""

    reference: Reference
    table: dict[tuple[str, str], str]
    files: Files
    municipal: dict[str, set[str]] = field(default_factory=dict)
    regional: dict[str, set[str]] = field(default_factory=dict)
    national: dict[str, set[str]] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    @classmethod
    def build(cls, cases: list[Node], making: Path, reference: Reference, files: Files) -> Places:
        """Index the places of all cases, so that one record can name the place of another."""
        rows = tables.rows(making / "places.tsv", ("country", "name", "territory"))
        table = {(row["country"], slug(row["name"])): row["territory"] for row in rows}
        made = cls(reference, table, files)
        for row in rows:
            kind = row["territory"].partition("-")[0]
            made._index(kind, row["name"], row["territory"])
        for case in cases:
            place = case.value.get("place")
            if isinstance(place, dict):
                made._learn(Node(case.ledger, "", place))
        return made

    def _index(self, kind: str, name: str, iri: str) -> None:
        level = {"country": self.national, "region": self.regional, "departement": self.regional}
        level.get(kind, self.municipal).setdefault(slug(name), set()).add(iri)

    def _learn(self, place: Node) -> None:
        country = place.peek("country")
        for commune in place.children("communes"):
            self._index("commune", commune.peek("name"), f"commune-{commune.peek('insee')}")
        for key in ("departement", "region"):
            if (found := place.child(key)) and found.peek("code"):
                self._index(key, found.peek("name"), f"{key}-{found.peek('code').lower()}")
        if epci := place.child("epci"):
            self._index("epci", epci.peek("name"), f"epci-{epci.peek('siren')}")
        if name := place.peek("municipality"):
            self._index("municipality", name, self.abroad("municipality", country, name))
        region = place.child("region")
        if country != "FR" and region:
            made = self.abroad("region", country, region.peek("name"))
            self._index(made.partition("-")[0], region.peek("name"), made)

    def abroad(self, kind: str, country: str, name: str) -> str:
        """Return the name of a foreign region or municipality in its IRI."""
        known = self.table.get((country, slug(name)))
        if known and (known.startswith(kind) or kind == "region"):
            return known
        return f"{kind}-{country.lower()}-{slug(name)}"

    def named(self, name: str, country: str = "") -> URIRef | None:
        """Return the one territory a text names, in a country where one is given.

        A name that is at once a municipality and a country (Luxembourg) names neither.
        """
        for text in (name, head(name)):
            levels = [
                {iri for iri in level.get(slug(text), ()) if not country or _in(iri, country)}
                for level in (self.municipal, self.regional, self.national)
            ]
            if levels[0] and levels[2]:
                return None
            found = next((level for level in levels if level), set())
            if len(found) == 1:
                return territory(next(iter(found)))
        return None

    def locate(self, case: Node) -> Whereabouts:
        """Take the place of a case and return where it is."""
        place = case.child("place")
        if place is None:
            return Whereabouts()
        country = place.text("country")
        found = Whereabouts(perimeter=place.text("perimeter"))
        if written := place.text("label"):
            found.names.append(written)
        if evidence := place.text("region_evidence"):
            found.notes.append(f"Région : {evidence}.")
        if country == "FR":
            self._french(place, found)
        else:
            self._foreign(place, country, found)
        if not found.territories:
            near = self.named(place.peek("label"), country) if place.peek("label") else None
            found.territories.append(near or territory(f"country-{country.lower()}"))
        return found

    def _foreign(self, place: Node, country: str, found: Whereabouts) -> None:
        wide: str = ""
        if region := place.child("region"):
            region.text("code")
            name = region.text("name")
            found.names += [name] if name not in found.names else []
            wide = self.abroad("region", country, name)
        if name := place.text("municipality"):
            found.names += [name] if name not in found.names else []
            wide = self.abroad("municipality", country, name)
        if wide:
            found.territories.append(territory(wide))

    def _french(self, place: Node, found: Whereabouts) -> None:
        communes = [self._commune(commune) for commune in place.children("communes")]
        epci = place.child("epci")
        wider: list[URIRef] = []
        if epci:
            wider.append(territory(f"epci-{epci.text('siren')}"))
            self._check(wider[-1], "label", epci.text("name"))
            epci.text("type")
        for key in ("departement", "region"):
            if part := place.child(key):
                wider.append(territory(f"{key}-{part.text('code').lower()}"))
                self._check(wider[-1], "label", part.text("name"))
        found.territories += communes or wider[:1]
        for commune in communes:
            found.notes += self._containment(commune, wider)

    def _commune(self, commune: Node) -> URIRef:
        code, name = commune.text("insee"), commune.text("name")
        if district := DISTRICT.match(code):
            commune.text("siren")
            commune.whole("population")
            return self._district(code, name, PARENTS[district[1]])
        iri = territory(f"commune-{code.lower()}")
        self._check(iri, "label", name)
        self._check(iri, "siren", commune.text("siren"))
        self._check(iri, "population", str(commune.whole("population") or ""))
        return iri

    def _district(self, code: str, name: str, parent: str) -> URIRef:
        """Write a municipal district as a place of its commune; the layer holds communes only."""
        stem = f"place-{slug(name)}"
        iri, graph = territory(stem), self.files.open("territories", stem)
        graph.add((iri, RDF.type, ESSAIM.Place))
        tables.label(graph, iri, name, name)
        graph.add((iri, ESSAIM.withinTerritory, territory(f"commune-{parent}")))
        note = f"Arrondissement municipal, code {code} du code officiel géographique."
        graph.add((iri, SKOS.editorialNote, Literal(note, lang="fr")))
        return iri

    def _check(self, iri: URIRef, name: str, value: str) -> None:
        """Compare a value of the JSON with the layer, which is where it comes from."""
        if not self.reference.facts or not value:
            return
        known = self.reference.fact(str(iri), name)
        if slug(known) != slug(value):
            where = str(iri).rpartition("/")[2]
            self.differences.append(
                f"{where}: {name} {value!r} in the JSON, {known!r} in the layer"
            )

    def _containment(self, commune: URIRef, wider: list[URIRef]) -> list[str]:
        """Return a note for each wider territory the layer does not put the commune in."""
        facts = self.reference.facts.get(str(commune))
        if not facts:
            return []
        known = {facts.get("epci", ""), facts.get("within", "")}
        known.add(self.reference.fact(facts.get("within", ""), "within"))
        made = []
        for iri in wider:
            if str(iri) not in known:
                name = self.reference.fact(str(iri), "label") or str(iri).rpartition("/")[2]
                text = f"{facts['label']} n'est pas dans le territoire noté avec elle : {name}."
                made.append(text)
                self.differences.append(f"{str(commune).rpartition('/')[2]}: {text}")
        return made


def _in(iri: str, country: str) -> bool:
    french = re.match(r"(commune|departement|epci)-|region-\d", iri) is not None
    return french if country == "FR" else re.search(rf"-{country.lower()}(-|$)", iri) is not None
