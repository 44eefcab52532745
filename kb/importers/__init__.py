"""Lists made by others, turned into files of the knowledge base.

Each module reads one published source from a folder or a text given by the caller (nothing is
fetched) and writes files that name their source; it prints nothing and returns a report with
counts and with what it could not place.

    cog         French territories from the npm package of the official geographic code
    countries   countries from npm country-coder and the French names of CLDR
    abroad      regions and municipalities abroad that the research records name
    positions   latitudes and longitudes of French communes
    dossier     a saved dossier page of socioeco.org, `dossier_records` its documents as files
    tabled      any table that data/targets describes, as Turtle with licence and provenance
    records     the research records as record files
"""

from __future__ import annotations

from kb.problems import Problem


class ImportProblem(Problem):
    """A source cannot be read as what it should be: *where: what is wrong; what to do*."""
