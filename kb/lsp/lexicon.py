"""The terms of the ontology and the concepts of the schemes, with all that editors show of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import pyoxigraph as ox

from kb import terms

RDFS, SKOS = "http://www.w3.org/2000/01/rdf-schema#", "http://www.w3.org/2004/02/skos/core#"
OWL, SCHEMA = "http://www.w3.org/2002/07/owl#", "https://schema.org/"
ESSAIM = str(terms.ESSAIM)
KINDS = {
    OWL + "Class": "class",
    OWL + "ObjectProperty": "property",
    OWL + "DatatypeProperty": "property",
    SKOS + "Concept": "concept",
    SKOS + "ConceptScheme": "scheme",
}
TEXTS = {
    RDFS + "label": "label",
    SKOS + "prefLabel": "label",
    SKOS + "altLabel": "other",
    RDFS + "comment": "definition",
    SKOS + "definition": "definition",
    SKOS + "scopeNote": "definition",
    SKOS + "example": "example",
}
LINKS = {
    RDFS + "domain": "domain",
    SCHEMA + "domainIncludes": "domain",
    RDFS + "range": "range",
    SCHEMA + "rangeIncludes": "range",
    RDFS + "subClassOf": "parent",
    SKOS + "inScheme": "scheme",
    ESSAIM + "valueScheme": "values",
}


def folded(text: str) -> str:
    """Return a text without case and accents, each letter in its place.

    >>> folded("Économie ŒUVRE")
    'economie œuvre'
    """
    letters = (unicodedata.normalize("NFD", letter)[:1] or letter for letter in text)
    return "".join(letter.lower()[:1] or letter for letter in letters)


@dataclass(slots=True)
class Term:
    """A class, property, concept or scheme: its texts by use and language, its links by use."""

    iri: str
    kind: str = ""
    texts: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    is_deprecated: bool = False

    def text(self, use: str, language: str) -> str:
        """Return the first text of a use in a language, else in another one, else ''."""
        for wanted in (language, "en", "fr", ""):
            if found := self.texts.get((use, wanted)):
                return found[0]
        return ""

    def all(self, *uses: str) -> list[str]:
        """Return the texts of uses in every language."""
        return [text for (use, _), found in self.texts.items() if use in uses for text in found]


class Lexicon:
    """All terms by address."""

    def __init__(self, found: Iterable[ox.Quad]) -> None:
        self.terms: dict[str, Term] = {}
        for quad in found:
            if isinstance(quad.subject, ox.NamedNode):
                self._take(quad.subject.value, quad.predicate.value, quad.object)
        self.terms = {iri: term for iri, term in self.terms.items() if term.kind}

    def _take(self, iri: str, name: str, value: object) -> None:
        term = self.terms.setdefault(iri, Term(iri))
        if isinstance(value, ox.Literal):
            if use := TEXTS.get(name):
                term.texts.setdefault((use, value.language or ""), []).append(value.value)
            elif name == OWL + "deprecated":
                term.is_deprecated = value.value == "true"
        elif isinstance(value, ox.NamedNode):
            if name.endswith("#type"):
                term.kind = KINDS.get(value.value, term.kind)
            elif use := LINKS.get(name):
                term.links.setdefault(use, []).append(value.value)

    def of_kind(self, *kinds: str) -> list[Term]:
        """Return the terms of some kinds."""
        return [term for term in self.terms.values() if term.kind in kinds]

    def label(self, iri: str, language: str) -> str:
        """Return the label of a term, else its short name."""
        known = self.terms.get(iri)
        return (known.text("label", language) if known else "") or terms.compact(iri)

    def above(self, iri: str) -> set[str]:
        """Return a class and the classes above it."""
        seen, left = set[str](), [iri]
        while left:
            one = left.pop()
            if one not in seen:
                seen.add(one)
                left += self.terms[one].links.get("parent", []) if one in self.terms else []
        return seen

    def fits(self, term: Term, classes: Iterable[str]) -> bool:
        """Tell whether a property is said of one of some classes."""
        all_above = {above for one in classes for above in self.above(one)}
        return bool(all_above & set(term.links.get("domain", [])))

    @cached_property
    def names(self) -> dict[str, list[tuple[str, str]]]:
        """What each term can be found by: its labels, each as it is and folded."""
        return {
            term.iri: [(text, folded(text)) for text in term.all("label", "other")]
            for term in self.terms.values()
        }


@cache
def lexicon(root: Path) -> Lexicon:
    """Return the terms of the project whose folder is given; what cannot be read is left out."""
    found: list[ox.Quad] = []
    for path in (root / "ontology" / "essaim.ttl", *sorted((root / "ontology/schemes").glob("*"))):
        if path.suffix == ".ttl":
            try:
                found += ox.parse(path=str(path))
            except (SyntaxError, OSError):  # the check says it where the file is checked
                continue
    return Lexicon(found)
