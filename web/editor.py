"""What the query editor of `/sparql` asks of the server: its scripts, and words to complete.

/sparql/completions.json           prefixes, classes, properties and concepts, with how often the
                                   release uses them (the counts of VoID, per term)
/sparql/assets/<version>/<name>    scripts, styles and vendored files, under the hash of their bytes

The page works without any of it: the form of `sparql.html` is plain HTML. Scripts come from files
alone, so the policy of `web/__init__.py` holds on this page unchanged.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import mimetypes
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

from kb import files, terms
from kb.queries import registry
from kb.release import Release
from kb.rows import Row, select
from kb.terms import Literal
from web import i18n
from web.site import site

blueprint = Blueprint("editor", __name__)

STATIC = Path(__file__).parent / "static"
FOLDERS = ("editor", "vendor")
FOR_GOOD, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"
Offered = dict[str, object]


@blueprint.app_context_processor
def _in_templates() -> dict[str, object]:
    return {"asset": asset, "editor_words": words, "data_base": terms.BASE}


@cache
def assets() -> dict[str, Path]:
    """Return the files of the editor by the name they are served under."""
    found = (path for folder in FOLDERS for path in sorted((STATIC / folder).rglob("*")))
    return {path.relative_to(STATIC).as_posix(): path for path in found if path.is_file()}


@cache
def version() -> str:
    """Return a name for all the files together, which changes when any byte does."""
    made = hashlib.sha256()
    for name, path in assets().items():
        made.update(name.encode() + b"\0" + path.read_bytes())
    return made.hexdigest()[:12]


def asset(name: str) -> str:
    """Return the address of a file of the editor."""
    return f"/sparql/assets/{version()}/{name}"


def words() -> str:
    """Return the texts of the editor in the language of the request, as JSON by key."""
    known = i18n.messages(i18n.language())
    start = "editor."
    own = {key.removeprefix(start): text for key, text in known.items() if key.startswith(start)}
    return json.dumps(own, ensure_ascii=False).replace("<", "\\u003c")


@blueprint.get("/sparql/assets/<asked>/<path:name>")
def send(asked: str, name: str) -> Response:
    """Send a file of the editor, packed where the client unpacks it (RFC 9110 §12.5.3)."""
    if name not in assets():
        abort(404)
    packs = request.accept_encodings.quality("gzip") > 0
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    if kind.startswith(("text/", "application/javascript")):
        kind += "; charset=utf-8"
    response = Response(_packed(name) if packs else assets()[name].read_bytes(), content_type=kind)
    if packs:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_GOOD if asked == version() else ASK_AGAIN
    return response


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(assets()[name].read_bytes(), mtime=0)


@blueprint.get("/sparql/completions.json")
def completions() -> Response:
    """Answer what the editor offers, with names in the language asked for first."""
    body = site().once(_completions, i18n.language())
    return Response(body, content_type="application/json")


def _completions(release: Release, language: str) -> str:
    """Return the completions of a release: prefixes, and terms with names, kind and uses."""
    questions = registry(files.root() / "queries" / "editor")
    named = select(release.engine, questions["terms"].bound({}))
    uses = {
        (str(row["term"]), str(row["kind"])): int(str(row["count"]))
        for row in select(release.engine, questions["uses"].bound({}))
    }
    offered = list(_terms(named, uses, language))
    offered.sort(key=lambda term: (-int(str(term["uses"])), str(term["name"])))
    document = {"release": release.id, "prefixes": terms.prefixes(), "terms": offered}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _terms(
    rows: Iterable[Row], uses: dict[tuple[str, str], int], language: str
) -> Iterable[Offered]:
    """Return each term once: its prefixed name, its label, its other names, its uses."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((str(row["term"]), str(row["kind"])), []).append(row)
    for (iri, kind), members in groups.items():
        ranked = sorted(members, key=lambda row: _rank(row, language))
        names = list(dict.fromkeys(str(row["name"]) for row in ranked))
        yield {
            "name": _short(iri), "kind": kind, "label": names[0], "also": names[1:],
            "uses": uses.get((iri, kind), 0),
        }  # fmt: skip
    for (iri, kind), count in uses.items():
        if (iri, kind) not in groups and kind != "concept":
            yield {"name": _short(iri), "kind": kind, "label": "", "also": [], "uses": count}


def _short(iri: str) -> str:
    """Return the prefixed name of a term, or its IRI in angle brackets where no prefix fits."""
    short = terms.compact(iri)
    return f"<{iri}>" if short == iri else short


def _rank(row: Row, language: str) -> tuple[bool, bool, str]:
    name = row["name"]
    foreign = not isinstance(name, Literal) or name.language != language
    return (str(row["preferred"]) != "true", foreign, str(name))
