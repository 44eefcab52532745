"""Plain questions, answered without the application: a WSGI layer (PEP 3333) around it.

A question is plain when it is a GET of `/sparql` with a query and nothing else. All its answer
carries beside the bytes depends on what the client reads and where it asks, so the application
answers the first of a kind and tells the way (`Way`), and those that follow are asked here for half
the CPU. Whatever is not plain, and whatever goes wrong, is the application's to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from kb import guard
from kb.cut import Cut
from kb.engine import Answer, Asked, Engine
from kb.lexer import form
from web import sending
from web.asking import Asking
from web.negotiation import content_type

Environ = dict[str, Any]
Start = Callable[..., Any]
Headers = list[tuple[str, str]]

WAY = "essaim.way"  # in the environment of a request: how the application answered it
FAILED = "essaim.failed"  # in the environment of a request: what went wrong before it came there
DEPENDS_ON = (
    "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_HOST", "wsgi.url_scheme",
    "SCRIPT_NAME",
)  # fmt: skip
ALONE = frozenset(("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_RANGE"))
OF_ONE_ANSWER = frozenset(("etag", "content-type", "content-length", "content-encoding"))
MOST_KINDS = 256
KNOWN_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


@dataclass(frozen=True)
class Way:
    """How plain questions of one kind are answered.

    `asked` is one of them: its media types, its base; `tag` gives the entity tag of a question,
    None where two answers may differ.
    """

    asked: Asked
    max_rows: int
    warm: sending.Warm
    tag: Callable[[Asked], str | None]
    zips: bool
    headers: tuple[tuple[str, str], ...] = ()


class Application(Protocol):
    """A Flask application, as it is seen here."""

    @property
    def extensions(self) -> dict[str, Any]: ...

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]: ...


class Plain:
    """An application, with plain questions answered in front of it."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._ways: dict[tuple[str, ...], Way] = {}
        self._site: object = None

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        text = _query(environ)
        kind = form(text)
        if kind not in KNOWN_FORMS:
            return self._app(environ, start)
        site = self._app.extensions["essaim"]
        if site is not self._site:
            self._site, self._ways = site, {}
        key = (kind, *(environ.get(name, "") for name in DEPENDS_ON))
        way = self._ways.get(key)
        if way is None:
            return self._learn(environ, start, self._ways, key)
        return self._answered(environ, start, site.public, way, text)

    def _learn(
        self, environ: Environ, start: Start, ways: dict[tuple[str, ...], Way],
        key: tuple[str, ...],
    ) -> Iterable[bytes]:  # fmt: skip
        """Hand a question on; remember what its answer carries."""

        def started(status: str, headers: Headers, *error: Any) -> Any:
            names = {name.lower() for name, _ in headers}
            is_usual = status.startswith("200") and "etag" in names and "set-cookie" not in names
            if is_usual and WAY in environ and len(ways) < MOST_KINDS:
                common = [h for h in headers if h[0].lower() not in OF_ONE_ANSWER]
                if "essaim-truncated" not in names:
                    ways[key] = replace(environ[WAY], headers=tuple(common))
            return start(status, headers, *error)

        return self._app(environ, started)

    def _answered(
        self, environ: Environ, start: Start, public: Engine, way: Way, text: str
    ) -> Iterable[bytes]:
        asked = replace(way.asked, text=text)
        tag = way.tag(asked)
        if tag is None or way.warm.find(tag):
            return self._app(environ, start)
        try:
            if isinstance(public, Asking):
                answer = public.asked(asked, environ)
            else:
                answer = public.answer(asked)
            cut = Cut(answer.chunks, answer.media_type, way.max_rows)
            first = b"".join(cut) if answer.is_whole else next(cut, b"")
        except Exception as error:  # the edge of WSGI: the application knows how to tell it
            environ[FAILED] = error
            return self._app(environ, start)
        cut.is_begun = True
        return _sent(start, way, answer, cut, first, tag)


def _query(environ: Environ) -> str:
    """Return the query of a plain question, empty for anything else."""
    given = environ.get("QUERY_STRING", "")
    is_plain = environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] == "/sparql"
    if not is_plain or not given.startswith("query=") or "&" in given or ALONE & environ.keys():
        return ""
    try:
        text = unquote_to_bytes(given[6:].replace("+", " ")).decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return text if len(text) <= guard.MAX_CHARACTERS else ""


def _sent(
    start: Start, way: Way, answer: Answer, cut: Cut, first: bytes, tag: str
) -> Iterable[bytes]:
    """Send an answer with the headers of its kind."""
    kind = content_type(answer.media_type)
    headers = [*way.headers, ("Content-Type", kind), ("ETag", f'W/"{tag}"')]
    is_zipped = way.zips and len(first) >= sending.TINY
    if is_zipped:
        headers.append(("Content-Encoding", "gzip"))
    if cut.reason:
        headers.append(("Essaim-Truncated", cut.reason))

    def keep(body: bytes) -> None:
        if not cut.reason:
            way.warm.keep(tag, kind, body)

    if not answer.is_whole:
        chunks = sending.collected(chain([first], cut), keep)
        start("200 OK", headers)
        return sending.gzipped(chunks) if is_zipped else chunks
    keep(first)
    body = b"".join(sending.gzipped(iter([first]))) if is_zipped else first
    start("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]
