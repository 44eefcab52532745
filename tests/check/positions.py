"""What each faulty file is told, and where: written as tables to be read by eye, then held to.

`python tests/check/positions.py` writes the tables again; read what changed before committing it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kb import files
from kb.check import Options, Report, check

HERE = Path(__file__).parent
EXAMPLES = files.root() / "shapes" / "examples"
TABLES = {HERE / "invalid-positions.tsv": "invalid", HERE / "mistakes.tsv": "mistakes"}
HEAD = "file\tcode\tcause\tplace"


def report(kind: str) -> Report:
    """Return what is said of one set of files: those of the shapes, or those of `mistakes/`."""
    if kind == "invalid":
        context = Options(context=(EXAMPLES / "context.ttl",))
        return check([EXAMPLES / "invalid"], options=context)
    return check([HERE / "mistakes"])


def rows(found: Report) -> list[str]:
    """Return a row of file, code, cause and place a finding, and one for a file without any."""
    told = {Path(file.name).stem: list[str]() for file in found.files}
    for one in found.told:
        stem, cause = Path(one.file).stem, one.cause.code if one.cause else ""
        told[stem].append(f"{stem}\t{one.code}\t{cause}\t{one.place or ''}")
    return [row for stem, made in told.items() for row in made or [f"{stem}\t\t\t"]]


def table(made: Iterable[str]) -> str:
    """Return rows as a table with its head."""
    return "\n".join([HEAD, *made]) + "\n"


if __name__ == "__main__":
    for path, kind in TABLES.items():
        path.write_text(table(rows(report(kind))), encoding="utf-8")
