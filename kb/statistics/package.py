"""The Data Package: `datapackage.json` of the tables (Frictionless Data Package, v1 profile).

`title` and `description` are in the language asked for; `titles` and `descriptions` hold both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from kb import files, terms
from kb.queries import registry
from kb.release import Release
from kb.rows import select
from kb.statistics import citation, codebook
from kb.statistics.schema import LANGUAGES, Column, TableSchema, Vocabulary

LICENCE = {"name": "CC-BY-4.0", "path": terms.LICENSE_DATA,
           "title": "Creative Commons Attribution 4.0"}  # fmt: skip


def package(
    release: Release,
    tables: Sequence[TableSchema],
    known: Vocabulary,
    texts: Mapping[str, str],
    language: str,
) -> str:
    """Return the description of the exported tables, as JSON.

    `texts` are the CSV files by name; their sizes and checksums are stated.
    """
    keys = {table.name: table.key for table in tables}
    resources = [
        _resource(table, keys, known, texts[f"{table.name}.csv"], language) for table in tables
    ]
    resources.append(_codebook(texts["codebook.csv"], language))
    described = {
        "profile": "tabular-data-package",
        "name": "essaim",
        "id": f"{terms.BASE}dataset#{release.id}",
        "title": citation.TITLE[language],
        "titles": citation.TITLE,
        "description": citation.sentence(release, language),
        "homepage": terms.BASE,
        "version": release.id,
        "created": f"{release.manifest['issued']}T00:00:00Z",
        "licenses": [LICENCE],
        "contributors": [{"title": citation.AUTHORS, "role": "author"}],
        "sources": _sources(release, language),
        "resources": resources,
    }
    return json.dumps(described, ensure_ascii=False, indent=1) + "\n"


def _sources(release: Release, language: str) -> list[dict[str, str]]:
    asked = registry(files.root() / "queries" / "codebook")["datasets"].bound({})
    title = "title" + language.title()
    return [
        {"title": str(row[title]), "path": str(row.get("path", row["dataset"]))}
        for row in select(release.engine, asked)
    ]


def _resource(
    table: TableSchema,
    keys: Mapping[str, tuple[str, ...]],
    known: Vocabulary,
    text: str,
    language: str,
) -> dict[str, object]:
    schema: dict[str, object] = {
        "fields": [_field(column, table, known, language) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    foreign = [
        _refers(column.name, column.references, keys[column.references][0])
        for column in table.columns
        if column.references
    ]
    if table.actors:
        foreign.append(_refers(list(table.actors), "actors", list(keys["actors"])))
    if foreign:
        schema["foreignKeys"] = foreign
    both = {lang: table.query.summary(lang) for lang in LANGUAGES}
    caveats = {lang: table.query.description(lang) for lang in LANGUAGES}
    described = _file(table.name, text, both, language)
    if caveats[language]:
        described |= {"description": caveats[language], "descriptions": caveats}
    return described | {"schema": schema}


def _file(name: str, text: str, titles: Mapping[str, str], language: str) -> dict[str, object]:
    content = text.encode()
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "title": titles[language],
        "titles": dict(titles),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"',
                    "doubleQuote": True, "header": True},
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
    }  # fmt: skip


def _refers(own: str | list[str], table: str, fields: str | list[str]) -> dict[str, object]:
    return {"fields": own, "reference": {"resource": table, "fields": fields}}


def _field(
    column: Column, table: TableSchema, known: Vocabulary, language: str
) -> dict[str, object]:
    field: dict[str, object] = {
        "name": column.name,
        "type": column.type,
        "title": column.words[language].title,
        "titles": {lang: column.words[lang].title for lang in LANGUAGES},
        "description": column.words[language].definition,
        "descriptions": {lang: column.words[lang].definition for lang in LANGUAGES},
    }
    if column.property:
        field["rdfType"] = codebook.iri(column.property)
    constraints: dict[str, Any] = {"required": True} if column.name in table.key else {}
    allowed = column.values or tuple(
        dict.fromkeys(code.notation for s in column.schemes for code in known.codes.get(s, ()))
    )
    if allowed:
        constraints["enum"] = list(allowed)
    if constraints:
        field["constraints"] = constraints
    return field


def _codebook(text: str, language: str) -> dict[str, object]:
    titles = {"fr": "Dictionnaire des colonnes et des codes", "en": "Codebook of columns and codes"}
    fields = [{"name": name, "type": "string"} for name in codebook.HEADER]
    schema = {"fields": fields, "missingValues": [""]}
    return _file("codebook", text, titles, language) | {"schema": schema}
