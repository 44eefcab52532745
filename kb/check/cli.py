"""The commands `essaim check` and `essaim explain`."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from kb.check import apart, codes, inputs
from kb.check import report as reports
from kb.check.apply import write
from kb.check.finding import Report
from kb.check.inputs import Input
from kb.check.mending import MENDABLE, mended
from kb.check.pipeline import MB, Options, check_inputs
from kb.check.report import text
from kb.check.words import LANGUAGES, filled, message
from kb.problems import Problem
from kb.reading import FORMS

ENGINES = ("auto", "fast", "pyshacl")
PATH = click.Path(exists=True, path_type=Path)
WAIT_S = 0.5


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--format", "form", type=click.Choice(list(reports.FORMATS)), default="text")
@click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Language of messages.")
@click.option("--select", multiple=True, metavar="CODE", help="Only these codes: V, C-need, S010.")
@click.option("--ignore", multiple=True, metavar="CODE", help="All codes but these.")
@click.option("--syntax-only", is_flag=True, help="Look at the letters only.")
@click.option("--fix", is_flag=True, help="Make the safe repairs in the files.")
@click.option("--unsafe-fixes", is_flag=True, help="Make the others too: read what they change.")
@click.option("--diff", is_flag=True, help="Show the repairs instead of making them.")
@click.option("--exit-zero", is_flag=True, help="End with 0 even when something is wrong.")
@click.option("--strict", is_flag=True, help="Warnings count as errors for the exit code.")
@click.option("--statistics", is_flag=True, help="Print how many findings each code has.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--engine", type=click.Choice(ENGINES), default="auto", help="What judges shapes.")
@click.option("--shapes", multiple=True, type=PATH, help="Shapes to use instead of essaim's.")
@click.option("--context", multiple=True, type=PATH, help="Files that the checked ones refer to.")
@click.option("--as", "given_as", type=click.Choice(sorted(set(inputs.FORMS.values()))),
              default=None, help="The form, where the name does not tell it.")  # fmt: skip
@click.option("--template", metavar="KIND", help="Print an empty sheet for records of a kind.")
@click.option("--all", "is_all", is_flag=True, help="Show every finding.")
@click.option("--seconds", type=float, default=0, help="Stop after so many seconds.")
@click.option("--memory", type=int, default=0, help="Stop beyond so many MB of memory.")
@click.option("--largest", type=int, default=200, help="Refuse larger files (MB).")
def check_command(paths: tuple[str, ...], given_as: str | None, **given: Any) -> None:
    """Say what is wrong with files, folders or patterns, and what to write instead.

    Ends with 0 when nothing is wrong, 1 when something is, 2 when something could not be checked.
    """
    options = Options(
        engine=given["engine"], shapes=given["shapes"], is_syntax_only=given["syntax_only"],
        select=given["select"], ignore=given["ignore"], context=given["context"],
        largest=given["largest"] * MB,
    )  # fmt: skip
    if given["seconds"] or given["memory"]:
        apart.confine(given["seconds"] or 3600, (given["memory"] or 100_000) * MB)
    try:
        if given["template"]:
            from kb.check.sheets.template import template  # only where one is asked for

            return click.echo(template(given["template"], given["lang"]), nl=False)
        found = inputs.found(paths or ("-",), given_as)
        if given["watch"]:
            _watch(found, options, given)
        sys.exit(_run(found, options, given))
    except Problem as problem:
        click.echo(f"essaim: {problem}", err=True)
        sys.exit(2)
    except MemoryError:
        values = {"size": str(given["memory"] or apart.peak())}
        click.echo(f"essaim: {filled('X005', values, given['lang'])}", err=True)
        sys.exit(2)


def _run(found: list[Input], options: Options, given: dict[str, Any]) -> int:
    """Check, repair and report once; return the exit code.

    With `--fix -` the standard output is the text alone, and the report goes to the other one.
    """
    report = check_inputs(found, options)
    if given["fix"] or given["diff"] or given["unsafe_fixes"]:
        after = _repair(found, report, options, given)
        if after != found:
            report = check_inputs(after, options)
    if not given["diff"]:
        is_aside = given["fix"] or given["unsafe_fixes"]
        _print(report, given, is_aside and any(one.path is None for one in found))
    if given["exit_zero"]:
        return 0
    if report.obstacles:
        return 2
    bad = report.counts["error"] + (report.counts["warning"] if given["strict"] else 0)
    return 1 if bad else 0


def _print(report: Report, given: dict[str, Any], is_aside: bool) -> None:
    if given["statistics"]:
        count = Counter(one.code for one in report.told)
        example = {one.code: one for one in reversed(report.told)}
        for code, number in count.most_common():
            click.echo(
                f"{number:>6}  {code}  {message(example[code], given['lang'])}", err=is_aside
            )
    elif given["form"] == "text":
        shown = sys.maxsize if given["is_all"] else text.SHOWN
        is_terminal = sys.stdout.isatty()
        click.echo(text.written(report, given["lang"], is_terminal, shown), nl=False, err=is_aside)
    else:
        click.echo(reports.FORMATS[given["form"]](report, given["lang"]), nl=False, err=is_aside)


def _repair(
    found: list[Input], report: Report, options: Options, given: dict[str, Any]
) -> list[Input]:
    """Repair files, or show how; return the inputs as they are afterwards."""
    texts = {file.name: file.text for file in report.files}
    return [
        _repaired(one, texts[one.name], report, options, given) if one.name in texts else one
        for one in found
    ]


def _repaired(
    one: Input, before: str, report: Report, options: Options, given: dict[str, Any]
) -> Input:
    """Repair one file, or show how; return it as an input that differs when it changed."""
    wants = [fix for finding in report.of(one.name) for fix in finding.fixes]
    if one.form not in MENDABLE:
        if wants or one.path is None:
            said = filled("fix.not-here", {"file": one.name, "form": one.form}, given["lang"])
            click.echo(f"essaim: {said}", err=True)
        return one
    made = mended(one, before, options, given["unsafe_fixes"]) if wants else None
    if given["diff"]:
        click.echo(made.done.diff(one.name) if made else "", nl=False)
        return one
    if one.path is None:
        click.echo(made.data if made else one.data, nl=False)
        return replace(one, data=made.data) if made else one
    recoded = one.form in FORMS and any(fix.is_safe and not fix.edits for fix in wants)
    if made is None or (made.done.after == before and not recoded):
        return one
    write(one.path, made.data)
    return replace(one, data=made.data)  # only to differ: what has a path is read again


def _watch(found: list[Input], options: Options, given: dict[str, Any]) -> None:
    """Check at each change until the user stops it."""
    paths = [one.path for one in found if one.path]
    before: list[float] = []
    while paths:
        now = [path.stat().st_mtime if path.exists() else 0 for path in paths]
        if now != before:
            before = now
            click.clear()
            _run([one for one in found if one.path and one.path.exists()], options, given)
        time.sleep(WAIT_S)


@click.command()
@click.argument("code")
@click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Language of the page.")
def explain(code: str, lang: str) -> None:
    """Print the page of a rule: V003, S010, C-need-concept-scheme or need-concept-scheme."""
    click.echo(codes.page(code, lang), nl=False)


COMMANDS = (check_command, explain)
