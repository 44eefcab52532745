"""The folder of `essaim export tables`: tables, package, codebook, frame and citation.

Everything is made in memory first: a table that does not hold stops the export before any file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kb.release import Release
from kb.statistics import citation, codebook, frame, package, readings
from kb.statistics.schema import LANGUAGES, tables, vocabulary
from kb.statistics.tables import csv_text, rows, table_text


def contents(release: Release, language: str = "fr") -> Mapping[str, str]:
    """Return every file of the export by name, as text, in a fixed order.

    Raises TableProblem when a table has two rows for one key.
    """
    known = vocabulary(release)
    schemas = tables(known)
    texts = {f"{table.name}.csv": table_text(table, rows(release, table)) for table in schemas}
    texts["codebook.csv"] = csv_text(codebook.HEADER, codebook.lines(schemas, known))
    texts["datapackage.json"] = package.package(release, schemas, known, texts, language)
    agreed = readings.table(release, readings.facets(readings.readings(release)), language)
    texts["codebook.md"] = codebook.markdown(schemas, known, release.id, language)
    texts["codebook.md"] += codebook.agreement(agreed, language)
    for each in LANGUAGES:
        texts[f"frame.{each}.md"] = frame.markdown(frame.frame(release, each), release.id, each)
    texts["CITATION.cff"] = citation.cff(release)
    texts["citation.bib"] = citation.bibtex(release)
    texts["citation.txt"] = "".join(citation.sentence(release, e) + "\n" for e in LANGUAGES)
    return texts


def write(release: Release, folder: Path, language: str = "fr") -> list[Path]:
    """Write the export of a release into a folder, made if need be; return its files."""
    texts = contents(release, language)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written
