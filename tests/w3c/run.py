"""Runs a case of the W3C on an engine, over the files the case names, and judges the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import pyoxigraph as ox

from kb.engine import Engine, LocalEngine
from kb.problems import EngineProblem, QuerySyntax
from w3c import results
from w3c.known import FORM, PASS, WRONG
from w3c.suite import NEGATIVE, POSITIVE, Case, is_there, read

FROM = re.compile(r"\bFROM\s+(?:NAMED\s+)?<([^>]*)>", re.IGNORECASE)
ORDER = re.compile(r"\bORDER\s+BY\b", re.IGNORECASE)


def judged(case: Case) -> tuple[str, str]:
    """Return `pass`, `form` or `wrong` for the answer to a case, and what is wrong with it.

    `form`: the answer is right but for the lexical form of literals that the data write.
    """
    text = read(case.query).decode()
    engine = LocalEngine(_store(case, text))
    if case.kind in POSITIVE + NEGATIVE:
        return _syntax(engine, case, text)
    ending = case.result.rpartition(".")[2]
    try:
        given = _answer(engine, case, text, ending)
    except EngineProblem as problem:
        return WRONG, f"refused: {str(problem).splitlines()[0]}"
    expected = results.parse(read(case.result), ending, case.result)
    ordered = bool(ORDER.search(text))
    for written, verdict in ((_written(case, text), PASS), (frozenset(), FORM)):
        judge = results.Judge(written)
        if judge.equal(expected, given, ordered=ordered, lax=case.is_lax):
            return verdict, f"expected {expected}, got {given}"
    return WRONG, f"expected {expected}, got {given}"


def _syntax(engine: Engine, case: Case, text: str) -> tuple[str, str]:
    try:
        engine.query(text, union=False, base=case.query)
        problem = "accepted"
    except QuerySyntax as error:
        return (PASS if case.kind in NEGATIVE else WRONG), f"refused: {error}"
    except EngineProblem as error:  # well-formed all the same: no such function, or a service
        problem = str(error)
    return (PASS if case.kind in POSITIVE else WRONG), problem


def _answer(engine: Engine, case: Case, text: str, ending: str) -> results.Found:
    """Ask in the format the case expects, so that our writers are judged too."""
    kind = "text/csv" if ending == "csv" else results.FORMATS.get(ending, ("", None))[0]
    answer = engine.query(text, accept=[kind] if kind else [], union=False, base=case.query)
    endings = {media: name for name, (media, _) in results.FORMATS.items()}
    endings |= {"text/csv": "csv", "text/turtle": "ttl"}
    return results.parse(answer.read(), endings[answer.media_type], case.query)


def _files(case: Case, text: str) -> Iterator[tuple[str, ox.NamedNode | ox.DefaultGraph]]:
    """Yield the files of the data set and the graph each is read into."""
    for address in case.data:
        yield address, ox.DefaultGraph()
    stated = [urljoin(case.query, address) for address in FROM.findall(text)]
    for address in dict.fromkeys([*case.named, *filter(is_there, stated)]):
        yield address, ox.NamedNode(address)


def _store(case: Case, text: str) -> ox.Store:
    store = ox.Store()
    for address, graph in _files(case, text):
        form = ox.RdfFormat.from_extension(address.rpartition(".")[2])
        quads = ox.RdfFormat.TRIG
        if isinstance(graph, ox.NamedNode):
            store.add_graph(graph)
        if form == quads:
            store.load(read(address), form, base_iri=address)
        else:
            store.load(read(address), form, base_iri=address, to_graph=graph)
    return store


def _written(case: Case, text: str) -> frozenset[results.Term]:
    found: frozenset[results.Term] = frozenset()
    for address, _ in _files(case, text):
        found |= results.literals(read(address), address.rpartition(".")[2], address)
    return found
