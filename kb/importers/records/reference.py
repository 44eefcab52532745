"""The French territory layer, as far as the records need it to name and to check territories."""

from __future__ import annotations

import gzip
import io
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDFS

from kb.terms import ESSAIM, slug

WANTED = {
    str(RDFS.label): "label",
    str(ESSAIM.withinTerritory): "within",
    str(ESSAIM.memberOfIntercommunality): "epci",
    str(ESSAIM.governingSiren): "siren",
    str(ESSAIM.populationCount): "population",
}


@dataclass(slots=True)
class Reference:
    """What the layer says of each territory; empty where the layer is not there."""

    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    by_name: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, folder: Path) -> Reference:
        """Read every `cog-*.nt.gz` of the reference folder."""
        made = cls()
        for path in sorted(folder.glob("cog-*.nt.gz")):
            with gzip.open(path, "rb") as packed:
                text = io.BytesIO(packed.read())
            for quad in ox.parse(text, format=ox.RdfFormat.N_TRIPLES):
                made._learn(quad)
        for iri, facts in made.facts.items():
            kind = iri.rpartition("/")[2].partition("-")[0]
            made.by_name[kind, slug(facts.get("label", ""))].append(iri)
        return made

    def _learn(self, quad: ox.Quad) -> None:
        name = WANTED.get(quad.predicate.value)
        if name is None or not isinstance(quad.subject, ox.NamedNode):
            return
        term = quad.object
        if isinstance(term, ox.Literal) and term.language == "en":
            return
        if isinstance(term, (ox.Literal, ox.NamedNode)):
            self.facts.setdefault(quad.subject.value, {})[name] = term.value

    def fact(self, iri: str, name: str) -> str:
        """Return one fact of a territory, '' where the layer does not say."""
        return self.facts.get(iri, {}).get(name, "")

    def only(self, kind: str, name: str, within: str = "") -> str:
        """Return the one territory of a kind with that name, '' where none or several are."""
        found = [
            iri
            for iri in self.by_name.get((kind, slug(name)), [])
            if not within or self.fact(iri, "within") == within
        ]
        return found[0] if len(found) == 1 else ""
