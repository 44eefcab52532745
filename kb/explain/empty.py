"""Why a query has no rows: the engine is asked, by small ASK queries, which part matches nothing.

Parts of the group are added one by one in their order; an ASK over more patterns can only become
false, so the first that makes it false is found by halving. The number of questions and the time
are bounded. Every question is made of pieces of the user's own query.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from lark import Tree

from kb import terms
from kb.engine import JSON, Engine
from kb.explain import grammar, nearby, stopped, vocabulary
from kb.explain.document import MOST_CHARACTERS, explained, syntax_document
from kb.explain.explanation import Explanation, Mistake, say
from kb.explain.grammar import Node, Reading
from kb.explain.patterns import Element, elements
from kb.problems import EngineProblem

DEADLINE_S = 3.0
MOST_QUESTIONS = 24
NARROWING = frozenset(("filter", "minus"))


class OutOfTime(Exception):
    """The questions or the time allowed are used up."""


@dataclass
class Questions:
    """ASK queries over the data set of a query, counted and timed."""

    engine: Engine
    reading: Reading
    until: float
    default_graphs: Sequence[str] = ()
    named_graphs: Sequence[str] = ()
    base: str = terms.BASE
    wrapper: tuple[str, str] = ("", "")
    left: int = MOST_QUESTIONS
    _known: dict[str, bool] = field(default_factory=dict)

    def matches(self, body: str) -> bool:
        """Tell whether patterns match some data.

        Raises OutOfTime, or what the engine raises for what it cannot answer.
        """
        if body not in self._known:
            answer = json.loads(self._answer(self._asked("ASK", body)))
            self._known[body] = bool(answer["boolean"])
        return self._known[body]

    def values(self, variable: str, body: str, most: int = 3) -> list[dict[str, str]]:
        """Return a few terms a variable takes, as SPARQL JSON results write them."""
        text = self._asked(f"SELECT DISTINCT {variable}", body) + f" LIMIT {most}"
        found = json.loads(self._answer(text))["results"]["bindings"]
        return [row[variable[1:]] for row in found if variable[1:] in row]

    def _asked(self, form: str, body: str) -> str:
        before, after = self.wrapper
        parts = (self._prologue(), form, self._dataset(), "{", before, body, after, "}")
        return "\n".join(parts)

    def _answer(self, text: str) -> bytes:
        self.left -= 1
        left_s = self.until - time.monotonic()
        if self.left < 0 or left_s <= 0:
            raise OutOfTime
        return self.engine.query(
            text, accept=[JSON], default_graphs=self.default_graphs,
            named_graphs=self.named_graphs, base=self.base, deadline_s=left_s,
        ).read()  # fmt: skip

    def _prologue(self) -> str:
        return self._text("prologue")

    def _dataset(self) -> str:
        return self._text("dataset")

    def _text(self, name: str) -> str:
        found = grammar.nodes(self.reading.tree, name) if self.reading.tree else ()
        pieces = (n for n in found if not n.meta.empty)
        return "\n".join(self.reading.text[n.meta.start_pos : n.meta.end_pos] for n in pieces)


def no_rows(
    engine: Engine,
    text: str,
    language: str = "fr",
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    base: str = terms.BASE,
    deadline_s: float = DEADLINE_S,
) -> Explanation:
    """Return which part of a query makes its answer empty; the query is SPARQL and has no rows.

    At most MOST_QUESTIONS questions are asked within `deadline_s` seconds; what cannot be found in
    that time is answered with the code `no-rows` alone, and with `has-rows` when nothing makes the
    answer empty. Raises nothing the engine raises.
    """
    if len(text) > MOST_CHARACTERS:
        return _untold("no-rows", language)
    reading = grammar.read(text)
    if reading.tree is None:
        return syntax_document(text, language)
    until = time.monotonic() + deadline_s
    questions = Questions(engine, reading, until, default_graphs, named_graphs, base)
    group = next(grammar.nodes(reading.tree, "group"), None)
    found: Mistake | None = None
    code = "no-rows"
    try:
        found = _in_group(questions, group) if group is not None else None
        code = "no-rows" if found else "has-rows"
    except (OutOfTime, EngineProblem):
        found = None
    if found is None and code == "no-rows":
        found = unknown_name(reading) or stopped.unbound_variable(reading, reading.tree)
    if found is not None:
        return explained("no-rows", found, text, language)
    return _untold(code, language)


def _untold(code: str, language: str) -> Explanation:
    return Explanation(
        code, language, say(language, f"{code}.title"), say(language, f"{code}.detail")
    )


def _in_group(questions: Questions, group: Node) -> Mistake | None:
    parts = elements(group, questions.reading.text)
    wide = [part for part in parts if part.kind not in NARROWING and part.kind != "optional"]
    for part in wide:
        if part.kind != "bind" and not questions.matches(part.text):
            return _alone(questions, part)
    steps = [part for part in parts if part.kind not in NARROWING]
    if not _holds(questions, steps):
        return _first_false(questions, steps)
    narrowing = [part for part in parts if part.kind in NARROWING]
    for number, part in enumerate(narrowing, 1):
        if not _holds(questions, [*steps, *narrowing[:number]]):
            advice = nearby.of_filter(questions.reading, part)
            values = {"pattern": " ".join(part.text.split())}
            return Mistake("empty-filter", part.start, part.end, values, advice)
    return _modifiers(questions)


def _holds(questions: Questions, parts: Sequence[Element]) -> bool:
    return questions.matches("\n".join(_closed(part) for part in parts))


def _closed(part: Element) -> str:
    return part.text + " ." if part.kind == "triple" else part.text


def _first_false(questions: Questions, steps: Sequence[Element]) -> Mistake:
    """Return the part that makes a growing conjunction false: all of them are false together."""
    low, high = 1, len(steps)
    while low < high:
        middle = (low + high) // 2
        if _holds(questions, steps[:middle]):
            low = middle + 1
        else:
            high = middle
    part = steps[low - 1]
    before = "\n".join(_closed(one) for one in steps[: low - 1])
    advice = nearby.of_triple(questions, part, before)
    values = {"pattern": " ".join(part.text.split())}
    return Mistake("empty-join", part.start, part.end, values, advice)


def _alone(questions: Questions, part: Element) -> Mistake:
    """Return what is wrong with a part that matches nothing even alone."""
    if part.kind == "triple":
        if lost := unknown_name(questions.reading, part):
            return lost
        advice = nearby.of_triple(questions, part, "")
    else:
        inner = _inside(questions, part)
        if inner:
            return inner
        advice = ()
    values = {"pattern": " ".join(part.text.split())[:200]}
    return Mistake("empty-pattern", part.start, part.end, values, advice)


def _inside(questions: Questions, part: Element) -> Mistake | None:
    """Look into a group that stands alone or in a GRAPH; branches of a UNION are left whole."""
    groups = [c for c in part.node.children if isinstance(c, Tree) and c.data == "group"]
    if part.kind not in ("graph", "union") or len(groups) != 1:
        return None
    if any(isinstance(c, Tree) and c.data == "sub_select" for c in groups[0].children):
        return None
    text = questions.reading.text
    before, after = questions.wrapper
    opening = text[part.start : groups[0].meta.start_pos] + "{"
    questions.wrapper = (before + opening, "}" + after)
    questions._known.clear()
    return _in_group(questions, groups[0])


def unknown_name(reading: Reading, within: Element | None = None) -> Mistake | None:
    """Return the first name of our own namespaces that exists nowhere, with the nearest ones."""
    known = vocabulary.shipped()
    for token, iri in nearby.names(reading, within):
        if not known.knows(iri):
            return Mistake(
                "term-unknown", token.start_pos or 0, token.end_pos or 0, {"name": str(token)},
                nearby.spelt(reading, token, iri),
            )  # fmt: skip
    return None


def _modifiers(questions: Questions) -> Mistake | None:
    tree = questions.reading.tree
    for name in ("having", "offset", "limit"):
        for node in grammar.nodes(tree, name) if tree else ():
            return Mistake("empty-limit", int(node.meta.start_pos), int(node.meta.end_pos))
    return None
