"""The record files being made: one graph a file, written only where something changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from rdflib import Graph

from kb import terms, turtle


@dataclass(slots=True)
class Files:
    """The graphs under way, by folder and file stem."""

    graphs: dict[tuple[str, str], Graph] = field(default_factory=dict)

    def open(self, folder: str, stem: str) -> Graph:
        """Return the graph of a file, empty the first time."""
        key = (folder, stem)
        if key not in self.graphs:
            self.graphs[key] = terms.bound_graph()
        return self.graphs[key]

    def save(self, out: Path) -> tuple[dict[str, int], dict[str, int]]:
        """Write the files below a folder; return counts of changed and unchanged ones.

        Files that are not of this conversion are left alone.
        """
        changed: dict[str, int] = {}
        unchanged: dict[str, int] = {}
        for (folder, stem), graph in sorted(self.graphs.items(), key=lambda item: item[0]):
            target = changed if turtle.save(graph, out / folder / f"{stem}.ttl") else unchanged
            target[folder] = target.get(folder, 0) + 1
        return changed, unchanged
