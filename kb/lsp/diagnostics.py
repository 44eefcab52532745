"""A report of the check as diagnostics of the protocol (LSP 3.17 §Diagnostic)."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp

from kb.lsp.buffers import Buffer

SEVERITIES = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
}
DEPRECATED = ("V006", "L004")


def diagnostics(answer: dict[str, Any], buffer: Buffer) -> list[lsp.Diagnostic]:
    """Return what is wrong with a text; what could not be checked stands at its beginning."""
    told = (*answer.get("obstacles", ()), *answer.get("findings", ()))
    return [diagnostic(one, buffer) for one in told]


def diagnostic(one: dict[str, Any], buffer: Buffer) -> lsp.Diagnostic:
    """Return a finding, as `essaim check --format json` writes it, as a diagnostic."""
    place = one.get("place", {"start": 0, "end": 0})
    deprecated = one["code"] in DEPRECATED or one.get("cause") in DEPRECATED
    return lsp.Diagnostic(
        range=buffer.positions.range(place["start"], place["end"]),
        message=one["message"],
        severity=SEVERITIES[one["severity"]],
        code=one["code"],
        code_description=lsp.CodeDescription(one["guide"]) if one.get("guide") else None,
        source="essaim",
        tags=[lsp.DiagnosticTag.Deprecated] if deprecated else None,
    )
