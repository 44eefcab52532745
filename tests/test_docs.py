"""The documentation cannot lie: its commands exist, its queries give the answers it prints."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import click
import pytest
import yaml

from kb import release, rows, table
from web.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_readme_starts_with_the_two_commands() -> None:
    for command in ("make serve", "make test"):
        assert f"\n{command}\n" in README, f"README.md must show `{command}` alone on a line"


def test_every_make_target_of_the_pages_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")))
        assert named <= targets, f"{page.name} names {named - targets}, not in the Makefile"


def _commands(group: click.Group, prefix: str = "essaim") -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        path = f"{prefix} {name}"
        found |= _commands(command, path) if isinstance(command, click.Group) else {path: command}
    return found


@pytest.mark.parametrize("path", sorted(_commands(main)))
def test_every_command_is_documented(path: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert f"`{path}" in text, f"describe `{path}` in docs/commands.md"
    assert _commands(main)[path].help, f"give {path} a docstring"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_essaim_command_of_a_page_exists(page: Path) -> None:
    known = _commands(main)
    for words in re.findall(r"`essaim ((?:[a-z]+ ?)+)", page.read_text(encoding="utf-8")):
        called = "essaim " + words.strip()
        assert any(called.startswith(path) or path.startswith(called) for path in known), (
            f"{page.name} shows `{called}`, which is no command"
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


EXAMPLES = re.findall(r"```sparql\n(.*?)```\s+```text\n(.*?)```", README, re.DOTALL)


def test_the_readme_shows_three_queries_with_their_answers() -> None:
    assert len(EXAMPLES) == 3, "README.md shows three queries, each followed by its answer"


@pytest.mark.parametrize(("text", "printed"), EXAMPLES)
def test_a_query_of_the_readme_gives_the_answer_it_prints(
    text: str, printed: str, shipped: release.Release
) -> None:
    drawn = table.drawn(rows.select(shipped.engine, text))
    assert drawn.strip() == printed.strip(), f"print this in README.md instead:\n{drawn}"


def test_the_citation_file_names_the_version_of_the_project() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{cited["version"]}"' in project, "write the same version in CITATION.cff"
    assert f"## {cited['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_settings_on_the_page_are_those_of_the_code() -> None:
    place = ROOT / "docs" / "settings.py"
    spec = importlib.util.spec_from_file_location("settings_page", place)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert page == made.page(), "run: make docs"
