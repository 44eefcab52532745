"""Named graphs of another engine, read and replaced whole: the SPARQL 1.1 Graph Store Protocol.

https://www.w3.org/TR/sparql11-http-rdf-update/ §5. Writing exists here alone, for publication.
"""

from __future__ import annotations

import time
from urllib.parse import urljoin

from kb.engine import replies
from kb.engine.remote import FAILURES, RemoteEngine, checked
from kb.engine.wire import Reply

ACCEPTED = "application/n-triples, text/turtle;q=0.5"
# N-Triples are Turtle, and Turtle is what every graph store takes
SENT = "text/turtle"
GRAPH_S = 1800.0


class GraphStore:
    """The graphs behind an engine, asked with the same credentials."""

    def __init__(self, engine: RemoteEngine, address: str = "") -> None:
        """`address` is that of the graph store; without it, the usual one of the engine's kind.

        Raises ReleaseProblem for an address that is none, EngineUnavailable without an answer.
        """
        dialect = engine.dialect()
        self._wire, self._parameter = engine.wire, dialect.graph
        self.address = checked(address or urljoin(engine.address, dialect.store))

    def graph(self, name: str) -> bytes:
        """Return a graph in N-Triples or Turtle; b"" when there is none."""
        reply = self._send("GET", name, headers={"Accept": ACCEPTED})
        return self._whole(reply, 200, 204) if reply.status not in (404, 410) else _nothing(reply)

    def replace(self, name: str, triples: bytes) -> None:
        """Make a graph hold these triples, in N-Triples, and nothing else."""
        headers = {"Content-Type": SENT}
        self._whole(self._send("PUT", name, headers=headers, content=triples), 200, 201, 204)

    def delete(self, name: str) -> None:
        """Remove a graph; none is left either way."""
        self._whole(self._send("DELETE", name), 200, 202, 204, 404)

    def _send(
        self,
        method: str,
        name: str,
        *,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        try:
            return self._wire.send(
                method, self.address, deadline=time.monotonic() + GRAPH_S,
                params={self._parameter: name}, headers=headers, content=content,
            )  # fmt: skip
        except FAILURES as error:
            raise replies.broken(error) from error

    def _whole(self, reply: Reply, *statuses: int) -> bytes:
        """Return the body of a reply of one of these statuses; raises a problem for another."""
        if reply.status not in statuses:
            raise replies.refusal(reply)
        try:
            return b"".join(reply.chunks())
        except FAILURES as error:
            raise replies.broken(error) from error


def _nothing(reply: Reply) -> bytes:
    reply.close()
    return b""
