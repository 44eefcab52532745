"""A saved dossier page of socioeco.org, read as documents by type.

The page has a title and up to eight sections, each headed by a document type and a count; the
items of a section link to their record (a "fiche"). Nothing on the page is dropped silently:
what cannot be read is kept with a reason. "Articles" occurs in two types: the heading that is
only that word is the type `article`, the longer one is `analysis`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.dammit import UnicodeDammit
from bs4.element import NavigableString, PageElement

from kb.importers import ImportProblem, bdf
from kb.importers.bdf import Address
from kb.terms import slug

# The beginnings of headings, as slugs: French, English, Spanish.
HEADINGS = {
    "analysis": ("documents-d-analyse", "document-d-analyse", "working-papers", "analysis",
                 "analytical-documents", "documentos-de-analisis"),
    "case-study": ("etudes-de-cas", "etude-de-cas", "case-studies", "case-study",
                   "estudios-de-caso", "estudio-de-caso"),
    "charter": ("charte", "chartes", "manifeste", "charter", "charters", "manifesto", "carta"),
    "proposal": ("propositions", "proposition", "proposals", "proposal", "propuestas"),
    "public-intervention": ("interventions-publiques", "intervention-publique",
                            "public-interventions", "public-intervention",
                            "intervenciones-publicas"),
    "publication": ("publications", "publication", "publicaciones"),
    "video": ("videos", "video"),
}  # fmt: skip
ARTICLE = ("articles", "article", "articulos", "articulo")
HEADS = ("h2", "h3", "h4", "h5", "h6", "dt", "summary")
AFTER = ("footer", "nav", "aside")
COUNT = re.compile(r"\(\s*(\d+)\s*\)|:\s*(\d+)\s*$|^\s*(\d+)\s+|\s(\d+)\s*$")
YEAR = re.compile(r"(?<!\d)(1[89]\d\d|20\d\d)(?!\d)")
SAVED_FROM = re.compile(r"saved from url=\(\d+\)(\S+)")


@dataclass(frozen=True)
class Item:
    """A document of the dossier, as its entry in the page describes it."""

    address: Address
    type: str
    title: str
    language: str
    authors: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True)
class Unread:
    """An entry of the page that is no usable item, and why."""

    section: str
    text: str
    reason: str


@dataclass
class Section:
    """One document type of the page: the count it announces (None: none) and its items."""

    type: str
    announced: int | None = None
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Dossier:
    """A dossier page: its address, title and sections, and what could not be read of it."""

    address: Address
    title: str
    sections: tuple[Section, ...]
    unread: tuple[Unread, ...]

    @property
    def items(self) -> list[Item]:
        return [item for section in self.sections for item in section.items]

    @property
    def is_complete(self) -> bool:
        """Whether every section holds as many items as it announces and nothing is unread."""
        counts = all(len(section.items) == section.announced for section in self.sections)
        return counts and not self.unread


def read_file(path: Path, url: str = "") -> Dossier:
    """Read a page saved from a browser; without `url`, its address is looked for in the page."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportProblem(f"{path}: the page cannot be read ({error}); check the path") from error
    html = UnicodeDammit(raw, ["utf-8", "windows-1252"], is_html=True).unicode_markup or ""
    address = url or stated_address(html)
    if not address:
        raise ImportProblem(f"{path}: the page does not say its address; give it with --url")
    return read_dossier(html, address)


def stated_address(html: str) -> str:
    """Return the address a page states of itself, or that a browser noted on saving it."""
    page = BeautifulSoup(html, "html.parser")
    canonical = page.find("link", rel="canonical")
    if isinstance(canonical, Tag) and canonical.get("href"):
        return str(canonical["href"])
    noted = SAVED_FROM.search(html)
    return noted[1] if noted else ""


def read_dossier(html: str, url: str) -> Dossier:
    """Return the dossier a saved page describes.

    Raises ImportProblem for an address that is no dossier's, an empty page, a page that is
    another dossier's, or one without any section of the eight types.
    """
    address = bdf.read(url)
    if address is None or address.kind != "dossier":
        raise ImportProblem(
            f"{url}: this is no dossier address; give one like "
            "https://socioeco.org/bdf_dossier-29_fr.html"
        )
    if not html.strip():
        raise ImportProblem(f"{url}: the page is empty; save it again from the browser")
    stated = bdf.read(stated_address(html))
    if stated and stated.identifier != address.identifier:
        raise ImportProblem(f"{url}: the page says it is {stated.identifier}; give its own address")
    page = BeautifulSoup(html, "html.parser")
    reader = _Reader(address)
    reader.read(page)
    if not reader.sections:
        raise ImportProblem(
            f"{url}: no section of the eight document types; save the dossier page itself, whole"
        )
    return Dossier(address, _title(page, url), tuple(reader.sections.values()),
                   tuple(reader.unread))  # fmt: skip


def type_of(heading: str) -> str | None:
    """Return the document type a heading names, whatever its language and count.

    >>> type_of("Documents d'analyse / working papers / articles (25)")
    'analysis'
    """
    name = slug(COUNT.sub("", heading))
    if name in ARTICLE:
        return "article"
    for kind, beginnings in HEADINGS.items():
        if any(name == start or name.startswith(start + "-") for start in beginnings):
            return kind
    return None


