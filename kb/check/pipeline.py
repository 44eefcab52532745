"""The stages in their order: letters, vocabulary, shapes, links, duplicates.

A stage that fails does not silence the next: statements are recovered around a mistake, and what
a stage could not do is said as an obstacle, so that nothing passes for conform by accident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb import files
from kb.check import duplicates, links, vocabulary
from kb.check.base import Base
from kb.check.constraints import constraints
from kb.check.contribution import Contribution, TooLarge, contribution
from kb.check.finding import Checked, Finding, Report
from kb.check.inputs import SHEETS, Input, found
from kb.problems import Problem
from kb.validation.engines import loaded, project

MB = 1_000_000
CAUSES = ("V001", "V002", "V003", "V004", "V005", "V010", "V011", "V014", "L002", "L003")
Stage = Callable[[], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Options:
    """How to check: with which engine and shapes, how far, and up to how many bytes a file.

    `select` and `ignore` are codes or beginnings of codes. `root` is the knowledge base; `context`
    are files that what is checked refers to, as if they were a part of it.
    """

    engine: str = "auto"
    shapes: tuple[Path, ...] = ()
    is_syntax_only: bool = False
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    largest: int = 200 * MB
    root: Path | None = None
    context: tuple[Path, ...] = ()


def check(
    asked: Iterable[str | Path] = (),
    text: str | bytes | None = None,
    form: str | None = None,
    options: Options | None = None,
) -> Report:
    """Return what is wrong with files, folders and patterns, or with a text.

    Raises Problem when a path does not exist. Nothing is ever fetched.
    """
    inputs = found([str(one) for one in asked], form)
    if text is not None:
        data = text.encode() if isinstance(text, str) else text
        inputs.append(Input("<text>", form or "turtle", None, data))
    return check_inputs(inputs, options or Options())


def check_inputs(inputs: Sequence[Input], options: Options) -> Report:
    """Return what is wrong with inputs that were found already."""
    contributions, obstacles = _read(inputs, options)
    judged = list(_judged(contributions, options, obstacles))
    if any(one.form in SHEETS for one in contributions):
        from kb.check.sheets import shown  # only where there is a sheet

        judged = shown(judged, contributions)
    kept = [one for one in _explained(judged) if _is_wanted(one, options)]
    checked = tuple(Checked(one.name, one.text, len(one.triples)) for one in contributions)
    return Report(checked, tuple(sorted(kept, key=lambda f: f.order)), tuple(obstacles))


def _read(inputs: Sequence[Input], options: Options) -> tuple[list[Contribution], list[Finding]]:
    made, obstacles = [], []
    for number, one in enumerate(inputs):
        try:
            made.append(_contribution(one, number, options))
        except TooLarge:
            size = str(options.largest // MB)
            obstacles.append(Finding("X002", "error", one.name, values={"size": size}))
        except OSError as error:
            reason = error.strerror or str(error)
            obstacles.append(Finding("X001", "error", one.name, values={"reason": reason}))
    return made, obstacles


def _contribution(one: Input, number: int, options: Options) -> Contribution:
    if one.form not in SHEETS:
        return contribution(one, number, options.largest)
    from kb.check.sheets import sheet

    root = options.root or files.root()
    base = None if options.is_syntax_only else Base(root, (), options.context)
    return sheet(one, options.largest, base)


def _judged(
    contributions: Sequence[Contribution], options: Options, obstacles: list[Finding]
) -> Iterator[Finding]:
    """Yield the findings of every stage; what a stage could not do is added to the obstacles."""
    for one in contributions:
        yield from one.problems
    if options.is_syntax_only or not contributions:
        return
    for name, stage in _stages(contributions, options).items():
        try:
            yield from list(stage())
        except (Problem, ValueError, RuntimeError, OSError, MemoryError) as error:
            reason = str(error) or type(error).__name__
            values = {"stage": name, "reason": reason}
            obstacles.append(Finding("X003", "error", contributions[0].name, values=values))


def _stages(contributions: Sequence[Contribution], options: Options) -> dict[str, Stage]:
    """Return the stages after that of the letters; other shapes than ours know no base."""
    engine = options.engine
    if options.shapes:
        return {
            "constraints": lambda: constraints(contributions, None, loaded(options.shapes), engine)[
                0
            ]
        }
    root = options.root or files.root()
    base = Base(root, _own_names(contributions, root), options.context)
    return {
        "vocabulary": lambda: vocabulary.findings(contributions, base),
        "constraints": lambda: constraints(contributions, base, project(root), engine)[0],
        "links": lambda: links.findings(contributions, base),
        "duplicates": lambda: duplicates.findings(contributions, base),
    }


def _own_names(contributions: Iterable[Contribution], root: Path) -> list[str]:
    """Return the names in the base of the files checked, whose earlier state must not count."""
    names = []
    for one in contributions:
        path = Path(one.name).resolve()
        if path.is_relative_to(root.resolve()):
            names.append(path.relative_to(root.resolve()).as_posix())
    return names


def _explained(found: Iterable[Finding]) -> list[Finding]:
    """Return findings with one less where a misspelt term is why a rule is broken at its place."""
    found = list(dict.fromkeys(found))
    ruled = {(f.file, f.place) for f in found if f.code.startswith("C-") and f.place}
    causes = {
        (f.file, f.place): f
        for f in found
        if f.code.startswith(CAUSES) and (f.file, f.place) in ruled
    }
    made = []
    for one in found:
        cause = causes.get((one.file, one.place))
        if cause and one.code.startswith("C-"):
            made.append(replace(one, cause=cause, fixes=(*cause.fixes, *one.fixes)))
        elif cause is not one:
            made.append(one)
    return made


def _is_wanted(one: Finding, options: Options) -> bool:
    codes = (one.code, one.cause.code) if one.cause else (one.code,)
    if options.select and not any(code.startswith(options.select) for code in codes):
        return False
    return not (options.ignore and any(code.startswith(options.ignore) for code in codes))
