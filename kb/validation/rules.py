"""The rules of `shapes/`: one rule is one shape with a name, a message and a severity.

`python -m kb.validation.rules` writes `docs/rules.md` anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rdflib import RDFS, SH, Graph, Literal, URIRef

from kb import files, terms

SHAPE = terms.BASE + "shape/"
SEVERITIES = ("Violation", "Warning", "Info")
IN_FRENCH = {"Violation": "erreur", "Warning": "avertissement", "Info": "information"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its address, its file in `shapes/`, and its texts by language."""

    iri: str
    file: str
    severity: str
    names: Mapping[str, str]
    messages: Mapping[str, str]
    guide: str

    @property
    def name(self) -> str:
        """The last part of the address, which also names the invalid example."""
        return self.iri.removeprefix(SHAPE)


def paths(root: Path | None = None) -> list[Path]:
    """Return the shape files, in a fixed order."""
    return sorted(((root or files.root()) / "shapes").glob("*.ttl"))


def shapes(root: Path | None = None) -> Graph:
    """Return every shape of the project as one graph."""
    graph = Graph()
    for path in paths(root):
        graph.parse(path, format="turtle")
    return graph


def rules(root: Path | None = None) -> list[Rule]:
    """Return the rules in the order of the files, and by name within a file."""
    return [rule for path in paths(root) for rule in _rules_of(path)]


def _rules_of(path: Path) -> list[Rule]:
    graph = Graph().parse(path, format="turtle")
    found = [s for s in graph.subjects(SH.severity) if isinstance(s, URIRef)]
    return [_rule(graph, iri, path.stem) for iri in sorted(found)]


def _rule(graph: Graph, iri: URIRef, file: str) -> Rule:
    return Rule(
        iri=str(iri),
        file=file,
        severity=str(graph.value(iri, SH.severity)).removeprefix(str(SH)),
        names=_by_language(graph.objects(iri, SH.name)),
        messages=_by_language(graph.objects(iri, SH.message)),
        guide=str(graph.value(iri, RDFS.seeAlso) or ""),
    )


def _by_language(found: Iterable[object]) -> dict[str, str]:
    return {o.language or "": str(o) for o in found if isinstance(o, Literal)}


def table(known: Iterable[Rule]) -> str:
    """Return the page of the rules, in Markdown: one section a file, one row a rule."""
    known = list(known)
    lines = [HEAD.format(count=len(known))]
    for file in sorted({rule.file for rule in known}):
        lines += [f"\n## {file}\n", "| règle · rule | | français | English |", "|---|---|---|---|"]
        lines += [_row(rule) for rule in known if rule.file == file]
    return "\n".join(lines) + "\n"


HEAD = """\
# Règles · Rules

{count} règles disent ce qu'une fiche doit contenir. Une *erreur* arrête la publication ; un
*avertissement* se corrige si une source le permet ; une *information* n'est qu'une remarque.
Chaque règle a un exemple fautif du même nom dans `shapes/examples/invalid/`.

{count} rules say what a record must hold. A *violation* stops publication; a *warning* is to be
corrected if a source allows it; an *info* is a remark. Each rule has a faulty example of the same
name in `shapes/examples/invalid/`.

This page is written by `python -m kb.validation.rules` from the files of `shapes/`."""


def _row(rule: Rule) -> str:
    severity = f"{IN_FRENCH[rule.severity]} · {rule.severity.lower()}"
    french = f"**{_cell(rule.names['fr'])}** : {_cell(rule.messages['fr'])}"
    english = f"**{_cell(rule.names['en'])}**: {_cell(rule.messages['en'])}"
    return f'| <a id="{rule.name}"></a>`{rule.name}` | {severity} | {french} | {english} |'


def _cell(text: str) -> str:
    # A table cell ends at a bar, and Markdown would take <https://…> for a link and drop its marks.
    return text.replace("|", "\\|").replace("<", "\\<")


if __name__ == "__main__":
    (files.root() / "docs" / "rules.md").write_text(table(rules()), encoding="utf-8")
