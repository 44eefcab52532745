"""Short names for addresses, as a file of links writes them, and the map that opens them again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

TARGETS = "https://w3id.org/essaim/target/"
LISTS = "https://w3id.org/essaim/list/"


@dataclass
class Curies:
    """Prefixes given to addresses in the order they come; `base` is where rows of the list are."""

    base: str
    prefixes: dict[str, str] = field(default_factory=dict)

    def subject(self, local: str) -> str:
        """Return the short name of a row of the list."""
        self.prefixes.setdefault("list", self.base)
        return f"list:{local}"

    def curie(self, iri: str) -> str:
        """Return the short name of an address, its prefix taken from the address itself."""
        cut = max(iri.rfind("/"), iri.rfind("#"), iri.rfind(":")) + 1
        base, local = iri[:cut], iri[cut:]
        for prefix, known in self.prefixes.items():
            if known == base:
                return f"{prefix}:{local}"
        words = re.findall(r"[A-Za-z][\w-]*", base)
        stem = words[-1].lower() if words else "ns"
        prefix, number = stem, 1
        while prefix in self.prefixes or prefix in ("skos", "semapv", "sssom", "list"):
            number += 1
            prefix = f"{stem}{number}"
        self.prefixes[prefix] = base
        return f"{prefix}:{local}"
