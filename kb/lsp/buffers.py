"""The texts that are open in the editor, as the editor has them now, saved or not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lsprotocol import types as lsp
from pygls.uris import to_fs_path

from kb.check.inputs import FORMS
from kb.lsp.positions import Positions
from kb.reading import FORMS as PLACED

Change = lsp.TextDocumentContentChangeEvent


@dataclass(frozen=True)
class Buffer:
    """One state of an open text. Another state is another buffer, so that answers cannot mix."""

    uri: str
    text: str
    version: int | None = None
    language: str = ""
    encoding: str = "utf-16"

    @cached_property
    def positions(self) -> Positions:
        """The places of this text."""
        return Positions(self.text, self.encoding)

    @property
    def name(self) -> str:
        """What the check calls it: its path, by which it knows the file's earlier state."""
        path = to_fs_path(self.uri) if self.uri.startswith("file:") else None
        return Path(path).as_posix() if path else self.uri

    @property
    def form(self) -> str:
        """Its form: by its name, else by what the editor calls the language, else Turtle."""
        by_name = FORMS.get(Path(self.name).suffix.lower())
        found = by_name or self.language
        return found if found in PLACED else "turtle"

    def changed(self, changes: Iterable[Change], version: int | None) -> Buffer:
        """Return the state after changes, each counted in the text that the one before left."""
        text = self.text
        for change in changes:
            if isinstance(change, lsp.TextDocumentContentChangePartial):
                places = Positions(text, self.encoding)
                start, end = places.offset(change.range.start), places.offset(change.range.end)
                text = text[:start] + change.text + text[max(start, end) :]
            else:
                text = change.text
        return Buffer(self.uri, text, version, self.language, self.encoding)


@dataclass
class Buffers:
    """All open texts by address."""

    encoding: str = "utf-16"
    open: dict[str, Buffer] = field(default_factory=dict)

    def put(self, document: lsp.TextDocumentItem) -> Buffer:
        """Take a text that was opened."""
        made = Buffer(
            document.uri, document.text, document.version, document.language_id, self.encoding
        )
        self.open[document.uri] = made
        return made

    def change(self, params: lsp.DidChangeTextDocumentParams) -> Buffer | None:
        """Take changes of a text; None when it was never opened."""
        document = params.text_document
        before = self.open.get(document.uri)
        if before is None:
            return None
        made = self.open[document.uri] = before.changed(params.content_changes, document.version)
        return made
