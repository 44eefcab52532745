"""What another engine answered instead of rows, as one of our problems.

Statuses are those of SPARQL 1.1 Protocol §2.1.6 and RFC 9110; the words of an engine are shown
shortened, as text, and never with the address it was asked at.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable

import httpcore
import httpx
import pyoxigraph as ox

from kb import terms
from kb.engine.contract import GRAPHS, NotAcceptable
from kb.engine.wire import Reply
from kb.problems import (
    EngineProblem,
    EngineUnavailable,
    QueryRefused,
    QuerySyntax,
    QueryTooBig,
)

SHOWN, READ = 300, 20_000
TOO_LONG = re.compile(r"time[sd]?[ -]?out|timeout|deadline|too long|execution time|S1T00|cancel")
PLACE = (
    re.compile(r"\berror at (?P<line>\d+):(?P<column>\d+)"),
    re.compile(r"\bline:? (?P<line>\d+),? col(?:umn)?:? (?P<column>\d+)", re.IGNORECASE),
    re.compile(r"\bline (?P<line>\d+)\b", re.IGNORECASE),
)
VIRTUOSO = re.compile(r"^Virtuoso \w+ Error (?:\w+: )?(?:SPARQL compiler, )?")
TRUTHS = {
    "application/sparql-results+json": '{"head":{ },"boolean":{}}',
    "application/sparql-results+xml": '<?xml version="1.0"?>'
    '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>{}</boolean></sparql>',
}
Made = Callable[[str], EngineProblem]


def truth(media_type: str, rows: bytes) -> bytes:
    """Return the answer to ASK that one CSV row of 1 or 0 stands for; no row is false."""
    word = str(rows.split()[-1:] == [b"1"]).lower()
    return TRUTHS.get(media_type, "{}").replace("{}", word).encode()


def graph(media_type: str, answered: str, chunks: Iterable[bytes]) -> bytes:
    """Return a graph in another form than the engine's.

    Raises EngineUnavailable for what is no graph in the form it says it is.
    """
    try:
        triples = ox.parse(b"".join(chunks), GRAPHS.get(answered, ox.RdfFormat.N_TRIPLES))
        return ox.serialize(triples, format=GRAPHS[media_type], prefixes=terms.prefixes()) or b""
    except SyntaxError as error:
        raise unavailable(f"the engine wrote no correct {answered}: {error}") from error


def problem(reply: Reply, seconds: float, shift: int) -> EngineProblem:
    """Return why a reply is no answer; `shift` lines of the query were ours, not the client's."""
    body = reply.start(READ)
    media_type = reply.headers.get("content-type", "")
    status, said = reply.status, _said(body, media_type)
    told = _own(body, media_type, shift)
    if told is not None:
        return told
    if 300 <= status < 400:
        return _moved(reply.headers.get("location", ""))
    if status == 206 or status in (408, 504) or (status >= 500 and TOO_LONG.search(said.lower())):
        return too_long(seconds)
    if status == 400:
        return _syntax(said, shift)
    return STATUSES.get(status, _other(status))(said)


def refusal(reply: Reply) -> EngineProblem:
    """Return why a reply to something other than a query is none."""
    said = _said(reply.start(READ), reply.headers.get("content-type", ""))
    if 300 <= reply.status < 400:
        return _moved(reply.headers.get("location", ""))
    return STATUSES.get(reply.status, _other(reply.status))(said)


def broken(error: Exception) -> EngineProblem:
    """Return the problem of a connection that failed while no query was asked."""
    if isinstance(error, (httpcore.TimeoutException, httpx.TimeoutException)):
        return unavailable("the engine does not answer")
    return lost(error, 0)


def lost(error: Exception, seconds: float) -> EngineProblem:
    """Return the problem of a connection that failed."""
    if isinstance(error, httpcore.ConnectTimeout):
        return unavailable("the engine cannot be reached: it does not answer")
    if isinstance(error, (httpcore.TimeoutException, httpx.TimeoutException)):
        return too_long(seconds)
    if isinstance(error, httpcore.ConnectError):
        return unavailable(f"the engine cannot be reached: {error}")
    return unavailable(f"the engine broke off: {error}")


