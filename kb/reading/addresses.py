"""IRIs and prefixed names that are not well formed (RDF 1.1 Turtle §6.3, RFC 3987)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from kb.reading.iris import is_absolute, resolved
from kb.reading.page import replacing, shown
from kb.reading.places import Edit, Fix

if TYPE_CHECKING:
    from kb.reading.making import Maker, Match

SCHEMES = frozenset(("http", "https", "ftp", "mailto", "urn", "tel", "file", "doi", "geo"))
_UNSAFE = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_LINE = re.compile(r"[^\r\n>]{0,5000}+")
_WORD = re.compile(r"[^\s<>\"]*+")
_BARE = re.compile(r"[^\s<>\"{}|^`\\;,]*+")
_JUNK = re.compile(r"[^\s;,<>\"\[\](){}#]*+")
_ESCAPABLE = frozenset("_~.-!$&'()*+,;=/?#@%")


def unclosed(maker: Maker, found: Match) -> ox.NamedNode | None:
    """Return the IRI that begins at a `<` and is none: it is not closed, or has a wrong sign."""
    page, text, start = maker.page, maker.page.text, found.start("angle")
    line = _LINE.match(text, start + 1)
    stop = line.end() if line else start + 1
    inner = text[start + 1 : stop]
    if text.startswith(">", stop) and "<" not in inner and '"' not in inner:
        return _cleaned(maker, inner, start, stop + 1)
    part = _WORD.match(text, start + 1)
    end = part.end() if part else start + 1
    while end > start + 1 and text[end - 1] in ";,.":
        end -= 1
    page.pos = max(end, start + 1)
    fixes = replacing("add", end, end, ">") if end > start + 1 else ()
    page.problem("S041", start, page.pos, {"iri": shown(text[start:end])}, fixes)
    return _quiet(maker, text[start + 1 : end])


def _quiet(maker: Maker, iri: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(resolved(iri, maker.page.base))
    except ValueError:
        return None


def _cleaned(maker: Maker, inner: str, start: int, end: int) -> ox.NamedNode | None:
    """The IRI is closed and has a space or another sign that no IRI has."""
    page = maker.page
    page.pos = end
    stripped = inner.strip(" \t")
    wrong = _UNSAFE.search(stripped)
    at = start + 1 + inner.index(stripped)
    right = _UNSAFE.sub(lambda sign: quote(sign.group()), stripped)
    fixes = replacing("write", start, end, f"<{right}>", is_safe="\\" not in stripped)
    where = at + wrong.start() if wrong else start + (1 if inner[0] in " \t" else len(inner))
    values = {"iri": shown(inner), "sign": page.text[where]}
    page.problem("S040", where, where + 1, values, fixes)
    return _quiet(maker, right)


def refused(maker: Maker, iri: str, start: int, end: int, reason: str) -> None:
    """Note why an IRI is refused: it is relative without a base, or not well formed."""
    page = maker.page
    if not is_absolute(iri) and not page.base:
        page.problem("S043", start, end, {"iri": shown(iri)})
        return
    fixes: tuple[Fix, ...] = ()
    if page.text[start] == "<":
        head, slashes, rest = page.text[start + 1 : end - 1].partition("//")
        host, slash, path = rest.partition("/")
        if not slashes:
            head, host, path = "", "", head
        right = re.sub(r"[\[\]]", lambda sign: quote(sign.group()), path)
        right = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", right)
        if right != path:
            fixes = replacing("write", start, end, f"<{head}{slashes}{host}{slash}{right}>")
    page.problem("S042", start, end, {"iri": shown(iri), "reason": reason}, fixes)


def name(maker: Maker, found: Match) -> ox.NamedNode | None:
    """Return the IRI of a name that goes on with a sign no name has, or of a bare address."""
    page, text, start = maker.page, maker.page.text, found.start("badname")
    prefix, _, local = found["badname"].partition(":")
    if prefix in SCHEMES and prefix not in page.namespaces:
        return bare(maker, start)
    junk = _JUNK.match(text, found.end())
    extra = junk.group().rstrip(".") if junk else ""
    page.pos = end = found.end() + len(extra)
    namespace = page.namespaces.get(prefix, page.known.get(prefix))
    right = extra.replace("\\", "")
    written = ""
    if all(sign.isalnum() or sign in _ESCAPABLE or sign in ":_" for sign in right):
        signs = (s if s.isalnum() or s in "_:-." else "\\" + s for s in right)
        written = found["badname"] + "".join(signs)
    elif namespace:
        written = f"<{namespace}{local}{quote(right, safe='/&=?@!$*~')}>"
    is_clear = not set("@^|\\") & set(extra)
    fixes = replacing("write", start, end, written, is_safe=is_clear) if written else ()
    values = {"name": shown(text[start:end]), "sign": extra[:1]}
    page.problem("S045", found.end(), found.end() + 1, values, fixes)
    if prefix not in page.namespaces:
        maker.unknown.setdefault(prefix, []).append((start, end))
    return _quiet(maker, namespace + local + right) if namespace and written[:1] != "<" else None


def bare(maker: Maker, start: int) -> ox.NamedNode | None:
    """Return the IRI of an address that stands without angle brackets."""
    page, text = maker.page, maker.page.text
    found = _BARE.match(text, start)
    end = found.end() if found else start + 1
    while end > start + 1 and text[end - 1] in ".)]":
        end -= 1
    is_whole = not text.startswith("www.", start)
    address = text[start:end] if is_whole else "https://" + text[start:end]
    page.pos = end + text.startswith(">", end)
    edits = (Edit(start, page.pos, f"<{address}>"),)
    fix = Fix("write", edits, is_whole, {"text": f"<{address}>"})
    page.problem("S044", start, page.pos, {"iri": shown(address)}, (fix,))
    return _quiet(maker, address)
