"""The codebook: every column and every code with its definition, from the release itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kb import terms
from kb.rows import Table
from kb.statistics.schema import LANGUAGES, Column, TableSchema, Vocabulary

HEADER = (
    "table", "column", "scheme", "code", "type", "iri",
    "title_fr", "title_en", "definition_fr", "definition_en", "rule_fr", "rule_en",
)  # fmt: skip


def lines(tables: Sequence[TableSchema], known: Vocabulary) -> Iterator[tuple[str, ...]]:
    """Yield one line a column, `code` empty, then one line a code the column may hold."""
    for table in tables:
        for column in table.columns:
            yield _column(table.name, column)
            for scheme in column.schemes:
                for code in known.codes.get(scheme, ()):
                    texts = [code.words[lang].title for lang in LANGUAGES]
                    texts += [code.words[lang].definition for lang in LANGUAGES]
                    texts += [code.rule[lang] for lang in LANGUAGES]
                    cells = (table.name, column.name, scheme, code.notation, "", code.iri, *texts)
                    yield tuple(" ".join(cell.split()) for cell in cells)


def _column(table: str, column: Column) -> tuple[str, ...]:
    words = [column.words[lang] for lang in LANGUAGES]
    return (
        table, column.name, "", "", column.type, iri(column.property),
        *(each.title for each in words), *(each.definition for each in words), "", "",
    )  # fmt: skip


def iri(name: str) -> str:
    """Return a prefixed name as a full address; '' stays ''."""
    prefix, colon, local = name.partition(":")
    return terms.prefixes()[prefix] + local if colon else name


WORDS = {
    "fr": ("Dictionnaire des tables", "colonne", "type", "sens", "codes", "version", "clé"),
    "en": ("Codebook of the tables", "column", "type", "meaning", "codes", "release", "key"),
}


def markdown(tables: Sequence[TableSchema], known: Vocabulary, release: str, language: str) -> str:
    """Return the codebook as a page in one language: tables, then code lists."""
    title, column, kind, meaning, codes, version, key = WORDS[language]
    out = [f"# {title}", "", f"essaim, {version} {release}.", ""]
    for table in tables:
        out += [f"## {table.name}", "", f"{table.query.summary(language)}."]
        out += [table.query.description(language)] if table.query.description(language) else []
        colon = " :" if language == "fr" else ":"
        out += ["", f"{key.capitalize()}{colon} {', '.join(table.key)}."]
        out += ["", f"| {column} | {kind} | {meaning} | {codes} |", "|---|---|---|---|"]
        out += [_row(each, language) for each in table.columns]
        out.append("")
    used = sorted({scheme for table in tables for c in table.columns for scheme in c.schemes})
    for scheme in used:
        out += [f"## {scheme}", ""]
        out += [
            f"- `{code.notation}` **{code.words[language].title}**. "
            f"{code.words[language].definition} {code.rule[language]}".rstrip()
            for code in known.codes.get(scheme, ())
        ]
        out.append("")
    return "\n".join(out)


def _row(column: Column, language: str) -> str:
    words = column.words[language]
    meaning = f"{words.title}. {words.definition}".strip().replace("|", "/")
    codes = ", ".join((*column.schemes, *(f"`{value}`" for value in column.values)))
    return f"| `{column.name}` | {column.type} | {meaning} | {codes} |"


AGREED = {
    "fr": (
        "Accord de deux lectures",
        "Sur les cas que deux personnes ont codés séparément ; κ de Cohen, vide s'il ne se calcule "
        "pas. Lignes `own` : les seuls cas que la première a jugés elle-même.",
        ("facette", "cas", "n", "accord (%)", "κ", "Jaccard"),
    ),
    "en": (
        "Agreement of two readings",
        "On the cases that two people coded apart; Cohen's κ, empty where it cannot be computed. "
        "Rows `own`: only the cases the first judged itself.",
        ("facet", "cases", "n", "agreement (%)", "κ", "Jaccard"),
    ),
}


def agreement(found: Table, language: str) -> str:
    """Return the agreement of two readings, facet by facet, as the last part of the codebook."""
    title, lead, header = AGREED[language]
    out = [f"## {title}", "", lead, ""]
    out += [f"| {' | '.join(header)} |", "|---|---|--:|--:|--:|--:|"]
    columns = ("label", "cases", "n", "percent", "kappa", "jaccard")
    out += [f"| {' | '.join(str(row.get(name, '')) for name in columns)} |" for row in found]
    return "\n".join([*out, ""])
