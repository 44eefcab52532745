"""The page of one rule as its parts: what is wrong, why it matters, how it is written right.

The texts are those of the catalogue and of the shapes; the examples those of `shapes/examples` and
`examples.json`, which `docs/checks.py` writes from the mistakes that the tests hold. `codes` prints
a page in a terminal, the web shows it under `/doc/codes` and `/doc/rules`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kb import files, terms
from kb.check.rulebook import Rule, known_rules
from kb.check.words import catalogue, filled, shown
from kb.reading.problems import CODES

EXAMPLES = Path(__file__).parent / "examples.json"
SHAPED = "C-"


@dataclass(frozen=True, slots=True)
class Example:
    """A mistake of the gallery: its name, the codes told of it, the lines before and after.

    `right` is '' where only the author can know what to write.
    """

    name: str
    codes: tuple[str, ...]
    wrong: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Guide:
    """What a rule's page tells in one language; `whole` are examples as whole records."""

    code: str
    title: str
    said: str
    why: tuple[str, ...]
    severity: str = "error"
    path: str = ""
    examples: tuple[Example, ...] = ()
    related: tuple[str, ...] = ()
    whole: tuple[tuple[str, str], ...] = field(default=())


def codes() -> list[str]:
    """Return the codes that are not of shapes, in order."""
    ours = {key.removesuffix(".why") for key in catalogue("en") if key.endswith(".why")}
    return sorted(ours | set(CODES))


@cache
def rules_by_code() -> dict[str, Rule]:
    """Return the rules of shapes by their code."""
    return {rule.code: rule for rule in known_rules()}


def found(code: str) -> str | None:
    """Return the code that a reader means, whatever the case and with or without `C-`."""
    wanted = code.strip()
    for one in (wanted.upper(), wanted, SHAPED + wanted):
        if one in rules_by_code() or one in codes():
            return one
    return None


def guide(code: str, language: str) -> Guide:
    """Return the page of a code that exists, in a language. Raises KeyError for another."""
    if code.startswith(SHAPED):
        return _of_rule(rules_by_code()[code], language)
    known, title_ = catalogue(language), title(code, language)
    why = known.get(f"{code}.why") or known.get(f"why.of.{code[0]}", "")
    said = "" if shown(code, language) == title_ else shown(code, language)
    return Guide(code, title_, said, (why,), examples=_examples(code), related=_related(code))


def title(code: str, language: str) -> str:
    """Return the name of a code that is not of shapes; its sentence where it has no name."""
    return catalogue(language).get(f"{code}.name") or shown(code, language)


def _of_rule(rule: Rule, language: str) -> Guide:
    name = rule.code.removeprefix(SHAPED)
    said = rule.messages.get(language, "")
    if rule.allowed:
        used = ", ".join(map(terms.compact, rule.allowed))
        said = f"{said} {filled('known.list', {'list': used}, language)}"
    return Guide(
        rule.code, rule.names.get(language, name), said,
        tuple(_reasons(rule, language)), rule.severity, terms.compact(rule.path),
        _examples(rule.code), _related(rule.code), tuple(_whole(rule)),
    )  # fmt: skip


def _reasons(rule: Rule, language: str) -> Iterator[str]:
    """Yield why a rule exists: by its kind, which ends its name, then by what it is about."""
    known = catalogue(language)
    for ending in ("known-properties", "scheme", "kind", "required"):
        if rule.code.endswith("-" + ending):
            yield known["why." + ending]
    if reason := known.get("why.of." + rule.file):
        yield reason


def _whole(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the faulty example of a rule and its valid fellow, without their prefix lines."""
    folder = files.root() / "shapes" / "examples"
    for kind, name in (("invalid", rule.code.removeprefix(SHAPED)), ("valid", rule.file)):
        path = folder / kind / f"{name}.ttl"
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines if not line.startswith("@prefix")]
            yield kind, "\n".join(kept).strip("\n")


@cache
def _gallery() -> tuple[Example, ...]:
    told = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return tuple(
        Example(one["name"], tuple(one["codes"]), one["wrong"], one["right"]) for one in told
    )


def _examples(code: str) -> tuple[Example, ...]:
    """Return the mistakes of the gallery that a code tells, at most three."""
    return tuple(one for one in _gallery() if code in one.codes)[:3]


def _related(code: str) -> tuple[str, ...]:
    """Return the codes that the gallery tells together with one, and its neighbours by name."""
    beside = [other for one in _gallery() if code in one.codes for other in one.codes]
    if code.startswith(SHAPED):
        rule = rules_by_code()[code]
        beside += [
            other.code for other in rules_by_code().values()
            if rule.path and other.path == rule.path
        ]  # fmt: skip
    else:
        beside += [other for other in codes() if other[:3] == code[:3]]
    return tuple(other for other in dict.fromkeys(beside) if other != code)[:8]
