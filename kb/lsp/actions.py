"""Repairs as code actions: those of each finding, and all the safe ones at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from lsprotocol import types as lsp

from kb.lsp.buffers import Buffer
from kb.lsp.diagnostics import diagnostic
from kb.lsp.words import t

FIX_ALL = f"{lsp.CodeActionKind.SourceFixAll.value}.essaim"


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Tell whether a client asks for a kind of action, by itself or by a kind above it."""
    return only is None or any(kind == one or kind.startswith(one + ".") for one in only)


def repairs(answer: dict[str, Any], buffer: Buffer, asked: lsp.Range) -> Iterator[lsp.CodeAction]:
    """Yield the repairs of the findings that touch a range; the first safe one is preferred."""
    places = buffer.positions
    start, end = places.offset(asked.start), places.offset(asked.end)
    for one in answer.get("findings", ()):
        place = one.get("place", {"start": 0, "end": 0})
        if place["start"] > end or place["end"] < start:
            continue
        preferred = next((fix for fix in one.get("fixes", ()) if fix["safe"]), None)
        for fix in one.get("fixes", ()):
            if fix["edits"]:  # a change of encoding is the editor's own
                yield lsp.CodeAction(
                    title=fix["title"],
                    kind=lsp.CodeActionKind.QuickFix,
                    diagnostics=[diagnostic(one, buffer)],
                    is_preferred=fix is preferred,
                    edit=_edit(buffer, fix["edits"]),
                )


def has_safe(answer: dict[str, Any]) -> bool:
    """Tell whether some finding can be repaired without asking."""
    fixes = (fix for one in answer.get("findings", ()) for fix in one.get("fixes", ()))
    return any(fix["safe"] and fix["edits"] for fix in fixes)


def fix_all(buffer: Buffer, language: str) -> lsp.CodeAction:
    """Return the action that makes all safe repairs, without its edit, which takes a while."""
    return lsp.CodeAction(title=t("fix-all", language), kind=FIX_ALL, data={"uri": buffer.uri})


def replacing(buffer: Buffer, after: str) -> lsp.WorkspaceEdit | None:
    """Return the edit that makes a text another one, of the stretch that differs."""
    before = buffer.text
    if before == after:
        return None
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    tail = most - start
    same = next((at for at in range(tail) if before[-1 - at] != after[-1 - at]), tail)
    edit = {"start": start, "end": len(before) - same, "text": after[start : len(after) - same]}
    return _edit(buffer, [edit])


def _edit(buffer: Buffer, edits: list[dict[str, Any]]) -> lsp.WorkspaceEdit:
    made = [
        lsp.TextEdit(buffer.positions.range(one["start"], one["end"]), one["text"]) for one in edits
    ]
    return lsp.WorkspaceEdit(changes={buffer.uri: made})
