"""How to cite one release: Citation File Format 1.2.0, BibTeX, and a sentence.

A figure taken from the base is only checkable with the release it was counted on, so each of the
three names it.
"""

from __future__ import annotations

from kb import terms
from kb.release import Release

TITLE = {
    "fr": "essaim : base de connaissances de l'innovation sociale territoriale",
    "en": "essaim: a semantic knowledge base of territorial social innovation",
}
AUTHORS = "The essaim contributors"
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


def cff(release: Release) -> str:
    """Return a CITATION.cff for a release."""
    return f"""cff-version: 1.2.0
message: "Cite the release that was counted."
type: dataset
title: "{TITLE["en"]}"
authors:
  - name: "{AUTHORS}"
version: "{release.id}"
date-released: {_issued(release)}
license: CC-BY-4.0
url: "{terms.BASE}"
"""


def bibtex(release: Release) -> str:
    """Return a BibTeX entry for a release."""
    year, month, _ = _issued(release).split("-")
    return f"""@misc{{essaim-{release.id},
  author       = {{{{{AUTHORS}}}}},
  title        = {{{{{TITLE["en"]}}}}},
  year         = {{{year}}},
  month        = {MONTHS[int(month) - 1]},
  version      = {{{release.id}}},
  howpublished = {{\\url{{{terms.BASE}}}}},
  note         = {{Data set, release {release.id}, CC BY 4.0}}
}}
"""


def sentence(release: Release, language: str = "fr") -> str:
    """Return a citation as one line of text."""
    issued = _issued(release)
    if language == "fr":
        return (
            f"{AUTHORS} ({issued[:4]}). {TITLE['fr']}. Version {release.id} du {issued}. "
            f"CC BY 4.0. {terms.BASE}"
        )
    return (
        f"{AUTHORS} ({issued[:4]}). {TITLE['en']}. Release {release.id} of {issued}. "
        f"CC BY 4.0. {terms.BASE}"
    )


def _issued(release: Release) -> str:
    return str(release.manifest["issued"])