def too_long(seconds: float) -> QueryTooBig:
    """Return the problem of a query given up after so many seconds."""
    return QueryTooBig(
        f"the query was stopped after {seconds:.3g} s; bind more terms, join the patterns, "
        "or add a LIMIT",
        "too-long",
        seconds=round(seconds, 1),
    )


def too_many_bytes(most: int) -> QueryTooBig:
    """Return the problem of an answer larger than so many bytes."""
    return QueryTooBig(f"the answer exceeds {most} bytes; add a LIMIT", "too-many-bytes", most=most)


def unavailable(message: str) -> EngineUnavailable:
    """Return the problem of an engine that cannot be asked."""
    return EngineUnavailable(message, "unavailable")


def no_results(media_type: str) -> EngineUnavailable:
    """Return the problem of an answer in a form that is none of SPARQL's."""
    kind = media_type.partition(";")[0].strip() or "nothing known"
    return unavailable(f"the engine answered {kind} where rows were due; is its address right?")


def _said(body: bytes, media_type: str) -> str:
    """Return the words of a reply on one line, without mark-up."""
    text = body.decode("utf-8", "replace")
    if "html" in media_type or text.lstrip()[:1] == "<":
        text = html.unescape(
            re.sub(r"(?s)<(script|style|head).*?</\1>|</?\w[^>]*>|<!.*?>", " ", text)
        )
    text = VIRTUOSO.sub("", text.partition("SPARQL query:")[0])  # it repeats the query
    return " ".join(text.split())[:SHOWN]


def _own(body: bytes, media_type: str, shift: int) -> EngineProblem | None:
    """Return the problem another essaim told as RFC 9457, with its code."""
    if not media_type.startswith("application/problem+json"):
        return None
    try:
        told = json.loads(body)
        code, detail = str(told["code"]), str(told["detail"])
    except (ValueError, KeyError, TypeError):
        return None
    if code == "syntax":
        line, column = int(told.get("line") or 0), int(told.get("column") or 0)
        return QuerySyntax(detail, max(0, line - shift), column)
    kinds: tuple[tuple[str, type[EngineProblem]], ...] = (
        ("refused-", QueryRefused), ("too-", QueryTooBig), ("crashed", QueryTooBig),
        ("not-acceptable", NotAcceptable),
    )  # fmt: skip
    kind = next((kind for start, kind in kinds if code.startswith(start)), EngineUnavailable)
    return kind(detail, code, **told.get("values", {}))


def _syntax(said: str, shift: int) -> EngineProblem:
    found = next(filter(None, (place.search(said) for place in PLACE)), None)
    if found is None:
        return QuerySyntax(f"the engine does not understand the query: {said}")
    groups = found.groupdict()
    line = max(1, int(groups["line"]) - shift)
    column = int(groups.get("column") or 0)
    where = f"line {line}" + (f", column {column}" if column else "")
    reason = (said[: found.start()] + said[found.end() :]).strip(" :,")
    return QuerySyntax(f"{where}: {reason}", line, column)


def _moved(location: str) -> EngineProblem:
    host = httpx.URL(location).host if location else ""
    where = f"to {host}" if host else "elsewhere"
    return unavailable(
        f"the engine sends us {where} (a redirect), where we do not follow; configure its address"
    )


def _other(status: int) -> Made:
    return lambda said: unavailable(f"the engine answered {status}: {said or 'no reason given'}")


STATUSES: dict[int, Made] = {
    401: lambda said: unavailable(
        "the engine wants other credentials (401); set ESSAIM_ENGINE_USER and "
        "ESSAIM_ENGINE_PASSWORD, or ESSAIM_ENGINE_TOKEN"
    ),
    403: lambda said: unavailable(f"the engine forbids us this (403): {said}"),
    404: lambda said: unavailable("the engine knows no such address (404); is it right?"),
    406: lambda said: NotAcceptable(
        f"the engine does not write this form: {said}", "not-acceptable"
    ),
    413: lambda said: QueryRefused(f"the engine finds the query too long: {said}"),
    414: lambda said: QueryRefused(f"the engine finds the query too long: {said}"),
    429: lambda said: EngineUnavailable("the engine is busy; try again later", "busy", seconds=10),
}
