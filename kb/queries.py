"""Query files: read, described and bound to values, never by pasting text.

A `.rq` file is plain SPARQL that runs as it stands; its `#+` lines are YAML (the metadata of grlc:
`summary`, `description`, `tags`, `defaults`), with `summary` and `description` in two languages.
A variable `?_name_type` is a parameter, `?__name_type` an optional one. A value becomes an RDF
term first; the term takes the place of the variable token, so no value can become query text.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import yaml

from kb.lexer import tokens
from kb.problems import QueryFileProblem

PARAMETER = re.compile(r"[?$](?P<optional>_)?_(?P<name>[a-z]+(?:_[a-z]+)*?)_(?P<type>[a-z]+)$")
XSD = "http://www.w3.org/2001/XMLSchema#"
KEYS = frozenset({"summary", "description", "tags", "defaults", "missing", "question"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a query: its name in a request, its type, whether it may be left out."""

    name: str
    type: str
    variable: str
    optional: bool
    default: str | None = None

    def term(self, value: str) -> str:
        """Return a client's text as an RDF term of this type, in SPARQL syntax.

        Raises QueryFileProblem when the text is no such term.
        """
        make = TYPES.get(self.type) or _tagged(self.type)
        try:
            return make(value)
        except ValueError as error:
            expected = EXPECTED.get(self.type, "write plain text")
            raise QueryFileProblem(
                f"parameter {self.name}: {value!r} is no {self.type}; {expected}"
            ) from error


def _iri(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^<>\"{}|^`\\\x00-\x20]*", text):
        raise ValueError(text)
    return str(ox.NamedNode(text))


def _tagged(language: str) -> Callable[[str], str]:
    return lambda text: str(ox.Literal(text, language=language))


def _typed(datatype: str, pattern: str) -> Callable[[str], str]:
    def make(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(text)
        return str(ox.Literal(text, datatype=ox.NamedNode(XSD + datatype)))

    return make


def _date(text: str) -> str:
    datetime.date.fromisoformat(text)  # the pattern alone would let 2014-02-30 pass
    return _typed("date", r"\d{4}-\d{2}-\d{2}")(text)


TYPES: dict[str, Callable[[str], str]] = {
    "iri": _iri,
    "literal": lambda text: str(ox.Literal(text)),
    "integer": _typed("integer", r"[+-]?\d{1,18}"),
    "decimal": _typed("decimal", r"[+-]?\d{1,18}(\.\d{1,18})?"),
    "date": _date,
}
EXPECTED = {
    "iri": "write an absolute address without spaces, such as https://w3id.org/essaim/id/…",
    "integer": "write a whole number, such as 2014",
    "decimal": "write a number with a point, such as 12.5",
    "date": "write a date such as 2014-07-31",
}


@dataclass(frozen=True)
class Query:
    """One query file: its name, its metadata and its text."""

    name: str
    path: Path
    text: str
    metadata: Mapping[str, Any]

    def summary(self, language: str = "fr") -> str:
        """Return the one-line question in a language, else in French."""
        return self._worded("summary", language)

    def description(self, language: str = "fr") -> str:
        """Return the caveats in a language, else in French; '' when there are none."""
        return self._worded("description", language)

    def missing(self, language: str = "fr") -> str:
        """Return what data the question still lacks; '' when it can be answered."""
        return self._worded("missing", language)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of the file."""
        return tuple(self.metadata.get("tags", ()))

    def _worded(self, key: str, language: str) -> str:
        value = self.metadata.get(key, "")
        if isinstance(value, Mapping):
            value = value.get(language) or value.get("fr", "")
        return str(value).strip()

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """The parameters by name, in their order in the text."""
        defaults = {k: v for entry in self.metadata.get("defaults", ()) for k, v in entry.items()}
        found: dict[str, Parameter] = {}
        for token in tokens(self.text):
            if token.kind == "variable" and (match := PARAMETER.match(token.text)):
                name, default = match["name"], defaults.get(match["name"])
                optional = bool(match["optional"]) or default is not None
                text = None if default is None else str(default)
                found.setdefault(name, Parameter(name, match["type"], token.text, optional, text))
        return found

    def bound(self, values: Mapping[str, str]) -> str:
        """Return the query with its parameters replaced by terms.

        Parameters that are left out take their default, or stay free variables when optional.
        Raises QueryFileProblem for a missing or unknown parameter, or a value of the wrong type.
        """
        unknown = sorted(set(values) - set(self.parameters))
        if unknown:
            known = ", ".join(self.parameters) or "none"
            raise QueryFileProblem(f"{self.name}: no parameter {unknown[0]!r}; it has {known}")
        replaced = dict(self._replacements(values))
        return "".join(
            replaced.get(token.text[1:], token.text) if token.kind == "variable" else token.text
            for token in tokens(self.text)
        )

    def _replacements(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        for parameter in self.parameters.values():
            value = values.get(parameter.name, parameter.default)
            if value is not None:
                yield parameter.variable[1:], parameter.term(value)
            elif not parameter.optional:
                raise QueryFileProblem(
                    f"{self.name}: parameter {parameter.name!r} is missing; "
                    f"give it a value of type {parameter.type}"
                )


def read(path: Path) -> Query:
    """Return one query file.

    Raises QueryFileProblem when it cannot be read or its `#+` lines are not the YAML they should
    be.
    """
    try:
        text = path.read_text(encoding="utf-8")
        header = "\n".join(line[3:] for line in text.splitlines() if line.startswith("#+ "))
        metadata = yaml.safe_load(header) or {}
    except (OSError, UnicodeDecodeError) as error:
        raise QueryFileProblem(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise QueryFileProblem(f"{path}: the #+ lines are no YAML: {error}") from error
    _check_header(path, metadata)
    return Query(path.stem, path, text, metadata)


def _check_header(path: Path, metadata: object) -> None:
    if not isinstance(metadata, dict):
        raise QueryFileProblem(f"{path}: the #+ lines are no YAML keys; write `#+ summary: …`")
    if unknown := sorted(map(str, set(metadata) - KEYS)):
        raise QueryFileProblem(
            f"{path}: unknown #+ key {unknown[0]!r}; write one of {', '.join(sorted(KEYS))}"
        )
    for key in ("tags", "defaults"):
        if not isinstance(metadata.get(key, []), list):
            raise QueryFileProblem(f"{path}: #+ {key} is no list; write one, such as [a, b]")
    if not all(isinstance(entry, dict) for entry in metadata.get("defaults", [])):
        raise QueryFileProblem(f"{path}: #+ defaults: write lines such as `#+   - lang: fr`")


def registry(folder: Path) -> dict[str, Query]:
    """Return the query files of a folder by name, sorted: the folder is the registry."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.rq"))}
