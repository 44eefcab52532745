"""Notes told apart: what a record says of the world, and what it says of its own reading.

The `facts` are dense French notes. A sentence, a clause or a parenthesis about the reading (« non
lu », « à vérifier ») becomes an editorial note; the rest is the description. Nothing is lost: each
sentence is in the one, in the other, or in both where the sources disagree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-ÖØ-ÞŒ0-9«>~(])")
# A full stop after these does not end a sentence: « art. 15 », « c. 22 », « P. Bouchain ».
ABBREVIATED = re.compile(r"(?:\b(?:art|c|p|vol|env|n|dir|éd|cf|al)|\b[A-Z])\.$", re.IGNORECASE)
CLAUSE = re.compile(r"\s;\s")
REMARK = re.compile(r"\s?\([^()]*\)")
# What a note-taker says of the page read, never of the place described.
ABOUT_READING = re.compile(
    r"\b(?:re)?lue?s?\b|à vérifier|non imprimée?|non affichés|l'extrait|fait public"
    r"|déduite? du nom|\binférée?s?\b|\bdéduite\b|\(hypothèse\)|source unique|Source directe"
    r"|LE modèle de codage|lecture du codeur",
    re.IGNORECASE,
)
DISAGREEMENT = re.compile(
    r"selon (?:la|les|une|une autre|deux) (?:sources?|pages?)|sources (?:divergent|varient|disent)"
    r"|\bune source (?:écrit|parle|place|fait)|\bautres pages\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A description, and the editorial notes taken out of it."""

    description: str
    notes: tuple[str, ...]


def sentences(text: str) -> list[str]:
    """Return the sentences of a note, each with its own punctuation.

    >>> sentences("Voir art. 15. Ouverte en 2017 ; 60 salariés. Suite non lue.")
    ['Voir art. 15.', 'Ouverte en 2017 ; 60 salariés.', 'Suite non lue.']
    """
    found: list[str] = []
    for piece in SENTENCE.split(text.strip()):
        if found and ABBREVIATED.search(found[-1]):
            found[-1] += " " + piece
        elif piece:
            found.append(piece)
    return found


def told(text: str) -> Told:
    """Return the description and the editorial notes of a note.

    >>> told("Ouverte en 2017 (date lue sur une copie). Suite non lue.")
    Told(description='Ouverte en 2017.', notes=('Ouverte en 2017 (date lue sur une copie).', \
'Suite non lue.'))
    """
    kept: list[str] = []
    notes: list[str] = []
    for sentence in sentences(text):
        if not ABOUT_READING.search(sentence):
            kept.append(sentence)
            if DISAGREEMENT.search(sentence):
                notes.append(sentence)
            continue
        rest = _without_remarks(sentence)
        if rest is not None:
            kept.append(rest)
            notes.append(sentence)
            continue
        facts, remarks = _clauses(sentence)
        if facts:
            kept.append(_sentence(facts))
        notes.append(_sentence(remarks))
    return Told(" ".join(kept), tuple(notes))


def _without_remarks(sentence: str) -> str | None:
    """Return the sentence without its parentheses about the reading, if they are all it has."""
    rest = REMARK.sub(lambda m: "" if ABOUT_READING.search(m[0]) else m[0], sentence)
    return None if ABOUT_READING.search(rest) or not rest.strip(" .") else rest


def _clauses(sentence: str) -> tuple[list[str], list[str]]:
    facts: list[str] = []
    remarks: list[str] = []
    for clause in CLAUSE.split(sentence):
        (remarks if ABOUT_READING.search(clause) else facts).append(clause)
    return facts, remarks


def _sentence(clauses: list[str]) -> str:
    joined = " ; ".join(clauses).strip()
    ended = joined if joined.endswith((".", "!", "?", "…")) else joined + "."
    return ended[:1].upper() + ended[1:]
