"""The index of a target: every known name of every entity, as arrays mapped from disk.

Rows are names, not entities: a former name, an acronym or a spelling learned from an accepted link
has a row of its own. A folder holds plain `.npy` arrays and `index.json`; it is written aside and
renamed, so that nobody opens half an index.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from kb.linking import LinkProblem, vectors
from kb.linking.normalize import Name, name
from kb.linking.places import NOWHERE, Place
from kb.linking.strings import Lookup, Strings, keys, mapped

FORMAT = 3
COMMON = 0.05
BLOCKS = ("grams", "prefixes", "towns", "areas", "kinds")


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing a list can be linked to; `identifiers` are written `scheme:value`."""

    iri: str
    kind: str
    label: str
    names: tuple[str, ...] = ()
    place: Place = NOWHERE
    identifiers: tuple[str, ...] = ()
    ended: str = ""
    source: str = field(default="", compare=False)


def write(entities: Iterable[Entity], folder: Path, about: dict[str, Any]) -> None:
    """Write the index of entities into a folder that takes the place of an older one.

    Raises LinkProblem when there is nothing to index or the folder cannot be written.
    """
    listed = list(entities)
    if not listed:
        raise LinkProblem(f"{about.get('target', folder.name)}: no entity to index; check the file")
    aside = folder.with_name(f".{folder.name}-{os.getpid()}")
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        _write(listed, aside, about)
        if folder.exists():
            shutil.rmtree(folder)
        aside.rename(folder)
    except OSError as error:
        raise LinkProblem(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _write(entities: Sequence[Entity], folder: Path, about: dict[str, Any]) -> None:
    owners, spelt = _rows(entities)
    Strings.write(folder, "labels", [entity.label for entity in entities])
    Strings.write(folder, "iris", [entity.iri for entity in entities])
    Strings.write(folder, "ended", [entity.ended for entity in entities])
    known = [json.dumps(entity.identifiers) for entity in entities]
    Strings.write(folder, "identifiers", known)
    for part in ("code", "town", "area", "country"):
        Strings.write(folder, f"place.{part}", [getattr(e.place, part) for e in entities])
    kinds = sorted({entity.kind for entity in entities})
    numbers = {kind: number for number, kind in enumerate(kinds)}
    np.save(folder / "kind.npy", np.array([numbers[e.kind] for e in entities], dtype=np.int32))
    np.save(folder / "owners.npy", np.array(owners, dtype=np.int64))
    _write_names(folder, spelt)
    Lookup.write(folder, "by_iri", [e.iri for e in entities], range(len(entities)))
    pairs = [(known, i) for i, e in enumerate(entities) for known in e.identifiers]
    Lookup.write(folder, "by_identifier", [p[0] for p in pairs], [p[1] for p in pairs])
    _write_matrix(folder, entities, owners, [each.core for each in spelt])
    facts = {**about, "format": FORMAT, "kinds": kinds, "entities": len(entities)}
    (folder / "index.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


def _rows(entities: Sequence[Entity]) -> tuple[list[int], list[Name]]:
    owners, spelt = [], []
    for number, entity in enumerate(entities):
        seen = set()
        for said in (entity.label, *entity.names):
            made = name(said)
            if made.core and made.text not in seen:
                seen.add(made.text)
                owners.append(number)
                spelt.append(made)
    return owners, spelt


def _write_names(folder: Path, spelt: Sequence[Name]) -> None:
    rows = range(len(spelt))
    Strings.write(folder, "texts", [each.text for each in spelt])
    Strings.write(folder, "cores", [each.core for each in spelt])
    Strings.write(folder, "acronyms", [each.acronym for each in spelt])
    Lookup.write(folder, "by_core", [each.core for each in spelt], rows)
    Lookup.write(folder, "by_acronym", [each.acronym for each in spelt], rows)
    words: dict[str, int] = {}
    for each in spelt:
        for word in set(each.core.split()):
            words[word] = words.get(word, 0) + 1
    made = keys(words)
    rarity = np.log((1 + len(spelt)) / (1 + np.array(list(words.values())))) + 1
    order = np.argsort(made)
    np.save(folder / "words.npy", made[order])
    np.save(folder / "words.rarity.npy", rarity[order].astype(np.float32))


def _write_matrix(
    folder: Path, entities: Sequence[Entity], owners: list[int], cores: list[str]
) -> None:
    """Write the matrix of rows, turned round: a row a term, a column a name."""
    blocks = []
    for block, terms in (("grams", vectors.trigrams), ("prefixes", vectors.prefixes)):
        found, where = terms(cores)
        vocabulary, rarity = vectors.learned(found, where, len(cores), COMMON)
        np.save(folder / f"{block}.npy", vocabulary)
        np.save(folder / f"{block}.rarity.npy", rarity)
        blocks.append(vectors.weighted(found, where, len(cores), vocabulary, rarity))
    for block, said in zip(BLOCKS[2:], _hot(entities), strict=True):
        values = said[np.array(owners, dtype=np.int64)]
        vocabulary = np.unique(values[values != 0])
        np.save(folder / f"{block}.npy", vocabulary)
        blocks.append(vectors.one_hot(values, vocabulary))
    turned = sparse.csr_matrix(sparse.hstack(blocks, format="csc").T)
    turned.sort_indices()
    np.save(folder / "matrix.data.npy", turned.data.astype(np.float32))
    width = np.int32 if turned.nnz < 2**31 else np.int64  # scipy's own: nothing copied on opening
    np.save(folder / "matrix.indices.npy", turned.indices.astype(width))
    np.save(folder / "matrix.indptr.npy", turned.indptr.astype(width))


def _hot(entities: Sequence[Entity]) -> tuple[vectors.Keys, vectors.Keys, vectors.Keys]:
    return (
        keys(entity.place.town for entity in entities),
        keys(entity.place.area for entity in entities),
        keys(entity.kind for entity in entities),
    )


class Index:
    """An index opened for reading; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.about = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise LinkProblem(f"{folder}: no index there; run `essaim link build`") from error
        if self.about["format"] != FORMAT:
            raise LinkProblem(f"{folder}: made by another version; run `essaim link build`")
        for texts in ("labels", "iris", "ended", "texts", "cores", "acronyms"):
            setattr(self, texts, Strings.open(folder, texts))
        self._identifiers = Strings.open(folder, "identifiers")
        self._places = [
            Strings.open(folder, f"place.{p}") for p in ("code", "town", "area", "country")
        ]
        for lookup in ("by_iri", "by_identifier", "by_core", "by_acronym"):
            setattr(self, lookup, Lookup.open(folder, lookup))
        self.owners = mapped(folder, "owners")
        self._kind = mapped(folder, "kind")
        self.vocabularies = {block: mapped(folder, block) for block in BLOCKS}
        self.rarities = {block: mapped(folder, f"{block}.rarity") for block in BLOCKS[:2]}
        self._words, self._rarity = mapped(folder, "words"), mapped(folder, "words.rarity")

    labels: Strings
    iris: Strings
    ended: Strings
    texts: Strings
    cores: Strings
    acronyms: Strings
    by_iri: Lookup
    by_identifier: Lookup
    by_core: Lookup
    by_acronym: Lookup

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def kinds(self) -> list[str]:
        """The kinds of entities in this index."""
        return list(self.about["kinds"])

    @cached_property
    def matrix(self) -> sparse.csr_matrix[Any]:
        """The terms by names, as it lies on disk."""
        parts = tuple(mapped(self.folder, f"matrix.{p}") for p in ("data", "indices", "indptr"))
        width = sum(len(vocabulary) for vocabulary in self.vocabularies.values())
        return sparse.csr_matrix(parts, shape=(width, len(self.cores)), copy=False)

    def entity(self, number: int) -> Entity:
        """Return an entity by its number, without its other names."""
        return Entity(
            self.iris[number], self.kind(number), self.labels[number], (), self.place(number),
            tuple(json.loads(self._identifiers[number])), self.ended[number],
        )  # fmt: skip

    def rows(self, number: int) -> range:
        """Return the rows that hold the names of an entity."""
        return range(*(int(np.searchsorted(self.owners, n)) for n in (number, number + 1)))

    def kind(self, number: int) -> str:
        """Return the kind of an entity."""
        return self.kinds[int(self._kind[number])]

    def place(self, number: int) -> Place:
        """Return the place of an entity."""
        return Place(*(part[number] for part in self._places))

    def rarity(self, word: str) -> float:
        """Return how rare a word of a core is here; an unknown one counts as the rarest."""
        wanted = keys([word])
        at = int(np.searchsorted(self._words, wanted)[0])
        if at < len(self._words) and self._words[at] == wanted[0]:
            return float(self._rarity[at])
        return float(np.log(1 + len(self.cores)) + 1)
