"""The commands `essaim import …`: lists of others turned into files of the knowledge base.

Each prints what it made and, on the error stream, everything it could not place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from kb import files

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
REFERENCE = Path("data") / "reference"
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Imports(click.Group):
    """Commands of makers, and one more for each target that is described."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a maker's command, else that which imports the target of this name."""
        known = super().get_command(ctx, cmd_name)
        return known or (_importing(cmd_name) if _is_target(cmd_name) else None)


@click.group("import", cls=Imports)
def imports() -> None:
    """Turn lists of others into files of the knowledge base.

    TARGET FILE, where `essaim link targets` lists the targets, turns a downloaded set into Turtle.
    """


def _is_target(name: str) -> bool:
    return (files.root() / "data" / "targets" / f"{name}.json").is_file() or (
        name.endswith(".json") and Path(name).is_file()
    )


def _importing(name: str) -> click.Command:
    """Return the command that turns a downloaded data set into Turtle."""

    @click.command(name, help=f"Turn FILE, the data set {name}, into Turtle or TriG.")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
                  help="Where to write (default: TARGET.ttl; .trig holds the graph).")  # fmt: skip
    @click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), default=None,
                  help="Date of the import (default: today).")  # fmt: skip
    def command(file: Path, out: Path | None, day: datetime | None) -> None:
        from kb.importers.tabled import convert  # numpy and scipy load only where they are used
        from kb.linking.targets import target

        asked = target(name)
        when = (day or datetime.now(UTC)).date().isoformat()
        report = convert(asked, file, out or Path(f"{asked.name}.ttl"), when)
        if not asked.licence:
            click.echo(f"{asked.name}: its licence is not known; do not publish it", err=True)
        _say(report)

    return command


def _out(default: Path) -> Callable[[Decorated], Decorated]:
    return click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=files.root() / default,
        show_default=str(default),
        help="Folder to write into.",
    )


def _say(report: Any) -> None:
    """Print the numbers of a report, and its lists on the error stream."""
    for field in fields(report):
        value = getattr(report, field.name)
        words = field.name.replace("_", " ")
        if isinstance(value, tuple | list):
            click.echo(f"{words}: {len(value)}")
            for item in value:
                click.echo(f"  {words}: {item}", err=True)
        else:
            click.echo(f"{words}: {value}")


@imports.command()
@click.argument("folder", type=FOLDER)
@_out(Path("data"))
def records(folder: Path, out: Path) -> None:
    """Make record files from a FOLDER of research records (cases.json, policies.json, …)."""
    from kb.importers.records import convert

    click.echo("\n".join(convert(folder, out).lines()))


@imports.command()
@click.argument("package", type=FOLDER)
@_out(REFERENCE)
def cog(package: Path, out: Path) -> None:
    """Make the French territory layer from the npm package @etalab/decoupage-administratif.

    PACKAGE is the folder of the unpacked package.
    """
    from kb.importers import cog as maker

    _say(maker.build(package, out))


@imports.command()
@click.argument("package", type=FOLDER)
@_out(REFERENCE)
def countries(package: Path, out: Path) -> None:
    """Make the list of countries from the npm package @rapideditor/country-coder.

    PACKAGE is the folder of the unpacked package.
    """
    from kb.importers import countries as maker

    _say(maker.build(package, out))


@imports.command()
@click.argument("folder", type=FOLDER)
@_out(REFERENCE)
def places(folder: Path, out: Path) -> None:
    """Make the regions and towns abroad that a FOLDER of research records names."""
    from kb.importers import abroad

    _say(abroad.build(folder, out))


@imports.command()
@click.argument("folder", type=FOLDER)
@click.argument("package", type=FOLDER)
@_out(REFERENCE)
def coordinates(folder: Path, package: Path, out: Path) -> None:
    """Make the positions of French communes: FOLDER of research records, then GeoNames.

    PACKAGE is the unpacked npm package that `essaim import cog` takes.
    """
    from kb.importers import positions

    _say(positions.build(folder, package, out))


@imports.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--url", default="", help="Address of the page, where the saved file does not tell.")
@_out(Path("data") / "resources")
def dossier(page: Path, url: str, out: Path) -> None:
    """Make document records from a saved PAGE of a socioeco.org dossier."""
    from kb.importers import dossier_records

    _say(dossier_records.build(page, out, url))
