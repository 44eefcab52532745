"""What JSON-LD and RDF/XML may do to a reader, and what pyoxigraph's words against a file mean."""

from __future__ import annotations

import re

from kb.check.finding import Finding
from kb.reading.places import Lines, Place

DOCTYPE = re.compile(r"<!DOCTYPE", re.IGNORECASE)
# Comments and texts that are no markup, tags with what tells a start from an end; possessive.
MARKUP = re.compile(
    r"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)
    |<(?P<end>/)?+(?:[^<>"'/]++|/(?!>)|"[^"]*+"|'[^']*+')*+(?P<empty>/)?+>""",
    re.DOTALL | re.VERBOSE,
)
LONGEST = 16_777_216  # bytes of a text or an address, for pyoxigraph


def refused_unread(name: str, form: str, text: str) -> Finding | None:
    """Return why RDF/XML is not even read: its entities, or a depth that costs its square."""
    if form != "rdf-xml":
        return None
    if doctype := DOCTYPE.search(text):
        return Finding("S080", "error", name, Lines(text).place(*doctype.span()))
    from kb.reading.turtle import DEEPEST  # it takes a tenth of a second

    depth = 0
    for tag in MARKUP.finditer(text):
        if tag["end"]:
            depth -= 1
        elif not tag["empty"] and text[tag.start() + 1] not in "!?":
            depth += 1
        if depth > DEEPEST:
            place = Lines(text).place(*tag.span())
            return Finding("S070", "error", name, place, values={"most": str(DEEPEST)})
    return None


def refused(name: str, error: SyntaxError | MemoryError, lines: Lines) -> Finding:
    """Return what pyoxigraph has against a file; a MemoryError is its word for a long token."""
    if isinstance(error, MemoryError):
        return Finding("S071", "error", name, values={"bytes": str(LONGEST)})
    reason = str(error.msg).partition(": ")[2] or str(error.msg)
    if "LoadDocumentCallback" in reason:
        return Finding("S081", "error", name)
    return Finding("S090", "error", name, _place(error, lines), values={"reason": reason})


def _place(error: SyntaxError, lines: Lines) -> Place | None:
    if not error.lineno or error.lineno > len(lines.starts):
        return None
    start = lines.starts[error.lineno - 1] + max(0, (error.offset or 1) - 1)
    return lines.place(min(start, len(lines.text)), min(start + 1, len(lines.text)))
