"""The command `essaim import sheet`: rows of a sheet as record files, once they are right."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb import turtle
from kb.check.pipeline import Options, check
from kb.check.report import text
from kb.check.sheets.records import graphs
from kb.check.words import LANGUAGES, filled
from kb.problems import Problem


@click.command("sheet")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder of records to write into, such as data/innovations.")  # fmt: skip
@click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Language of messages.")
def sheet(file: Path, out: Path, lang: str) -> None:
    """Write the rows of a CSV or xlsx FILE as records, one file a row.

    Nothing is written when a rule is broken, or when a record of the same name is there already.
    """
    report = check([file], options=Options())
    click.echo(text.written(report, lang, sys.stdout.isatty()), nl=False)
    if not report.conforms:
        sys.exit(1)
    made = graphs(file)
    taken = [name for name in made if (out / f"{name}.ttl").exists()]
    if taken:
        raise Problem(f"{out}: {', '.join(sorted(taken))} is there already; edit that file, "
                      "or give the row another identifier")  # fmt: skip
    for name, graph in sorted(made.items()):
        turtle.save(graph, out / f"{name}.ttl")
    click.echo(filled("sheet.written", {"count": str(len(made)), "folder": str(out)}, lang))
