"""Mistakes of grammar: what a token that no step expects tells, and how reading goes on.

Each method gets the token and returns the step after it, chosen as if the text had been right, so
that one mistake gives one problem. What nothing explains is skipped to the next `;` or `.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kb.reading import numbers
from kb.reading.page import TYPE, replacing, shown
from kb.reading.recovery import LITERALS, NAMED, TERMS, Recovery

if TYPE_CHECKING:
    from kb.reading.document import Term
    from kb.reading.making import Match
    from kb.reading.turtle import Reader, Step


class Trouble(Recovery):
    """Explains unexpected tokens to a reader."""

    def __init__(self, reader: Reader) -> None:
        from kb.reading.closing import Closing
        from kb.reading.declaring import Declaring

        super().__init__(reader)
        self.closing, self.declaring = Closing(reader), Declaring(reader)

    # a token where a sign is due

    def after(self, kind: str, found: Match) -> Step | None:
        """After an object: a dot, a semicolon or a comma lacks, or one is the wrong one."""
        reader, page = self.reader, self.page
        if kind == "odd":
            return self.odd(found, reader.after)
        if kind == "end":
            return self.closing.finish(found.start())
        before, start = found.start(), found.start(kind)
        if self.is_directive(kind, found):
            return self._dot_missing(found)
        if kind == "number" and self._is_group(before, start, found[kind]):
            page.retract(reader.o_mark)
            term = numbers.grouped(reader.maker, reader.o_mark >> 32, page.pos)
            reader.o_mark = reader.o_mark >> 32 << 32 | page.pos
            page.emit(reader.subject, reader.predicate, term, self._marks())
            return reader.after
        if kind == "word" and found[kind] not in ("true", "false"):
            return self._words(found)
        if kind not in TERMS or found[kind] == "{":
            return self.unexpected(kind, found)
        count = self.ahead(kind, found)
        if count >= 3 and kind in (NAMED | {"blank", "anon"}):
            return self._dot_missing(found)
        if count == 1 and (step := self._sign_before(kind, found)):
            return step
        if kind in ("open", "anon", "blank") and self.is_at_margin(start):
            return self._dot_missing(found)
        if kind == "a" or (count == 2 and kind in NAMED):
            fixes = replacing("add", before, before, " ;", is_safe=False)
            page.problem("S012", before, before, {"found": shown(found[kind])}, fixes)
            reader.sign = ""
            return self.again(found, reader.more)
        fixes = replacing("add", before, before, ",", is_safe=False)
        page.problem("S013", before, before, {"found": shown(found[kind])}, fixes)
        reader.sign = ""
        return self.again(found, reader.object)

    def _marks(self) -> tuple[int, int, int]:
        return self.reader.s_mark, self.reader.p_mark, self.reader.o_mark

    def _is_group(self, before: int, start: int, text: str) -> bool:
        last = self.page.text[self.reader.o_mark >> 32 : before]
        digits = last.lstrip("+-").replace(" ", "")
        return start == before + 1 and digits.isdigit() and len(text) == 3 and text.isdigit()

    def _dot_missing(self, found: Match) -> Step:
        before, reader = found.start(), self.reader
        if reader.frames and reader.frames[-1].sign != "{":
            self.closing.tell(before, " .")
            self.closing.leave_all()
        else:
            values = {"found": shown(found[found.lastgroup or 0])}
            fixes = replacing("add", before, before, " .", is_safe=True)
            self.page.problem("S010", before, before, values, fixes)
        reader.sign = "."
        return self.again(found, reader.statement)

    def _words(self, found: Match) -> Step | None:
        """After a string, words: the string goes on, or the word is its language."""
        page, start = self.page, found.start("word")
        text, before = found["word"], found.start()
        last = page.text[before - 1 : before]
        if last in ("'", '"') and len(text) in (2, 3) and text.islower() and start == before + 1:
            fixes = replacing("write", before, found.end(), "@" + text, is_safe=True)
            page.problem("S056", before, found.end(), {"tag": text}, fixes)
            self.tagged(text)
            return self.reader.after
        return self.unexpected("word", found)

    def tagged(self, tag: str) -> None:
        """Give the last object the language that was written after it."""
        reader, terms = self.reader, self.page.statements.terms
        if terms and isinstance(terms[-2], ox.Literal):
            value = terms[-2].value
            self.page.retract(reader.o_mark)
            literal = ox.Literal(value, language=tag)
            self.page.emit(reader.subject, reader.predicate, literal, self._marks())

    def _sign_before(self, kind: str, found: Match) -> Step | None:
        """One term too many: the sign before the last term was the wrong one."""
        reader, page = self.reader, self.page
        marks, terms = page.statements.marks, page.statements.terms
        if len(marks) < 4 or marks[-2] != reader.o_mark:
            return None
        last = terms[-2]
        if not isinstance(last, ox.NamedNode) or reader.sign_at < 0:
            return None
        is_verb = last in reader.verbs
        if reader.sign == ",":
            if not is_verb and kind not in LITERALS and kind != "open":
                return None
            self._sign("S014", ";")
        elif reader.sign == ";":
            first = reader.p_mark >> 32
            other = terms[-3] not in reader.verbs
            if not self.is_at_margin(first) and not (is_verb and other):
                return None
            self._sign("S011", ".")
            reader.subject, reader.s_mark = reader.predicate, reader.p_mark
        else:
            return None
        page.retract(reader.o_mark)
        reader.predicate, reader.p_mark, reader.sign = last, reader.o_mark, ""
        return self.again(found, reader.object)

    def _sign(self, code: str, right: str, is_safe: bool = False) -> None:
        """Note that the last sign should be another."""
        at = self.reader.sign_at
        fixes = replacing("write", at, at + 1, right, is_safe)
        self.page.problem(code, at, at + 1, {"found": self.page.text[at], "right": right}, fixes)

    # a token where an object is due

    def object(self, kind: str, found: Match) -> Step | None:
        """After a predicate or a comma."""
        reader = self.reader
        if kind == "odd":
            return self.odd(found, reader.object)
        if kind == "a":
            return self._a_for_object(found)
        if kind in ("sign", "close", "end") or self.is_directive(kind, found):
            return self._object_missing(kind, found)
        return self.unexpected(kind, found)

    def _a_for_object(self, found: Match) -> Step | None:
        reader = self.reader
        if reader.sign == ";":
            self._sign("S011", ".")
            reader.subject, reader.s_mark = reader.predicate, reader.p_mark
        elif reader.sign == ",":
            self._sign("S014", ";")
        else:
            self.page.problem("S026", *found.span("a"))
            return self.skip("a", found)
        reader.predicate, reader.p_mark = TYPE, found.start("a") << 32 | found.end()
        reader.sign = ""
        return reader.object

    def _object_missing(self, kind: str, found: Match) -> Step | None:
        reader, page = self.reader, self.page
        start, before = reader.p_mark >> 32, found.start()
        verb = page.text[start : reader.p_mark & 0xFFFFFFFF]
        local = verb.rstrip(">").replace("#", "/").replace(":", "/").rpartition("/")[2]
        if reader.sign == ",":
            at = reader.sign_at
            fixes = replacing("remove", at, at + 1, "", is_safe=kind != "end")
            page.problem("S020", at, at + 1, {"verb": shown(verb), "sign": ","}, fixes)
        elif reader.sign == "." and self._continues(reader.subject):
            page.emit(reader.last[0], reader.subject, reader.predicate,
                      (reader.last[1], reader.s_mark, reader.p_mark))  # fmt: skip
            self._dot_for_semicolon()
        elif local[:1].isupper():
            mark = start << 32 | start
            page.emit(reader.subject, TYPE, reader.predicate, (reader.s_mark, mark, reader.p_mark))
            fixes = replacing("add", start, start, "a ")
            page.problem("S022", start, before, {"class": shown(verb)}, fixes)
        else:
            page.problem("S020", start, before, {"verb": shown(verb), "sign": "."})
        if kind == "end":
            return None
        reader.sign = ""
        if kind in ("at", "word"):
            return self.again(found, reader.statement)
        return self.again(found, reader.after)

    def _continues(self, term: Term | None) -> bool:
        """Tell whether a term in the place of a subject is a predicate of the subject before."""
        return term in self.reader.verbs and self.reader.dot_at >= 0

    def _dot_for_semicolon(self) -> None:
        """Note that the last dot should be a semicolon, and take its subject up again."""
        reader, at = self.reader, self.reader.dot_at
        fixes = replacing("write", at, at + 1, ";")
        self.page.problem("S016", at, at + 1, {"found": ".", "right": ";"}, fixes)
        reader.subject, reader.s_mark = reader.last

    # a token where a predicate is due

    def verb(self, kind: str, found: Match) -> Step | None:
        """After a subject, a semicolon, or the opening of a bracket."""
        reader, page = self.reader, self.page
        is_more = reader.sign in (";", "[")
        step = reader.more if is_more else reader.verb
        if kind == "odd":
            return self.odd(found, step)
        if kind == "end" and reader.sign == ";":
            return self.closing.finish(found.start())
        if self.is_directive(kind, found) and reader.sign == ";":
            self._sign("S011", ".", is_safe=True)
            return self.again(found, reader.statement)
        if kind == "word" and found["word"] not in ("true", "false"):
            return self._bare_word(found, reader.object)
        if kind == "open" and found[kind] == "{":
            return self.closing.graph(found.start(kind), reader.subject, reader.s_mark)
        if kind in LITERALS or kind in ("word", "blank", "anon", "open", "nil"):
            return self._no_predicate(kind, found)
        if kind in ("sign", "close", "end") or self.is_directive(kind, found):
            start = reader.s_mark >> 32
            values = {"term": shown(page.text[start : reader.s_mark & 0xFFFFFFFF])}
            page.problem("S021", start, found.start(), values)
            if kind == "end":
                return None
            return self.again(found, reader.statement if kind in ("at", "word") else reader.after)
        return self.unexpected(kind, found)

    def _no_predicate(self, kind: str, found: Match) -> Step | None:
        reader, page = self.reader, self.page
        start, count = found.start(kind), self.ahead(kind, found)
        values = {"term": shown(page.text[start : found.end()], 30)}
        if count == 1 and reader.sign == ";" and reader.predicate is not None:
            self._sign("S015", ",")
            return self.again(found, reader.object)
        if count == 1 and reader.sign == "." and self._continues(reader.subject):
            reader.predicate, reader.p_mark = reader.subject, reader.s_mark
            self._dot_for_semicolon()
            return self.again(found, reader.object)
        reader.predicate = None
        if count == 1 or kind == "open":
            page.problem("S021", start, found.end(), values)
            return self.again(found, reader.object)
        reader.makers[kind](found)
        code = "S024" if kind in LITERALS or kind == "word" else "S025"
        page.problem(code, start, page.pos, values)
        return reader.object

    def _bare_word(self, found: Match, step: Step) -> Step:
        """A word without prefix stands where a subject or a predicate is due."""
        page, start, text = self.page, found.start("word"), found["word"]
        self.reader.predicate = None
        if text == "A":
            page.problem("S026", start, page.pos, {}, replacing("write", start, page.pos, "a"))
            self.reader.predicate = TYPE
            self.reader.p_mark = start << 32 | page.pos
            return step
        fixes = replacing("write", start, page.pos, f":{text}") if "" in page.namespaces else ()
        page.problem("S028", start, page.pos, {"word": shown(text)}, fixes)
        return step

    # a token where a statement is due

    def subject(self, kind: str, found: Match) -> Step | None:
        """At the beginning of a statement."""
        reader, page = self.reader, self.page
        if kind == "odd":
            return self.odd(found, reader.statement)
        start, end = found.span(kind)
        if kind == "a" and reader.dot_at >= 0:
            self._dot_for_semicolon()
            return self.again(found, reader.verb)
        if kind == "sign":
            return self._stray_sign(found)
        if kind == "close":
            return self.closed(found)
        if kind in ("at", "word") and (step := self.declaring.misspelt(kind, found)):
            return step
        if kind == "word" and found["word"] not in ("true", "false"):
            reader.subject = None
            reader.s_mark = start << 32 | end
            return self._bare_word(found, reader.verb)
        if kind in LITERALS or kind == "word":
            page.problem("S023", start, end, {"term": shown(found[kind], 30)})
            if self.ahead(kind, found) < 3:
                reader.subject = None
                return self.skip(kind, found)
            self._quietly(kind, found)
            reader.subject = None
            reader.s_mark = start << 32 | page.pos
            return reader.verb
        reader.subject = None
        return self.unexpected(kind, found)

    def _stray_sign(self, found: Match) -> Step:
        """A second dot, or a semicolon after the dot: one of the two is too many."""
        reader, at = self.reader, found.start("sign")
        if found["sign"] == "." or reader.dot_at < 0:
            fixes = replacing("remove", at, at + 1, "", is_safe=True)
            self.page.problem("S029", at, at + 1, {"sign": found["sign"]}, fixes)
            return reader.statement
        dot = reader.dot_at
        fixes = replacing("remove", dot, dot + 1, "")
        self.page.problem("S029", dot, dot + 1, {"sign": "."}, fixes)
        reader.subject, reader.s_mark = reader.last
        return self.again(found, reader.after)

    # other places

    def item(self, kind: str, found: Match) -> Step | None:
        """Among the members of a list."""
        reader = self.reader
        if kind == "odd":
            return self.odd(found, reader.item)
        if kind == "sign" and found[kind] == ",":
            return self.closing.commas(found)
        if kind == "sign":
            return self.closing.list_ends(found)
        if kind == "close":
            return self.closed(found)
        if kind == "end":
            return self.closing.finish(found.start())
        if kind == "a":
            self.page.problem("S026", *found.span("a"))
            return reader.item
        return self.unexpected(kind, found)

    def comma(self, found: Match) -> Step:
        """A comma where a predicate is due: `; ,` or `[ ,`."""
        at = found.start("sign")
        fixes = replacing("remove", at, at + 1, "", is_safe=True)
        self.page.problem("S029", at, at + 1, {"sign": ","}, fixes)
        return self.reader.more

    def closed(self, found: Match) -> Step | None:
        """A closing bracket that closes nothing here."""
        return self.closing.closed(found)

    def unclosed(self, at: int) -> Step:
        """A dot inside a bracket."""
        return self.closing.dot(at)

    def finish(self, at: int) -> Step | None:
        """The end of the text, inside a graph."""
        return self.closing.finish(at)

    def too_deep(self, start: int) -> Any:
        """More brackets are open than are read; nothing after them is."""
        from kb.reading.turtle import DEEPEST

        self.page.problem("S070", start, start + 1, {"most": str(DEEPEST)})
        return None  # the end

    def graph(self, start: int, keyword: bool = False) -> Step:
        """The brace of a graph where none can be."""
        return self.closing.graph(start, None, 0, keyword)

    def directive(self, start: int) -> Step:
        """A prefix line inside a graph."""
        self.closing.tell(start, "")
        self.closing.leave_all()
        self.reader.leave_graph()
        self.page.pos = start
        return self.reader.statement

    def declaration(self, start: int, found: Match) -> Step | None:
        """A prefix or base line that cannot be read."""
        return self.declaring.malformed(start, found)
