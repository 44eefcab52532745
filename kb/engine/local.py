"""The engine inside this process: pyoxigraph over a store that nobody writes to any more."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import pyoxigraph as ox

from kb import comma, guard, stream, terms
from kb.engine import rewrite
from kb.engine.contract import (
    GRAPHS,
    JSON,
    SOLUTIONS,
    TURTLE,
    Answer,
    Asked,
    Engine,
    NotAcceptable,
)
from kb.lexer import tokens
from kb.problems import QueryRefused, QuerySyntax

FUNCTION = re.compile(r"function <([^>]*)> is not supported")


class LocalEngine(Engine):
    """The engine of this process, over a store that nobody writes to any more."""

    def __init__(self, store: ox.Store, release: str = "none") -> None:
        self.store, self._release = store, release

    def answer(self, asked: Asked) -> Answer:
        """See Engine.answer; the deadline is checked whenever the engine writes bytes."""
        guard.check(asked.text)
        run = Run(self.store, asked)
        chunks = stream.chunks(run, asked.deadline_s, asked.max_bytes)
        return Answer(run.media_type, chunks)

    def release_id(self) -> str:
        """Return the release the store was loaded from."""
        return self._release

    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """See Engine.capabilities."""
        return {
            "solutions": tuple(SOLUTIONS),
            "graphs": tuple(GRAPHS),
            "languages": ("SPARQL 1.1 Query", "GeoSPARQL functions"),
        }

    def health(self) -> str:
        """See Engine.health."""
        return "ok"


class Run:
    """One query on its way into a file. The engine's results may not leave their thread, so
    evaluation and serialisation happen in the same call; then the media type is known.
    """

    def __init__(self, store: ox.Store, asked: Asked) -> None:
        self.store, self.asked, self.media_type = store, asked, ""

    def __call__(self, out: IO[bytes]) -> None:
        results = self._results()
        if isinstance(results, ox.QueryTriples):
            self.media_type = _choose(GRAPHS, self.asked.accept, TURTLE)
            form = GRAPHS[self.media_type]
            ox.serialize(results, out, form, prefixes=terms.prefixes())
        else:
            self.media_type = _choose(SOLUTIONS, self.asked.accept, JSON)
            if self.media_type == "text/csv" and isinstance(results, ox.QuerySolutions):
                comma.write(results, out)
            else:
                results.serialize(out, SOLUTIONS[self.media_type])

    def _results(self) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        asked = self.asked
        union = asked.union and not states_dataset(asked.text)
        dataset = _dataset(asked.default_graphs, asked.named_graphs, union)
        with contextlib.suppress(SyntaxError):
            results = self._ask(rewrite.mended(asked.text, self._is_node), dataset)
            self._refuse_absent_graphs()
            return results
        try:
            return self._ask(asked.text, dataset)  # as it was written, for the place of the error
        except SyntaxError as error:
            raise _syntax(asked.text, str(error)) from error

    def _refuse_absent_graphs(self) -> None:
        """Refuse FROM a graph that is not in the store: other engines would fetch it, an empty
        answer would mislead. One that the request names is an empty graph, as the W3C's cases
        for the protocol have it; its graphs replace those of the query (Protocol §2.1.4).
        """
        if self.asked.default_graphs or self.asked.named_graphs:
            return
        for address in _from(self.asked.text):
            if not self.store.contains_named_graph(ox.NamedNode(address)):
                raise QueryRefused(
                    f"there is no graph <{address}> in this release, and none is fetched; "
                    "without FROM all graphs are asked",
                    "refused-absent-graph", address=address,
                )  # fmt: skip

    def _ask(
        self, text: str, dataset: Mapping[str, object]
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        try:
            return self.store.query(text, base_iri=self.asked.base, **dataset)  # type: ignore[arg-type]
        except RuntimeError as error:
            if unknown := FUNCTION.search(str(error)):
                raise QueryRefused(
                    f"there is no function <{unknown[1]}> here; see the service description",
                    "refused-function", address=unknown[1],
                ) from error  # fmt: skip
            raise

    def _is_node(self, prologue: str, term: str) -> bool:
        """Tell whether a term, written as in the query, is in a triple of any graph."""
        turtle = f"{prologue} {term} a {term} ."  # Turtle reads the prologue of SPARQL
        node = next(ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=self.asked.base)).subject
        ends = ((node, None, None, None), (None, None, node, None))
        return any(next(self.store.quads_for_pattern(*end), None) for end in ends)


def states_dataset(text: str) -> bool:
    """Tell whether a query has FROM clauses, which the union would otherwise override."""
    return "FROM" in text.upper() and any(
        token.kind == "word" and token.text.upper() == "FROM" for token in tokens(text)
    )


def _from(text: str) -> Iterator[str]:
    """Yield the absolute addresses that FROM and FROM NAMED give."""
    if not states_dataset(text):
        return
    before = ""
    for token in tokens(text):
        if token.kind == "iri" and before in ("FROM", "NAMED") and ":" in token.text:
            yield token.text[1:-1]
        if token.kind not in ("space", "comment"):
            before = token.text.upper()


def _dataset(defaults: Sequence[str], named: Sequence[str], union: bool) -> Mapping[str, object]:
    """Return the data set as the store wants it.

    SPARQL 1.1 Protocol §2.1.4: naming only graphs of one kind leaves the other kind empty.
    """
    if not (defaults or named):
        return {"use_default_graph_as_union": union}
    return {"default_graph": _graphs(defaults), "named_graphs": _graphs(named)}


def _graphs(addresses: Sequence[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(address) for address in addresses]
    except ValueError as error:
        raise QueryRefused(
            f"a graph is named by an absolute address: {error}",
            "refused-graph", address=next((a for a in addresses if ":" not in a), addresses[0]),
        ) from error  # fmt: skip


def _syntax(text: str, message: str) -> QuerySyntax:
    """Return the engine's complaint with the line it speaks of and a caret under the place."""
    found = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if not found:
        return QuerySyntax(message)
    line, column = int(found[1]), int(found[2])
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1]
    where = f"line {line}, column {column}: {_reason(found[3])}"
    return QuerySyntax(f"{where}\n{shown}\n{' ' * (column - 1)}^", line, column)


def _reason(expected: str) -> str:
    """Return the sentence among the alternatives of a parser's message, if it has one."""
    items = expected.removeprefix("expected one of ").split(", ")
    return next((item for item in items if re.fullmatch(r"[A-Z][a-z]+(?: \S+)+", item)), expected)


def _choose(known: Mapping[str, object], accept: Sequence[str], default: str) -> str:
    if not accept:
        return default
    chosen = next((kind for kind in accept if kind in known), None)
    if chosen is None:
        forms = ", ".join(known)
        raise NotAcceptable(
            f"this query answers in {forms}; ask for one of them", "not-acceptable", forms=forms
        )
    return chosen
