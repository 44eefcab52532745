"""Facts from a SPARQL endpoint, asked as a guest should: batches, one request a second.

A query is a `.rq` file that runs as it stands: it selects ?id, ?item, ?property, ?value and holds
one line `VALUES ?id { "…" }`, whose values are replaced by a batch, as literals. A `Retry-After`
(RFC 9110 §10.2.3) is honoured; requests name the software and whom to write to.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from importlib.metadata import version
from pathlib import Path
from urllib.error import HTTPError

import pyoxigraph as ox
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointInternalError, SPARQLWrapperException

from kb.enrich import EnrichProblem
from kb.enrich.facts import Fact
from kb.enrich.kept import Binding, Kept
from kb.terms import LANG_STRING, STRING, Iri, Literal, Term

VALUES = re.compile(r"VALUES\s+\?id\s*\{[^}]*\}")
VARIABLES = ("id", "item", "property", "value")
BUSY = (429, 502, 503, 504)
LONGEST_WAIT_S, TRIES = 600.0, 5
Progress = Callable[[str], None]


@dataclass
class Endpoint:
    """An endpoint and the manners towards it; `contact` is an address to write to."""

    address: str
    contact: str
    batch: int = 50
    pause_s: float = 1.0
    timeout_s: int = 90
    _last: float = 0.0

    def ask(self, query: str) -> list[Binding]:
        """Return the bindings of a SELECT, tried again when the endpoint is busy.

        Raises EnrichProblem when it cannot be reached, refuses the query, or stays busy.
        """
        for attempt in range(TRIES):
            self._wait(self.pause_s)
            try:
                return self._once(query)
            except HTTPError as error:
                if error.code not in BUSY:
                    raise EnrichProblem(f"{self.address}: answers {error.code}") from error
                asked = _retry_after(error.headers.get("Retry-After", ""))
                self._wait(asked if asked is not None else self.pause_s * 2**attempt)
            except EndPointInternalError:
                self._wait(self.pause_s * 2**attempt)
            except (SPARQLWrapperException, OSError, ValueError, HTTPException) as error:
                reason = str(error).strip().splitlines()[:1] or [type(error).__name__]
                raise EnrichProblem(f"{self.address}: no answer: {reason[0][:300]}") from error
        raise EnrichProblem(
            f"{self.address}: busy {TRIES} times in a row; run the same command later, it goes on"
        )

    def _once(self, query: str) -> list[Binding]:
        client = SPARQLWrapper(self.address, agent=f"essaim/{version('essaim')} ({self.contact})")
        client.setMethod(POST)
        client.setReturnFormat(JSON)
        client.setTimeout(self.timeout_s)
        client.setQuery(query)
        answer = json.loads(client.query().response.read())
        return list(answer["results"]["bindings"])

    def _wait(self, seconds: float) -> None:
        """Sleep until so many seconds have passed since the last request."""
        left = self._last + seconds - time.monotonic()
        if left > 0:
            time.sleep(left)
        self._last = time.monotonic()


def _retry_after(text: str) -> float | None:
    """Return the seconds to wait that a header names, as a number or a date; None where none is."""
    text = text.strip()
    if text.isdecimal():
        return min(float(text), LONGEST_WAIT_S)
    try:
        when = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    left = (when - datetime.now(when.tzinfo or UTC)).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT_S)


def from_endpoint(
    endpoint: Endpoint, query: str, wanted: Sequence[str], cache: Path,
    progress: Progress = lambda _: None,
) -> dict[str, list[Fact]]:  # fmt: skip
    """Return what an endpoint says of identifiers; what it said before is read from the cache.

    Raises EnrichProblem when the query is not of the form this module tells.
    """
    if not VALUES.search(query) or any(f"?{name}" not in query for name in VARIABLES):
        raise EnrichProblem(
            'the query: it selects ?id ?item ?property ?value and holds VALUES ?id { "…" }'
        )
    kept, found = Kept(cache, endpoint.address, query), dict[str, list[Fact]]()
    try:
        for batch in _batches(wanted, endpoint.batch):
            known = kept.answers(batch)
            fresh = [each for each in batch if each not in known]
            if fresh:
                kept.keep(datetime.now(UTC).date().isoformat(), _asked(endpoint, query, fresh))
                known |= kept.answers(fresh)
            for identifier, (day, bindings) in known.items():
                found[identifier] = list(_facts(bindings, endpoint.address, day))
            progress(f"{len(found)} of {len(wanted)} asked at {endpoint.address}")
    finally:
        kept.close()
    return {identifier: facts for identifier, facts in found.items() if facts}


def _batches(wanted: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]


def _asked(endpoint: Endpoint, query: str, batch: Sequence[str]) -> dict[str, list[Binding]]:
    terms = " ".join(str(ox.Literal(each)) for each in batch)
    bindings = endpoint.ask(VALUES.sub(lambda _: f"VALUES ?id {{ {terms} }}", query))
    answers: dict[str, list[Binding]] = {each: [] for each in batch}
    for binding in bindings:
        identifier = binding.get("id", {}).get("value", "")
        if identifier in answers and all(name in binding for name in VARIABLES):
            answers[identifier].append({name: binding[name] for name in VARIABLES})
    return answers


def _facts(bindings: Sequence[Binding], source: str, day: str) -> Iterator[Fact]:
    told = {
        Fact(b["item"]["value"], b["property"]["value"], _term(b["value"]), source, day)
        for b in bindings
        if b["value"]["type"] != "bnode" and b["item"]["type"] == "uri"
    }
    yield from sorted(told, key=lambda fact: (fact.item, fact.property, str(fact.value)))


def _term(value: dict[str, str]) -> Term:
    if value["type"] == "uri":
        return Iri(value["value"])
    language = value.get("xml:lang", "")
    datatype = value.get("datatype", LANG_STRING if language else STRING)
    return Literal(value["value"], datatype, language)
