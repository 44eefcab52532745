"""The commands `essaim kept list` and `essaim kept withdraw`, for who runs a site."""

from __future__ import annotations

import click

from kb import files
from kb.kept.shelf import Shelf
from kb.problems import Problem


@click.group("kept")
def kept() -> None:
    """Look after the queries that visitors kept to cite."""


@kept.command("list")
def show() -> None:
    """List kept queries, the newest first: address, day, release, rows, title."""
    for each in Shelf(files.kept()).all():
        state = f"withdrawn {each.withdrawn}" if each.withdrawn else each.question.title
        fields = (each.id, each.kept_at[:10], each.release, len(each.answer.lines), state)
        click.echo("\t".join(str(field) for field in fields))


@kept.command("withdraw")
@click.argument("identifier")
def withdraw(identifier: str) -> None:
    """Take the query IDENTIFIER off the shelf; its address then says so, for good."""
    if not Shelf(files.kept()).withdraw(identifier):
        raise Problem(f"{identifier}: no kept query of that name; see `essaim kept list`")
    click.echo(f"{identifier}: withdrawn")
