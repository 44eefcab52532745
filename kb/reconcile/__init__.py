"""Reconciliation: which of the things of a release somebody's list is about.

The Reconciliation Service API of the W3C community group, without its HTTP: what can be found
(`known`), what was asked (`asked`), what fits (`match`), what is said of it (`facts`).

known     names, types, codes and places of one release, read once
asked     queries of versions 0.2 and 1.0 of the API, checked, as one kind of question
malformed what is wrong with a query, in both languages
names     likeness of names, by the matching of `kb.linking`
match     the candidates of a question, scored each by itself
facts     values of properties, for data extension
"""

from kb.reconcile.asked import BATCH, Condition, Question
from kb.reconcile.facts import Facts
from kb.reconcile.known import Entity, Known, known
from kb.reconcile.malformed import Malformed
from kb.reconcile.match import Candidate, Matcher

__all__ = [
    "BATCH",
    "Candidate",
    "Condition",
    "Entity",
    "Facts",
    "Known",
    "Malformed",
    "Matcher",
    "Question",
    "known",
]