@dataclass(frozen=True)
class _Entry:
    """What the page holds from the start of one entry to the start of the next.

    It follows the order of the text, not the nesting of tags: a page that leaves its list items
    open would else put one entry into another.
    """

    parts: tuple[PageElement, ...]

    @property
    def tags(self) -> list[Tag]:
        return [part for part in self.parts if isinstance(part, Tag)]

    @property
    def text(self) -> str:
        return self.text_of(None)

    def text_of(self, tag: Tag | None) -> str:
        """Return the text of the entry, or what of it stands in one of its tags."""
        words = [
            str(part)
            for part in self.parts
            if type(part) is NavigableString  # comments and scripts are other classes
            and (tag is None or tag in part.parents)
        ]
        return " ".join(" ".join(words).split())

    @property
    def links(self) -> list[Tag]:
        return [tag for tag in self.tags if tag.name == "a" and tag.get("href")]

    def marked(self, name: str, pattern: str) -> Tag | None:
        """Return the first tag of that name, or with a class of that pattern."""
        for tag in self.tags:
            if tag.name == name or re.search(
                pattern, " ".join(map(str, tag.get_attribute_list("class")))
            ):
                return tag
        return None


class _Reader:
    """The sections met so far, and the fiches already listed."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.sections: dict[str, Section] = {}
        self.unread: list[Unread] = []
        self._seen: dict[str, str] = {}

    def read(self, page: BeautifulSoup) -> None:
        for head in page.find_all(HEADS):
            name = _text(head)
            kind = type_of(name)
            entries = _entries(head)
            if kind:
                section = self.sections.setdefault(kind, Section(kind))
                section.announced = _count(name, section.announced)
                for entry in entries:
                    self._read_entry(section, entry)
            elif any(self._fiche(link) for entry in entries for link in entry.links):
                for entry in entries:
                    self._refuse(name, entry, "the section is none of the eight document types")

    def _read_entry(self, section: Section, entry: _Entry) -> None:
        found = [(link, fiche) for link in entry.links if (fiche := self._fiche(link))]
        if not found:
            self._refuse(section.type, entry, "no link to a fiche")
            return
        link, fiche = found[0]
        title = entry.text_of(link)
        if not title:
            self._refuse(section.type, entry, f"the link to {fiche.identifier} has no title")
        elif fiche.identifier in self._seen:
            where = self._seen[fiche.identifier]
            self._refuse(section.type, entry, f"{fiche.identifier} is already listed as {where}")
        else:
            self._seen[fiche.identifier] = section.type
            section.items.append(self._item(section.type, entry, link, fiche))

    def _item(self, kind: str, entry: _Entry, link: Tag, fiche: Address) -> Item:
        title = entry.text_of(link)
        stated = link.get("hreflang") or link.get("lang") or entry.tags[0].get("lang")
        language = str(stated).lower()[:2] if stated else fiche.language
        return Item(fiche, kind, title, language, self._authors(entry), _year(entry, title))

    def _authors(self, entry: _Entry) -> tuple[str, ...]:
        """Return the authors an entry links to, else those it marks as authors."""
        names = [
            entry.text_of(link)
            for link in entry.links
            if (to := bdf.read(str(link["href"]), self.address.url)) and to.kind == "auteur"
        ]
        marked = entry.marked("address", r"(?i)aut(eur|hor)")
        if not names and marked:
            names = re.split(r"\s*[,;]\s*|\s+(?:et|and|y)\s+", entry.text_of(marked))
        return tuple(dict.fromkeys(name for name in names if name))

    def _fiche(self, link: Tag) -> Address | None:
        to = bdf.read(str(link["href"]), self.address.url)
        return to if to and to.kind.startswith("fiche-") else None

    def _refuse(self, section: str, entry: _Entry, reason: str) -> None:
        if entry.text or entry.links:
            self.unread.append(Unread(section, entry.text[:120], reason))


def _entries(head: Tag) -> list[_Entry]:
    """Return the entries under a heading: list items, else paragraphs with a link, else links."""
    parts = list(_following(head))
    for names in (("li", "tr", "article"), ("p", "div", "dd"), ("a",)):
        starts = [i for i, part in enumerate(parts) if isinstance(part, Tag) and part.name in names]
        made = [_Entry(tuple(parts[i:j])) for i, j in pairwise([*starts, len(parts)])]
        if "li" in names and made:
            return made
        if linked := [entry for entry in made if entry.links]:
            return linked
    return []


def _following(head: Tag) -> Iterator[PageElement]:
    """Yield what stands between a heading and the next one, or the end of the page's content."""
    for part in head.next_elements:
        if isinstance(part, Tag) and part.name in (*HEADS, "h1", *AFTER):
            return
        if head not in part.parents:
            yield part


def _count(heading: str, before: int | None) -> int | None:
    found = COUNT.search(heading)
    number = next((int(group) for group in found.groups() if group), None) if found else None
    return number if before is None else before + (number or 0)


def _year(entry: _Entry, title: str) -> int | None:
    """Return the year an entry marks as its date, else the only year beside its title."""
    marked = entry.marked("time", r"(?i)date")
    text = f"{marked.get('datetime') or ''} {entry.text_of(marked)}" if marked else ""
    years = set(YEAR.findall(text or entry.text.replace(title, "", 1)))
    return int(years.pop()) if len(years) == 1 else None


def _title(page: BeautifulSoup, url: str) -> str:
    for name in ("h1", "title"):
        found = page.find(name)
        if isinstance(found, Tag) and _text(found):
            return _text(found)
    raise ImportProblem(f"{url}: the page has no title; save it again, whole")


def _text(tag: Tag) -> str:
    return " ".join(tag.get_text(" ").split())
