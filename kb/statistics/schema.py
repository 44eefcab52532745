"""What the tables are made of: the queries of `queries/tables`, and what their columns mean.

`queries/tables/columns.yaml` ties each column name to a term of the ontology; title, definition
and code list are then read from the release itself, so that the codebook cannot drift from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kb import files, terms
from kb.problems import QueryFileProblem
from kb.queries import Query, registry
from kb.release import Release
from kb.rows import select

LABEL = ("_label_fr", "_label_en")
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a definition in one language."""

    title: str
    definition: str


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a code list."""

    scheme: str
    notation: str
    iri: str
    words: Mapping[str, Words]
    rule: Mapping[str, str]


@dataclass(frozen=True)
class Column:
    """One column: its name, its type, the term it comes from and the codes it may hold."""

    name: str
    type: str
    property: str
    words: Mapping[str, Words]
    schemes: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    references: str = ""


@dataclass(frozen=True)
class TableSchema:
    """One table: its query, its columns in order, its key and the keys it repeats."""

    name: str
    query: Query
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    counted: str = ""
    actors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """What the release says of the terms of the ontology and of the code lists."""

    terms: Mapping[str, Mapping[str, Words]]
    schemes: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, tuple[Code, ...]]


def queries() -> Path:
    """Return the folder of the table queries."""
    return files.root() / "queries" / "tables"


@cache
def _declared() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(
        (queries() / "columns.yaml").read_text(encoding="utf-8")
    )
    return loaded


def vocabulary(release: Release) -> Vocabulary:
    """Return the words of a release: terms, code lists, codes."""
    asked = registry(files.root() / "queries" / "codebook")
    words: dict[str, Mapping[str, Words]] = {}
    schemes: dict[str, tuple[str, ...]] = {}
    for row in select(release.engine, asked["terms"].bound({})):
        term = terms.compact(str(row["term"]))
        words[term] = _both(row, "label", "comment")
        if "scheme" in row:
            schemes[term] = (*schemes.get(term, ()), _last(str(row["scheme"])))
    codes: dict[str, list[Code]] = {}
    for row in select(release.engine, asked["codes"].bound({})):
        scheme = _last(str(row["scheme"]))
        rule = {lang: str(row.get("rule" + lang.title(), "")) for lang in LANGUAGES}
        both = _both(row, "label", "definition")
        code = Code(scheme, str(row["notation"]), str(row["concept"]), both, rule)
        codes.setdefault(scheme, []).append(code)
    return Vocabulary(words, schemes, {name: tuple(found) for name, found in codes.items()})


def _both(row: Mapping[str, Any], title: str, definition: str) -> Mapping[str, Words]:
    return {
        lang: Words(
            str(row.get(title + lang.title(), "")), str(row.get(definition + lang.title(), ""))
        )
        for lang in LANGUAGES
    }


def _last(iri: str) -> str:
    return iri.rpartition("/")[2]


def tables(known: Vocabulary) -> list[TableSchema]:
    """Return every table in the order of `columns.yaml`, described in the words of a release.

    Raises QueryFileProblem for a table without a key or a column nobody describes.
    """
    asked, declared = registry(queries()), _declared()["tables"]
    if set(asked) != set(declared):
        odd = min(set(asked) ^ set(declared))
        raise QueryFileProblem(f"{queries()}: {odd} needs both a query and a key in columns.yaml")
    return [_table(asked[name], declared[name], known) for name in declared]


def _table(query: Query, declared: Mapping[str, Any], known: Vocabulary) -> TableSchema:
    own = {name: _column(name, known) for name in _variables(query)}
    key = tuple(declared["key"])
    columns = tuple(
        column if (name,) != key or column.references != query.name else _unreferenced(column)
        for name, column in own.items()
    )
    counted, actors = declared.get("class", ""), tuple(declared.get("actors", ()))
    return TableSchema(query.name, query, columns, key, counted, actors)


def _unreferenced(column: Column) -> Column:
    """Return the key of a table as a plain column: it is what others refer to."""
    return Column(
        column.name, column.type, column.property, column.words, column.schemes, column.values
    )


def _variables(query: Query) -> list[str]:
    """Return the columns of a query: the variables of its first SELECT, in order."""
    chosen = query.text.partition("\nSELECT DISTINCT ")[2].partition("\nWHERE")[0]
    if not chosen:
        raise QueryFileProblem(f"{query.path}: write SELECT DISTINCT and its columns on one line")
    return [name.lstrip("?") for name in chosen.split()]


def _column(name: str, known: Vocabulary) -> Column:
    declared = _declared()["columns"]
    if name in declared:
        return _declared_column(name, declared[name], known)
    base = next((name.removesuffix(end) for end in LABEL if name.endswith(end)), "")
    if base not in declared:
        raise QueryFileProblem(f"{queries() / 'columns.yaml'}: describe the column {name}")
    return _label(name, _declared_column(base, declared[base], known))


def _declared_column(name: str, given: Mapping[str, Any], known: Vocabulary) -> Column:
    term = given.get("property", "")
    words = {
        lang: Words(*given[lang]) if lang in given else _words(name, term, lang, known)
        for lang in LANGUAGES
    }
    schemes = tuple(given.get("schemes") or known.schemes.get(term, ()))
    kind, values = given.get("type", "string"), tuple(given.get("values", ()))
    if kind in ("boolean", "integer", "number", "date"):
        schemes = ()
    return Column(name, kind, term, words, schemes, values, given.get("references", ""))


def _words(name: str, term: str, language: str, known: Vocabulary) -> Words:
    """Return what the ontology says of a term; a term still to come has its name only."""
    return known.terms.get(term, {}).get(language) or Words(name.replace("_", " "), "")


def _label(name: str, base: Column) -> Column:
    french, english = base.words["fr"].title, base.words["en"].title
    fr, en = name.endswith("_fr"), "French" if name.endswith("_fr") else "English"
    words = {
        "fr": Words(
            f"{french}, en {'français' if fr else 'anglais'}",
            f"Nom {'français' if fr else 'anglais'} du code de la colonne {base.name}.",
        ),
        "en": Words(f"{english}, in {en}", f"{en} label of the code in the column {base.name}."),
    }
    return Column(name, "string", "skos:prefLabel", words)
