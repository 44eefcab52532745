"""A file as the stages see it: its text, its statements, and where they stand if it says so.

Blank nodes get the number of their file, so that the files of one check can be judged together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, cast

import pyoxigraph as ox

from kb import terms
from kb.check.finding import Finding
from kb.check.inputs import Input
from kb.check.strange import refused, refused_unread
from kb.problems import Problem
from kb.reading import FORMS, read
from kb.reading.bytes import Decoded, decoded
from kb.reading.document import Document
from kb.reading.places import Fix, Lines, Place
from kb.reading.problems import SyntaxProblem

Triple = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]
OXIGRAPH = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "n-triples": ox.RdfFormat.N_TRIPLES,
    "n-quads": ox.RdfFormat.N_QUADS,
    "json-ld": ox.RdfFormat.JSON_LD,
    "rdf-xml": ox.RdfFormat.RDF_XML,
}
SUBJECT, PREDICATE, OBJECT = 0, 1, 2
PLAIN = (ox.NamedNode, ox.Literal)
# A byte order mark, and what RDF 1.2 adds, which pyoxigraph takes and we do not.
DOUBTFUL = re.compile(r"^\ufeff|<<|\{\||(?<=[\s>\"')\]])~|@[A-Za-z0-9-]+--|version\s*[\"']", re.I)
DECIMAL_COMMA = re.compile(r"[0-9],[0-9]")
# What a relative address is resolved against, so that a file without a base can still be judged.
BASE = "file:///"


@dataclass(slots=True)
class Contribution:
    """One file that is checked: text, statements, and findings about its letters."""

    name: str
    form: str
    text: str
    encoding: str
    triples: list[Triple]
    source: Document | Callable[[], Document] | None
    problems: list[Finding] = field(default_factory=list)
    namespaces: Mapping[str, str] = field(default_factory=dict)
    _index: dict[tuple[object, ...], int] = field(default_factory=dict)
    _lines: Lines | None = None
    _sought: int = 0

    @property
    def has_places(self) -> bool:
        """Tell whether the statements have places, without looking for them."""
        return self.source is not None

    @property
    def document(self) -> Document | None:
        """The text with the places of its terms; read when first asked for: often it is not."""
        if callable(self.source):
            self.source = self.source()
        return self.source

    @property
    def lines(self) -> Lines:
        """The lines of the text."""
        if self._lines is None:
            self._lines = self.document.lines if self.document else Lines(self.text)
        return self._lines

    def place(self, at: int, part: int) -> Place | None:
        """Return where subject, predicate or object of a statement stand; None if unknown.

        In JSON-LD and RDF/XML that is where they probably stand (`sought`).
        """
        if self.document is None:
            from kb.check.sought import MOST, sought  # only where something is wrong

            self._sought += 1
            if self._sought > MOST:
                return None
            return sought(self.lines, self.triples[at], part)
        if at >= len(self.document.statements):
            return None
        return self.document.statements[at].places[part]

    def find(self, *terms_: object) -> int | None:
        """Return the first statement with these terms: (s), (s, p), or (s, p, o)."""
        if not self._index:
            for at, triple in enumerate(self.triples):
                for size in (1, 2, 3):
                    self._index.setdefault(triple[:size], at)
                self._index.setdefault(("object", triple[2]), at)
        return self._index.get(terms_)

    def mention(self, term: object) -> int | None:
        """Return the first statement whose object is a term."""
        return self.find("object", term)

    def tell(
        self,
        code: str,
        severity: str,
        at: int,
        part: int,
        values: Mapping[str, str] | None = None,
        fixes: tuple[Fix, ...] = (),
    ) -> Finding:
        """Return a finding about a statement, placed at one of its terms."""
        subject, predicate, object_ = map(str, self.triples[at])
        if part == SUBJECT:
            predicate = object_ = ""
        elif part == PREDICATE:
            object_ = ""
        return Finding(
            code, severity, self.name, self.place(at, part), subject, predicate, object_,
            values=values or {}, fixes=fixes,
        )  # fmt: skip

    def subjects(self) -> dict[ox.NamedNode | ox.BlankNode, int]:
        """Return the nodes described here, each with its first statement."""
        found: dict[ox.NamedNode | ox.BlankNode, int] = {}
        for at, triple in enumerate(self.triples):
            found.setdefault(triple[0], at)
        return found


class TooLarge(Problem):
    """A file is larger than what is read."""


def contribution(source: Input, number: int, largest: int) -> Contribution:
    """Return a file as a contribution.

    Raises OSError when it cannot be read, TooLarge when it is larger than `largest` bytes.
    """
    data = source.read(largest)
    if len(data) > largest:
        raise TooLarge(source.name)
    letters = decoded(data, largest)
    read_ = _of_turtle if source.form in FORMS else _of_others
    return read_(source, letters, number)


def _told(source: Input, problems: Iterable[SyntaxProblem]) -> list[Finding]:
    return [
        Finding(
            one.code, "warning" if one.is_warning else "error", source.name, one.place,
            values=one.values, fixes=one.fixes,
        )
        for one in problems
    ]  # fmt: skip


def _of_turtle(source: Input, letters: Decoded, number: int) -> Contribution:
    """Read one of the forms whose statements have places; pyoxigraph has the last word."""
    if made := _faultless(source, letters):
        return made
    document = read(letters.text, source.form, "", terms.prefixes())
    found = _told(source, (*letters.problems, *document.problems))
    if document.is_valid:
        found += _verdict(source.name, letters.text, source.form, document.lines)
    triples: list[Triple] = [
        (_own(s.subject, number), s.predicate, _own(s.object, number)) for s in document.statements
    ]
    return Contribution(
        source.name, source.form, letters.text, letters.encoding, triples, document, found,
        {prefix: line.iri for prefix, line in document.prefixes.items()},
    )  # fmt: skip


def _faultless(source: Input, letters: Decoded) -> Contribution | None:
    """Return a text in which nothing is wrong, its places to be read when a finding needs one.

    Without blank nodes, pyoxigraph gives the statements in the order in which our reader does.
    None when the reader must look at once: it has warnings and limits that pyoxigraph has not.
    """
    text = letters.text
    if letters.problems or DOUBTFUL.search(text):
        return None
    try:
        parser = ox.parse(text.encode(), OXIGRAPH[source.form])
        triples: list[Triple] = [
            (cast(Any, one.subject), one.predicate, cast(Any, one.object)) for one in parser
        ]
    except (SyntaxError, MemoryError):  # the second: a token of more than 16 MB
        return None
    if any(isinstance(s, ox.BlankNode) or not isinstance(o, PLAIN) for s, _, o in triples):
        return None
    if DECIMAL_COMMA.search(text) and any(
        one[:2] == other[:2] and _is_number(one[2]) for one, other in pairwise(triples)
    ):
        return None

    def located() -> Document:
        return read(text, source.form, "", terms.prefixes())

    return Contribution(
        source.name, source.form, text, letters.encoding, triples, located, [],
        dict(parser.prefixes),
    )  # fmt: skip


def _is_number(term: object) -> bool:
    return isinstance(term, ox.Literal) and term.value.lstrip("+-").isdigit()


def _verdict(name: str, text: str, form: str, lines: Lines) -> list[Finding]:
    """Return what pyoxigraph, the judge, has against a text that our reader accepts."""
    try:
        for _ in ox.parse(text.removeprefix("\ufeff").encode(), OXIGRAPH[form]):
            pass
    except (SyntaxError, MemoryError) as error:
        return [refused(name, error, lines)]
    return []


def _of_others(source: Input, letters: Decoded, number: int) -> Contribution:
    """Read JSON-LD or RDF/XML, whose statements have no place of their own in the text."""
    text = letters.text.removeprefix("\ufeff")
    made = Contribution(
        source.name, source.form, text, letters.encoding, [], None, _told(source, letters.problems)
    )
    if reason := refused_unread(source.name, source.form, text):
        made.problems.append(reason)
        return made
    try:
        for quad in ox.parse(text.encode(), OXIGRAPH[source.form], base_iri=BASE):
            triple = _own(quad.subject, number), quad.predicate, _own(quad.object, number)
            made.triples.append(triple)
    except (SyntaxError, MemoryError) as error:
        made.problems.append(refused(source.name, error, Lines(text)))
    return made


def _own(term: Any, number: int) -> Any:
    """Return a term; a blank node gets the number of its file."""
    if isinstance(term, ox.BlankNode):
        return ox.BlankNode(f"f{number}{term.value}")
    return term
