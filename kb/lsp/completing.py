"""What can be written at the cursor: prefixes, terms and concepts by label, records by name.

What is typed is sought at the beginning of every word of the labels in every language, accents
aside, and in the name. Editors filter once more by `filterText`: it is what was typed, then the
rest of what was found by it, so that they keep what was found by a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lsprotocol import types as lsp

from kb import terms
from kb.check.nearby import LOCAL
from kb.lsp.buffers import Buffer
from kb.lsp.lexicon import Lexicon, Term, folded
from kb.lsp.outline import LARGEST, OBJECT, PREDICATE, RDF_TYPE, SUBJECT, Outline, outline
from kb.lsp.records import Record, Records

MOST = 150
WORD = re.compile(r"[^\s<>\"'(){}\[\],;@^#]*\Z")
KINDS = {
    "class": lsp.CompletionItemKind.Class,
    "property": lsp.CompletionItemKind.Property,
    "concept": lsp.CompletionItemKind.EnumMember,
    "scheme": lsp.CompletionItemKind.Enum,
    "record": lsp.CompletionItemKind.Reference,
    "prefix": lsp.CompletionItemKind.Module,
}


@dataclass(frozen=True, slots=True)
class Found:
    """Something to write: address, label, kind, by what it was found, its rank (0 is best)."""

    iri: str
    label: str
    kind: str
    by: str
    rank: int
    is_deprecated: bool = False


class Completing:
    """The completion at one place of a text."""

    def __init__(self, buffer: Buffer, position: lsp.Position, known: Lexicon, language: str):
        self.buffer, self.known, self.language = buffer, known, language
        self.offset = buffer.positions.offset(position)
        # The class of a subject and the prefixes may stand after the cursor as well.
        before = buffer.text[: self.offset] if len(buffer.text) <= LARGEST else ""
        word = WORD.search(before)
        self.word = word[0] if word else ""
        self.start = self.offset - len(self.word)
        self.here: Outline = outline(before, self.start)
        self.whole: Outline = outline(buffer.text)
        self.prefix, self.colon, self.typed = self.word.rpartition(":")
        self.spaces = terms.prefixes() | self.whole.prefixes

    async def items(self, records: Records) -> list[lsp.CompletionItem]:
        """Return what can be written here, the likeliest first."""
        if len(self.buffer.text) > LARGEST or self._is_aside():
            return []
        space = self.spaces.get(self.prefix) if self.colon else ""
        if space is None:
            return []
        found = [*self._prefixes(), *self._terms(space)]
        if self.here.role in (OBJECT, SUBJECT) and not self._wants_class():
            found += self._records(await self._named(records, space))
        best = sorted(found, key=lambda one: (one.rank, one.label))[:MOST]
        return [self._item(one, at) for at, one in enumerate(best)]

    def _is_aside(self) -> bool:
        return Outline(self.buffer.text, self.offset).is_aside()

    def _wants_class(self) -> bool:
        return self.here.role == OBJECT and self.here.iri(self.here.predicate) == RDF_TYPE

    def _prefixes(self) -> Iterator[Found]:
        """Yield the prefixes that begin as the word does, once it does."""
        if self.colon or not self.typed:
            return
        for prefix in self.spaces:
            if prefix.startswith(self.typed):
                yield Found(self.spaces[prefix], f"{prefix}:", "prefix", f"{prefix}:", 4)

    def _terms(self, space: str) -> Iterator[Found]:
        """Yield the terms of the role that is at the cursor."""
        kinds: tuple[str, ...] = ("class", "concept", "scheme")
        if self.here.role == SUBJECT:
            return
        if self.here.role == PREDICATE:
            kinds = ("property",)
        elif self._wants_class():
            kinds = ("class",)
        for term in self.known.of_kind(*kinds):
            if term.iri.startswith(space) and (by := self._by(term)):
                rank = self._rank(term)
                if self.typed or self.colon or rank == 0 or len(kinds) == 1:
                    label = term.text("label", self.language)
                    dated = term.is_deprecated
                    yield Found(term.iri, label, term.kind, by, rank + 4 * dated, dated)

    def _by(self, term: Term) -> str:
        """Return by what a term was found: its name, or a label from a matching word on."""
        local = terms.compact(term.iri).rpartition(":")[2]
        wanted = folded(self.typed)
        if folded(local).startswith(wanted):
            return self.word + local[len(self.typed) :]
        for text, plain in self.known.names[term.iri]:
            at = 0 if plain.startswith(wanted) else plain.find(" " + wanted) + 1
            if at or plain.startswith(wanted):
                return self.word + text[at + len(self.typed) :]
        return ""

    def _rank(self, term: Term) -> int:
        """Return 0 for what fits the subject's class or the property's list, else 2."""
        if term.kind == "property":
            return 0 if self.known.fits(term, self._classes()) else 2
        verb = self.known.terms.get(self.here.iri(self.here.predicate))
        if term.kind == "class":
            return 0 if self._wants_class() else 2
        lists = verb.links.get("values", []) if verb else []
        return 0 if set(lists) & set(term.links.get("scheme", [])) else 2

    def _classes(self) -> list[str]:
        """Return the classes of the subject, read with all prefixes that are known."""
        full = Outline(self.buffer.text, 0, self.spaces, statements=self.whole.statements)
        return full.classes(self.here.subject) or self.here.classes(self.here.subject)

    async def _named(self, records: Records, space: str) -> list[Record]:
        """Return records by name, of all kinds only once three letters are typed."""
        in_space = space.startswith(terms.BASE + "id/")
        if not in_space and (self.colon or len(self.typed) < 3):
            return []
        where = space if in_space else terms.BASE + "id/"
        return await records.named(self.typed, where, self.language)

    def _records(self, found: Iterable[Record]) -> Iterator[Found]:
        verb = self.known.terms.get(self.here.iri(self.here.predicate))
        wanted = set(verb.links.get("range", [])) if verb else set()
        for one in found:
            fits = any(self.known.above(iri) & wanted for iri in one.classes)
            name, local = one.label, one.iri.rpartition("/")[2]
            by = name if folded(name).startswith(folded(self.typed)) else local
            by = self.word + by[len(self.typed) :]
            yield Found(one.iri, name or local, "record", by, 1 if fits else 3)

    def _item(self, one: Found, order: int) -> lsp.CompletionItem:
        written, line = one.label, None
        if one.kind != "prefix":
            written, line = self._written(one.iri)
        elif one.label[:-1] not in self.whole.prefixes:
            line = self._prefix_line(one.label[:-1], one.iri)
        tag = lsp.CompletionItemTag.Deprecated
        return lsp.CompletionItem(
            label=one.label,
            kind=KINDS[one.kind],
            detail=one.iri if one.kind == "prefix" else written,
            filter_text=one.by,
            sort_text=f"{order:04}",
            text_edit=lsp.TextEdit(self.buffer.positions.range(self.start, self.offset), written),
            additional_text_edits=[line] if line else None,
            tags=[tag] if one.is_deprecated else None,
            data={"iri": one.iri, "kind": one.kind},
        )

    def _written(self, iri: str) -> tuple[str, lsp.TextEdit | None]:
        """Return an address as the file writes it, and the prefix line if that lacks."""
        own = self.whole.prefixes
        others = {p: s for p, s in terms.prefixes().items() if p not in own}
        for spaces in (own, others):
            fit = [(len(s), p) for p, s in spaces.items() if s and iri.startswith(s)]
            for length, prefix in sorted(fit, reverse=True):
                if LOCAL.fullmatch(iri[length:]):
                    line = None
                    if spaces is others:
                        line = self._prefix_line(prefix, spaces[prefix])
                    return f"{prefix}:{iri[length:]}", line
        return f"<{iri}>", None

    def _prefix_line(self, prefix: str, space: str) -> lsp.TextEdit:
        """Return the line that declares a prefix, after the last one and in its style."""
        whole, text = self.whole, self.buffer.text
        mark, dot = ("@prefix", " .") if whole.has_at else ("PREFIX", "")
        end = "\r\n" if "\r\n" in text else "\n"
        at = whole.prefix_end
        gap = end if at and text[at - 1 : at] not in ("\n", "\r") else ""
        line = f"{gap}{mark} {prefix}: <{space}>{dot}{end}"
        return lsp.TextEdit(self.buffer.positions.range(at, at), line)
