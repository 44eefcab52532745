"""Explains in French or English why a query was not answered, and what to write instead.

The engine judges; what it says is for machines. `document` reads the query again with a grammar of
SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar) and rules for common mistakes;
`no_rows` asks the engine which part of a query matches nothing; `cause` is the page of one code.
"""

from __future__ import annotations

from kb.explain.causes import Cause, cause, causes
from kb.explain.document import document, syntax_document
from kb.explain.empty import no_rows
from kb.explain.explanation import Edit, Explanation, Suggestion

__all__ = [
    "Cause",
    "Edit",
    "Explanation",
    "Suggestion",
    "cause",
    "causes",
    "document",
    "no_rows",
    "syntax_document",
]
