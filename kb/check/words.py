"""The sentences of findings and fixes, in French and English: one catalogue a language.

`{code}` is what is wrong, `{code}.name` the name of the rule, `{code}.why` why it exists. What the
shapes say comes with the finding. Names of things are their labels, not their addresses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from kb import terms
from kb.check.finding import Finding
from kb.reading.words import fitted

LANGUAGES = ("fr", "en")
HERE = Path(__file__).parent
FOLDERS = tuple(folder / "messages" for folder in (HERE, HERE / "sheets", HERE.parent / "reading"))
GUIDE, RULES = terms.BASE + "doc/codes/", terms.BASE + "doc/rules/"


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Return every sentence of a language by its key."""
    made: dict[str, str] = {}
    for folder in FOLDERS:
        path = folder / f"{language}.json"
        if path.is_file():
            made |= json.loads(path.read_text(encoding="utf-8"))
    return made


class _Values(dict[str, str]):
    """The values of a sentence; a missing one leaves its name, never an exception."""

    def __missing__(self, key: str) -> str:
        return f"…{key}…"


def filled(key: str, values: Mapping[str, str], language: str) -> str:
    """Return a sentence with its values; the key itself when the catalogue lacks it.

    Parts between `[[` and `]]` are left out when one of their values is missing. `{theirs_label}`
    is the value `theirs_label.fr` in French.
    """
    end = f".{language}"
    own = {key.removesuffix(end): value for key, value in values.items() if key.endswith(end)}
    known = _Values({**values, **own})
    return fitted(catalogue(language).get(key, key), known).format_map(known)


def shown(code: str, language: str) -> str:
    """Return the sentence of a code with its values as `…`."""
    text = catalogue(language).get(code, code)
    return re.sub(r"\{[^}]*\}", "…", text.replace("[[", "").replace("]]", ""))


def message(finding: Finding, language: str) -> str:
    """Return what a finding says: what is wrong, and what to write."""
    if finding.cause:
        return message(finding.cause, language)
    if finding.messages:
        return of_rule(finding, language)
    if finding.component and "kind" in finding.values:
        return of_kind(finding.values, language)
    return filled(finding.values.get("said", finding.code), finding.values, language)


def of_rule(finding: Finding, language: str) -> str:
    """Return what a rule says of a finding, with what is wrong with the value of this file."""
    values = finding.values
    if "said" in values:
        return filled(values["said"], values, language)
    text = of_shape(finding.messages, language)
    if "fault" not in values:
        return text
    fault = filled(values["fault"], values, language)
    return filled("fault", {"fault": fault, "rule": text}, language)


def of_kind(values: Mapping[str, str], language: str) -> str:
    """Return what a shape without a message says: by its kind of constraint."""
    key = "kind." + values["kind"]
    return filled(key if key in catalogue(language) else "kind", values, language)


def of_shape(messages: Mapping[str, str], language: str) -> str:
    """Return the message of a shape in a language, else in another one."""
    for wanted in (language, "en", "fr", ""):
        if wanted in messages:
            return messages[wanted].rstrip(".")
    return next(iter(messages.values())).rstrip(".")


def name(finding: Finding, language: str) -> str:
    """Return the name of the rule of a finding; for shapes of others, their code."""
    key = f"{finding.code}.name"
    if finding.code.startswith("C-"):
        from kb.check.rulebook import ours

        rule = ours().get(finding.shape[1:-1])
        return rule.names.get(language, finding.code) if rule else finding.code
    return filled(key, {}, language) if key in catalogue(language) else finding.code


def guide(finding: Finding) -> str:
    """Return the address of the page that explains the rule of a finding."""
    if finding.code.startswith("C-") and finding.shape.startswith(f"<{terms.BASE}shape/"):
        return RULES + finding.code.removeprefix("C-")
    return "" if finding.code.startswith("C-") else GUIDE + finding.code
