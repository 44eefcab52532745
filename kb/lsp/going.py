"""Where things are described: the subjects of an open text, and the lines of other files."""

from __future__ import annotations

from pathlib import Path

from lsprotocol import types as lsp
from pygls.uris import from_fs_path

from kb.lsp.buffers import Buffer
from kb.lsp.lexicon import Lexicon
from kb.lsp.outline import Outline, Token, outline
from kb.lsp.records import Record

LABELS = ("label", "prefLabel", "title", "name")


def subjects(walked: Outline) -> dict[str, tuple[Token, int]]:
    """Return the named subjects by address, each with the end of its last value."""
    found: dict[str, tuple[Token, int]] = {}
    for node, _, value in walked.statements:
        if node.kind in ("name", "iri") and (iri := walked.iri(node)):
            found[iri] = found.get(iri, (node, 0))[0], value.end
    return found


def symbols(buffer: Buffer, known: Lexicon, language: str) -> list[lsp.DocumentSymbol]:
    """Return the subjects of a text with their labels, in its order."""
    walked, made = outline(buffer.text), []
    labels: dict[str, dict[str, str]] = {}
    for node, verb, value in walked.statements:
        if walked.iri(verb).endswith(LABELS) and value.text[:1] in "\"'":
            text, _, tag = value.text.rpartition(value.text[0])
            labels.setdefault(walked.iri(node), {}).setdefault(tag[1:], text.strip("\"'"))
    for iri, (node, end) in subjects(walked).items():
        told = labels.get(iri, {})
        label = told.get(language) or next(iter(told.values()), "")
        classes = [known.label(one, language) for one in walked.classes(node)]
        whole = buffer.positions.range(node.start, max(end, node.end))
        name = buffer.positions.range(node.start, node.end)
        detail = ", ".join(classes)
        kind = lsp.SymbolKind.Object
        made.append(
            lsp.DocumentSymbol(f"{label} ({node.text})" if label else node.text, kind, whole, name,
                               detail=detail)
        )  # fmt: skip
    return made


def inside(buffer: Buffer, iri: str) -> lsp.Location | None:
    """Return where a text describes a node."""
    found = subjects(outline(buffer.text)).get(iri)
    if found is None:
        return None
    return lsp.Location(buffer.uri, buffer.positions.range(found[0].start, found[0].end))


def elsewhere(root: Path, record: Record, encoding: str) -> list[lsp.Location]:
    """Return where files of the base describe a node; packed ones cannot be opened."""
    found = []
    for name in record.files:
        path = root / name
        if path.suffix != ".ttl" or not path.is_file():
            continue
        uri = from_fs_path(str(path)) or path.as_uri()
        text = path.read_text(encoding="utf-8", errors="replace")
        buffer = Buffer(uri, text, encoding=encoding)
        place = inside(buffer, record.iri)
        found.append(place or lsp.Location(uri, buffer.positions.range(0, 0)))
    return found
