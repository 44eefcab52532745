"""The commands `essaim export tables`, `essaim agreement` and `essaim frame`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kb import files, release, table
from kb.rows import Table
from kb.statistics.tables import csv_text

FORMATS = ("table", "csv", "json")
language_option = click.option(
    "--lang", "language", default="fr", type=click.Choice(["fr", "en"]), help="Language of words."
)
release_option = click.option(
    "--release", "name", default=release.CURRENT, help="Release id (default: current)."
)
format_option = click.option(
    "--format", "form", default="table", type=click.Choice(FORMATS), help="How to print the rows."
)


def _opened(name: str) -> release.Release:
    """Open a release; the current one of a fresh installation is built first."""
    if name == release.CURRENT and not (files.releases() / name).exists():
        return release.build()
    return release.open_release(name=name)


@click.group("export")
def exports() -> None:
    """Write the base in the formats of others."""


@exports.command("tables")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("tables"),
    show_default=True,
    help="Folder to write into, made if need be.",
)
@release_option
@language_option
def export_tables(out: Path, name: str, language: str) -> None:
    """Write the release as CSV tables for R and pandas, with their codebook and Data Package."""
    from kb.statistics import export

    for path in export.write(_opened(name), out, language):
        lines = max(path.read_bytes().count(b"\n") - 1, 0)
        click.echo(f"{path}: {lines} rows" if path.suffix == ".csv" else str(path))


@click.command("agreement")
@format_option
@release_option
@language_option
def agreement(form: str, name: str, language: str) -> None:
    """Print how far the first and the second reading agree: per cent, n, Cohen's κ."""
    from kb.statistics import readings

    opened = _opened(name)
    found = readings.facets(readings.readings(opened))
    click.echo(_printed(readings.table(opened, found, language), form))


@click.command("frame")
@release_option
@language_option
def show_frame(name: str, language: str) -> None:
    """Print how the cases were found and how they are distributed, as Markdown."""
    from kb.statistics import frame

    opened = _opened(name)
    click.echo(frame.markdown(frame.frame(opened, language), opened.id, language))


def _printed(answer: Table, form: str) -> str:
    if form == "csv":
        return csv_text(answer.variables, answer.texts()).rstrip("\n")
    if form == "json":
        rows = [{name: str(value) for name, value in row.items()} for row in answer]
        return json.dumps(rows, ensure_ascii=False, indent=1)
    return table.drawn(answer)


COMMANDS = (exports, agreement, show_frame)
