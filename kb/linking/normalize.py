"""Names as they can be compared: encoding mended, letters folded, abbreviations opened.

The rules are data (`names.yaml`), each with an example that is its test. They are French because
the lists are; a name in another language passes through them and keeps its own words and letters,
whatever the script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

RULES = Path(__file__).with_name("names.yaml")
DAMAGED = re.compile("Ã|â€|Å“|Â")
DOTTED = re.compile(r"\b(?:\w\.){2,}(?:\w\b)?")
NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Name:
    """One name: `text` normalised, its `core` without empty and legal words, its initials."""

    text: str
    core: str
    acronym: str


@dataclass(frozen=True)
class Rules:
    """The rules of `names.yaml`, ready to apply."""

    letters: Mapping[int, str]
    phrases: re.Pattern[str]
    replacements: tuple[str, ...]
    words: Mapping[str, str]
    stop: frozenset[str]
    legal: frozenset[str]


@cache
def rules() -> Rules:
    """Return the shipped rules."""
    read = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    letters: dict[int, str] = {}
    for rule in read["letters"]:
        letters |= {
            ord(form): rule["to"] for form in (rule["from"], rule["from"].upper()) if len(form) == 1
        }
    alternatives = "|".join(f"({rule['from']})" for rule in read["phrases"])
    return Rules(
        letters,
        re.compile(rf"\b(?:{alternatives})(?!\w)"),
        tuple(rule["to"].strip() for rule in read["phrases"]),
        {rule["from"]: rule["to"] for rule in read["words"]},
        frozenset(read["stop"].split()),
        frozenset(read["legal"].split()),
    )


def mend(text: str) -> str:
    """Return a text with UTF-8 that was read as cp1252 or latin-1, and written again, undone.

    Only a text with the traces of it is touched, and only when the whole of it can be undone.
    """
    for _ in range(2):
        if not DAMAGED.search(text):
            break
        for encoding in ("cp1252", "latin-1"):
            try:
                text = text.encode(encoding).decode("utf-8")
                break
            except UnicodeError:
                continue
        else:
            break
    return text


@cache
def _folded(letter: str) -> str:
    kept = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return kept.upper()


def fold(text: str) -> str:
    """Return a text in upper case without accents, words apart by one space, `F.C.T.` as FCT."""
    text = mend(text).translate(rules().letters)
    if not text.isascii():
        composed = unicodedata.normalize("NFC", text)
        text = "".join(_folded(letter) for letter in composed)
    if "." in text:
        text = DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    return NOT_LETTERS.sub(" ", text.upper()).strip()


def name(text: str) -> Name:
    """Return a name ready to compare; an empty or wordless one has an empty core."""
    known = rules()
    folded = fold(text)
    said = folded.split()
    acronym = "".join(word[0] for word in said if word not in known.stop)
    if " " in folded:
        folded = known.phrases.sub(lambda m: known.replacements[(m.lastindex or 1) - 1], folded)
    words = [known.words.get(word, word) for word in folded.split()]
    kept = [word for word in words if word not in known.stop and word not in known.legal]
    return Name(" ".join(words), " ".join(kept or words), acronym if len(acronym) > 2 else "")
