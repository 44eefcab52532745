"""What every rule of the conversion needs at hand, and the few ways it writes statements."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from rdflib import DCTERMS, RDF, SKOS, XSD, Graph, Literal, URIRef

from kb.importers.records import pages, tables
from kb.importers.records.bodies import Registry
from kb.importers.records.files import Files
from kb.importers.records.notes import told
from kb.importers.records.places import Places
from kb.importers.records.reading import Node
from kb.importers.records.tables import Labels
from kb.terms import ESSAIM, SLUG, concept, record, slug

LABELLED = ("innovations", "models", "policies", "resources", "authorities", "actors")


@dataclass(slots=True)
class Making:
    """The files under way, the registry, the places, the tables, and what is known by name."""

    tables: Path
    files: Files
    registry: Registry
    places: Places
    labels: dict[str, Labels]
    innovations: dict[str, URIRef]
    policies: dict[str, URIRef]
    models: dict[str, URIRef | None] = field(default_factory=dict)
    cited: dict[str, list[URIRef]] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)
    reviewed: dict[str, list[str]] = field(default_factory=dict)

    def cite(self, graph: Graph, subject: URIRef, node: Node, key: str) -> URIRef | None:
        """Take the address under a key and give it as the source of a node."""
        url = node.text(key)
        if not url:
            return None
        made = self.source(graph, subject, url, "read-excerpt")
        if made is None:
            node.refuse(key, "not a web address")
        return made

    def source(
        self, graph: Graph, subject: URIRef, url: str, evidence: str, copy: bool = False
    ) -> URIRef | None:
        """Give an address as the source of a node; None where it is no address."""
        iri = pages.page(url)
        if iri is not None:
            graph.add((subject, DCTERMS.source, iri))
            pages.describe(graph, iri, evidence, copy)
        return iri

    def note(self, graph: Graph, subject: URIRef, text: str) -> None:
        """Give a node an editorial note, in neutral words where the tables have them."""
        if text:
            written = self.spoken.get(text, text)
            graph.add((subject, SKOS.editorialNote, Literal(written, lang="fr")))

    def facts(self, graph: Graph, subject: URIRef, *texts: str) -> None:
        """Write dense notes as a description, and their remarks as editorial notes."""
        found = [told(text) for text in texts if text]
        description = " ".join(one.description for one in found if one.description)
        if description:
            graph.add((subject, DCTERMS.description, Literal(description, lang="fr")))
        for one in found:
            for text in one.notes:
                self.note(graph, subject, text)


def add(graph: Graph, subject: URIRef, name: str, *objects: URIRef | Literal | None) -> None:
    """State an essaim property of a node, once for each object that is there."""
    for term in objects:
        if term is not None:
            graph.add((subject, ESSAIM[name], term))


def kind(graph: Graph, subject: URIRef, name: str) -> URIRef:
    """Give a node its essaim class and return it."""
    graph.add((subject, RDF.type, ESSAIM[name]))
    return subject


def own(name: str, case: str, number: int | str) -> URIRef:
    """Return the IRI of a node that belongs to an innovation: `own("need", "eusko", 1)`."""
    return record(name, f"{case}-{number}")


def string(text: str) -> Literal | None:
    """Return a plain literal, None for an empty text."""
    return Literal(text) if text else None


def french(text: str) -> Literal | None:
    """Return a French literal, None for an empty text."""
    return Literal(text, lang="fr") if text else None


def integer(value: int | None) -> Literal | None:
    """Return a year or a count."""
    return None if value is None else Literal(value)


def decimal(value: int | float | None) -> Literal | None:
    """Return an amount, never in scientific notation."""
    return (
        None if value is None else Literal(format(Decimal(str(value)), "f"), datatype=XSD.decimal)
    )


def term(scheme: str, node: Node, key: str, value: str, item: int | None = None) -> URIRef | None:
    """Return the concept a value notes; a value that is no notation is refused."""
    if not value:
        return None
    if SLUG.fullmatch(value) is None:
        node.refuse(key, f"no notation of the scheme {scheme}", item)
        return None
    return concept(scheme, value)


def read_labels(folder: Path) -> dict[str, Labels]:
    """Read the label tables."""
    return {name: Labels.read(folder / f"labels-{name}.tsv") for name in LABELLED}


def read_spoken(folder: Path) -> dict[str, str]:
    """Read the notes that are published in other words."""
    columns = ("as_written", "published")
    return {r["as_written"]: r["published"] for r in tables.rows(folder / "wording.tsv", columns)}


def read_reviewed(folder: Path) -> dict[str, list[str]]:
    """Read the doubts of a review, by record."""
    made: dict[str, list[str]] = {}
    for row in tables.rows(folder / "review.tsv", ("id", "note")):
        made.setdefault(row["id"], []).append(row["note"])
    return made


def read_models(folder: Path) -> dict[str, URIRef | None]:
    """Read which model each family slug and each named origin stands for; some stand for none."""
    return {
        slug(row["name"]): record("model", row["model"]) if row["model"] else None
        for row in tables.rows(folder / "models.tsv", ("name", "model"))
    }
