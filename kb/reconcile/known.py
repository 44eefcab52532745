"""What can be reconciled: names, types, codes and places of one release, in memory.

Read once by the queries of `queries/reconcile/`; a release never changes, so neither does this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from kb import files, terms
from kb.engine import Engine
from kb.queries import Query, registry
from kb.release import Release
from kb.rows import Row, select
from kb.search import folded
from kb.terms import Literal

DEADLINE_S = 120.0
WIKIDATA = ("http://www.wikidata.org/entity/", "https://www.wikidata.org/wiki/")
SAME = "http://www.w3.org/2004/02/skos/core#exactMatch"
NEEDS = terms.BASE + "scheme/need"
DEFAULT_TYPES = (
    *(str(terms.ESSAIM[name]) for name in ("SocialInnovation", "Actor", "PublicActor")),
    *(str(terms.ESSAIM[name]) for name in ("PublicPolicy", "Territory", "Resource")),
    NEEDS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing: its names with their language, the best first; its most precise types; its codes."""

    iri: str
    names: tuple[tuple[str, str], ...]
    types: tuple[str, ...]
    codes: tuple[tuple[str, str], ...]

    def name(self, language: str) -> str:
        """Return the first name in a language, else the first that there is."""
        return next((text for text, tag in self.names if tag == language), self.names[0][0])


@lru_cache(maxsize=200_000)
def plain(text: str) -> str:
    """Return a name as it is compared: its words without case, accents and elided articles.

    >>> plain("L'Épicerie  d'ŒUVRE")
    'epicerie oeuvre'
    """
    return " ".join(folded(text))


def code(text: str) -> str:
    """Return a code as it is compared: upper case, without spaces, bare of the usual addresses.

    >>> code("213 502 388"), code("http://www.wikidata.org/entity/q90")
    ('213502388', 'Q90')
    """
    for prefix in (*WIKIDATA, "https://doi.org/", "doi:"):
        text = text.removeprefix(prefix)
    return "".join(text.split()).upper()


class Known:
    """The entities of a release by IRI, name and code, with their types and places."""

    def __init__(
        self,
        entities: Mapping[str, Entity],
        broader: Mapping[str, tuple[str, ...]],
        places: Mapping[str, tuple[str, ...]],
        properties: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.entities, self.broader, self.places = entities, broader, places
        self.properties = properties  # by type, the most used first

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The IRIs that have a name, by that name as it is compared."""
        return _inverted(
            (plain(text), entity.iri)
            for entity in self.entities.values()
            for text, _ in entity.names
        )

    @cached_property
    def by_code(self) -> Mapping[str, tuple[str, ...]]:
        """The IRIs that have a number or code, by that code as it is compared."""
        return _inverted(
            (code(value), entity.iri)
            for entity in self.entities.values()
            for _, value in entity.codes
        )

    def identified(self, text: str) -> tuple[str, ...]:
        """Return what an IRI, an IRI without our base, or an official code identifies."""
        text = text.strip()
        for iri in (text, terms.BASE + text, terms.BASE + "id/" + text):
            if iri in self.entities:
                return (iri,)
        return self.by_code.get(code(text), ())

    def type(self, text: str) -> str | None:
        """Return the IRI of a type written as IRI, `essaim:Actor` or `Actor`; None if unknown."""
        name = text.strip().removeprefix("essaim:")
        spelt = (name, str(terms.ESSAIM[name]), terms.BASE + name)
        return next((iri for iri in spelt if iri in self.broader), None)

    def property(self, text: str) -> str | None:
        """Return the IRI of a property written as IRI or with a prefix; None if unknown."""
        return self._properties_by_name.get(text.strip())

    @cached_property
    def _properties_by_name(self) -> Mapping[str, str]:
        every = dict.fromkeys(iri for kind in self.properties.values() for iri in kind)
        short = {terms.compact(iri): iri for iri in every}
        bare = {name.removeprefix("essaim:"): iri for name, iri in short.items()}
        return {**bare, **short, **{iri: iri for iri in every}}

    def types_of(self, iri: str) -> tuple[str, ...]:
        """Return the types of a thing, the most precise first, then what they are cases of."""
        return self.closure(self.entities[iri].types)

    def closure(self, types: Iterable[str]) -> tuple[str, ...]:
        """Return types and what they are cases of."""
        found = dict.fromkeys(types)
        for kind in list(found):
            found.update(dict.fromkeys(self._above(kind)))
        return tuple(found)

    def _above(self, kind: str) -> Iterator[str]:
        for other in self.broader.get(kind, ()):
            yield other
            yield from self._above(other)

    def offered(self, kind: str) -> tuple[str, ...]:
        """Return the properties of a type or of the nearest type above it that has any."""
        line = (kind, *self._above(kind))
        return next((self.properties[name] for name in line if name in self.properties), ())

    def around(self, iri: str) -> frozenset[str]:
        """Return the places of a thing and all places around them; a territory is in itself."""
        found: set[str] = set()
        waiting = [iri, *self.places.get(iri, ())]
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting.extend(self.places.get(place, ()))
        return frozenset(found)


def _inverted(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for key, value in pairs:
        if key:
            found[key][value] = None
    return {key: tuple(values) for key, values in found.items()}


def known(release: Release) -> Known:
    """Return what can be reconciled in a release. Raises what its engine raises."""
    asked = registry(files.root() / "queries" / "reconcile")

    def ask(name: str) -> Iterator[Row]:
        return _rows(release.engine, asked[name])

    types = _listed(ask("types"), "thing", "type")
    codes = defaultdict(list)
    for row in ask("identifiers"):
        iri, name, value = (str(row[key]) for key in ("thing", "property", "value"))
        if iri in types and (name != SAME or value.startswith(WIKIDATA)):
            codes[iri].append((name, value))
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in ask("names"):
        label = row["name"]
        names[str(row["thing"])].append(
            (str(label), label.language if isinstance(label, Literal) else "")
        )
    entities = {
        iri: Entity(iri, tuple(dict.fromkeys(found)), types[iri], tuple(codes.get(iri, ())))
        for iri, found in names.items()
        if iri in types
    }
    return Known(
        entities,
        {**_listed(ask("broader"), "type", "broader"), NEEDS: ()},
        _listed(ask("places"), "thing", "place"),
        _listed(ask("properties"), "class", "property"),
    )


def _rows(engine: Engine, query: Query) -> Iterator[Row]:
    return iter(select(engine, query.bound({}), deadline_s=DEADLINE_S))


def _listed(rows: Iterable[Row], key: str, value: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        values = found[str(row[key])]
        if value in row:
            values[str(row[value])] = None
    return {name: tuple(values) for name, values in found.items()}
