"""The documents of a dossier as record files, one a document, next to the dossier's own.

A document known by its identifier keeps its file and everything in it; only its membership is
written. A new one gets what its entry says and nothing else: the entry's title serves as label in
both languages, with a note saying so, until somebody translates it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rdflib import DC, DCTERMS, FOAF, RDF, RDFS, SKOS, Graph, Literal, Node, URIRef

from kb import turtle
from kb.importers import ImportProblem
from kb.importers.bdf import Address
from kb.importers.dossier import Dossier, Item, read_file
from kb.terms import ESSAIM, bound_graph, concept, record

CLASSES = {
    "analysis": ESSAIM.AnalysisDocument,
    "article": ESSAIM.Article,
    "case-study": ESSAIM.CaseStudy,
    "charter": ESSAIM.Charter,
    "proposal": ESSAIM.Proposal,
    "public-intervention": ESSAIM.PublicIntervention,
    "publication": ESSAIM.Publication,
    "video": ESSAIM.Video,
}
# `essaim:inDossier` is about this dossier; membership of any other is dcterms:isPartOf alone.
OURS = "dossier-29"
NOTE = ("Titre repris de la page du dossier ; la fiche elle-même n'a pas été lue. "
        "Le libellé n'est pas traduit.")  # fmt: skip


@dataclass(frozen=True)
class DossierReport:
    """What a dossier page gave: counts by type, records written, and what could not be used."""

    dossier: str
    announced: tuple[str, ...]
    added: int
    recognised: int
    complete: bool
    differences: tuple[str, ...]
    unread: tuple[str, ...]


def build(page: Path, out_dir: Path, url: str = "") -> DossierReport:
    """Read a saved dossier page and write its documents into a folder of resource records."""
    return write(read_file(page, url), out_dir)


def write(dossier: Dossier, out_dir: Path) -> DossierReport:
    """Write a dossier and its documents into a folder; `unread` entries are only reported."""
    known = _known(out_dir)
    whole = dossier.address
    here = known.get(_key(whole))
    dossier_iri = here[0] if here else record("resource", whole.slug)
    differences: list[str] = []
    added, members = 0, []
    places = [(item, known.get(_key(item.address))) for item in dossier.items]
    free = {item.address: _new(item.address, out_dir) for item, found in places if not found}
    for item, found in places:  # every name is known to be free before the first file is written
        added += found is None
        iri, path = found or free[item.address]
        members.append(iri)
        graph = bound_graph().parse(path) if found else _document(iri, item, whole)
        if found:
            differences += _compared(graph, iri, item)
        _join(graph, iri, dossier_iri, whole)
        turtle.save(graph, path)
    differences += _write_dossier(dossier, here or (dossier_iri, out_dir / f"{whole.slug}.ttl"),
                                  members)  # fmt: skip
    return DossierReport(
        dossier=f"{whole.identifier} ({whole.language}): {dossier.title}",
        announced=tuple(
            f"{section.type}: {_said(section.announced)} announced, {len(section.items)} found"
            for section in dossier.sections
        ),
        added=added,
        recognised=len(members) - added,
        complete=dossier.is_complete,
        differences=tuple(differences),
        unread=tuple(f"{u.section}: {u.text!r}: {u.reason}" for u in dossier.unread),
    )


def _known(folder: Path) -> dict[str, tuple[URIRef, Path]]:
    """Return record and file of each document of a folder that has an identifier of the engine."""
    found: dict[str, tuple[URIRef, Path]] = {}
    for path in sorted(folder.glob("*.ttl")):
        try:
            graph = Graph().parse(path)
        except Exception as error:  # rdflib's parser raises a class of its own per notation
            reason = str(error).splitlines()[0]
            raise ImportProblem(f"{path}: not valid Turtle ({reason}); correct it") from error
        for name in (ESSAIM.socioecoId, DCTERMS.identifier):
            for iri, value in graph.subject_objects(name):
                if isinstance(iri, URIRef):
                    found[str(value)] = (iri, path)
    return found


def _key(address: Address) -> str:
    """Return the identifier as records state it: with the site, unless that is socioeco.org."""
    ours = address.site == "socioeco.org"
    return address.identifier if ours else f"{address.site}:{address.identifier}"


def _new(address: Address, folder: Path) -> tuple[URIRef, Path]:
    path = folder / f"{address.slug}.ttl"
    if path.exists():
        raise ImportProblem(
            f"{path}: the file exists and does not state {_key(address)!r}; "
            "state essaim:socioecoId in it, or rename it"
        )
    return record("resource", address.slug), path


def _document(iri: URIRef, item: Item, whole: Address) -> Graph:
    graph = bound_graph()
    graph.add((iri, RDF.type, CLASSES[item.type]))
    for language in ("fr", "en"):
        graph.add((iri, RDFS.label, Literal(item.title, lang=language)))
    graph.add((iri, DCTERMS.title, Literal(item.title, lang=item.language)))
    graph.add((iri, DCTERMS.language, Literal(item.language)))
    for author in item.authors:
        graph.add((iri, DC.creator, Literal(author)))
    if item.year:
        graph.add((iri, ESSAIM.year, Literal(item.year)))
    graph.add((iri, SKOS.editorialNote, Literal(NOTE, lang="fr")))
    _identify(graph, iri, item.address)
    _cite(graph, iri, whole)
    return graph


def _identify(graph: Graph, iri: URIRef, address: Address) -> None:
    name = ESSAIM.socioecoId if address.site == "socioeco.org" else DCTERMS.identifier
    graph.add((iri, name, Literal(_key(address))))
    graph.add((iri, ESSAIM.hostName, Literal(address.site)))
    graph.add((iri, FOAF.page, URIRef(address.url)))


def _cite(graph: Graph, iri: URIRef, page: Address) -> None:
    source = URIRef(page.url)
    graph.add((iri, DCTERMS.source, source))
    graph.add((source, RDF.type, ESSAIM.SourcePage))
    graph.add((source, ESSAIM.readAs, concept("reading-mode", "excerpt")))


def _join(graph: Graph, iri: URIRef, dossier: URIRef, whole: Address) -> None:
    """State that a document is part of a dossier."""
    graph.add((iri, DCTERMS.isPartOf, dossier))
    if _key(whole) == OURS:
        graph.set((iri, ESSAIM.inDossier, concept("dossier-membership", "member")))


def _compared(graph: Graph, iri: URIRef, item: Item) -> list[str]:
    """Return how a known record differs from the page; the record is left as it is."""
    name = str(iri).rpartition("/")[2]
    said = []
    if (iri, RDF.type, CLASSES[item.type]) not in graph:
        said.append(f"{name}: the page lists it as {item.type}, the record has another class")
    if not any(str(title) == item.title for title in graph.objects(iri, DCTERMS.title)):
        said.append(f"{name}: the page's title is {item.title!r}")
    return said


def _write_dossier(
    dossier: Dossier, place: tuple[URIRef, Path], members: list[URIRef]
) -> list[str]:
    """Write the parts of a dossier, and its counts unless its record states some already."""
    iri, path = place
    graph = bound_graph()
    if path.exists():
        graph.parse(path)
    else:
        _found(graph, iri, dossier)
    differences = _announce(graph, iri, dossier)
    for member in members:
        graph.add((iri, DCTERMS.hasPart, member))
    known = (iri, ESSAIM.itemListKnown, Literal(True)) in graph
    complete = dossier.is_complete and not differences
    graph.set((iri, ESSAIM.itemListKnown, Literal(known or complete)))
    turtle.save(graph, path)
    return differences


def _found(graph: Graph, iri: URIRef, dossier: Dossier) -> None:
    """Add the record of a dossier that has none."""
    graph.add((iri, RDF.type, ESSAIM.Dossier))
    for language in ("fr", "en"):
        graph.add((iri, RDFS.label, Literal(dossier.title, lang=language)))
    graph.add((iri, SKOS.editorialNote, Literal("Le libellé n'est pas traduit.", lang="fr")))
    language = dossier.address.language
    graph.add((iri, DCTERMS.title, Literal(dossier.title, lang=language)))
    graph.add((iri, DCTERMS.language, Literal(language)))
    _identify(graph, iri, dossier.address)
    _cite(graph, iri, dossier.address)
    if _key(dossier.address) == OURS:
        member = concept("dossier-membership", "is-the-dossier")
        graph.add((iri, ESSAIM.inDossier, member))


def _announce(graph: Graph, iri: URIRef, dossier: Dossier) -> list[str]:
    counts = {s.type: s.announced for s in dossier.sections if s.announced is not None}
    before = {
        graph.value(node, ESSAIM.announcedType): _number(graph.value(node, ESSAIM.announcedCount))
        for node in graph.objects(iri, ESSAIM.announces)
    }
    if before:
        return [
            f"{kind}: the page announces {count}, the dossier's record {_said(old)}"
            for kind, count in counts.items()
            if (old := before.get(concept("document-type", kind))) != count
        ]
    stem = str(iri).rpartition("/")[2]
    for kind, count in counts.items():
        node = record("announced", f"{stem}-{kind}")
        graph.add((iri, ESSAIM.announces, node))
        graph.add((node, RDF.type, ESSAIM.AnnouncedItems))
        graph.add((node, ESSAIM.announcedType, concept("document-type", kind)))
        graph.add((node, ESSAIM.announcedCount, Literal(count)))
    if counts:
        graph.add((iri, ESSAIM.announcedTotal, Literal(sum(counts.values()))))
    return []


def _number(value: Node | None) -> int | None:
    return int(str(value)) if value is not None else None


def _said(count: int | None) -> str:
    return "no number" if count is None else str(count)
