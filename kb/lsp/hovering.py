"""What is said of a term or a record under the cursor, as Markdown."""

from __future__ import annotations

import re

from kb import terms
from kb.lsp.lexicon import Lexicon, Term
from kb.lsp.records import Record
from kb.lsp.words import t

LISTS = {"domain": "domain", "range": "range", "scheme": "in-scheme", "values": "in-scheme"}


def of_term(term: Term, known: Lexicon, language: str) -> str:
    """Return label, kind, definition, domain, range, other labels and example of a term."""
    kind = t(term.kind, language)
    parts = [f"**{plain(term.text('label', language))}** · {kind} `{terms.compact(term.iri)}`"]
    if term.is_deprecated:
        parts.append(t("deprecated", language))
    parts.append(plain(term.text("definition", language)))
    for use, key in LISTS.items():
        if links := [known.label(iri, language) for iri in term.links.get(use, [])]:
            parts.append(f"{t(key, language)} {plain(', '.join(links))}")
    own = term.text("label", language)
    if others := [one for one in dict.fromkeys(term.all("label", "other")) if one != own]:
        parts.append(f"{t('also', language)} {plain(', '.join(others))}")
    if example := term.text("example", language):
        parts.append(f"{t('example', language)} *{plain(example)}*")
    return "\n\n".join(part for part in parts if part)


def of_record(record: Record, known: Lexicon, language: str) -> str:
    """Return label, classes and files of a record."""
    kinds = ", ".join(known.label(iri, language) for iri in record.classes)
    parts = [f"**{plain(record.label)}** · {plain(kinds)} `{terms.compact(record.iri)}`"]
    if record.files:
        where = ", ".join(f"`{name}`" for name in record.files[:3])
        parts.append(f"{t('described-in', language)} {where}")
    return "\n\n".join(parts)


def plain(text: str) -> str:
    """Return a text whose signs of Markdown and HTML mean nothing."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)
