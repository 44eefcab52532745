"""The names a query may have meant: terms of our vocabularies, prefixes, and the nearest of them.

Terms are read from `ontology/`, and from the properties and classes the engine says are in use.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb import files, terms
from kb.slips import nearest


@dataclass(frozen=True)
class Vocabulary:
    """The IRIs that exist, and the namespaces of which all IRIs are known."""

    terms: frozenset[str]
    namespaces: tuple[str, ...]

    def knows(self, iri: str) -> bool:
        """Tell whether an IRI exists, as far as we can say: others' namespaces may hold any."""
        return iri in self.terms or not iri.startswith(self.namespaces)

    def nearest(self, iri: str) -> list[str]:
        """Return known IRIs that resemble one, the nearest first, at most three.

        The local name may be misspelt, the namespace not; `http` for `https` is looked over.
        """
        space, name = split(iri)
        swapped = space.replace("http://", "https://") if space.startswith("http:") else (
            space.replace("https://", "http://"))  # fmt: skip
        names = {}
        for other in self.terms:
            there, local = split(other)
            if there in (space, swapped):
                names[local] = other
        if name in names and names[name] != iri:
            return [names[name]]
        return [names[near] for near in nearest(name, names)]


@cache
def shipped() -> Vocabulary:
    """Return the terms of the ontology and of the schemes that are shipped."""
    folder = files.root() / "ontology"
    found: set[str] = set()
    prefixes = terms.prefixes()
    for path in [folder / "essaim.ttl", *sorted((folder / "schemes").glob("*.ttl"))]:
        text = path.read_text(encoding="utf-8")
        for prefix, name in re.findall(r"^([\w-]+):([\w-]+)", text, re.MULTILINE):
            found.add(prefixes.get(prefix, "") + name)
        found.update(re.findall(r"^<(https?://[^>\s]+)>", text, re.MULTILINE))
    ours = tuple(sorted({split(iri)[0] for iri in found if iri.startswith(terms.BASE)}))
    whole = tuple(space for space in ours if space == terms.ESSAIM or "/scheme/" in space)
    return Vocabulary(frozenset(found), whole)


def split(iri: str) -> tuple[str, str]:
    """Return the namespace and the local name of an IRI."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


@cache
def well_known() -> dict[str, str]:
    """Return prefixes in common use, ours first where both have one."""
    path = Path(__file__).parent / "prefixes.json"
    common: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return common | terms.prefixes()
