"""An editor as the language server sees one: pygls's client, over stdio, on the real process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

from kb import files

T = TypeVar("T")
COMMAND = "from kb.cli import main; main(prog_name='essaim')"
WAIT_S = 60


class Editor:
    """One editor with its server; every call waits for the answer."""

    def __init__(self, lang: str = "en", encodings: tuple[str, ...] = (), resolves: bool = True):
        self.loop = asyncio.new_event_loop()
        self.client = LanguageClient("editor", "1")
        self.shown: dict[str, list[lsp.PublishDiagnosticsParams]] = {}
        self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(
            lambda params: self._show(params)
        )
        self.version = 0
        started = self.client.start_io(sys.executable, "-c", COMMAND, "lsp", cwd=files.root())
        self.wait(started)
        self.wait(self._initialized(lang, encodings, resolves))

    def wait(self, asked: Coroutine[Any, Any, T], seconds: float = WAIT_S) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(asked, seconds))

    async def _initialized(self, lang: str, encodings: tuple[str, ...], resolves: bool) -> None:
        support = lsp.ClientCodeActionResolveOptions(["edit"] if resolves else [])
        action = lsp.CodeActionClientCapabilities(resolve_support=support)
        general = lsp.GeneralClientCapabilities(position_encodings=list(encodings) or None)  # type: ignore[arg-type]
        self.about = await self.client.initialize_async(
            lsp.InitializeParams(
                lsp.ClientCapabilities(
                    text_document=lsp.TextDocumentClientCapabilities(code_action=action),
                    general=general,
                ),
                initialization_options={"lang": lang},
            )
        )
        self.client.initialized(lsp.InitializedParams())

    def _show(self, params: lsp.PublishDiagnosticsParams) -> None:
        self.shown.setdefault(params.uri, []).append(params)

    def open(self, uri: str, text: str, language: str = "turtle") -> None:
        self.version += 1
        item = lsp.TextDocumentItem(uri, language, self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def change(self, uri: str, text: str, where: lsp.Range | None = None) -> None:
        self.version += 1
        change: Any = lsp.TextDocumentContentChangeWholeDocument(text)
        if where:
            change = lsp.TextDocumentContentChangePartial(where, text)
        known = lsp.VersionedTextDocumentIdentifier(self.version, uri)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(known, [change]))

    def diagnostics(self, uri: str) -> list[lsp.Diagnostic]:
        """Return what is shown of the latest version of a text, once it is."""
        version = self.version

        async def told() -> list[lsp.Diagnostic]:
            while True:
                for one in self.shown.get(uri, []):
                    if one.version == version:
                        return list(one.diagnostics)
                await asyncio.sleep(0.02)

        return self.wait(told())

    def at(self, uri: str, line: int, character: int) -> dict[str, Any]:
        return {
            "text_document": lsp.TextDocumentIdentifier(uri),
            "position": lsp.Position(line, character),
        }

    def actions(self, uri: str, where: lsp.Range, only: list[Any] | None = None) -> list[Any]:
        asked = lsp.CodeActionParams(
            lsp.TextDocumentIdentifier(uri), where, lsp.CodeActionContext([], only)
        )
        return list(self.wait(self.client.text_document_code_action_async(asked)) or [])

    def complete(self, uri: str, line: int, character: int) -> list[lsp.CompletionItem]:
        asked = lsp.CompletionParams(**self.at(uri, line, character))
        found = self.wait(self.client.text_document_completion_async(asked))
        assert isinstance(found, lsp.CompletionList)
        return list(found.items)

    def hover(self, uri: str, line: int, character: int) -> str:
        asked = lsp.HoverParams(**self.at(uri, line, character))
        found = self.wait(self.client.text_document_hover_async(asked))
        return found.contents.value if found else ""  # type: ignore[union-attr]

    def close(self) -> int | None:
        """End the server as an editor does; return its exit code."""
        server = self.client._server
        self.wait(self.client.shutdown_async(None))
        self.client.exit(None)
        try:
            return self.wait(server.wait(), 10) if server else None
        finally:
            self.wait(self.client.stop())
            self.loop.close()


def uri_of(path: Path) -> str:
    return path.as_uri()


def applied(text: str, edits: list[lsp.TextEdit]) -> str:
    """Return a text after edits of the protocol, counted in UTF-16."""
    from kb.lsp.positions import Positions

    places = Positions(text)
    for edit in sorted(edits, key=lambda one: places.offset(one.range.start), reverse=True):
        start, end = places.offset(edit.range.start), places.offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text
