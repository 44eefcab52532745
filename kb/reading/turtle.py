"""Turtle and TriG (RDF 1.1), read step by step with a stack of our own, so that depth is harmless.

A step reads one token and returns the step that comes next; `Reader.trouble` says what to do with
a token that no step expects. Brackets are open frames on the stack, at most 200.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kb.reading import numbers
from kb.reading.directives import Directives
from kb.reading.document import Term
from kb.reading.making import Maker, Match
from kb.reading.page import DEFAULT, FIRST, NIL, REST, Page, TooManyProblems
from kb.reading.tokens import TOKEN
from kb.reading.trouble import Trouble

Step = Callable[[], Any]  # returns the next Step, or None at the end of the text
DEEPEST = 200
SUBJECTS = frozenset(("name", "iri", "blank", "escaped", "badname", "angle"))
VERBS = frozenset(("name", "iri", "a", "escaped", "badname", "angle"))


class Frame:
    """An open bracket: its sign and offset, the triple it interrupts, what is read after it."""

    __slots__ = ("back", "sign", "start", "triple")

    def __init__(self, sign: str, start: int, triple: tuple[Any, ...], back: Step) -> None:
        self.sign, self.start, self.triple, self.back = sign, start, triple, back


class Reader:
    """The state of reading: the subject and predicate at hand with their marks, and the frames."""

    def __init__(self, page: Page) -> None:
        self.page, self.maker = page, Maker(page)
        self.makers, self.match = self.maker.of, TOKEN.match
        self.frames: list[Frame] = []
        self.subject: Term | None = None
        self.predicate: Term | None = None
        self.s_mark = self.p_mark = self.o_mark = 0
        self.is_filled = False  # whether the list being read has a member
        self.verbs: set[Term] = set()
        self.sign = "."  # the last sign between terms, and its offset
        self.sign_at = self.dot_at = -1
        self.last: tuple[Term | None, int] = (None, 0)  # the subject before the last dot
        self.has_graphs = page.form == "trig"
        self.directives = Directives(self)
        self.trouble = Trouble(self)

    def run(self) -> None:
        """Read the whole text."""
        step: Step | None = self.statement
        try:
            while step:
                step = step()
            self.directives.tell_unknown()
        except TooManyProblems:
            self.page.give_up()

    def token(self) -> tuple[str, Match]:
        """Return the next token and its kind, and go on to its end."""
        page = self.page
        found = self.match(page.text, page.pos)
        if found is None:  # the pattern matches every text
            raise ValueError(f"no token at {page.pos}; correct the pattern")
        page.pos = found.end()
        return found.lastgroup or "", found

    def statement(self) -> Step | None:
        """Read the subject of a statement, or a directive, or a graph."""
        kind, found = self.token()
        if kind in SUBJECTS:
            start = found.start(kind)
            self.subject = self.makers[kind](found)
            self.s_mark = start << 32 | self.page.pos
            return self.verb if not self.has_graphs else self.verb_or_graph
        if kind == "open" or kind == "nil" or kind == "anon":
            return self.subject_sign(kind, found)
        if kind == "at" or kind == "word":
            return self.directives.read(kind, found) or self.trouble.subject(kind, found)
        if kind == "close" and found[kind] == "}" and self.leave_graph():
            return self.statement
        if kind == "end":
            return self.trouble.finish(found.start()) if self.frames else None
        return self.trouble.subject(kind, found)

    def subject_sign(self, kind: str, found: Match) -> Step | None:
        """Read the sign that begins a subject: `[`, `(`, `[]`, `()`, or the `{` of a graph."""
        start = found.start(kind)
        if kind != "open":
            self.subject = self.makers[kind](found)
            self.s_mark = start << 32 | self.page.pos
            return self.verb_or_graph if kind == "anon" and self.has_graphs else self.verb
        sign = found[kind]
        if sign == "{":
            if self.has_graphs and not self.frames:
                return self.enter_graph(start, None, 0)
            return self.trouble.graph(start)
        self.subject = self.page.blank(start)
        self.s_mark = start << 32 | start + 1
        back = self.verb_or_dot if sign == "[" else self.verb
        return self.enter(sign, start, self.subject, back)

    def verb_or_graph(self) -> Step | None:
        """Read what follows the first term of a TriG statement: `{` makes it a graph's name."""
        found = self.match(self.page.text, self.page.pos)
        if found and found.lastgroup == "open" and found["open"] == "{" and not self.frames:
            self.page.pos = found.end()
            return self.enter_graph(found.start("open"), self.subject, self.s_mark)
        return self.verb()

    def enter_graph(self, start: int, name: Term | None, mark: int) -> Step:
        """Open the braces of a graph."""
        self.page.graph = DEFAULT if name is None else name  # type: ignore[assignment]
        self.page.graph_mark = mark
        self.frames.append(Frame("{", start, (), self.statement))
        return self.statement

    def leave_graph(self) -> bool:
        """Close the braces of a graph; tell whether they were open."""
        if not self.frames or self.frames[-1].sign != "{":
            return False
        self.frames.pop()
        self.page.graph, self.page.graph_mark = DEFAULT, 0
        return True

    def enter(self, sign: str, start: int, node: Term, back: Step) -> Step | None:
        """Open a bracket whose node is known; what it interrupts is taken up at its end."""
        if len(self.frames) >= DEEPEST:
            return self.trouble.too_deep(start)  # type: ignore[no-any-return]
        triple = (self.subject, self.s_mark, self.predicate, self.p_mark, self.is_filled)
        self.frames.append(Frame(sign, start, triple, back))
        self.subject, self.s_mark = node, start << 32 | start + 1
        if sign == "[":
            self.sign, self.sign_at = "[", start
            return self.more
        self.is_filled = False
        return self.item

    def leave(self, sign: str, start: int) -> Step | None:
        """Close the innermost bracket when it is of this sign; returns the step after it."""
        if not self.frames or self.frames[-1].sign != ("[" if sign == "]" else "("):
            return None
        if sign == ")":
            mark = start << 32 | self.page.pos
            self.page.emit(self.subject, REST, NIL, (self.s_mark, mark, mark))
        frame = self.frames.pop()
        self.subject, self.s_mark, self.predicate, self.p_mark, self.is_filled = frame.triple
        self.sign = ""
        return frame.back

    def verb(self) -> Step | None:
        """Read a predicate."""
        kind, found = self.token()
        if kind in VERBS:
            start = found.start(kind)
            self.predicate = self.maker.names["a"] if kind == "a" else self.makers[kind](found)
            self.p_mark = start << 32 | self.page.pos
            return self.object
        return self.trouble.verb(kind, found)

    def verb_or_dot(self) -> Step | None:
        """Read what follows `[ … ]` as a subject: nothing is needed."""
        found = self.match(self.page.text, self.page.pos)
        if found and found.lastgroup in ("sign", "close") and found.group()[-1] in ".}":
            return self.after()
        return self.verb()

    def more(self) -> Step | None:
        """Read what follows a semicolon: a predicate, or the end."""
        kind, found = self.token()
        if kind in VERBS:
            start = found.start(kind)
            self.predicate = self.maker.names["a"] if kind == "a" else self.makers[kind](found)
            self.p_mark = start << 32 | self.page.pos
            return self.object
        if kind == "sign":
            return self.trouble.comma(found) if found[kind] == "," else self.ended(found)
        if kind == "close":
            return self.closed(found)
        return self.trouble.verb(kind, found)

    def object(self) -> Step | None:
        """Read an object."""
        kind, found = self.token()
        make = self.makers.get(kind)
        if make:
            start = found.start(kind)
            term = make(found)
            self.o_mark = mark = start << 32 | self.page.pos
            self.page.emit(self.subject, self.predicate, term, (self.s_mark, self.p_mark, mark))
            return self.after
        if kind == "open" and found[kind] != "{":
            start = found.start(kind)
            node = self.page.blank(start)
            marks = (self.s_mark, self.p_mark, start << 32 | start + 1)
            self.page.emit(self.subject, self.predicate, node, marks)
            return self.enter(found[kind], start, node, self.after)
        return self.trouble.object(kind, found)

    def item(self) -> Step | None:
        """Read a member of a list, or its end (RDF 1.1 Turtle §2.8)."""
        kind, found = self.token()
        make = self.makers.get(kind)
        if make:
            start = found.start(kind)
            term = make(found)
            mark = start << 32 | self.page.pos
            self.cell(start, mark)
            self.page.emit(self.subject, FIRST, term, (self.s_mark, mark, mark))
            return self.item
        if kind == "open" and found[kind] != "{":
            start = found.start(kind)
            node, mark = self.page.blank(start), start << 32 | start + 1
            self.cell(start, mark)
            self.page.emit(self.subject, FIRST, node, (self.s_mark, mark, mark))
            return self.enter(found[kind], start, node, self.item)
        if kind == "close" and found[kind] == ")":
            return self.leave(")", found.start(kind)) or self.trouble.closed(found)
        return self.trouble.item(kind, found)

    def cell(self, start: int, mark: int) -> None:
        """Go on to the node of the next member."""
        if self.is_filled:
            node = self.page.blank(start, "rest")
            self.page.emit(self.subject, REST, node, (self.s_mark, mark, mark))
            self.subject, self.s_mark = node, mark
        self.is_filled = True

    def after(self) -> Step | None:
        """Read the sign after an object."""
        kind, found = self.token()
        if kind == "sign":
            if found[kind] == ",":
                self.sign, self.sign_at = ",", found.start(kind)
                if self.page.text[self.page.pos : self.page.pos + 1].isdigit():
                    numbers.comma(self.page, self.o_mark >> 32, self.sign_at)
                return self.object
            return self.ended(found)
        if kind == "close":
            return self.closed(found)
        return self.trouble.after(kind, found)

    def ended(self, found: Match) -> Step:
        """Read a semicolon or a dot."""
        self.sign, self.sign_at = found["sign"], found.start("sign")
        if self.sign == ";":
            self.verbs.add(self.predicate)  # type: ignore[arg-type]
            return self.more
        if self.frames and self.frames[-1].sign != "{":
            return self.trouble.unclosed(self.sign_at)
        self.dot_at, self.last = self.sign_at, (self.subject, self.s_mark)
        return self.statement

    def closed(self, found: Match) -> Step | None:
        """Read a closing bracket."""
        sign, start = found["close"], found.start("close")
        if sign == "}":
            if self.leave_graph():
                return self.statement
        elif sign == "]":
            return self.leave(sign, start) or self.trouble.closed(found)
        return self.trouble.closed(found)
