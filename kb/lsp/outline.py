"""What stands where in a Turtle or TriG text that may be half written: a tolerant walk of tokens.

Reading for the check is `kb.reading`; this only knows enough to answer an editor at once: which
term is at the cursor, and whether a subject, a property or a value comes next. A walk is linear in
the text, and none begins beyond `LARGEST` characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from kb.reading.places import Lines
from kb.reading.tokens import DECLARED, SUFFIX, TOKEN

LARGEST = 1_000_000
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
QUOTED = re.compile(
    r'"""(?:\\.|"(?!"")|[^"\\])*+(?:"""|\Z)' r"|'''(?:\\.|'(?!'')|[^'\\])*+(?:'''|\Z)"
    r'|"(?:\\.|[^"\\\r\n])*+"?' r"|'(?:\\.|[^'\\\r\n])*+'?",
    re.DOTALL,
)  # fmt: skip
TERMS = frozenset(("name", "iri", "a", "blank", "anon", "nil", "text", "quote", "number",
                   "badname", "badnumber", "escaped"))  # fmt: skip
SUBJECT, PREDICATE, OBJECT, AFTER = "subject", "predicate", "object", "after"


@dataclass(frozen=True, slots=True)
class Token:
    """A term or a sign: its kind, its text with quotes and language, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str, stop: int) -> Iterator[Token]:
    """Yield the tokens that begin before an offset."""
    at = 0
    while at < stop:
        found = TOKEN.match(text, at)
        if found is None or found.lastgroup in (None, "end"):
            return
        kind = found.lastgroup or ""
        start, at = found.span(kind)
        if start >= stop:
            return
        if kind == "quote" and (quoted := QUOTED.match(text, start)):
            at = quoted.end()
        if kind in ("text", "quote") and (suffix := SUFFIX.match(text, at)):
            at = suffix.end()
        yield Token(kind, text[start:at], start, at)


@dataclass(slots=True)
class Open:
    """A bracket that is open: its sign, and the subject and predicate that it interrupts."""

    sign: str
    subject: Token | None
    predicate: Token | None


@dataclass
class Outline:
    """A text walked up to an offset: its prefixes and statements, and what the walk expects."""

    text: str
    stop: int
    prefixes: dict[str, str] = field(default_factory=dict)
    prefix_end: int = 0
    has_at: bool = True
    statements: list[tuple[Token, Token, Token]] = field(default_factory=list)
    terms: list[Token] = field(default_factory=list)
    role: str = SUBJECT
    subject: Token | None = None
    predicate: Token | None = None
    open: list[Open] = field(default_factory=list)

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    def walk(self) -> Outline:
        """Walk the text once; return itself."""
        skipped = 0
        for token in tokens(self.text, self.stop):
            if token.start < skipped:
                continue
            if token.text.lower() in ("@prefix", "prefix", "@base", "base"):
                skipped = self._directive(token)
            elif token.kind in TERMS:
                self._term(token)
            elif token.kind in ("sign", "open", "close"):
                self._sign(token)
        return self

    def _directive(self, token: Token) -> int:
        """Take a prefix; return the offset after its line."""
        found = DECLARED.match(self.text, token.end)
        if found is None or not token.text.lower().endswith("prefix"):
            return token.end
        self.prefixes[found["prefix"]] = found["iri"][1:-1]
        self.has_at = token.text.startswith("@")
        self.prefix_end = self._line_end(found.end())
        return found.end()

    def _line_end(self, at: int) -> int:
        line = self.lines.position(at)[0]
        return self.lines.starts[line] if line < len(self.lines.starts) else len(self.text)

    def _term(self, token: Token) -> None:
        self.terms.append(token)
        if self.role == SUBJECT or (self.role == AFTER and not self.open):
            # after a value without its sign, a new subject is the likeliest
            self.subject, self.predicate, self.role = token, None, PREDICATE
        elif self.role == PREDICATE:
            self.predicate, self.role = token, OBJECT
        elif self.subject and self.predicate:
            self.statements.append((self.subject, self.predicate, token))
            if not (self.open and self.open[-1].sign == "("):
                self.role = AFTER

    def _sign(self, token: Token) -> None:
        sign = token.text
        if sign == ".":
            self.role, self.subject, self.predicate = SUBJECT, None, None
            self.open = self.open[:1] if self.open and self.open[0].sign == "{" else []
        elif sign == ";":
            self.role = PREDICATE
        elif sign == ",":
            self.role = OBJECT
        elif sign in "[(":
            self.open.append(Open(sign, self.subject, self.predicate))
            if sign == "[":
                self.subject, self.predicate, self.role = token, None, PREDICATE
        elif sign == "{":
            self.open, self.role = [Open(sign, None, None)], SUBJECT
        elif sign == "}":
            self.open, self.role = [], SUBJECT
        elif self.open and sign in "])":
            left = self.open.pop()
            self.subject, self.predicate = left.subject or token, left.predicate
            self.role = AFTER if left.predicate else PREDICATE

    def iri(self, token: Token | None) -> str:
        """Return the address that a token means with the prefixes before it, or ''."""
        if token is None:
            return ""
        if token.kind == "a":
            return RDF_TYPE
        if token.kind in ("iri", "escaped"):
            return token.text[1:-1]
        prefix, colon, local = token.text.partition(":")
        space = self.prefixes.get(prefix) if colon and token.kind in ("name", "badname") else None
        return "" if space is None else space + re.sub(r"\\(.)", r"\1", local)

    def classes(self, subject: Token | None) -> list[str]:
        """Return the classes that the text gives a subject, by the same spelling of it."""
        if subject is None:
            return []
        same = [
            value for node, verb, value in self.statements
            if node.text == subject.text and (node.text != "[" or node.start == subject.start)
            and self.iri(verb) == RDF_TYPE
        ]  # fmt: skip
        return [self.iri(value) for value in same]

    def is_aside(self) -> bool:
        """Tell whether the end of the walk is in a comment or in a string."""
        read = list(tokens(self.text, self.stop))
        last = read[-1] if read else None
        if last and last.kind in ("text", "quote"):
            quoted = QUOTED.match(self.text, last.start)
            if last.end > self.stop or not quoted or not _is_closed(quoted[0]):
                return True
        gap = self.text[last.end if last else 0 : self.stop]
        return "#" in re.split(r"[\r\n]", gap)[-1]


def _is_closed(quoted: str) -> bool:
    mark = quoted[:3] if quoted[:3] in ('"""', "'''") else quoted[:1]
    return len(quoted) >= 2 * len(mark) and quoted.endswith(mark)


def outline(text: str, stop: int | None = None) -> Outline:
    """Return a text walked up to an offset, or whole; one that is too large, not at all."""
    whole = len(text) if stop is None else stop
    return Outline(text, 0 if len(text) > LARGEST else whole).walk()


def at(text: str, offset: int) -> Token | None:
    """Return the term that holds an offset or ends there."""
    found = outline(text, offset + 1).terms
    for token in reversed(found):
        if token.start <= offset <= token.end:
            return token
    return None
