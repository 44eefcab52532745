"""SHACL by pySHACL, the declared reference: slow, complete, and what decides in doubt.

It fetches nothing, infers nothing, runs no JavaScript and no rules. Literals keep the form in
which they are written.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, cast

import pyoxigraph as ox
import pyshacl
from rdflib import SH, XSD, BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql.aggregates import Aggregator, Sum
from rdflib.plugins.sparql.sparql import SPARQLError
from rdflib.query import ResultRow
from rdflib.term import _NUMERIC_LITERAL_TYPES as NUMBERS
from rdflib.term import Node

from kb.problems import ShapesProblem
from kb.validation.engines.results import Result, Term
from kb.validation.engines.shapes import Shapes

TRUE = ox.Literal(True)
YEAR = re.compile(r"-?[0-9]{4,}")
# rdflib logs a traceback for each impossible date; a result says it better.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)
_QUIET = logging.getLogger("kb.validation.pyshacl")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class _Literal(Literal):
    """A literal that has an order with its like alone, where rdflib orders all by datatype.

    SHACL §4.3 and §4.5.3: values that cannot be compared break a bound and sh:lessThan; pySHACL
    would stop there, or find "2014-13-40"^^xsd:date below 2100 because of the datatypes' names.
    """

    def __gt__(self, other: Any) -> bool:
        if isinstance(other, Literal) and not _have_order(self, other):
            raise TypeError(f"{self.n3()} and {other.n3()} have no order")
        return super().__gt__(other)

    def __lt__(self, other: Any) -> bool:
        return super().__lt__(other) is True

    def __le__(self, other: Any) -> bool:
        return super().__le__(other) is True


def _have_order(one: Literal, other: Literal) -> bool:
    if one.value is None or other.value is None or one.ill_typed or other.ill_typed:
        return False
    if one.datatype in NUMBERS:
        return other.datatype in NUMBERS
    return (one.datatype or XSD.string) == (other.datatype or XSD.string)


class _Sum(Sum):
    """A sum that is left out where a value is no number, where rdflib ends the whole query.

    SPARQL 1.1 §18.5.1.3: the sum is an error then, which leaves its variable unbound (§11.2).
    """

    is_wrong = False

    def update(self, row: Any, aggregator: Any) -> None:
        try:
            super().update(row, aggregator)
        except (SPARQLError, AttributeError, TypeError):  # a text; an IRI; "douze"^^xsd:integer
            self.is_wrong = True

    def set_value(self, bindings: Any) -> None:
        if not self.is_wrong:
            super().set_value(bindings)


Aggregator.accumulator_classes["Aggregate_Sum"] = _Sum

_EQUAL = Literal.eq


def _equal(one: Literal, other: Any) -> bool:
    """Tell whether literals are equal, where rdflib takes two of unlike datatypes to differ.

    SPARQL 1.1 §17.4.1.7: of a literal without a value, such as "2014-13-40"^^xsd:date, nobody
    knows; then `=` and `!=` are both an error. SHACL's own comparisons do not come here.
    """
    if isinstance(other, Literal) and not (one.language or other.language):
        if one.n3() != other.n3() and not (_has_value(one) and _has_value(other)):
            raise TypeError(f"nobody knows whether {one.n3()} and {other.n3()} are equal")
        if one.datatype == other.datatype == XSD.gYear:
            return str(one) == str(other)
    return _EQUAL(one, other)


def _has_value(one: Literal) -> bool:
    if one.datatype == XSD.gYear:  # rdflib knows it, and gives it no value
        return bool(YEAR.fullmatch(one))
    return one.value is not None and not one.ill_typed


Literal.eq = _equal  # type: ignore[assignment, method-assign]


def results(data: bytes, shapes: Shapes) -> list[Result]:
    """Return what N-Triples break of shapes.

    Raises ShapesProblem when pySHACL refuses the shapes or fails: then nothing was checked.
    """
    try:
        conforms, report, text = pyshacl.validate(
            graph(data),
            shacl_graph=_shapes_graph(shapes),
            inference="none",
            inplace=True,
            do_owl_imports=False,
            js=False,
            logger=_QUIET,
        )
    except Exception as error:  # pySHACL and rdflib fail in many ways, and none may pass as valid
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ShapesProblem(f"pySHACL cannot judge: {reason}") from error
    if not isinstance(report, Graph):
        raise ShapesProblem(f"pySHACL cannot use the shapes: {str(text).partition(chr(10))[0]}")
    found = [_result(report, node, shapes) for node in report.objects(None, SH.result)]
    if conforms != (not found):
        raise ShapesProblem("pySHACL contradicts itself")
    return found


def _result(report: Graph, node: Node, shapes: Shapes) -> Result:
    path, value = report.value(node, SH.resultPath), report.value(node, SH.value)
    return Result(
        focus=term(cast(Node, report.value(node, SH.focusNode))),
        path=shapes.path(None if path is None else term(path)),
        value=None if value is None else term(value),
        component=str(report.value(node, SH.sourceConstraintComponent)),
        shape=term(cast(Node, report.value(node, SH.sourceShape))),
        severity=str(report.value(node, SH.resultSeverity)),
    )


def _shapes_graph(shapes: Shapes) -> Graph:
    made = Graph()
    for triple in shapes.triples:
        # SHACL §4.4.2: only the literal true counts, and pySHACL takes "1" for it.
        if triple.predicate.value == str(SH.uniqueLang) and triple.object != TRUE:
            continue
        made.add(_triple(triple))
    # SHACL §5.2.1: prefixes come through owl:imports too, which pySHACL does not follow.
    for _, head in shapes.pairs(str(SH.prefixes)):
        for one in shapes.declarations(head):
            made.add((node(head), SH.declare, node(one)))
    return made


def graph(data: bytes | Iterable[ox.Triple]) -> Graph:
    """Return N-Triples, or triples, as an rdflib graph; blank nodes keep their labels."""
    found = ox.parse(data, format=ox.RdfFormat.N_TRIPLES) if isinstance(data, bytes) else data
    made = Graph()
    for one in found:
        made.add(_triple(one))
    return made


def solutions(found: Graph, query: str) -> Iterator[Mapping[str, Term]]:
    """Yield the solutions of a query as terms by variable.

    Raises ShapesProblem for a query that rdflib does not take.
    """
    try:
        for row in found.query(query):
            yield {name: term(value) for name, value in cast(ResultRow, row).asdict().items()}
    except Exception as error:  # pyparsing's errors and those of rdflib's functions
        raise ShapesProblem(f"the query cannot be asked: {error}; correct it") from error


def term(node: Node) -> Term:
    """Return an rdflib term as one of pyoxigraph."""
    if isinstance(node, Literal):
        if node.language:
            return ox.Literal(str(node), language=node.language)
        datatype = ox.NamedNode(str(node.datatype or XSD.string))
        return ox.Literal(str(node), datatype=datatype)
    return ox.BlankNode(str(node)) if isinstance(node, BNode) else ox.NamedNode(str(node))


@lru_cache(maxsize=100_000)
def node(term: Any) -> Node:
    """Return a term of pyoxigraph as one of rdflib.

    For rdflib a plain "x" and "x"^^xsd:string differ; for RDF 1.1 they do not. "01" stays "01".
    """
    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if not isinstance(term, ox.Literal):
        return BNode(term.value)
    if term.language:
        return _Literal(term.value, lang=term.language)
    datatype = URIRef(term.datatype.value)
    return _Literal(
        term.value, datatype=None if datatype == XSD.string else datatype, normalize=False
    )


def _triple(one: ox.Triple | ox.Quad) -> tuple[Node, Node, Node]:
    return node(one.subject), node(one.predicate), node(one.object)
