"""What the data have near a pattern that matches nothing: other names, languages, directions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from lark import Token

from kb import slips, terms
from kb.explain import vocabulary
from kb.explain.explanation import Advice, Edit
from kb.explain.grammar import Reading, leaves
from kb.explain.patterns import Element

if TYPE_CHECKING:
    from kb.explain.empty import Questions

FOUND = "?_found"
STRINGS = ("STRING", "STRING_LONG")


def prefixes(reading: Reading) -> dict[str, str]:
    """Return the prefixes a query declares."""
    found = reading.tokens
    return {
        str(name)[:-1]: str(iri)[1:-1]
        for word, name, iri in zip(found, found[1:], found[2:], strict=False)
        if (word.type, name.type, iri.type) == ("PREFIX", "PNAME_NS", "IRIREF")
    }


def names(reading: Reading, within: Element | None = None) -> Iterator[tuple[Token, str]]:
    """Yield the names of a query or of one of its parts with the IRIs they stand for."""
    declared = prefixes(reading)
    for before, token in pairwise((reading.tokens[0], *reading.tokens)):
        if within and not within.start <= int(token.start_pos or 0) < within.end:
            continue
        prefix, _, local = str(token).partition(":")
        if token.type == "PNAME_LN" and prefix in declared:
            yield token, declared[prefix] + re.sub(r"\\(.)", r"\1", local)
        elif token.type == "IRIREF" and ":" in token and before.type not in ("PNAME_NS", "BASE"):
            yield token, str(token)[1:-1]


def written(reading: Reading, iri: str) -> str:
    """Return an IRI as the query would write it: with one of its prefixes, or in brackets."""
    for prefix, space in prefixes(reading).items():
        local = iri[len(space) :]
        if space and iri.startswith(space) and re.fullmatch(r"\w[\w-]*", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def spelt(reading: Reading, token: Token, iri: str) -> tuple[Advice, ...]:
    """Return the names that resemble one, as advice."""
    place = (int(token.start_pos or 0), int(token.end_pos or 0))
    found = (written(reading, near) for near in vocabulary.shipped().nearest(iri))
    return tuple(Advice("spell", {"right": name}, (Edit(*place, name),)) for name in found)


def of_triple(questions: Questions, part: Element, before: str) -> tuple[Advice, ...]:
    """Return what the data have instead of a triple pattern that matches nothing after others."""
    if part.kind != "triple" or not part.terms[0]:
        return ()
    return (
        *_property(questions, part),
        *_literal(questions, part, before),
        *_scheme(questions, part, before),
        *_swapped(questions, part, before),
    )


def _property(questions: Questions, part: Element) -> tuple[Advice, ...]:
    """The property may be used nowhere: the data have others of its vocabulary."""
    for token, iri in names(questions.reading, part):
        if str(token) != part.terms[1] or questions.matches(f"?_s {token} ?_o"):
            continue
        space, name = vocabulary.split(iri)
        body = f'?_s {FOUND} ?_o . FILTER(STRSTARTS(STR({FOUND}), "{space}"))'
        used = {vocabulary.split(one["value"])[1] for one in questions.values(FOUND, body, 300)}
        place = (int(token.start_pos or 0), int(token.end_pos or 0))
        found = [written(questions.reading, space + near) for near in slips.nearest(name, used)]
        return tuple(Advice("spell", {"right": near}, (Edit(*place, near),)) for near in found)
    return ()


def _literal(questions: Questions, part: Element, before: str) -> tuple[Advice, ...]:
    """The object is a text: the data may have it with another language, type or case."""
    value = next((t for t in leaves(part.node) if t.type in STRINGS), None)
    number = next((t for t in leaves(part.node) if t.type in ("INTEGER", "DECIMAL")), None)
    if value is None and number is None:
        return ()
    text = str(value) if value is not None else f'"{number}"'
    subject, verb, _ = part.terms
    for same in (f"STR({FOUND}) = {text}", f"LCASE(STR({FOUND})) = LCASE({text})"):
        body = f"{before}\n{subject} {verb} {FOUND} . FILTER({same})"
        found = [_term(questions.reading, one) for one in questions.values(FOUND, body)]
        place = (int(part.node.meta.start_pos), int(part.node.meta.end_pos))
        if found:
            return tuple(Advice("value", {"right": f}, (Edit(*place, f),)) for f in found)
    return ()


def _term(reading: Reading, value: dict[str, str]) -> str:
    """Return a term of SPARQL JSON results as a query writes it."""
    if value["type"] == "uri":
        return written(reading, value["value"])
    quoted = value["value"].replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if language := value.get("xml:lang"):
        return f'"{quoted}"@{language}'
    datatype = value.get("datatype", terms.STRING)
    if datatype.endswith(("#integer", "#decimal")):
        return value["value"]
    return f'"{quoted}"' + ("" if datatype == terms.STRING else f"^^{written(reading, datatype)}")


def _scheme(questions: Questions, part: Element, before: str) -> tuple[Advice, ...]:
    """An address may be known as http instead of https, or without its final slash."""
    for token, iri in names(questions.reading, part):
        for other in _variants(iri):
            replaced = [f"<{other}>" if one == str(token) else one for one in part.terms]
            if questions.matches(f"{before}\n{' '.join(replaced)}"):
                place = (int(token.start_pos or 0), int(token.end_pos or 0))
                edit = Edit(*place, f"<{other}>")
                return (Advice("scheme", {"right": f"<{other}>"}, (edit,)),)
    return ()


def _variants(iri: str) -> list[str]:
    scheme, colon, rest = iri.partition("://")
    other = {"http": "https", "https": "http"}.get(scheme)
    found = [f"{other}{colon}{rest}"] if other else []
    return [*found, iri[:-1] if iri.endswith("/") else iri + "/"]


def _swapped(questions: Questions, part: Element, before: str) -> tuple[Advice, ...]:
    """Subject and object may stand in each other's place."""
    subject, verb, thing = part.terms
    if verb == "a" or verb.startswith(("?", "$")) or thing.startswith(('"', "'")):
        return ()
    if thing[0].isdigit() or not questions.matches(f"{before}\n{thing} {verb} {subject}"):
        return ()
    right = f"{thing} {verb} {subject}"
    text = questions.reading.text[part.start : part.end]
    whole = text.split() == part.text.split()
    edits = (Edit(part.start, part.end, right),) if whole else ()
    return (Advice("swap", {"right": right}, edits),)


def of_filter(reading: Reading, part: Element) -> tuple[Advice, ...]:
    """Return what a condition may have meant: a variable that is bound, nothing more."""
    bound = {str(t) for t in reading.tokens if t.type == "VAR"}
    used = {str(t) for t in leaves(part.node) if t.type == "VAR"}
    elsewhere = {
        str(t) for t in reading.tokens
        if t.type == "VAR" and not part.start <= int(t.start_pos or 0) < part.end
    }  # fmt: skip
    lost = sorted(used - elsewhere)
    if not lost:
        return ()
    near = slips.nearest(lost[0], bound - {lost[0]}, 1)
    edits = tuple(
        Edit(int(t.start_pos or 0), int(t.end_pos or 0), near[0])
        for t in leaves(part.node) if near and str(t) == lost[0]
    )  # fmt: skip
    return (Advice("spell", {"right": near[0]}, edits),) if near else ()
