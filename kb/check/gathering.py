"""What a check needs to know of a source file: rows of node, key, value and language.

Keys: `type`, `label`, `name` and `alias` (folded), `scheme`, `deprecated`, `replaced-by`, `siren`,
`source`, `place`, `governs`.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

import pyoxigraph as ox

from kb import sources, terms
from kb.validation.engines.results import written

Row = tuple[str, str, str, str]
ESSAIM = terms.NS
RDFS, SKOS = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2004/02/skos/core#"
DCTERMS, OWL = "http://purl.org/dc/terms/", "http://www.w3.org/2002/07/owl#"
KEYS = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": "type",
    RDFS + "label": "label",
    SKOS + "prefLabel": "label",
    SKOS + "altLabel": "other-label",
    SKOS + "inScheme": "scheme",
    OWL + "deprecated": "deprecated",
    DCTERMS + "isReplacedBy": "replaced-by",
    DCTERMS + "source": "source",
    ESSAIM + "siren": "siren",
    ESSAIM + "governingSiren": "siren",
    ESSAIM + "governs": "governs",
    ESSAIM + "implementedIn": "place",
    ESSAIM + "originalName": "other-label",
}
FOLDED = {"label": "name", "other-label": "alias"}
# Territories have 36,000 names, of which only the label is asked for.
UNNAMED = terms.BASE + "id/territory/"


def gathered(path: Path) -> Iterator[Row]:
    """Yield what a source file says under our keys; nothing when it cannot be read."""
    try:
        quads = list(_quads(path))
    except (SyntaxError, OSError, EOFError):
        return
    for quad in quads:
        key = KEYS.get(quad.predicate.value)
        if key is None or not isinstance(quad.subject, ox.NamedNode):
            continue
        if isinstance(quad.object, ox.Triple):
            continue
        value, language = quad.object.value, getattr(quad.object, "language", None) or ""
        yield quad.subject.value, key, value, language
        if key in FOLDED and not quad.subject.value.startswith(UNNAMED):
            yield quad.subject.value, FOLDED[key], terms.slug(value), language


def vocabulary(root: Path) -> Iterator[bytes]:
    """Yield the statements of the ontology and the schemes as lines of N-Triples.

    Alignments are left out: they name classes of others, which no rule needs.
    """
    for source in sources.vocabularies(root):
        if source.path.stem != "alignments":
            triples = (quad.triple for quad in ox.parse(path=str(source.path)))
            yield from written(triples).splitlines(keepends=True)


def _quads(path: Path) -> Iterator[ox.Quad]:
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as stream:
            yield from ox.parse(cast(IO[bytes], stream), ox.RdfFormat.N_TRIPLES)
    else:
        yield from ox.parse(path=str(path), format=ox.RdfFormat.TURTLE)
