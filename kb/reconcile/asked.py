"""What a client asks: one query of version 0.2 or 1.0 of the API, checked, as a `Question`.

Reconciliation Service API 0.2 §4.1 and 1.0-draft §4.1. The checks are those of the published JSON
schemas, with limits of size of ours; a query that fails them is answered alone, the others of its
batch are not concerned.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from kb.reconcile.malformed import Malformed

BATCH = 100  # queries
MOST, USUAL = 100, 5  # candidates
LONGEST, MOST_CONDITIONS, MOST_VALUES, MOST_IDS = 1_000, 30, 100, 500
KEYS = {
    "0.2": {"query", "type", "type_strict", "limit", "properties"},
    "1.0": {"type", "limit", "lang", "dir", "conditions"},
}
KINDS, QUANTIFIERS = ("name", "id", "property"), ("any", "all", "none")


@dataclass(frozen=True)
class Condition:
    """Values to compare with the names, the ids or a property of a thing."""

    kind: str
    values: tuple[str, ...]
    property: str = ""
    required: bool = False
    quantifier: str = "any"


@dataclass(frozen=True)
class Question:
    """What is looked for: conditions, types (`any`, `all`, or they `should` fit), how many."""

    conditions: tuple[Condition, ...]
    types: tuple[str, ...] = ()
    binding: str = "any"
    limit: int = USUAL

    def of_kind(self, kind: str) -> tuple[Condition, ...]:
        """Return the conditions on names, on ids or on properties."""
        return tuple(one for one in self.conditions if one.kind == kind)


def batch_02(text: str) -> dict[str, object]:
    """Return the queries of a batch of version 0.2 by their keys. Raises Malformed."""
    found = document(text)
    if not isinstance(found, dict):
        raise Malformed("not-a-batch", form="form.object")
    _check_size(found, BATCH)
    for key in found:
        _encodable(key, "a key")
    return found


def batch_10(text: str) -> list[object]:
    """Return the queries of a batch of version 1.0 in their order. Raises Malformed."""
    found = document(text)
    queries = found.get("queries") if isinstance(found, dict) else None
    if not isinstance(queries, list):
        raise Malformed("not-a-batch", form="form.array")
    _check_size(queries, BATCH)
    return queries


def _check_size(found: Collection[object], most: int) -> None:
    if len(found) > most:
        raise Malformed("batch-too-big", 413, count=len(found), most=most)


@dataclass(frozen=True)
class Extension:
    """Things, and properties with the most values of each and whether IRIs are wanted for names."""

    ids: tuple[str, ...]
    properties: tuple[tuple[str, int, bool], ...]


def extension(text: str) -> Extension:
    """Return a data extension query, which both versions write alike (§7). Raises Malformed."""
    found = document(text)
    if not isinstance(found, dict):
        raise Malformed("not-an-object")
    if not {"ids", "properties"} <= set(found):
        raise Malformed("nothing-asked", keys="ids, properties")
    ids, entries = found["ids"], _array(found["properties"], "properties", MOST_CONDITIONS)
    if isinstance(ids, list):
        _check_size(ids, MOST_IDS)
    properties = tuple(map(_extended, entries))
    return Extension(tuple(_text(one, "ids") for one in _array(ids, "ids", MOST_IDS)), properties)


def _extended(entry: object) -> tuple[str, int, bool]:
    if not isinstance(entry, dict) or "id" not in entry:
        raise Malformed("empty", name="properties")
    settings = entry.get("settings", {})
    if not isinstance(settings, dict):
        raise Malformed("setting", name="settings")
    for name in settings:
        if name not in ("limit", "content"):
            raise Malformed("setting", name=ascii(name[:40]))
    given, content = settings.get("limit", 0), settings.get("content", "name")
    limit = str(given) if isinstance(given, int | str) and given != "" else "0" * (given == "")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 7):
        raise Malformed("setting", name="limit")
    if not isinstance(content, str) or content not in ("name", "iri"):
        raise Malformed("setting", name="content")
    return _text(entry["id"], "id"), int(limit), content == "iri"


def document(text: str) -> Any:
    """Return what a JSON text says. Raises Malformed when it is none, or nested too deeply."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise Malformed("not-json", reason="reason.deep") from error
    except json.JSONDecodeError as error:
        place = {"line": error.lineno, "column": error.colno}
        raise Malformed("not-json", reason="reason.position", **place) from error
    except ValueError as error:
        reason = "constant" if "JSON" in str(error) else "number"
        raise Malformed("not-json", reason="reason." + reason) from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def question_02(item: object) -> Question:
    """Return one query of version 0.2 as a question. Raises Malformed."""
    found = _object(item, "0.2")
    conditions = []
    if "query" in found:
        conditions.append(Condition("name", (_text(found["query"], "query"),)))
    for entry in _array(found.get("properties", []), "properties", MOST_CONDITIONS):
        if not isinstance(entry, dict) or not {"pid", "v"} <= set(entry):
            raise Malformed("property")
        values = _values(entry["v"], "v")
        conditions.append(Condition("property", values, _text(entry["pid"], "pid")))
    if not conditions:
        raise Malformed("nothing-asked", keys="query, properties")
    binding = found.get("type_strict", "any")
    if binding not in ("any", "should", "all"):
        raise Malformed("choice", name="type_strict", known="any, should, all")
    given = found.get("type", [])
    types = given if isinstance(given, list) else [given]
    named = tuple(_text(one, "type") for one in _array(types, "type", MOST_CONDITIONS) if one != "")
    return Question(tuple(conditions), named, binding, _limit(found))


