"""How to cite a kept query: a sentence, BibTeX, and CSL-JSON (Citation Style Language 1.0.2)."""

from __future__ import annotations

import json

from kb.kept.shelf import Kept
from kb.statistics.citation import AUTHORS, MONTHS, TITLE

UNTITLED = {"fr": "Requête {id}", "en": "Query {id}"}


def title(kept: Kept, language: str) -> str:
    """Return what a query calls itself in its first comment, or its number."""
    return kept.question.title or UNTITLED[language].format(id=kept.id)


def sentence(kept: Kept, address: str, language: str = "fr") -> str:
    """Return a citation as one line of text; `address` is the permanent address."""
    year, number, day = kept.kept_at[:4], len(kept.answer.lines), kept.kept_at[:10]
    if language == "fr":
        return (
            f"{AUTHORS} ({year}). {title(kept, 'fr')}. Requête sur « {TITLE['fr']} », version "
            f"{kept.release} du {kept.issued}, conservée le {day} ; lignes : {number}, SHA-256 "
            f"{kept.sha256[:16]}… {address}"
        )
    return (
        f"{AUTHORS} ({year}). {title(kept, 'en')}. Query of “{TITLE['en']}”, release "
        f"{kept.release} of {kept.issued}, kept {day}; rows: {number}, SHA-256 "
        f"{kept.sha256[:16]}… {address}"
    )


def bibtex(kept: Kept, address: str) -> str:
    """Return a BibTeX entry."""
    year, month, _ = kept.kept_at[:10].split("-")
    answer = f"rows: {len(kept.answer.lines)}; SHA-256 {kept.sha256}"
    return f"""@misc{{essaim-q-{kept.id},
  author       = {{{{{AUTHORS}}}}},
  title        = {{{{{_plain(title(kept, "en"))}}}}},
  year         = {{{year}}},
  month        = {MONTHS[int(month) - 1]},
  version      = {{{kept.release}}},
  howpublished = {{\\url{{{address}}}}},
  note         = {{Query of {TITLE["en"]}, release {kept.release}; {answer}}}
}}
"""


def _plain(text: str) -> str:
    """Return a text that BibTeX reads as text."""
    marks = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}"}
    marks.update({sign: "\\" + sign for sign in "%&$#_"})
    return "".join(marks.get(letter, letter) for letter in text)


def csl(kept: Kept, address: str) -> str:
    """Return a CSL-JSON document of one item, which Zotero and pandoc read."""
    item = {
        "id": f"essaim-q-{kept.id}",
        "type": "dataset",
        "title": title(kept, "en"),
        "author": [{"literal": AUTHORS}],
        "issued": {"date-parts": [[int(part) for part in kept.kept_at[:10].split("-")]]},
        "container-title": TITLE["en"],
        "version": kept.release,
        "publisher": "essaim",
        "URL": address,
        "note": f"rows: {len(kept.answer.lines)}; SHA-256 {kept.sha256}",
    }
    return json.dumps([item], ensure_ascii=False, indent=1) + "\n"
