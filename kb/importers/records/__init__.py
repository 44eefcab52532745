"""The research records as record files: the repeatable first making of `data/`.

`convert(folder, out)` reads the JSON of a folder and writes one Turtle file a record. Afterwards
the Turtle files are the truth. The JSON is read by consumption (`reading`): what no rule took is
listed, so nothing is dropped silently. Judgements that are no rule (which names are one body,
which families one model) are tables in `data/making`, read here and explained there.

    reading, report           the consuming reader, what the report holds
    notes, pages, tables      notes told apart, addresses, label and mapping tables
    reference, places         the French territory layer, where a case is
    bodies, governs, cards    the registry of actors and authorities, and its files
    innovations               one file a case, with needs, involvements, assessments, course,
                              people, spread
    models, policies, resources, territories, agents    the other record files
"""

from __future__ import annotations

from pathlib import Path

from kb import files as shipped
from kb.importers import ImportProblem
from kb.importers.records import (
    agents,
    cards,
    innovations,
    making,
    models,
    policies,
    resources,
    territories,
)
from kb.importers.records.bodies import Registry
from kb.importers.records.files import Files
from kb.importers.records.places import Places
from kb.importers.records.reading import Ledger, nodes
from kb.importers.records.reference import Reference
from kb.importers.records.report import Report
from kb.terms import record

__all__ = ["Report", "convert"]


def convert(
    folder: Path, out: Path, *, tables: Path | None = None, reference: Path | None = None
) -> Report:
    """Write the record files of a folder of research records below `out`.

    The tables and the reference layer are the shipped ones unless given. A file whose content
    would not change is left as it is, and no file is ever deleted.

    Raises ImportProblem when the folder has no `cases.json` or a file is no list of objects.
    """
    if not (folder / "cases.json").is_file():
        raise ImportProblem(f"{folder}: no cases.json; give the folder of the research records")
    data = shipped.root() / "data"
    tables, reference = tables or data / "making", reference or data / "reference"
    ledger = Ledger()
    cases = nodes(ledger, folder, "cases")
    policy_nodes = nodes(ledger, folder, "policies")
    second = nodes(ledger, folder, "second-reading")
    made = Files()
    work = making.Making(
        tables,
        made,
        Registry.build(tables, cases, second),
        Places.build(cases, tables, Reference.read(reference), made),
        making.read_labels(tables),
        {node.peek("id"): record("innovation", node.peek("id")) for node in cases},
        {node.peek("id"): record("policy", node.peek("id")) for node in policy_nodes},
        making.read_models(tables),
        spoken=making.read_spoken(tables),
        reviewed=making.read_reviewed(tables),
    )
    innovations.write(work, cases, second, nodes(ledger, folder, "second-reading-sources"))
    models.write(work, nodes(ledger, folder, "models"))
    policies.write(work, policy_nodes)
    resources.write(work, nodes(ledger, folder, "resources"))
    territories.write(work, nodes(ledger, folder, "territories_labelled"))
    cards.write(work.registry, made, work.places, work.labels)
    agents.write(made)
    return _report(work, ledger, out)


def _report(work: making.Making, ledger: Ledger, out: Path) -> Report:
    written, unchanged = work.files.save(out)
    lacking = [f"{name}/{text}" for name, found in work.labels.items() for text in found.lacking]
    return Report(
        written,
        unchanged,
        ledger.placed(),
        ledger.unplaced(),
        sorted(set(work.places.differences)),
        sorted(set(lacking)),
    )
