"""The JSON read by consumption: a value nobody took cannot disappear unnoticed.

Every leaf of every file (a scalar, a null, an empty list or object) is entered in a ledger when
the file is opened, and crossed off when a rule takes it. What stays is what the report lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.importers import ImportProblem

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, order=True)
class Unplaced:
    """A value of the JSON that is in no record file, and why."""

    where: str
    value: str
    reason: str


@dataclass(slots=True)
class Ledger:
    """The leaves of the JSON files, which of them were taken, and which were refused."""

    leaves: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    def enter(self, pointer: str, value: Json) -> None:
        """Enter every leaf below a value."""
        below: Iterator[tuple[str, Json]] | None = None
        if isinstance(value, dict) and value:
            below = ((f"{pointer}.{key}", item) for key, item in value.items())
        elif isinstance(value, list) and value:
            below = ((f"{pointer}[{n}]", item) for n, item in enumerate(value))
        if below is None:
            self.leaves[pointer] = json.dumps(value, ensure_ascii=False)
            return
        for inner, item in below:
            self.enter(inner, item)

    def unplaced(self) -> list[Unplaced]:
        """Return the leaves no rule took, and those a rule refused, in the order of the files."""
        return [
            Unplaced(pointer, value, self.refused.get(pointer, "no rule reads this key"))
            for pointer, value in self.leaves.items()
            if pointer in self.refused or pointer not in self.taken
        ]

    def placed(self) -> dict[str, int]:
        """Return how many leaves were placed under each path, indexes left out."""
        counts: dict[str, int] = {}
        for pointer in self.leaves:
            if pointer in self.taken and pointer not in self.refused:
                path = re.sub(r"\[[^\]]*\]", "[]", pointer)
                counts[path] = counts.get(path, 0) + 1
        return dict(sorted(counts.items()))


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object whose values are taken one by one.

    A getter takes a value of its own type only: anything else stays in the ledger.
    """

    ledger: Ledger
    pointer: str
    value: dict[str, Json]

    def names(self) -> list[str]:
        """Return the keys in the order of the file; looking takes nothing."""
        return list(self.value)

    def peek(self, key: str) -> str:
        """Return a text without taking it, '' where there is none."""
        found = self.value.get(key)
        return found if isinstance(found, str) else ""

    def refuse(self, key: str, reason: str, item: int | None = None) -> None:
        """List a value as one that could not be placed."""
        suffix = "" if item is None else f"[{item}]"
        self.ledger.refused[f"{self.pointer}.{key}{suffix}"] = reason

    def _scalar(self, key: str, *kinds: type) -> Json:
        if key not in self.value:
            return None
        found = self.value[key]
        if found is None or (type(found) in kinds):
            self.ledger.taken.add(f"{self.pointer}.{key}")
            return found
        return None

    def text(self, key: str) -> str:
        """Take a text; '' where the key is absent or null."""
        found = self._scalar(key, str)
        return found if isinstance(found, str) else ""

    def whole(self, key: str) -> int | None:
        """Take a whole number."""
        found = self._scalar(key, int)
        return found if isinstance(found, int) else None

    def number(self, key: str) -> int | float | None:
        """Take a number."""
        found = self._scalar(key, int, float)
        return found if isinstance(found, (int, float)) else None

    def flag(self, key: str) -> bool:
        """Take a true or false; false where the key is absent."""
        return self._scalar(key, bool) is True

    def texts(self, key: str) -> list[str]:
        """Take a list of texts; the items that are no texts stay in the ledger."""
        found = self.value.get(key)
        if not isinstance(found, list):
            return []
        if not found:
            self.ledger.taken.add(f"{self.pointer}.{key}")
        kept: list[str] = []
        for n, item in enumerate(found):
            if isinstance(item, str):
                self.ledger.taken.add(f"{self.pointer}.{key}[{n}]")
                kept.append(item)
        return kept

    def child(self, key: str) -> Node | None:
        """Return an object to read further."""
        found = self.value.get(key)
        if not isinstance(found, dict):
            return None
        if not found:
            self.ledger.taken.add(f"{self.pointer}.{key}")
        return Node(self.ledger, f"{self.pointer}.{key}", found)

    def children(self, key: str) -> list[Node]:
        """Return the objects of a list to read further."""
        found = self.value.get(key)
        if not isinstance(found, list):
            return []
        if not found:
            self.ledger.taken.add(f"{self.pointer}.{key}")
        return [
            Node(self.ledger, f"{self.pointer}.{key}[{n}]", item)
            for n, item in enumerate(found)
            if isinstance(item, dict)
        ]

    def remark(self, key: str) -> str:
        """Take any scalar as text: for keys whose value is only ever shown."""
        found = self._scalar(key, str, int, float, bool)
        return "" if found is None else str(found)


def nodes(ledger: Ledger, folder: Path, name: str) -> list[Node]:
    """Return the objects of `<name>.json`, entered in the ledger; none where it is missing.

    Raises ImportProblem when the file is not a JSON list of objects.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        return []
    try:
        read: Json = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ImportProblem(f"{path}: it is not readable JSON ({error}); correct it") from error
    if not isinstance(read, list) or not all(isinstance(item, dict) for item in read):
        raise ImportProblem(f"{path}: it is not a list of objects; give the research records")
    made: list[Node] = []
    for n, item in enumerate(read):
        if isinstance(item, dict):
            ident = item.get("id")
            pointer = f"{name}[{ident}]" if isinstance(ident, str) else f"{name}[{n}]"
            ledger.enter(pointer, item)
            made.append(Node(ledger, pointer, item))
    return made
