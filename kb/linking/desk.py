"""`essaim link review --web`: a page of this machine alone, open while the command runs.

It listens on the loopback address only. The address of the page holds a secret made at the start;
whatever lacks it, names another host (DNS rebinding) or is sent by a page of another origin is
refused before it is read. No file of another host is used, and nothing is stored but the decisions.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from kb.linking import decisions
from kb.linking.page import HERE, LANGUAGES, page
from kb.linking.review import instead, waiting
from kb.sssom import Link, LinkFileProblem, MappingSet

HOST = "127.0.0.1"
LONGEST_FORM = 20_000
FILES = {"review.css": "text/css; charset=utf-8", "review.js": "text/javascript; charset=utf-8"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
                               "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}  # fmt: skip


@dataclass
class Desk:
    """What is being reviewed: the proposals, who decides, where, and what can be undone."""

    links: MappingSet
    author: str = ""
    where: Path | None = None
    done: list[Link] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, at: int, lang: str) -> str:
        """Return the page of the proposal at a place of the queue."""
        queue = waiting(self.links, self.where)
        addresses = {each.object_id: self.links.expanded(each.object_id) for each in queue}
        kept = decisions.place(self.links, self.where)
        return page(queue, at, lang, kept, can_undo=bool(self.done), addresses=addresses)

    def decide(self, given: Mapping[str, str]) -> int:
        """Keep a decision, or take the last one back; return the place to show next.

        Raises LinkFileProblem when no such row is proposed.
        """
        if given.get("do") == "undo":
            return self._undone()
        found = [x for x in self.links.mappings if x.subject_id == given.get("subject")]
        if not found or given.get("do") not in ("accepted", "rejected"):
            raise LinkFileProblem("no such proposal")
        one = found[0]
        if given.get("object") != one.object_id:  # a rival was chosen
            one = instead(one, given.get("object", ""), given.get("label", ""))
            self.links.expanded(one.object_id)
        decisions.decide(self.links, one, given["do"], self.author, self.where)
        self.done.append(one)
        return int(given.get("at", "0")) if given.get("at", "0").isdecimal() else 0

    def _undone(self) -> int:
        if not self.done:
            return 0
        last = self.done.pop()
        decisions.decide(self.links, last, "proposed", where=self.where)
        subjects = [each.subject_id for each in waiting(self.links, self.where)]
        return subjects.index(last.subject_id) if last.subject_id in subjects else 0


class Server(ThreadingHTTPServer):
    """A desk on a port of the loopback address; `address` holds the secret."""

    daemon_threads = True

    def __init__(self, desk: Desk, port: int = 0) -> None:
        self.desk, self.token = desk, secrets.token_urlsafe(24)
        super().__init__((HOST, port), _Handler)
        self.hosts = {f"{name}:{self.server_port}" for name in (HOST, "localhost")}

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 30

    def do_GET(self) -> None:
        """Answer the page, or one of its files."""
        name = self._asked()
        if name in FILES:
            return self._send(HTTPStatus.OK, (HERE / name).read_text(encoding="utf-8"), FILES[name])
        if name != "":
            return self._refuse(HTTPStatus.NOT_FOUND)
        given = _first(urlsplit(self.path).query)
        at, lang = given.get("at", "0"), self._language(given)
        with self.server.desk.lock:
            text = self.server.desk.page(int(at) if at.isdecimal() else 0, lang)
        return self._send(HTTPStatus.OK, text)

    def do_POST(self) -> None:
        """Take a decision from a form of the page."""
        length = self.headers.get("Content-Length", "")
        origin = self.headers.get("Origin")
        ours = {f"http://{host}" for host in self.server.hosts}
        if self._asked() != "decide":
            return self._refuse(HTTPStatus.NOT_FOUND)
        if origin is not None and origin not in ours:
            return self._refuse(HTTPStatus.FORBIDDEN)
        if not length.isdecimal() or int(length) > LONGEST_FORM:
            return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        given = _first(self.rfile.read(int(length)).decode("utf-8", "replace"))
        try:
            with self.server.desk.lock:
                at = self.server.desk.decide(given)
        except LinkFileProblem as problem:
            return self._send(HTTPStatus.BAD_REQUEST, str(problem), "text/plain; charset=utf-8")
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", f"/{self.server.token}/?lang={self._language(given)}&at={at}")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _asked(self) -> str | None:
        """Return what is asked after the secret; None when secret or host is not ours."""
        first, _, name = urlsplit(self.path).path.removeprefix("/").partition("/")
        known = secrets.compare_digest(first.encode(), self.server.token.encode())
        return name if known and self.headers.get("Host") in self.server.hosts else None

    def _language(self, given: Mapping[str, str]) -> str:
        if given.get("lang") in LANGUAGES:
            return given["lang"]
        wanted = self.headers.get("Accept-Language", "fr").lower()
        return "en" if wanted.startswith("en") else "fr"

    def _refuse(self, status: HTTPStatus) -> None:
        self._send(status, status.phrase, "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, text: str, kind: str = "text/html; charset=utf-8") -> None:
        octets = text.encode()
        self.send_response(status)
        for name, value in {**HEADERS, "Content-Type": kind}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: the address holds the secret."""


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
