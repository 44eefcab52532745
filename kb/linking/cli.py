"""The commands `essaim link …`: a list linked, proposals reviewed, decisions checked."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kb.linking import LinkProblem

if TYPE_CHECKING:
    from kb.linking.index import Index
    from kb.linking.reader import Note
    from kb.sssom import Link, MappingSet

PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
target_option = click.option("--target", "-t", default="essaim", show_default=True,
                             help="What to link to; `essaim link targets` lists them.")  # fmt: skip
file_option = click.option("--file", "data", type=PATH, default=None,
                           help="The file of the target, where it is not shipped.")  # fmt: skip
column_option = click.option("--column", "columns", multiple=True, metavar="ROLE=TITLE",
                             help="Which column holds names, siren … (repeatable).")  # fmt: skip
auto_option = click.option("--auto", type=click.FloatRange(0.5, 1), default=None,
                           help="Accept links of this expected precision, as 0.99.")  # fmt: skip
kind_option = click.option("--kind", "kinds", multiple=True,
                           help="Only entities of this kind; repeatable.")  # fmt: skip
author_option = click.option("--author", envvar="ESSAIM_AUTHOR", default="",
                             help="Who decides, such as orcid:0000-0002-1825-0097.")  # fmt: skip


@click.group("link")
def link() -> None:
    """Link lists to this base and to other open data sets."""


def _index(target: str, data: Path | None) -> Index:
    from kb.linking import targets  # numpy and scipy load only where they are used

    return targets.opened(targets.target(target), data)


@link.command("targets")
def show_targets() -> None:
    """List what a list can be linked to: name, title, licence."""
    from kb.linking import targets

    for each in targets.targets().values():
        title = each.described.get("dc:title", {})
        click.echo("\t".join([each.name, str(title.get("en", "")), each.licence]))


@link.command("build")
@click.argument("target")
@file_option
def build(target: str, data: Path | None) -> None:
    """Make the index of TARGET, unless nothing changed since it was made."""
    index = _index(target, data)
    kinds = ", ".join(index.kinds)
    click.echo(f"{target}: {len(index)} entities ({kinds}), {len(index.cores)} names")


@link.command("run")
@click.argument("listed", metavar="LIST", type=PATH)
@target_option
@file_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Where to write (default: LIST-TARGET.sssom.tsv).")  # fmt: skip
@auto_option
@kind_option
@column_option
def run(
    listed: Path, target: str, data: Path | None, out: Path | None, auto: float | None,
    kinds: tuple[str, ...], columns: tuple[str, ...],
) -> None:  # fmt: skip
    """Link the rows of LIST (CSV, TSV, JSON, spreadsheet) to TARGET; write proposals as SSSOM."""
    from kb import sssom
    from kb.linking.linking import link_list

    index = _index(target, data)
    if unknown := sorted(set(kinds) - set(index.kinds)):
        there = ", ".join(index.kinds)
        raise LinkProblem(f"--kind {', '.join(unknown)}: none in {target}; there are {there}")
    links, notes = link_list(listed, index, target, kinds=kinds, auto=auto, columns=_pairs(columns))
    for note in notes:
        _said(listed, note)
    out = out or Path(f"{listed.stem}-{target}.sssom.tsv")
    sssom.write(links, out)
    counts = Counter(each.essaim_state for each in links.mappings)
    told = ", ".join(f"{counts[state]} {state}" for state in sssom.STATES if counts[state])
    click.echo(f"{out}: {told or 'no row could be linked'}")


job_option = click.option("--job", "folder", required=True,
                          type=click.Path(file_okay=False, path_type=Path),
                          help="The folder of the work; the same one goes on with it.")  # fmt: skip
out_option = click.option("--out", required=True,
                          type=click.Path(dir_okay=False, path_type=Path))  # fmt: skip


@link.command("many")
@click.argument("listed", metavar="LIST", type=PATH)
@target_option
@file_option
@job_option
@out_option
@auto_option
@kind_option
@column_option
def many(
    listed: Path, target: str, data: Path | None, folder: Path, out: Path, auto: float | None,
    kinds: tuple[str, ...], columns: tuple[str, ...],
) -> None:  # fmt: skip
    """Link a very long LIST as `run` does, in parts; it can be stopped and taken up."""
    from kb.linking import long

    asked = long.Long(listed, _pairs(columns), kinds, lambda note: _said(listed, note))
    count = long.many(asked, _index(target, data), target, folder, out, auto=auto)
    click.echo(f"{out}: {count} rows")


def _said(listed: Path, note: Note) -> None:
    place = f"{listed}:{note.line}" if note.line else str(listed)
    click.echo(f"{place}: {note.text}", err=True)


@link.command("dedup")
@click.argument("listed", metavar="LIST", type=PATH)
@job_option
@out_option
@column_option
def dedup(listed: Path, folder: Path, out: Path, columns: tuple[str, ...]) -> None:
    """Find for each row of LIST the other row most like it, in parts; it can be stopped."""
    from kb.linking import long

    asked = long.Long(listed, _pairs(columns), say=lambda note: _said(listed, note))
    count = long.dedup(asked, folder, out)
    click.echo(f"{out}: {count} rows")


def _pairs(given: tuple[str, ...]) -> dict[str, str]:
    for pair in given:
        if "=" not in pair:
            raise LinkProblem(f"--column {pair!r}: write ROLE=TITLE")
    return {role: title for role, _, title in (pair.partition("=") for pair in given)}


@link.command("accept")
@click.argument("links", type=PATH)
@click.argument("subject")
@click.argument("object_", metavar="[OBJECT]", required=False)
@author_option
def accept(links: Path, subject: str, object_: str | None, author: str) -> None:
    """Accept what LINKS proposes for SUBJECT, or another OBJECT; kept in data/links."""
    click.echo(_decided(links, subject, object_, "accepted", author))


@link.command("reject")
@click.argument("links", type=PATH)
@click.argument("subject")
@click.argument("object_", metavar="[OBJECT]", required=False)
@author_option
def reject(links: Path, subject: str, object_: str | None, author: str) -> None:
    """Reject what LINKS proposes for SUBJECT; it is never proposed again."""
    click.echo(_decided(links, subject, object_, "rejected", author))


def _decided(path: Path, subject: str, object_: str | None, state: str, author: str) -> str:
    from kb import sssom
    from kb.linking import decisions
    from kb.linking.review import instead

    links = sssom.read(path)
    found = [each for each in links.mappings if each.subject_id == subject]
    if not found:
        raise LinkProblem(f"{path}: no row {subject!r}; the first column has them")
    one = instead(found[0], object_) if object_ and object_ != found[0].object_id else found[0]
    if one.object_id == sssom.NO_TERM:
        raise LinkProblem(f"{subject}: nothing was proposed; name the object yourself")
    links.expanded(one.object_id)
    kept = decisions.decide(links, one, state, author)
    return f"{one.subject_label} – {one.object_label or one.object_id}: {state}, in {kept}"


@link.command("review")
@click.argument("links", type=PATH)
@author_option
@click.option("--web", is_flag=True, help="In the browser, on this machine only.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of --web (default: free).")
def review(links: Path, author: str, web: bool, port: int) -> None:
    """Go through what LINKS proposes, the least sure first: a accept, r reject, s skip, u undo."""
    from kb import sssom
    from kb.linking.review import waiting

    proposed = sssom.read(links)
    if web:
        return _serve(proposed, author, port)
    _ask(proposed, waiting(proposed), author)


def _serve(links: MappingSet, author: str, port: int) -> None:
    from kb.linking.desk import Desk, Server

    try:
        with Server(Desk(links, author), port) as server:
            click.echo(f"open {server.address} in your browser; Ctrl-C ends")
            server.serve_forever()
    except OSError as error:
        raise LinkProblem(f"port {port}: {error.strerror}; choose another with --port") from error
    except KeyboardInterrupt:
        click.echo("ended; what was decided is kept")


def _ask(links: MappingSet, proposals: list[Link], author: str) -> None:
    from kb.linking import decisions
    from kb.linking.review import shown, waiting

    at = 0
    words = {"a": "accepted", "r": "rejected"}
    while at < len(proposals):
        click.echo(f"\n[{at + 1}/{len(proposals)}]\n{shown(proposals[at])}")
        choices = click.Choice(["a", "r", "s", "u", "q"])
        try:
            answer = click.prompt("a accept, r reject, s skip, u undo, q quit", type=choices,
                                  show_choices=False)  # fmt: skip
        except click.Abort:  # Ctrl-C, or the end of the input
            answer = "q"
        if answer == "q":
            break
        if answer == "u":
            at = max(at - 1, 0)
            decisions.decide(links, proposals[at], "proposed")
            continue
        if answer in words:
            decisions.decide(links, proposals[at], words[answer], author)
        at += 1
    click.echo(f"\n{len(waiting(links))} left; decisions are in {decisions.place(links)}")


@link.command("rdf")
@click.argument("links", type=PATH)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Where to write (default: LINKS with .trig).")  # fmt: skip
def rdf(links: Path, out: Path | None) -> None:
    """Write LINKS as TriG: one named graph, each link with its state and evidence."""
    from kb import linkset

    name = links.name.removesuffix(".sssom.tsv")
    out = out or Path(f"{name}.trig")
    out.write_bytes(linkset.trig(links, name))
    click.echo(str(out))


@link.command("diff")
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
def diff(old: Path, new: Path) -> None:
    """Tell which rows are linked to something else in NEW than in OLD."""
    from kb import sssom
    from kb.linking.compare import changes

    found = list(changes(sssom.read(old), sssom.read(new)))
    click.echo("\n".join([*found, f"{len(found)} rows differ"]))


@link.command("eval")
@click.argument("links", type=PATH)
@click.argument("truth", type=PATH)
def evaluate(links: Path, truth: Path) -> None:
    """Measure LINKS by the decisions in TRUTH: precision, recall, F1."""
    from kb import sssom
    from kb.linking.compare import measured

    told = measured(sssom.read(links), sssom.read(truth))
    click.echo(", ".join(f"{name} {value:.3g}" for name, value in told.items()))


@link.command("check")
@target_option
@file_option
def check(target: str, data: Path | None) -> None:
    """Check the decisions: one record at two SIREN, ended or missing targets, two for one row."""
    from kb.linking import decisions, targets
    from kb.linking.review import conflicts

    index = _index(target, data)
    if not list(decisions.sets()):
        click.echo(f"no decisions in {decisions.folder()}")
    found = conflicts(index, target, others=targets.indexed())
    for each in found:
        click.echo(each)
    if found:
        raise LinkProblem(f"{len(found)} to look at again")
    click.echo("no conflict")


@link.command("train")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="Where to write the model (default: the shipped one).")  # fmt: skip
def train(folder: Path, out: Path | None) -> None:
    """Make the coefficients of the model from pairs of spellings in a FOLDER of open sets."""
    from kb.linking.decide import MODEL
    from kb.linking.train import train as trained

    click.echo(trained(folder, out or MODEL))
