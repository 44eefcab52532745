"""Addresses of socioeco.org and of the two sites made with the same engine.

`bdf_{kind}-{number}_{language}.html`, under several host names: all of them are one identifier,
`fiche-document-2632`. The language is that of the page: each language page is a record of its
own, not a translation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

SITES = ("socioeco.org", "citego.org", "egess.exemole.fr")
KINDS = ("dossier", "fiche-document", "fiche-publication", "fiche-legislation", "organisme",
         "auteur")  # fmt: skip
PATH = re.compile(rf"/bdf_({'|'.join(KINDS)})-(\d+)_([a-z]{{2}})\.html")


@dataclass(frozen=True, slots=True)
class Address:
    """One page of the engine, free of host aliases."""

    site: str
    kind: str
    number: int
    language: str

    @property
    def identifier(self) -> str:
        """The identifier common to host aliases and languages, such as `fiche-document-2632`."""
        return f"{self.kind}-{self.number}"

    @property
    def url(self) -> str:
        """The publisher's address of the page."""
        return f"https://{self.site}/bdf_{self.identifier}_{self.language}.html"

    @property
    def slug(self) -> str:
        """The slug of a new record, such as `socioeco-fiche-document-2632`."""
        site = "egess" if self.site.startswith("egess") else self.site.partition(".")[0]
        return f"{site}-{self.identifier}"


def read(link: str, base: str = "") -> Address | None:
    """Return the page a link leads to, seen from the page `base`; none if it is of another kind.

    >>> read("http://ripess2.socioeco.org/bdf_fiche-document-2632_es.html").identifier
    'fiche-document-2632'
    """
    try:
        parts = urlsplit(urljoin(base, link.strip()))
        host = parts.hostname or ""
    except ValueError:  # what is in brackets of a host is no IPv6 address
        return None
    site = next((site for site in SITES if host == site or host.endswith("." + site)), None)
    found = PATH.fullmatch(parts.path)
    if site is None or found is None or parts.scheme not in ("http", "https"):
        return None
    kind, number, language = found.groups()
    return Address(site, kind, int(number), language)
