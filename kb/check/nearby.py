"""The name that was probably meant: by spelling, by label in any language, or by scheme.

`http` for `https` and another case of letters are looked over; a name is proposed only where it is
near enough to be a slip.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from kb import terms
from kb.check.base import Base
from kb.check.contribution import Contribution
from kb.slips import nearest as nearest_words

LOCAL = re.compile(r"[A-Za-z0-9_](?:[\w-]*\w)?")


@cache
def others() -> dict[str, frozenset[str]]:
    """Return the namespaces of others all of whose terms are known, and these terms."""
    path = Path(__file__).parent / "terms-of-others.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    return {space: frozenset(names) for space, names in found.items()}


def split(iri: str) -> tuple[str, str]:
    """Return the namespace and the local name of an address."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    return iri[:cut], iri[cut:]


def closest(name: str, known: Collection[str]) -> list[str]:
    """Return the known names nearest to one, at most three."""
    return nearest_words(name, known)


def nearest(base: Base, iri: str, is_property: bool = False, is_class: bool = False) -> str:
    """Return the existing address that was probably meant, or ''."""
    space, name = split(iri)
    known = _known(base, space, is_property, is_class)
    found = closest(name, known)
    if found:
        return space + found[0]
    if labelled := _by_label(base, space, name):
        return labelled
    if (is_property or is_class) and (alike := ending(name, known)):
        return space + alike
    return _by_kind(base, space, name)


def ending(name: str, known: Collection[str]) -> str:
    """Return the only known name whose last word is the last word of a name, or ''.

    >>> ending("hasNeed", ["addressesNeed", "need-kind", "startYear"])
    'addressesNeed'
    """
    last = re.split(r"(?=[A-Z])", name)[-1].casefold()
    alike = [one for one in known if re.split(r"(?=[A-Z])", one)[-1].casefold() == last]
    return alike[0] if len(alike) == 1 else ""


def other_name(base: Base, iri: str, found: str) -> str:
    """Return the name by which a term was found, where it is not the spelling; else ''."""
    space, name = split(iri)
    is_spelt = closest(name, [split(found)[1]])
    return "" if is_spelt or _by_label(base, space, name) != found else _spaced(name)


def whole_list(iri: str) -> str:
    """Return the page that lists the terms among which an address of ours would be, or ''."""
    space = split(iri)[0]
    return space.rstrip("/#") if space.startswith(terms.BASE) else ""


def _spaced(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)


def _known(base: Base, space: str, is_property: bool, is_class: bool) -> list[str]:
    if space in others():
        return sorted(others()[space])
    names = [iri[len(space) :] for iri in base.inside(space) if "/" not in iri[len(space) :]]
    if is_property:
        return [name for name in names if name[:1].islower()]
    return [name for name in names if name[:1].isupper()] if is_class else names


def _by_label(base: Base, space: str, name: str) -> str:
    """Return the term of the same namespace that has this label in some language."""
    found = [iri for iri in base.called(_spaced(name)) if iri.startswith(space)]
    return found[0] if len(found) == 1 else ""


def _by_kind(base: Base, space: str, name: str) -> str:
    """Return the concept of another scheme that has just this name."""
    if not space.startswith(terms.BASE + "scheme/"):
        return ""
    found = [iri for iri in base.inside(terms.BASE + "scheme/") if split(iri)[1] == name]
    return found[0] if len(found) == 1 else ""


def written(one: Contribution, iri: str) -> str:
    """Return an address as the file would write it: with one of its prefixes, or in brackets."""
    declared = {p: line.iri for p, line in one.document.prefixes.items()} if one.document else {}
    for prefixes in (declared, terms.prefixes()):
        fitting = [(len(space), p, space) for p, space in prefixes.items() if iri.startswith(space)]
        for _, prefix, space in sorted(fitting, reverse=True):
            if space and LOCAL.fullmatch(iri[len(space) :]):
                return f"{prefix}:{iri[len(space) :]}"
    return f"<{iri}>"
