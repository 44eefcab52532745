"""What a shape's message cannot say: what is wrong with the value that this file gives.

Shapes speak of all files, with an example that is not the reader's. Here the value is looked at:
a day that no calendar has, a name instead of an address, a property of another kind of record.
The result is the key of a sentence of the catalogue and its values: `fault` stands before the
message of the shape, `said` in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from kb import terms
from kb.check import values as read_values
from kb.check.base import Base
from kb.check.contribution import Contribution
from kb.check.nearby import closest, ending, nearest, split, written
from kb.check.rulebook import Rule, ours
from kb.validation.engines import Result

SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
CONCEPT = "http://www.w3.org/2004/02/skos/core#Concept"
SCHEME = terms.BASE + "scheme/"
ENDS = {"start": "end", "earliest": "latest"}
Told = dict[str, str]


def told(one: Contribution, result: Result, rule: Rule | None, base: Base) -> Told:
    """Return the values of a finding that say more than the message of its rule; {} if none."""
    if rule is None or not rule.messages:
        return {}
    if result.component == SH + "ClosedConstraintComponent":
        return _property(one, result, rule, base)
    if result.component == SH + "LessThanOrEqualsConstraintComponent":
        return _order(one, result, rule)
    if result.component == SH + "QualifiedMinCountConstraintComponent":
        return _unnamed(one, result, rule)
    if result.component == SH + "MaxCountConstraintComponent":
        found = [p for s, p, _ in one.triples if s == result.focus and p.value == rule.path]
        return {"fault": "fault.several"} if len(found) > 1 else {}
    if isinstance(result.value, ox.Literal):
        return _literal(result.value, rule)
    if isinstance(result.value, ox.NamedNode):
        return _named(one, result.value, rule, base)
    return {}


def _property(one: Contribution, result: Result, rule: Rule, base: Base) -> Told:
    """Tell on which records a property is used, and which one of this record resembles it."""
    iri = result.predicate
    made = {"property": written(one, iri), "code": rule.code}
    made |= {f"here.{language}": name for language, name in kind_of(rule).items()}
    here = {str(o)[1:-1] for _, p, o in one.triples if p.value.endswith("#type")}
    others = [other for other in ours(base.root).values() if iri in other.allowed]
    others.sort(key=lambda other: other.target not in here)
    spelt = "" if base.knows(iri) else nearest(base, iri, is_property=True)
    near = _resembling(iri, rule.allowed)
    if near and near != spelt:  # what the spelling alone shows is told of the property itself
        made["near"] = written(one, near)
    for language in ("fr", "en") if others else ():
        names = [kind_of(other).get(language, "") for other in others[:3]]
        made[f"there.{language}"] = ", ".join(filter(None, names))
    return made | {"said": "known.elsewhere" if others else "known.nowhere"}


def kind_of(rule: Rule) -> Told:
    """Return the kind of record of a rule on known properties, with its article, by language."""
    return {tag: name.partition("(")[2].rstrip(")") for tag, name in rule.names.items()}


def _resembling(iri: str, allowed: tuple[str, ...]) -> str:
    """Return the property of a record that was probably meant: by spelling, or by its last word."""
    name = split(iri)[1]
    known = {split(other)[1]: other for other in allowed}
    if near := closest(name, known):
        return known[near[0]]
    alike = ending(name, known)
    return known[alike] if alike else ""


def _order(one: Contribution, result: Result, rule: Rule) -> Told:
    """Tell the two values of which the first should not be after the second."""
    first = split(rule.path)[1]
    second = next((first.replace(a, b) for a, b in ENDS.items() if first.startswith(a)), "")
    path = terms.NS + second
    found = [
        o for s, p, o in one.triples
        if s == result.focus and p.value == path and isinstance(o, ox.Literal)
    ]  # fmt: skip
    if not found or not isinstance(result.value, ox.Literal):
        return {}
    pair = {"value": result.value.value, "other": found[0].value}
    if all(_is_comparable(value) for value in (result.value, found[0])):
        return pair | {"fault": "fault.order"}
    return pair | {"said": "fault.incomparable"}


def _is_comparable(value: ox.Literal) -> bool:
    if value.datatype.value == XSD + "date":
        return read_values.dates(value.value) == [value.value]
    return value.datatype.value == XSD + "integer" and value.value.lstrip("+-").isdigit()


def _unnamed(one: Contribution, result: Result, rule: Rule) -> Told:
    """Tell the name that a record has without the language that lacks."""
    wanted = rule.code.removeprefix("C-labelled-")
    at = one.find(result.focus, LABEL)
    if wanted not in ("french", "english") or at is None:
        return {}
    own = one.triples[at][2]
    if not isinstance(own, ox.Literal):
        return {}
    if own.language:
        return {"own": str(own), "said": f"labelled.{wanted}.beside"}
    return {"own": str(ox.Literal(own.value)), "said": f"labelled.{wanted}.untagged"}


def _literal(value: ox.Literal, rule: Rule) -> Told:
    """Tell what is wrong with a text, a number or a date."""
    text, name = value.value, split(rule.path)[1]
    made = {"value": text}
    if length := read_values.length(name):
        return made | _number(text, value.datatype.value, length)
    if rule.datatype == XSD + "date":
        return made | _date(text, value.datatype.value)
    if rule.datatype == XSD + "integer":
        return made | _integer(text, value.datatype.value)
    if rule.scheme:
        return made | {"fault": "fault.no-concept"}
    return made | {"fault": "fault.text"} if rule.kind else {}


def _number(text: str, datatype: str, length: int) -> Told:
    count = str(sum(sign.isdigit() for sign in text))
    if datatype != XSD + "string":
        return {"fault": "fault.unquoted"}
    if count != str(length):
        return {"count": count, "fault": "fault.digits"}
    return {"fault": "fault.signs"} if not text.isdigit() else {}


def _date(text: str, datatype: str) -> Told:
    """Tell why a text is no date: no such day, no day or month, in words, or without its type."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        exists = bool(read_values.dates(text))
        if not exists:
            return {"fault": "fault.no-day"}
        return {"fault": "fault.untyped-date"} if datatype != XSD + "date" else {}
    if re.fullmatch(r"\d{4}-\d\d", text):
        return {"fault": "fault.month"}
    return {"fault": "fault.year" if re.fullmatch(r"\d{4}", text) else "fault.date"}


