"""The commands `essaim check` and `essaim explain`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kb.check import report as reports
from kb.check.finding import Report
from kb.check.pipeline import Options, check
from kb.check.report import text
from kb.check.words import LANGUAGES

ENGINES = ("auto", "fast", "pyshacl")


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--format", "form", type=click.Choice(list(reports.FORMATS)), default="text")
@click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Language of messages.")
@click.option("--select", multiple=True, metavar="CODE", help="Only these codes: V, C-need, S010.")
@click.option("--ignore", multiple=True, metavar="CODE", help="All codes but these.")
@click.option("--syntax-only", is_flag=True, help="Look at the letters only.")
@click.option("--exit-zero", is_flag=True, help="End with 0 even when something is wrong.")
@click.option("--strict", is_flag=True, help="Warnings count as errors for the exit code.")
@click.option("--statistics", is_flag=True, help="Print how many findings each code has.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help="What judges shapes.")
@click.option("--shapes", multiple=True, type=click.Path(exists=True, path_type=Path),
              help="Other shapes than those of essaim; may be repeated.")  # fmt: skip
@click.option("--all", "is_all", is_flag=True, help="Show every finding.")
def check_command(paths: tuple[str, ...], form: str, lang: str, **given: Any) -> None:
    """Say what is wrong with files, folders or patterns, and what to write instead.

    Ends with 0 when nothing is wrong, 1 when something is, 2 when something could not be checked.
    """
    options = Options(
        engine=given["engine"], shapes=given["shapes"], is_syntax_only=given["syntax_only"],
        select=given["select"], ignore=given["ignore"],
    )  # fmt: skip
    report = check(paths or ("-",), options=options)
    if form == "text":
        shown = sys.maxsize if given["is_all"] else text.SHOWN
        click.echo(text.written(report, lang, sys.stdout.isatty(), shown), nl=False)
    else:
        click.echo(reports.FORMATS[form](report, lang), nl=False)
    sys.exit(_code(report, given["exit_zero"], given["strict"]))


def _code(report: Report, is_always_zero: bool, is_strict: bool) -> int:
    if is_always_zero:
        return 0
    if report.obstacles:
        return 2
    bad = report.counts["error"] + (report.counts["warning"] if is_strict else 0)
    return 1 if bad else 0


COMMANDS = (check_command,)
