"""The commands that make and ask releases: `essaim build`, `query`, `publish`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from kb import engine, explain, files, release, rows, table
from kb import publish as publication
from kb.engine.graphstore import GraphStore
from kb.engine.remote import RemoteEngine
from kb.problems import EngineProblem, EngineUnavailable, QueryFileProblem
from kb.queries import Query, read, registry

FORMATS = {
    "table": None,
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": engine.JSON,
    "xml": "application/sparql-results+xml",
    "turtle": engine.TURTLE,
}


def _stop(sentence: str) -> NoReturn:
    click.echo(f"essaim: {sentence}", err=True)
    sys.exit(1)


def progress(sentence: str) -> None:
    """Say on the error stream what a long command is doing."""
    click.echo(f"essaim: {sentence}", err=True)


source_option = click.option(
    "--source",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder with ontology/ and data/ (default: the shipped one).",
)


@click.command()
@source_option
def build(source: Path | None) -> None:
    """Compile the source files into a release and make it current."""
    from kb.check.base import Base  # the other commands do not need it

    built = release.build(source, progress=progress)
    Base(source or files.root()).vocabularies()  # so that the first check is as quick as the next
    total = sum(built.manifest["statements"].values())
    click.echo(f"release {built.id}: {total} statements, {built.path}")


@click.command()
@click.argument("question", default="-")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default=None,
              help="Default: a table for rows, Turtle for graphs.")  # fmt: skip
@click.option("--param", "-p", "given", multiple=True, metavar="NAME=VALUE",
              help="Value of a parameter of the query file; may be repeated.")  # fmt: skip
@click.option("--release", "name", default=release.CURRENT, help="Release id (default: current).")
@click.option("--lang", default="fr", type=click.Choice(["fr", "en"]), help="Language of notes.")
@click.option("--engine", "address", envvar="ESSAIM_ENGINE",
              help="Address of a SPARQL 1.1 engine to ask instead of a release.")  # fmt: skip
def query(
    question: str, form: str | None, given: tuple[str, ...], name: str, lang: str,
    address: str | None,
) -> None:  # fmt: skip
    """Answer QUESTION: a .rq file, the name of a shipped query, SPARQL text, or - for stdin."""
    asked = _question(question)
    text = asked.bound(_values(given))
    answering = RemoteEngine(address) if address else _opened(name).engine
    if asked.missing(lang):
        progress(asked.missing(lang))
    try:
        answering.health()
        _print_answer(answering, text, form)
    except EngineProblem as problem:
        if address and isinstance(problem, EngineUnavailable):
            _stop(str(problem))
        _stop(explain.document(problem, text, lang).to_text())


@click.command()
@click.option("--engine", "address", envvar="ESSAIM_ENGINE", required=True,
              help="Address where the engine answers SPARQL queries.")  # fmt: skip
@click.option("--store", envvar="ESSAIM_ENGINE_STORE", default="",
              help="Address of its graph store (default: the usual one of its kind).")  # fmt: skip
@click.option("--release", "name", default=release.CURRENT, help="Release id (default: current).")
def publish(address: str, store: str, name: str) -> None:
    """Send a release to another SPARQL 1.1 engine, graph by graph; run again, it goes on.

    Credentials come from ESSAIM_ENGINE_USER and ESSAIM_ENGINE_PASSWORD, or ESSAIM_ENGINE_TOKEN.
    """
    opened = _opened(name)
    done = publication.publish(opened, GraphStore(RemoteEngine(address), store), progress)
    click.echo(
        f"release {opened.id} is published: {done.sent} graphs sent, {done.kept} right already, "
        f"{done.removed} removed"
    )


def _opened(name: str) -> release.Release:
    """Open a release; the current one of a fresh installation is built first."""
    if name == release.CURRENT and not (files.releases() / name).exists():
        return release.build(progress=progress)
    return release.open_release(name=name)


def _print_answer(asked: engine.Engine, text: str, form: str | None) -> None:
    if form not in (None, "table"):
        for chunk in asked.query(text, accept=[str(FORMATS[form])]).chunks:
            sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        return
    accept = [engine.JSON] if form else [engine.JSON, engine.TURTLE]
    answer = asked.query(text, accept=accept)
    if answer.media_type == engine.TURTLE:
        click.echo(answer.read().decode())
    else:
        click.echo(table.drawn(rows.parse(answer.read())))


def _question(question: str) -> Query:
    """Return the query meant by an argument."""
    if question == "-":
        return Query("stdin", Path("-"), _standard_input(), {})
    if question.endswith(".rq") or Path(question).is_file():
        if not Path(question).is_file():
            raise QueryFileProblem(f"{question}: no such file; give a path to a .rq file")
        return read(Path(question))
    for folder in ("examples", "pages"):
        known = registry(files.root() / "queries" / folder)
        if question in known:
            return known[question]
    if not any(sign in question for sign in "{?"):
        raise QueryFileProblem(f"{question!r} is no file, no shipped query and no SPARQL")
    return Query("text", Path("-"), question, {})


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise QueryFileProblem(f"standard input is not UTF-8: {error}") from error


def _values(given: tuple[str, ...]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise QueryFileProblem(f"--param {pair!r}: write NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in given)}
