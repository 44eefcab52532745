"""N-Triples and N-Quads (RDF 1.1): a statement a line, so that a mistake never leaves its line."""

from __future__ import annotations

import re

import pyoxigraph as ox

from kb.reading.document import Term
from kb.reading.making import Maker, Match
from kb.reading.page import DEFAULT, Page, TooManyProblems, replacing, shown
from kb.reading.strings import LONGEST, unescaped
from kb.reading.tokens import ESCAPED_ADDRESS, LABEL, LANGUAGE, TOKEN

_GAP = r"[ \t]*+"
_STRING = r'"(?:[^"\\\r\n]++|\\[^\r\n])*+"'
_NODE = rf"{ESCAPED_ADDRESS}|{LABEL}"
ROW = re.compile(
    rf"{_GAP}(?:(?P<subject>{_NODE}){_GAP}(?P<predicate>{ESCAPED_ADDRESS}){_GAP}"
    rf"(?:(?P<node>{_NODE})|(?P<text>{_STRING})"
    rf"(?:(?P<language>{LANGUAGE})|\^\^(?P<datatype>{ESCAPED_ADDRESS}))?+){_GAP}"
    rf"(?P<graph>{_NODE})?+{_GAP}\.{_GAP})?+(?:\#[^\r\n]*+)?+(?=[\r\n]|\Z)"
)
_PARTS = [
    re.compile(_GAP + f"(?:{part})")
    for part in (
        _NODE,
        ESCAPED_ADDRESS,
        rf"{_NODE}|{_STRING}(?:{LANGUAGE}|\^\^{ESCAPED_ADDRESS})?+",
    )
]
_END = re.compile(r"[^\r\n]*+[\r\n]*+")
_SIGNS = frozenset(";,[('")
_TURTLE = frozenset(("name", "a", "at", "number", "anon", "nil", "word", "badname", "badnumber"))


class Rows:
    """Reads line after line; a line that is no statement is explained by itself."""

    def __init__(self, page: Page) -> None:
        self.page, self.maker = page, Maker(page)
        self.has_graphs = page.form == "n-quads"
        page.base = ""  # RDF 1.1 N-Triples §2.2: IRIs are absolute

    def run(self) -> None:
        """Read the whole text."""
        page, match, size = self.page, ROW.match, len(self.page.text)
        try:
            while page.pos < size:
                found = match(page.text, page.pos)
                if found and (not found["graph"] or self.has_graphs):
                    page.pos = found.end()
                    if found["subject"]:
                        self.statement(found)
                else:
                    self.explain()
                rest = _END.match(page.text, page.pos)
                page.pos = rest.end() if rest else size
        except TooManyProblems:
            page.give_up()

    def statement(self, found: Match) -> None:
        """Add the statement of a line."""
        page = self.page
        if found["graph"]:
            graph = self.node(found, "graph")
            if graph is None:
                return
            page.graph, page.graph_mark = graph, mark(found, "graph")
        else:
            page.graph, page.graph_mark = DEFAULT, 0
        kind = "node" if found["node"] else "text"
        object_ = self.node(found, "node") if found["node"] else self.literal(found)
        marks = mark(found, "subject"), mark(found, "predicate"), mark(found, kind)
        if kind == "text":
            tail = max(found.end("text"), found.end("language"), found.end("datatype"))
            marks = marks[0], marks[1], found.start("text") << 32 | tail
        subject, predicate = self.node(found, "subject"), self.node(found, "predicate")
        page.emit(subject, predicate, object_, marks)

    def node(self, found: Match, name: str) -> ox.NamedNode | ox.BlankNode | None:
        """Return the IRI or blank node of one part of a line."""
        text = found[name]
        if text[0] == "_":
            return ox.BlankNode(text[2:])
        return self.maker.iris.get(text) or self.maker.iri_at(text, *found.span(name))

    def literal(self, found: Match) -> Term | None:
        """Return the literal of a line."""
        start = found.start("text")
        value = unescaped(self.maker, found["text"][1:-1], start + 1)
        if len(value) > LONGEST // 4 and len(value.encode()) > LONGEST:
            self.page.problem("S071", start, start + 1, {"bytes": str(LONGEST)})
            return None
        if found["datatype"]:
            datatype = self.node(found, "datatype")
            return ox.Literal(value, datatype=datatype) if datatype else None  # type: ignore[arg-type]
        if not found["language"]:
            return ox.Literal(value)
        try:
            return ox.Literal(value, language=found["language"][1:])
        except ValueError:
            tag = found["language"]
            self.page.problem("S055", *found.span("language"), {"tag": tag[1:]})
            return None

    def explain(self) -> None:
        """Say what is wrong with the line that begins here."""
        page = self.page
        at, parts = page.pos, 0
        for pattern in _PARTS:
            found = pattern.match(page.text, at)
            if not found:
                break
            at, parts = found.end(), parts + 1
        token = TOKEN.match(page.text, at)
        kind = token.lastgroup if token else ""
        if token is None or kind is None:
            return
        start, end = token.span(kind)
        if parts == len(_PARTS) and ("\n" in page.text[at:start] or kind == "end"):
            fixes = replacing("add", at, at, " .", is_safe=True)
            page.problem("S010", at, at, {"found": ""}, fixes)
        elif parts == len(_PARTS) and kind in ("iri", "blank"):
            page.problem("S073", start, end, {"form": "N-Quads", "text": shown(token[kind])})
        elif parts == 0 and kind in ("text", "quote"):
            page.problem("S023", start, end, {"term": shown(token[kind])})
        elif kind in _TURTLE or token[kind][0] in _SIGNS or token[kind] == '"""':
            page.problem("S073", start, end, {"form": "Turtle", "text": shown(token[kind])})
        else:
            self._wrong_token(kind, token)

    def _wrong_token(self, kind: str, token: Match) -> None:
        """A string or an IRI that is not well formed says itself what is wrong with it."""
        page, start = self.page, token.start(kind)
        before = len(page.problems)
        page.pos = token.end()
        if kind in ("quote", "angle", "curly"):
            self.maker.of[kind](token)
        if len(page.problems) == before:
            end = max(token.end(), start)
            page.problem("S027", start, end, {"text": shown(token[kind], 30)})


def mark(found: Match, name: str) -> int:
    """Return the stretch of a part as one number, as statements keep it."""
    start, end = found.span(name)
    return start << 32 | end
