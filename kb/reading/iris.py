"""IRI references resolved against a base (RFC 3986 §5.2), as pyoxigraph resolves them.

An IRI with a scheme of its own is left as it is written; only what is relative is resolved.
"""

from __future__ import annotations

import re

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?",
                    re.DOTALL)  # fmt: skip
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def is_absolute(iri: str) -> bool:
    """Tell whether an IRI reference has a scheme of its own."""
    return _SCHEME.match(iri) is not None


def resolved(reference: str, base: str) -> str:
    """Return the IRI that a reference means in a document whose base IRI is `base`.

    >>> resolved("../c?q", "http://example.org/a/b/")
    'http://example.org/a/c?q'
    """
    if not base or is_absolute(reference):
        return reference
    _, authority, path, query, fragment = _split(reference)
    scheme, base_authority, base_path, base_query, _ = _split(base)
    if authority is not None:
        path = _without_dots(path)
    else:
        authority = base_authority
        if not path:
            path, query = base_path, base_query if query is None else query
        elif path.startswith("/"):
            path = _without_dots(path)
        else:
            path = _without_dots(_merged(base_path, path, has_authority=authority is not None))
    place = "" if authority is None else f"//{authority}"
    return f"{scheme}:{place}{path}{query or ''}{fragment or ''}"


def _split(iri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    found = _PARTS.fullmatch(iri)
    if not found:  # the pattern matches every text
        raise ValueError(f"{iri!r} is no IRI reference; write an address")
    return found[1], found[2], found[3], found[4], found[5]


def _merged(base: str, path: str, has_authority: bool) -> str:
    if has_authority and not base:
        return "/" + path
    return base[: base.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    """Return a path without its `.` and `..` segments (RFC 3986 §5.2.4)."""
    if "." not in path:
        return path
    kept: list[str] = []
    parts = path.split("/")
    for part in parts:
        if part == "..":
            if len(kept) > 1 or (kept and kept[0]):
                kept.pop()
        elif part != ".":
            kept.append(part)
    if parts[-1] in (".", ".."):
        kept.append("")
    if path.startswith("/") and kept[:1] != [""]:
        kept.insert(0, "")
    return "/".join(kept)
