"""The server: each question of the protocol goes to the module that answers it."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from kb import files
from kb.lsp import actions, going, hovering
from kb.lsp.buffers import Buffer, Buffers
from kb.lsp.checking import Answer, Checking
from kb.lsp.completing import Completing
from kb.lsp.diagnostics import diagnostics
from kb.lsp.lexicon import Lexicon, lexicon
from kb.lsp.outline import LARGEST, Token, at, outline
from kb.lsp.records import Record, Records
from kb.lsp.words import language

COMPLETION = lsp.CompletionOptions(trigger_characters=[":"], resolve_provider=True)
ACTIONS = lsp.CodeActionOptions(
    code_action_kinds=[lsp.CodeActionKind.QuickFix, actions.FIX_ALL], resolve_provider=True
)


class Server(LanguageServer):
    """A server of one editor: its open texts, the language it speaks, the checks under way."""

    def __init__(self, asked: str | None = None) -> None:
        super().__init__("essaim", version("essaim"))
        self.asked, self.language = asked, language(asked)
        self.buffers = Buffers()
        self.checking = Checking(self.publish)
        self.records = Records(files.root())
        self.resolves_edits = False

    @property
    def known(self) -> Lexicon:
        """The terms of the project."""
        return lexicon(files.root())

    def begin(self, params: lsp.InitializeParams) -> None:
        """Take what the editor says of itself: its language, and how it counts characters."""
        options = params.initialization_options
        chosen = options.get("lang") if isinstance(options, dict) else None
        self.language = language(chosen, self.asked, params.locale)
        self.checking.language = self.language
        encoding = self.workspace.position_encoding
        self.buffers.encoding = str(getattr(encoding, "value", encoding))
        about = params.capabilities.text_document
        support = about.code_action.resolve_support if about and about.code_action else None
        self.resolves_edits = bool(support and "edit" in support.properties)

    def publish(self, buffer: Buffer, answer: Answer) -> None:
        """Show the findings of a state of a text, unless it went on or was closed meanwhile."""
        if self.buffers.open.get(buffer.uri) is buffer:
            told = diagnostics(answer, buffer)
            self.text_document_publish_diagnostics(
                lsp.PublishDiagnosticsParams(buffer.uri, told, buffer.version)
            )

    def term(
        self, params: lsp.HoverParams | lsp.DefinitionParams
    ) -> tuple[Buffer, Token, str] | None:
        """Return the text, the term and the address at a position."""
        buffer = self.buffers.open.get(params.text_document.uri)
        if buffer is None or len(buffer.text) > LARGEST:
            return None
        token = at(buffer.text, buffer.positions.offset(params.position))
        iri = outline(buffer.text).iri(token)
        return (buffer, token, iri) if token and iri else None

    async def actions(self, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        """Return the repairs of the findings in a range, and that of all safe ones."""
        buffer, only = self.buffers.open.get(params.text_document.uri), params.context.only
        if buffer is None:
            return []
        answer = await self.checking.answer(buffer)
        made: list[lsp.CodeAction] = []
        if actions.wants(only, "quickfix"):
            made += actions.repairs(answer, buffer, params.range)
        if actions.wants(only, actions.FIX_ALL) and actions.has_safe(answer):
            action = actions.fix_all(buffer, self.language)
            made.append(action if self.resolves_edits else await self.resolved(action))
        return made

    async def resolved(self, action: lsp.CodeAction) -> lsp.CodeAction:
        """Return the action that makes all safe repairs with its edit."""
        data: Any = action.data
        buffer = self.buffers.open.get(data["uri"]) if isinstance(data, dict) else None
        if buffer and action.kind == actions.FIX_ALL:
            after = await self.checking.mended(buffer)
            if self.buffers.open.get(buffer.uri) is buffer:
                action.edit = actions.replacing(buffer, after)
        return action

    async def told(self, iri: str) -> str:
        """Return what is said of a term or a record, as Markdown; '' for a stranger."""
        if term := self.known.terms.get(iri):
            return hovering.of_term(term, self.known, self.language)
        record: Record | None = await self.records.record(iri, self.language)
        return hovering.of_record(record, self.known, self.language) if record else ""

    async def places(self, params: lsp.DefinitionParams) -> list[lsp.Location]:
        """Return where the term under the cursor is described: here first, else in the base."""
        found = self.term(params)
        if found is None:
            return []
        if here := going.inside(found[0], found[2]):
            return [here]
        record = await self.records.record(found[2], self.language)
        encoding = self.buffers.encoding
        return going.elsewhere(self.records.root, record, encoding) if record else []


def made(asked: str | None = None) -> Server:
    """Return a server with all it answers; `asked` is the language of the command line."""
    server = Server(asked)
    server.feature(lsp.INITIALIZE)(_initialize)
    server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    server.feature(lsp.TEXT_DOCUMENT_CODE_ACTION, ACTIONS)(_code_actions)
    server.feature(lsp.CODE_ACTION_RESOLVE)(_code_action)
    server.feature(lsp.TEXT_DOCUMENT_COMPLETION, COMPLETION)(_completion)
    server.feature(lsp.COMPLETION_ITEM_RESOLVE)(_completion_item)
    server.feature(lsp.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)(_symbols)
    server.feature(lsp.TEXT_DOCUMENT_DEFINITION)(_definition)
    return server


def _initialize(server: Server, params: lsp.InitializeParams) -> None:
    server.begin(params)


def _opened(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    server.checking.start(server.buffers.put(params.text_document), 0)


def _changed(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    if buffer := server.buffers.change(params):
        server.checking.start(buffer)


def _closed(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    server.buffers.open.pop(uri, None)
    server.checking.forget(uri)
    server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, []))


async def _code_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    return await server.actions(params)


async def _code_action(server: Server, action: lsp.CodeAction) -> lsp.CodeAction:
    return await server.resolved(action)


async def _completion(server: Server, params: lsp.CompletionParams) -> lsp.CompletionList:
    buffer = server.buffers.open.get(params.text_document.uri)
    if buffer is None:
        return lsp.CompletionList(False, [])
    asked = Completing(buffer, params.position, server.known, server.language)
    # never the whole list: the next letter asks again
    return lsp.CompletionList(True, await asked.items(server.records))


async def _completion_item(server: Server, item: lsp.CompletionItem) -> lsp.CompletionItem:
    data: Any = item.data
    if isinstance(data, dict) and (told := await server.told(str(data.get("iri", "")))):
        item.documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, told)
    return item


async def _hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    found = server.term(params)
    told = await server.told(found[2]) if found else ""
    if not found or not told:
        return None
    buffer, token, _ = found
    shown = lsp.MarkupContent(lsp.MarkupKind.Markdown, told)
    return lsp.Hover(shown, buffer.positions.range(token.start, token.end))


def _symbols(server: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    buffer = server.buffers.open.get(params.text_document.uri)
    return going.symbols(buffer, server.known, server.language) if buffer else []


async def _definition(server: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
    return await server.places(params)
