"""The command `essaim enrich`: facts for the identifiers of a list."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb import files
from kb.enrich import EnrichProblem

if TYPE_CHECKING:
    from kb.enrich.facts import Found
    from kb.enrich.listed import Listed

KNOWN = {"wikidata": "https://query.wikidata.org/sparql"}
CONTACT = re.compile(r"[^\s@()]+@[^\s@()]+\.[a-z]+|https?://[^\s()]+")
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)


@click.command("enrich")
@click.argument("list_", metavar="LIST", type=FILE)
@click.option("--column", default="", metavar="KIND=TITLE",
              help="The column of identifiers: siren, rna, wikidata or insee.")  # fmt: skip
@click.option("--dump", "dumps", multiple=True, metavar="TARGET=FILE",
              help="A downloaded data set to look in first; may be repeated.")  # fmt: skip
@click.option("--endpoint", default="",
              help="What to ask for the rest: wikidata, or an endpoint's address.")  # fmt: skip
@click.option("--query", type=FILE, default=None,
              help="The .rq file to ask with (default: that of queries/enrich).")  # fmt: skip
@click.option("--contact", envvar="ESSAIM_CONTACT", default="",
              help="Your mail or page, told to the endpoint; needed to ask one.")  # fmt: skip
@click.option("--out", type=OUT, default=None, help="Where to write the facts as Turtle.")
@click.option("--csv", "table", type=OUT, default=None,
              help="Where to write the list with the facts as columns.")  # fmt: skip
def enrich(
    list_: Path, column: str, dumps: tuple[str, ...], endpoint: str, query: Path | None,
    contact: str, out: Path | None, table: Path | None,
) -> None:  # fmt: skip
    """Look up the identifiers of LIST: in downloaded sets first, then at a SPARQL endpoint."""
    from kb.enrich.facts import Found
    from kb.enrich.listed import listed

    scheme, _, title = column.partition("=")
    read, found = listed(list_, scheme, title), Found()
    for note in read.notes:
        click.echo(note, err=True)
    _from_dumps(read, found, dumps)
    if endpoint:
        _from_remote(read, found, endpoint, query, contact)
    _write(read, found, out, table)
    _say(read, found)


def _from_dumps(read: Listed, found: Found, dumps: tuple[str, ...]) -> None:
    from kb.enrich.dump import from_dump
    from kb.linking.targets import target

    for pair in dumps:
        name, _, path = pair.partition("=")
        if path and not Path(path).is_file():
            raise EnrichProblem(f"--dump {pair!r}: no such file; write TARGET=FILE")
        wanted = found.missing(read.asked)
        found.add(from_dump(target(name), Path(path) if path else None, read.scheme, wanted))


def _from_remote(
    read: Listed, found: Found, endpoint: str, query: Path | None, contact: str
) -> None:
    from kb.enrich.remote import Endpoint, from_endpoint

    if not CONTACT.fullmatch(contact):
        raise EnrichProblem(
            f"--contact {contact!r}: endpoints ask for somebody to write to; give your mail or page"
        )
    shipped = files.root() / "queries" / "enrich" / f"{endpoint}-{read.scheme}.rq"
    if query is None and not shipped.is_file():
        raise EnrichProblem(f"no query for {read.scheme} at {endpoint}; give one with --query")
    asked = Endpoint(KNOWN.get(endpoint, endpoint), contact)
    text = (query or shipped).read_text(encoding="utf-8")
    cache = files.home() / "enrich" / "answers.sqlite"
    wanted = found.missing(read.asked)
    found.add(from_endpoint(asked, text, wanted, cache, lambda said: click.echo(said, err=True)))


def _write(read: Listed, found: Found, out: Path | None, table: Path | None) -> None:
    from kb.enrich.written import columns, turtle

    try:
        if out is not None:
            out.write_text(turtle(found), encoding="utf-8")
            click.echo(str(out))
        if table is not None:
            table.write_text(columns(read, found), encoding="utf-8")
            click.echo(str(table))
    except OSError as error:
        raise EnrichProblem(f"{error.filename}: cannot be written: {error.strerror}") from error


def _say(read: Listed, found: Found) -> None:
    """Tell what was found, and by line what was not or leads to several items."""
    counts = {"found": 0, "ambiguous": 0, "not found": 0}
    for row, identifier in read.rows():
        items = found.items(identifier)
        state = ("not found", "found", "ambiguous")[min(len(items), 2)] if identifier else ""
        if state:
            counts[state] += 1
        if state in ("ambiguous", "not found"):
            told = f": {', '.join(items)}" if items else ""
            click.echo(f"{read.sheet.path}:{row.line}: {identifier}: {state}{told}", err=True)
    click.echo(", ".join(f"{count} {state}" for state, count in counts.items()))
