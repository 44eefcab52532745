"""A file checked over HTTP: a page to paste or drop it, and a POST that programs send it to.

GET /check     the page
POST /check    the file as body, or a form with `text` or `file`; the report by Accept or `format`

The file is checked in a child process with limits (`kb.check.apart`), and nothing is ever fetched.
Refused: what is larger than 5 MB (413), of no form that is known (415), what a child cannot check
within its limits (422), more checks at once than there are children for (503), more of one client
than its share (429).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import PurePath

from flask import Blueprint, Response, abort, render_template, request

from kb.check.apart import MB, Limits, run_apart
from kb.check.inputs import FORMS, SHEETS, guessed
from kb.check.mended import AS_IT_IS, mended_apart
from kb.problems import EngineUnavailable
from kb.reading.bytes import decoded
from web import i18n, listing
from web.clients import Clients
from web.negotiation import CSV, HTML, JSONLD, NTRIPLES, PLAIN, TURTLE, content_type, ranked
from web.site import site

blueprint = Blueprint("check", __name__)

LIMITS = Limits()
ENVELOPE = 100_000  # bytes that a form needs around its file
CHILDREN, WAIT_S, WARMING_S = 2, 3.0, 120.0
FORM_OF = {
    TURTLE: "turtle", "application/x-turtle": "turtle", "text/n3": "turtle",
    "application/trig": "trig", NTRIPLES: "n-triples", "application/n-quads": "n-quads",
    JSONLD: "json-ld", "application/json": "json-ld", "application/rdf+xml": "rdf-xml",
    "application/xml": "rdf-xml", "text/xml": "rdf-xml", CSV: "csv",
    "text/tab-separated-values": "csv", "application/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  # fmt: skip
UNSAID = ("", PLAIN, "application/octet-stream")  # the text itself tells its form
SENT = ("application/x-www-form-urlencoded", "multipart/form-data")
OUTPUTS = {
    "text": PLAIN, "json": "application/json", "sarif": "application/sarif+json", "html": HTML,
    "turtle": TURTLE, "jsonld": JSONLD, "junit": "application/xml", "github": PLAIN,
}  # fmt: skip
BY_TYPE = {kind: name for name, kind in OUTPUTS.items() if name not in ("html", "github")}
CODES = re.compile(r"[A-Za-z0-9,.-]{0,400}")
# RFC 9110 §15: a text that asks for more than the limits, a check that failed here and now.
STATUS = {"checked": 200, "refused": 422, "failed": 503}
CHOICES = tuple(dict.fromkeys(FORMS.values()))
children = threading.BoundedSemaphore(CHILDREN)


@dataclass(frozen=True)
class Asked:
    """One text to check: its bytes, its form, what to look for; `chosen` is the menu's word."""

    data: bytes
    form: str
    arguments: tuple[str, ...] = ()
    chosen: str = ""


def warm() -> None:
    """Have a child make what all checks share, which takes longer than one check may."""
    run_apart(b"", limits=Limits(seconds=WARMING_S))


@blueprint.get("/check")
def page() -> Response:
    """Show the page, empty."""
    return _page("", "")


@blueprint.post("/check")
def check() -> Response:
    """Check what was sent; answer the report in the form that the client reads."""
    asked, output = _asked(), _output()
    with _share(), _child():
        response = _shown(asked) if output == "page" else _reported(asked, output)
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _reported(asked: Asked, output: str) -> Response:
    """Return the report, or with `fix=1` the text with its safe repairs, a workbook's as CSV."""
    if request.values.get("fix") in ("1", "true"):
        mended = mended_apart(asked.data, asked.form, LIMITS, asked.arguments)
        if mended is None:
            abort(422, i18n.t("check.not-mended"))
        if asked.form in SHEETS:  # in the encoding it came in
            return Response(mended, content_type=CSV)
        kind = next(kind for kind, form in FORM_OF.items() if form == asked.form)
        return Response(mended, content_type=content_type(kind))
    made = run_apart(asked.data, asked.form, i18n.language(), LIMITS, output, asked.arguments)
    return Response(made.report, STATUS[made.outcome], content_type=content_type(OUTPUTS[output]))


