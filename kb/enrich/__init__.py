"""From identifiers to facts: a downloaded set first, then SPARQL endpoints, asked politely.

facts       what was found of an identifier, and what is asked for
listed      the identifiers of a list, checked
dump        answers from a file that `data/targets/` describes
kept        answers kept on disk, so that nothing is asked twice
remote      answers from an endpoint: batches, one request a second
written     facts as Turtle and as columns
cli         `essaim enrich`
"""

from __future__ import annotations

from kb.problems import Problem


class EnrichProblem(Problem):
    """A list, a query or an endpoint is not usable: *where: what is wrong; what to do*."""
