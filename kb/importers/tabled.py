"""A downloaded data set as Turtle or TriG: one named graph, with licence and where it comes from.

What a column means is said by the set's description (`data/targets/`, CSVW). Rows pass one by one
through a table on disk, which sorts them: the file depends on what the rows say, not on their
order, and memory does not grow with them. A row that cannot be taken is told with its line and why;
a cell that is no such identifier stays in words (`skos:editorialNote`), so that nothing is lost.

A row becomes what is known of it, with terms of others for its class: a record of ours says more.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pyoxigraph as ox

from kb import terms
from kb.importers import ImportProblem
from kb.linking import ids
from kb.linking.reader import Sheet
from kb.linking.tables import Values, told_rows
from kb.linking.targets import ROLES, Target

CLASSES = {
    "actor": "schema:Organization",
    "territory": "schema:Place",
    "innovation": "schema:Project",
    "policy": "schema:GovernmentService",
}
PLAIN = {
    "identifier": "dcterms:identifier",
    "town": "schema:addressLocality",
    "area": "schema:addressRegion",
    "country": "schema:addressCountry",
    "ended": "schema:dissolutionDate",
    "iso": "essaim:isoCode",
    "governing": "essaim:governingSiren",
}
SAFE = ":/?#[]@!$&'()*+,;=%-._~"
READERS = {"siren": ids.siren, "rna": ids.rna, "wikidata": ids.wikidata}
TABLE = "CREATE TABLE said (iri TEXT, said TEXT, PRIMARY KEY (iri, said)) WITHOUT ROWID"
SEEN = "CREATE TABLE seen (iri TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID"


@dataclass
class TakenReport:
    """What was taken of a set: rows, entities, the file written; what was not, line by line."""

    rows: int = 0
    entities: int = 0
    written: str = ""
    not_taken: list[str] = field(default_factory=list)
    noticed: list[str] = field(default_factory=list)


def convert(asked: Target, path: Path, out: Path, day: str) -> TakenReport:
    """Write the rows of a file as Turtle, or TriG where `out` ends so, in graph `ref/NAME`.

    `day` is the date of the import (ISO 8601). Raises LinkProblem when the file is not that of the
    target, ImportProblem when the target is no table.
    """
    if asked.queries:
        raise ImportProblem(f"{asked.name}: it is no table; only those with columns are imported")
    report, sheet = TakenReport(), Sheet(path)
    with tempfile.TemporaryDirectory() as folder, closing(_table(Path(folder))) as kept:
        _take(asked, sheet, kept, report)
        report.entities = kept.execute("SELECT count(*) FROM seen").fetchone()[0]
        _write(out, kept, asked, _about(asked, path, day))
    report.noticed += [f"{path}:{note.line}: {note.text}" for note in sheet.notes]
    report.written = str(out)
    return report


def _table(folder: Path) -> sqlite3.Connection:
    made = sqlite3.connect(folder / "rows.sqlite")
    made.executescript(f"PRAGMA journal_mode=OFF; {TABLE}; {SEEN};")
    return made


def _take(asked: Target, sheet: Sheet, kept: sqlite3.Connection, report: TakenReport) -> None:
    context = asked.described["@context"]
    language = next((each["@language"] for each in context if "@language" in each), "")
    for row, address, values in told_rows(asked.described, sheet, ROLES):
        place, reason = f"{sheet.path}:{row.line}", _refused(address, values)
        if reason:
            told = "; ".join(f"{title}={cell}" for title, cell in row.cells.items() if cell)
            report.not_taken.append(f"{place}: {reason}: {told[:300]}")
            continue
        before = kept.execute("SELECT line FROM seen WHERE iri = ?", (address,)).fetchone()
        if before:
            report.noticed.append(f"{place}: of the entity of line {before[0]}: joined with it")
        else:
            kept.execute("INSERT INTO seen VALUES (?, ?)", (address, row.line))
        said = list(_statements(values, language, lambda text: report.noticed.append(text), place))
        kept.executemany("INSERT OR IGNORE INTO said VALUES (?, ?)", [(address, s) for s in said])
        report.rows += 1


def _refused(address: str, values: Values) -> str:
    if not address:
        return "no identifier, so it has no address"
    return "" if values.get("label") else "no name"


def _statements(
    values: Values, language: str, note: Callable[[str], None], place: str
) -> Iterator[str]:
    """Yield what a row says, each as `predicate object` in Turtle."""
    kind = values.get("kind", ["thing"])[0]
    if kind in CLASSES:
        yield f"a {CLASSES[kind]}"
    names = values["label"]
    yield f"rdfs:label {_text(names[0], language)}"
    for other in (*names[1:], *values.get("name", ())):
        if other != names[0]:
            yield f"skos:altLabel {_text(other, language)}"
    for role, read in READERS.items():
        for cell in values.get(role, ()):
            reading = read(cell)
            yield from map(_identified, reading.found)
            for text in reading.notes:
                note(f"{place}: {role}: {text}")
            if not reading.found:
                yield f"skos:editorialNote {_text(f'{role}: {cell}', 'en')}"
    yield from _placed(values, note, place)
    for role, predicate in PLAIN.items():
        yield from (f"{predicate} {_text(cell)}" for cell in values.get(role, ()))


def _placed(values: Values, note: Callable[[str], None], place: str) -> Iterator[str]:
    for cell in values.get("insee", ()):
        if code := ids.insee(cell):
            yield f"schema:location <{terms.BASE}id/territory/commune-{code.lower()}>"
        elif ids.is_siren(cell.strip()):  # an intercommunality in this column
            yield f"schema:location <{terms.BASE}id/territory/epci-{cell.strip()}>"
        else:
            note(f"{place}: insee: {cell[:40]!r} is no code of a commune; kept in words")
            yield f"skos:editorialNote {_text(f'insee: {cell}', 'en')}"
    for cell in values.get("postcode", ()):
        is_french = values.get("country", ["FR"])[0] in ("FR", "France")
        yield f"schema:postalCode {_text((is_french and ids.postcode(cell)) or cell)}"
    if "false" in values.get("active", ()):
        yield f"skos:editorialNote {_text('closed, says the file', 'en')}"


def _identified(identifier: str) -> str:
    scheme, _, value = identifier.partition(":")
    if scheme == "wikidata":
        return f"rdfs:seeAlso wd:{value}"  # what it says of itself; no person of ours decided it
    return f"essaim:{scheme} {_text(value)}"


def _text(value: str, language: str = "") -> str:
    return str(ox.Literal(" ".join(value.split()), language=language or None))


def _about(asked: Target, path: Path, day: str) -> list[str]:
    """Return what is said of the graph: title, licence, attribution, file, date, command."""
    graph = f"{terms.BASE}graph/ref/{asked.name}"
    with path.open("rb") as octets:
        total = hashlib.file_digest(octets, "sha256").hexdigest()
    described, titles = asked.described, asked.described.get("dc:title", {})
    said = ["a dcat:Dataset"]
    said += [f"dcterms:title {_text(titles[tag], tag)}" for tag in sorted(titles)]
    for key, predicate in (("dc:license", "dcterms:license"), ("dc:source", "dcterms:source")):
        if described.get(key):
            said.append(f"{predicate} <{described[key]}>")
    said += [f"dcterms:rightsHolder {_text(described['dc:rights'])}"]
    said += [f"prov:wasGeneratedBy <{graph}/import>", f"prov:wasDerivedFrom <{graph}/file>"]
    made = _text(f"essaim import {asked.name} {path.name}")
    date = f'"{day}T00:00:00Z"^^xsd:dateTime'
    return [
        _block(f"<{graph}>", said),
        _block(f"<{graph}/file>", [
            "a prov:Entity", f"dcterms:title {_text(path.name)}",
            f"dcterms:identifier {_text(f'sha256:{total}')}",
        ]),
        _block(f"<{graph}/import>", [
            "a prov:Activity", f"dcterms:provenance {made}", f"prov:used <{graph}/file>",
            f"prov:endedAtTime {date}",
        ]),
    ]  # fmt: skip


def _block(subject: str, said: Iterable[str]) -> str:
    return f"{subject}\n    " + " ;\n    ".join(said) + " .\n"


def _write(out: Path, kept: sqlite3.Connection, asked: Target, about: list[str]) -> None:
    """Write the file aside, then in its place: nobody sees half of it."""
    aside = out.with_name(f".{out.name}.part")
    is_trig = out.suffix == ".trig"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("w", encoding="utf-8", newline="\n") as text:
            _lines(text, kept, asked, about, is_trig)
        aside.replace(out)
    except OSError as error:
        raise ImportProblem(f"{out}: cannot be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)


def _lines(
    text: IO[str], kept: sqlite3.Connection, asked: Target, about: list[str], is_trig: bool
) -> None:
    used = ("dcat", "dcterms", "essaim", "foaf", "prov", "rdfs", "schema", "skos", "wd", "xsd")
    text.writelines(f"@prefix {each}: <{terms.prefixes()[each]}> .\n" for each in used)
    if is_trig:
        text.write(f"\n<{terms.BASE}graph/ref/{asked.name}> {{\n")
    text.writelines(f"\n{block}" for block in about)
    subject, held = "", list[str]()
    for iri, said in kept.execute("SELECT iri, said FROM said ORDER BY iri, said"):
        if iri != subject and held:
            text.write("\n" + _block(f"<{quote(subject, safe=SAFE)}>", held))
            held = []
        subject = iri
        held.append(said)
    if held:
        text.write("\n" + _block(f"<{quote(subject, safe=SAFE)}>", held))
    text.write("}\n" if is_trig else "")