def _shown(asked: Asked) -> Response:
    """Return the page with the text and what is wrong with it, after the repair asked for.

    A workbook is shown as the lines of its first sheet, which can be repaired and checked as CSV.
    """
    data, form, text, note = asked.data, asked.form, _text_of(asked), ""
    if "make" in request.form:
        changed = listing.made(text, request.form["make"])
        note = i18n.t("check.changed") if changed is None else ""
        text = text if changed is None else changed
        data = text.encode() if changed is not None else data
    elif request.form.get("fix"):
        mended = mended_apart(data, form, LIMITS, asked.arguments)
        note = i18n.t("check.not-mended") if mended is None else ""
        if mended is not None:
            data, form = mended, "csv" if form in SHEETS else form
            text = decoded(mended, LIMITS.size).text
    report = run_apart(data, form, i18n.language(), LIMITS, "json", asked.arguments).report
    # A table cannot be told from other text: the menu says it for the next time.
    chosen = "csv" if form in SHEETS else asked.chosen
    return _page(text, chosen, listing.sheet(report, text), note)


def _text_of(asked: Asked) -> str:
    """Return the text that the places of a report count in."""
    if asked.form != "xlsx":
        return decoded(asked.data, LIMITS.size).text
    lines = mended_apart(asked.data, asked.form, LIMITS, (AS_IT_IS,))
    return "" if lines is None else lines.decode()


def _page(text: str, chosen: str, sheet: listing.Sheet | None = None, note: str = "") -> Response:
    body = render_template(
        "check.html", text=text, chosen=chosen, choices=CHOICES, sheet=sheet, note=note,
        most=LIMITS.size // MB,
    )  # fmt: skip
    return Response(body, content_type=content_type(HTML))


def _asked() -> Asked:
    """Return what a request asks to check. Aborts with 400, 413 or 415."""
    request.max_content_length = LIMITS.size + ENVELOPE
    request.max_form_memory_size = LIMITS.size + ENVELOPE
    kind, chosen = request.mimetype, ""
    if kind in SENT:
        data, form, chosen = _sent()
    elif kind in FORM_OF or kind in UNSAID:
        data = request.get_data()
        form = FORM_OF.get(kind) or guessed(data)
    else:
        abort(415, i18n.t("check.unsupported", kinds=", ".join(FORM_OF)))
    if len(data) > LIMITS.size:
        abort(413, i18n.t("check.too-large", most=LIMITS.size // MB))
    return Asked(data, form, tuple(_arguments()), chosen)


def _sent() -> tuple[bytes, str, str]:
    """Return the bytes, the form, and the form chosen in the menu, of a form that was sent."""
    chosen = request.form.get("as", "")
    if chosen and chosen not in CHOICES:
        abort(400, i18n.t("check.no-form", forms=", ".join(CHOICES)))
    file = request.files.get("file")
    if file and file.filename:
        data = file.read()
        ending = PurePath(file.filename).suffix.lower()
        return data, chosen or FORMS.get(ending) or guessed(data), chosen
    if "text" not in request.form:
        abort(400, i18n.t("check.nothing"))
    # HTML, "constructing the entry list": the lines of a form end in CR LF, whatever was pasted
    data = request.form["text"].replace("\r\n", "\n").encode(errors="surrogatepass")
    return data, chosen or guessed(data), chosen


def _arguments() -> Iterator[str]:
    for name in ("select", "ignore"):
        for codes in request.values.getlist(name):
            if not CODES.fullmatch(codes):
                abort(400, i18n.t("check.no-code", name=name))
            yield from (f"--{name}={code}" for code in codes.split(",") if code)


def _output() -> str:
    """Return the format of the answer: that of `format`, else the best of Accept."""
    wanted = request.values.get("format", "")
    if wanted:
        if wanted not in OUTPUTS:
            abort(400, i18n.t("check.no-format", forms=", ".join(OUTPUTS)))
        return wanted
    offered = (*BY_TYPE, HTML)
    accepted = ranked(request.headers.get("Accept", ""), offered)
    if not accepted:
        abort(406, i18n.t("check.not-acceptable", forms=", ".join(offered)))
    return BY_TYPE.get(accepted[0], "page")


def _share() -> AbstractContextManager[None]:
    """Count a check as a question of its client, where questions are counted."""
    clients = getattr(site().public, "clients", None)
    if isinstance(clients, Clients):
        return clients.asking(request.remote_addr or "")
    return nullcontext()


@contextmanager
def _child() -> Iterator[None]:
    """Wait for a place among the children. Raises EngineUnavailable when none gets free."""
    if not children.acquire(timeout=WAIT_S):
        raise EngineUnavailable(i18n.t("check.busy"), "busy")
    try:
        yield
    finally:
        children.release()
