"""What is told of an innovation that the base may hold already: true finds, and no false alarm.

Every record of the base is held against all others; copies, changed a little, must be found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kb import files
from kb.check.base import Base
from kb.check.contribution import contribution
from kb.check.duplicates import findings
from kb.check.finding import Finding
from kb.check.inputs import Input
from kb.check.words import LANGUAGES, message

ROOT = files.root()
RECORDS = ROOT / "data" / "innovations"
# Two lives of one exchange network, which one page tells: a warning that is fair.
FAIR = {"accorderie-rimouski-neigette", "accorderie-rimouski-neigette-2025"}
LABEL = re.compile(r'(rdfs:label\s+")([^"]+)')
PLACE = re.compile(r"(?m)^\s*essaim:implementedIn\s+territory:commune-\w+\s*;\n")
SOURCE = re.compile(r"(dcterms:source)\s+[^;]*;")


def told(text: str, without: tuple[str, ...] = ()) -> list[Finding]:
    one = contribution(Input("<text>", "turtle", None, text.encode()), 0, 10**9)
    return list(findings([one], Base(ROOT, without)))


def renamed(text: str, stem: str) -> str:
    """Return a record under another address, with another page as its source."""
    other = text.replace(f"innovation:{stem}", f"innovation:{stem}-copie")
    return SOURCE.sub(r"\1 <https://example.org/autre> ;", other, count=1)


def in_communes() -> Iterator[Path]:
    for path in sorted(RECORDS.glob("*.ttl")):
        if PLACE.search(path.read_text(encoding="utf-8")):
            yield path


CHANGES: dict[str, Callable[[str], str]] = {
    "capitals": lambda text: LABEL.sub(lambda m: m[1] + m[2].upper(), text),
    "a letter doubled": lambda text: LABEL.sub(lambda m: m[1] + m[2][:5] + m[2][4:], text),
    "an article": lambda text: LABEL.sub(r"\1La \2", text),
    "words in another order": lambda text: LABEL.sub(
        lambda m: m[1] + " ".join(reversed(m[2].split())), text
    ),
    "no place": lambda text: PLACE.sub("", text),
}


def test_no_record_of_the_base_is_taken_for_another() -> None:
    alarms = {
        path.stem: [message(one, "en") for one in found]
        for path in sorted(RECORDS.glob("*.ttl"))
        if (found := told(path.read_text(encoding="utf-8"), (f"data/innovations/{path.name}",)))
    }
    assert alarms.keys() <= FAIR, "make the stage of duplicates ask for more, or link the records"


@pytest.mark.parametrize("change", CHANGES)
def test_a_copy_changed_a_little_is_found(change: str) -> None:
    paths = list(in_communes())
    missed = [
        path.stem
        for path in paths
        if not told(CHANGES[change](renamed(path.read_text(encoding="utf-8"), path.stem)))
    ]
    assert paths
    assert len(missed) <= len(paths) // 20, f"not found again: {missed}"


def test_a_copy_in_the_next_town_is_found_with_the_reason() -> None:
    path = RECORDS / "tzcld-pipriac.ttl"
    text = renamed(path.read_text(encoding="utf-8"), path.stem)
    found = told(re.sub(r"commune-35\d+", "commune-35236", text))
    assert [one.values["said"] for one in found] == ["D001.department"]
    sentences = [message(found[0], language) for language in LANGUAGES]
    assert "département" in sentences[0]
    assert "same department" in sentences[1]
    assert all("innovation:tzcld-pipriac" in sentence for sentence in sentences)


def test_who_links_to_the_other_record_is_not_warned() -> None:
    path = RECORDS / "tzcld-pipriac.ttl"
    text = path.read_text(encoding="utf-8")
    linked = f"innovation:{path.stem}-copie essaim:derivedFrom innovation:{path.stem} ."
    assert not told(f"{renamed(text, path.stem)}\n{linked}\n")