def _integer(text: str, datatype: str) -> Told:
    """Tell why a text is no year: in quotes, with words around it, or out of all bounds."""
    if re.fullmatch(r"[+-]?\d+", text):
        is_number = datatype == XSD + "integer"
        return {"fault": "fault.bounds" if is_number else "fault.quoted-number"}
    found = re.findall(r"(?<!\d)\d{4}(?!\d)", text)
    year = {"year": found[0]} if len(found) == 1 else {}
    return year | {"fault": "fault.no-number"}


def _named(one: Contribution, value: ox.NamedNode, rule: Rule, base: Base) -> Told:
    """Tell what an address stands for, where something else is expected."""
    made = {"name": written(one, value.value)}
    if rule.scheme and value.value.startswith(SCHEME) and base.knows(value.value):
        other = value.value.removeprefix(SCHEME).partition("/")[0]
        return made | {"list": other, "fault": "fault.other-list"}
    if not rule.kind:
        return {}
    classes = [*_classes(one, value), *base.values(value.value, "type")]
    for iri in classes[:1]:
        return made | base.labels("class", iri) | _concept(iri) | {"fault": "fault.other-kind"}
    return {}


def _classes(one: Contribution, node: ox.NamedNode) -> Iterator[str]:
    for s, p, o in one.triples:
        if s == node and p.value.endswith("#type") and isinstance(o, ox.NamedNode):
            yield o.value


def _concept(iri: str) -> Told:
    """Return the name of what SKOS calls a concept, which no ontology of ours labels."""
    names = {"class_label.fr": "concept d'une liste", "class_label.en": "concept of a list"}
    return names if iri == CONCEPT else {}
