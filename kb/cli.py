"""The command, without the web server: `essaim build`, `query`, `import …`.

Every problem ends as one sentence on the error stream and an exit code that is not 0:
1 for a problem of the data or the query, 2 for a wrong call (click's own).

A command is imported when it is called: together they take a second to start, a check a fifth.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from kb.problems import Problem

# Where each command is; in a group, more of its commands may stand elsewhere.
PLACES = {
    "agreement": "kb.statistics.cli:agreement",
    "build": "kb.commands:build",
    "check": "kb.check.cli:check_command",
    "enrich": "kb.enrich.cli:enrich",
    "explain": "kb.check.cli:explain",
    "export": "kb.statistics.cli:exports",
    "frame": "kb.statistics.cli:show_frame",
    "import": "kb.importers.cli:imports",
    "import sheet": "kb.check.sheets.cli:sheet",
    "kept": "kb.kept.cli:kept",
    "link": "kb.linking.cli:link",
    "lsp": "kb.lsp.cli:lsp",
    "publish": "kb.commands:publish",
    "query": "kb.commands:query",
}


class Commands(click.Group):
    """The commands of PLACES, each imported when it is asked; problems end as one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the alphabet."""
        return sorted(name for name in PLACES if " " not in name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None when there is none of this name."""
        if cmd_name not in PLACES or " " in cmd_name:
            return None
        found = _imported(cmd_name)
        for name in PLACES:
            if name.startswith(cmd_name + " ") and isinstance(found, click.Group):
                found.add_command(_imported(name))
        return found

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; a Problem is printed as it stands and ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            click.echo(f"essaim: {problem}", err=True)
            sys.exit(1)


def _imported(name: str) -> click.Command:
    module, _, attribute = PLACES[name].partition(":")
    found = getattr(import_module(module), attribute)
    if not isinstance(found, click.Command):
        raise TypeError(f"{PLACES[name]} is no command; correct PLACES")
    return found


@click.group(cls=Commands)
@click.version_option(package_name="essaim")
def main() -> None:
    """Ask, build and serve a knowledge base of territorial social innovation."""
