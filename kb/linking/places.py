"""Where something is, as far as a list says it: a municipality, an area, a country.

A municipality is compared by its INSEE code where both sides have one, else by its name within the
area; an area is a French département or overseas collectivity where there is one, else the region
as it is written. What is unknown is neither equal nor different.
"""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from functools import cache

from kb import files
from kb.linking import ids
from kb.linking.normalize import fold

COMMUNE = re.compile(
    r"<[^>]*/territory/commune-(\w+)> <http://www\.w3\.org/2000/01/rdf-schema#label> \"(.*)\"@fr"
)
ARTICLES = re.compile(r"^(?:LE|LA|LES|L) ")
CEDEX = re.compile(r" CEDEX(?: \d+)?$| \d+(?:E|ER|EME)?(?: ARRONDISSEMENT)?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A place: INSEE `code`, `town` (folded name), `area`, `country` (ISO 3166-1); '' = unknown."""

    code: str = ""
    town: str = ""
    area: str = ""
    country: str = ""

    def compared(self, other: Place) -> tuple[int, int]:
        """Return how municipality and area compare: 1 equal, -1 different, 0 unknown."""
        return self._towns(other), _equal(self.area, other.area)

    def _towns(self, other: Place) -> int:
        if self.code and other.code:
            return _equal(self.code, other.code)
        if _equal(self.area, other.area) < 0:
            return -1 if self.town and other.town else 0
        return _equal(self.town, other.town)


NOWHERE = Place()


def _equal(one: str, other: str) -> int:
    if not one or not other:
        return 0
    return 1 if one == other else -1


def place(
    *, insee: str = "", town: str = "", postcode: str = "", area: str = "", country: str = ""
) -> Place:
    """Return the place that cells of a list describe, by whichever of them are filled.

    `area` is a département number or the name of a region; spreadsheet damage to codes
    (`1004`, `84200.0`, `1`) is undone. A French code or postcode implies the country.
    """
    code = ids.insee(insee) if country in ("", "FR") else ""
    folded = _town(town) or (_town(communes().get(code, "")) if code else "")
    return Place(code, folded, _area(code, postcode, area, country), country or _implied(code))


def _implied(code: str) -> str:
    return "FR" if code else ""


def _area(code: str, postcode: str, area: str, country: str) -> str:
    if code:
        return ids.departement_of(code)
    if country in ("", "FR"):
        number = ids.departement(area)
        if number:
            return number
        digits = ids.postcode(postcode)
        if digits and not area:
            return ids.departement_of(digits)
    return fold(area)


def _town(text: str) -> str:
    folded = CEDEX.sub("", fold(text))
    words = ["SAINT" if w == "ST" else "SAINTE" if w == "STE" else w for w in folded.split()]
    return ARTICLES.sub("", " ".join(words))


@cache
def communes() -> dict[str, str]:
    """Return the names of French communes by INSEE code, from the shipped territory layer."""
    path = files.root() / "data" / "reference" / "cog-2026.nt.gz"
    if not path.is_file():
        return {}
    found = COMMUNE.findall(gzip.decompress(path.read_bytes()).decode("utf-8"))
    return dict(found)
