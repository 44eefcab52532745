"""Lists of others linked to what is known, with evidence, and decided by people.

The layers, lowest first:

    ids, normalize, strings, vectors    cells read, names folded, arrays on disk
    places                              where something is
    index                               every known name of a target
    candidates, features, trees, decide who could it be, what speaks for it, how sure
    matching                            names in, ranked entities out
    targets, reader                     data sets to link to, lists to link
    sssom, cascade                      links as a file, a list linked
    jobs, long, spark                   very long lists in parts, and on a cluster
    decisions, linkset                  what people said, links as RDF
    examples, measures, train           known answers, how good ours are, the model made of them
    cli                                 `essaim link …`
"""

from __future__ import annotations

from kb.problems import Problem


class LinkProblem(Problem):
    """A list, a target or a file of links is not usable: *where: what is wrong; what to do*."""
