"""What a conversion did: files, values placed, values not placed, and doubts to look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from kb.importers.records.reading import Unplaced


@dataclass(slots=True)
class Report:
    """The outcome of one conversion; `unplaced` is the list that must hold no surprise."""

    written: dict[str, int] = field(default_factory=dict)
    unchanged: dict[str, int] = field(default_factory=dict)
    placed: dict[str, int] = field(default_factory=dict)
    unplaced: list[Unplaced] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    lacking_labels: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the report as lines of text, one fact each."""
        made = ["files (written, unchanged):"]
        for kind in sorted({*self.written, *self.unchanged}):
            counts = f"{self.written.get(kind, 0)}, {self.unchanged.get(kind, 0)}"
            made.append(f"  {kind}: {counts}")
        made.append(f"values placed: {sum(self.placed.values())}")
        made += [f"  {path}: {count}" for path, count in self.placed.items()]
        made.append(f"values not placed: {len(self.unplaced)}")
        made += [f"  {item.where} = {item.value} ({item.reason})" for item in self.unplaced]
        made.append(f"differences with the reference layer: {len(self.differences)}")
        made += [f"  {text}" for text in self.differences]
        made.append(f"labels standing in: {len(self.lacking_labels)}")
        made += [f"  {text}" for text in self.lacking_labels]
        return made
