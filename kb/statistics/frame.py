"""The frame: how the cases were found, and what is over- and under-represented in a release.

The words say only what is known of the search; every figure is a query of `queries/frame`. There
is no sampling frame, so the figures describe the base and not social innovation at large.
"""

from __future__ import annotations

from dataclasses import dataclass

from kb import files
from kb.queries import registry
from kb.release import Release
from kb.rows import Row, Table, select
from kb.terms import Literal

TITLE = {"fr": "D'où viennent les cas, et ce qu'ils ne représentent pas",
         "en": "Where the cases come from, and what they do not represent"}  # fmt: skip
FOUND = {
    "fr": (
        "Les cas ont été réunis par une recherche documentaire sur le web, autour des questions "
        "du dossier 29 de socioeco.org sur le rôle des collectivités. Il n'y a ni liste de départ "
        "ni tirage : aucune proportion d'ici ne vaut pour l'innovation sociale en général.",
        "Chaque fait a été lu dans un extrait de la page citée, sauf mention contraire ; les "
        "manières de lire sont comptées plus bas. Ce qu'une fiche ne dit pas est inconnu, et non "
        "faux.",
        "La liste des soixante documents du dossier 29 n'est pas connue : les documents de la base "
        "lui sont apparentés, sans qu'on sache lesquels en font partie.",
        "Une première lecture a codé les cas ; une seconde, indépendante, en a relu une partie. "
        "Ce n'est pas une validation par des chercheurs de terrain. Ce qu'un cas tenait de son "
        "modèle n'est pas tenu pour codé.",
        "Deux modèles, les territoires zéro chômeur de longue durée et les pôles territoriaux de "
        "coopération économique, forment une grande part des cas français (voir le tableau des "
        "modèles) : une comparaison doit le dire, ou les mettre à part.",
    ),
    "en": (
        "The cases were gathered by a documentary search of the web, around the questions of "
        "dossier 29 of socioeco.org on the role of local authorities. There is neither a list to "
        "draw from nor a draw: no proportion here holds for social innovation at large.",
        "Each fact was read in an excerpt of the page cited, unless stated otherwise; the ways of "
        "reading are counted below. What a record does not say is unknown, not false.",
        "The list of the sixty documents of dossier 29 is not known: the documents of the base "
        "are related to it, and which of them belong to it is not known.",
        "A first reading coded the cases; a second, independent one reread part of them. It is "
        "not a validation by field researchers. What a case had from its model is not held as "
        "coded.",
        "Two models, zero long-term unemployment territories and territorial clusters of economic "
        "cooperation, make a large part of the French cases (see the table of models): a "
        "comparison must say so, or set them apart.",
    ),
}
WORDS = {
    "item": ("", ""),
    "innovations": ("innovations", "innovations"),
    "share": ("% des innovations", "% of innovations"),
    "inFrance": ("en France", "in France"),
    "frenchShare": ("% des innovations en France", "% of innovations in France"),
    "population": ("habitants", "inhabitants"),
    "perMillion": ("par million d'habitants", "per million inhabitants"),
    "index": ("indice", "index"),
    "pages": ("pages", "pages"),
    "entities": ("nombre", "number"),
    "assessments": ("appréciations", "assessments"),
}
RELEASE = {"fr": "essaim, version", "en": "essaim, release"}
UNKNOWN = {"fr": "inconnu", "en": "unknown"}


@dataclass(frozen=True, slots=True)
class Section:
    """One distribution: its name, its title, how to read it, and its rows."""

    name: str
    title: str
    note: str
    table: Table


def frame(release: Release, language: str = "fr") -> list[Section]:
    """Return the distributions of a release, in the order of `queries/frame`."""
    asked = registry(files.root() / "queries" / "frame")
    return [
        Section(
            name.partition("-")[2],
            query.summary(language),
            query.description(language),
            _labelled(select(release.engine, query.bound({})), language),
        )
        for name, query in asked.items()
    ]


def _labelled(answer: Table, language: str) -> Table:
    """Return rows with `item` (code or name), `label` and the figures, in one language."""
    figures = [n for n in answer.variables if n not in ("item", "labelFr", "labelEn")]
    return Table(("item", "label", *figures), tuple(_row(r, figures, language) for r in answer))


def _row(row: Row, figures: list[str], language: str) -> Row:
    other = "labelEn" if language == "fr" else "labelFr"
    name = str(row["item"])
    code = name if "://" not in name else name.rpartition("/")[2].rpartition("#")[2]
    label = row.get("label" + language.title(), row.get(other, Literal(code)))
    shown = Literal(UNKNOWN[language]) if str(label) == "unknown" else label
    return {
        "item": row["item"],
        "label": shown,
        **{n: _rounded(row[n]) for n in figures if n in row},
    }


def _rounded(value: object) -> Literal:
    text = str(value)
    datatype = value.datatype if isinstance(value, Literal) else ""
    return Literal(f"{float(text):.2f}" if datatype.endswith("decimal") else text, datatype)


def markdown(sections: list[Section], release: str, language: str = "fr") -> str:
    """Return the frame as a page: what is known of the search, then every distribution."""
    out = [f"# {TITLE[language]}", "", f"{RELEASE[language]} {release}.", ""]
    for paragraph in FOUND[language]:
        out += [paragraph, ""]
    for section in sections:
        out += [f"## {section.title}", ""]
        out += [section.note, ""] if section.note else []
        figures = section.table.variables[2:]
        words = ["", *(WORDS[name][language == "en"] for name in figures)]
        out += [f"| {' | '.join(words)} |", "|---|" + "---:|" * len(figures)]
        for row in section.table:
            cells = [str(row.get(name, "")) for name in ("label", *figures)]
            out.append(f"| {' | '.join(cells)} |")
        out.append("")
    return "\n".join(out)
