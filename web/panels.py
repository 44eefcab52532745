"""Panels: the queries whose answers make up one page about one thing.

A panel is a file `queries/pages/<subject>_<name>.rq` tagged `panel`. A template takes the panels
it knows by name, in its own order; those it does not know follow, as tables. So a new panel is a
new file.
"""

from __future__ import annotations

from web import i18n
from web.site import Answered, site

TAG = "panel"


class Panels:
    """The panels about one subject (`innovation`), bound to one thing."""

    def __init__(self, subject: str, iri: str = "") -> None:
        self.subject, self.iri = subject, iri
        self._taken: set[str] = set()

    def take(self, name: str) -> Answered | None:
        """Return a panel by its whole name; None when it has no rows, so that nothing is shown."""
        self._taken.add(name)
        query = site().pages[name]
        values = {} if "lang" not in query.parameters else {"lang": i18n.language()}
        for parameter in query.parameters.values():
            if not parameter.optional:
                values[parameter.name] = self.iri
        table = site().rows(query, values)
        return Answered(query, values, table) if len(table) else None

    def rest(self) -> list[Answered]:
        """Return the panels of the subject that were not taken and have rows."""
        names = [
            name
            for name, query in site().pages.items()
            if name.startswith(self.subject + "_") and TAG in query.tags
        ]
        found = [self.take(name) for name in names if name not in self._taken]
        return [panel for panel in found if panel]