def question_10(item: object) -> Question:
    """Return one query of version 1.0-draft as a question. Raises Malformed."""
    found = _object(item, "1.0")
    if not isinstance(found.get("lang", ""), str):
        raise Malformed("not-text", name="lang")
    if found.get("dir", "auto") not in ("ltr", "rtl", "auto"):
        raise Malformed("choice", name="dir", known="ltr, rtl, auto")
    entries = _array(found.get("conditions"), "conditions", MOST_CONDITIONS)
    if not entries:
        raise Malformed("nothing-asked", keys="conditions")
    types = (_text(found["type"], "type"),) if found.get("type", "") != "" else ()
    return Question(tuple(map(_condition, entries)), types, "any", _limit(found))


def _condition(entry: object) -> Condition:
    if not isinstance(entry, dict) or not {"matchType", "propertyValue"} <= set(entry):
        raise Malformed("condition")
    kind, quantifier = entry["matchType"], entry.get("matchQuantifier", "any")
    if kind not in KINDS:
        raise Malformed("choice", name="matchType", known=", ".join(KINDS))
    if quantifier not in QUANTIFIERS:
        raise Malformed("choice", name="matchQuantifier", known=", ".join(QUANTIFIERS))
    if "matchQualifier" in entry:
        raise Malformed("match-qualifier")
    required = entry.get("required", False)
    if not isinstance(required, bool):
        raise Malformed("not-a-boolean", name="required")
    property_ = _text(entry.get("propertyId", ""), "propertyId") if kind == "property" else ""
    values = _values(entry["propertyValue"], "propertyValue")
    return Condition(kind, values, property_, required, quantifier)


def _object(item: object, version: str) -> Mapping[str, Any]:
    if not isinstance(item, dict):
        raise Malformed("not-an-object")
    if unknown := sorted(set(item) - KEYS[version]):
        known = ", ".join(sorted(KEYS[version]))
        raise Malformed("unknown-key", given=ascii(unknown[0][:40]), known=known)
    return item


def _array(value: object, name: str, most: int) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed("not-an-array", name=name)
    if len(value) > most:
        raise Malformed("many-entries", name=name, count=len(value), most=most)
    return value


def _text(value: object, name: str) -> str:
    """Return a text that has something in it, can be written as UTF-8 and is not too long."""
    if not isinstance(value, str):
        raise Malformed("not-text", name=name)
    if not value.strip():
        raise Malformed("empty", name=name)
    if len(value) > LONGEST:
        raise Malformed("too-long", name=name, count=len(value), most=LONGEST)
    return _encodable(value, name)


def _encodable(value: str, name: str) -> str:
    """Return a text unchanged. Raises Malformed when it holds half of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Malformed("not-unicode", name=name) from error
    return value


def _limit(found: Mapping[str, Any]) -> int:
    given = found.get("limit", USUAL)
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    if not is_number or given < 1 or given != given // 1:
        raise Malformed("whole-number", name="limit", least=1)
    return int(min(given, MOST))


def _values(given: object, name: str) -> tuple[str, ...]:
    """Return property values as texts: an entity stands for its id (§3.3 of both versions)."""
    entries = given if isinstance(given, list) else [given]
    if not entries:
        raise Malformed("empty", name=name)
    return tuple(_value(one, name) for one in _array(entries, name, MOST_VALUES))


def _value(given: object, name: str) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, int | float):
        return str(given) if isinstance(given, int) else f"{given:.15g}"
    if isinstance(given, dict):
        if "id" not in given:
            raise Malformed("value", name=name)
        return _text(given["id"], "id")
    return _text(given, name)
