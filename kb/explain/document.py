"""From a problem and the query that met it to its explanation in one language."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.explain import grammar, scope, stopped, syntax
from kb.explain.explanation import (
    Advice,
    Explanation,
    Mistake,
    Suggestion,
    edited,
    messages,
    place,
    say,
)
from kb.explain.words import in_words
from kb.problems import EngineProblem, QuerySyntax

MOST_CHARACTERS = 20_000  # about a second of reading; longer queries keep the engine's own words
TOO_HEAVY = frozenset(("too-long", "too-many-bytes", "too-many-rows", "too-much-memory", "crashed"))
STANDARD = "https://www.w3.org/TR/sparql11-query/#"


def document(problem: EngineProblem, text: str, language: str = "fr") -> Explanation:
    """Return why the engine did not answer a query, in `fr` or `en`.

    A code without words is told by the problem's own English sentence.
    """
    if isinstance(problem, QuerySyntax):
        return syntax_document(text, language, problem)
    code = problem.code or "unanswered"
    if code in TOO_HEAVY:
        return _heavy(problem, code, text, language)
    return Explanation(code, language, *_worded(problem, code, language))


def _worded(problem: EngineProblem, code: str, language: str) -> tuple[str, str]:
    """Return title and detail; the English sentence of the problem where values lack."""
    if f"{code}.title" not in messages(language):
        return say(language, "unanswered.title"), str(problem)
    values = {name: _number(value, language) for name, value in problem.values.items()}
    try:
        return say(language, f"{code}.title", **values), say(language, f"{code}.detail", **values)
    except KeyError:  # a problem raised without the values of its sentence
        return say(language, "unanswered.title"), str(problem)


def _number(value: object, language: str) -> object:
    """Return a number as a language writes it: `35 000`, `35,000`, `0,5`; the rest unchanged."""
    if isinstance(value, float):
        return f"{value:g}".replace(".", "," if language == "fr" else ".")
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f" if language == "fr" else ",")
    return value


def syntax_document(
    text: str, language: str = "fr", problem: QuerySyntax | None = None
) -> Explanation:
    """Return what is wrong with a text that is not SPARQL; the engine's complaint may help."""
    if len(text) > MOST_CHARACTERS:
        return _engine_says(text, language, problem)
    reading = grammar.read(text)
    found = scope.undeclared_prefix(reading)
    if found is None:
        found = scope.mistake(reading) if reading.tree else syntax.mistake(reading)
    if found is None:
        return _engine_says(text, language, problem)
    return explained("syntax", found, text, language)


def explained(
    code: str, found: Mistake, text: str, language: str, extra: Iterable[Advice] = ()
) -> Explanation:
    """Return the explanation of a mistake at its place in the query."""
    line, column = place(text, found.start)
    lines = text.splitlines() or [""]
    source = lines[line - 1] if line <= len(lines) else ""
    width = max(1, min(found.end - found.start, len(source) - column + 1))
    return Explanation(
        code=code,
        language=language,
        title=say(language, f"{found.code}.title", **found.values),
        detail=say(language, f"{found.code}.detail", **found.values),
        mistake=found.code,
        line=line,
        column=column,
        width=width,
        source_line=source,
        expected=in_words(found.expected, language),
        suggestions=_suggestions((*found.advice, *extra), text, language),
        help=STANDARD + messages(language).get(f"{found.code}.section", "sparqlGrammar"),
    )


def _suggestions(advice: Iterable[Advice], text: str, language: str) -> tuple[Suggestion, ...]:
    return tuple(
        Suggestion(
            one.code,
            say(language, f"advice.{one.code}", **one.values),
            one.edits,
            edited(text, one.edits) if one.edits else "",
        )
        for one in advice
    )


def _heavy(problem: EngineProblem, code: str, text: str, language: str) -> Explanation:
    """Return why a query was stopped: what is not joined, and what makes it heavy."""
    title, detail = _worded(problem, code, language)
    weight = stopped.weight(grammar.read(text if len(text) <= MOST_CHARACTERS else ""), language)
    hints = tuple(say(language, f"advice.{one.code}", **one.values) for one in weight.hints)
    if weight.unjoined:
        hints = (say(language, "advice.hint-unjoined", count=len(weight.unjoined)), *hints)
    known = Explanation(code, language, title, detail, unjoined=weight.unjoined, hints=hints)
    if weight.shown is None:
        return known
    at = explained(code, weight.shown, text, language)
    return Explanation(
        code, language, title, detail, at.mistake, at.line, at.column, at.width, at.source_line,
        suggestions=at.suggestions, unjoined=weight.unjoined, hints=hints, help=at.help,
    )  # fmt: skip


def _engine_says(text: str, language: str, problem: QuerySyntax | None) -> Explanation:
    """Return the engine's own complaint, for what the grammar accepts and the engine does not."""
    line, column = (problem.line, problem.column) if problem else (1, 1)
    lines = text.splitlines() or [""]
    line = min(max(line, 1), len(lines))
    column = min(max(column, 1), len(lines[line - 1]) + 1)
    said = str(problem).partition("\n")[0] if problem else ""
    said = re.sub(r"^(?:line \d+, column \d+|error at \d+:\d+): ", "", said)
    start = sum(len(one) for one in text.splitlines(keepends=True)[: line - 1]) + column - 1
    code = "engine-refused" if len(text) <= MOST_CHARACTERS else "engine-refused-long"
    found = Mistake(code, start, start + 1, {"reason": said})
    return explained("syntax", found, text, language)
