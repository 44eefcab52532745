"""Questions from outside: an engine that counts who asks, keeps the limits and notes the outcome.

It stands between the endpoint and the pool, so that every way in (`/sparql`, `/q`) is counted
alike, and a question counts as running until its last byte was read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from flask import request

from kb.engine import DEADLINE_S, MAX_BYTES, Answer, Asked, Engine
from kb.problems import EngineProblem
from web.clients import Clients
from web.watch import ASKED


class Asking(Engine):
    """An engine behind the limits of a site: seconds and bytes for one answer, clients."""

    def __init__(
        self, engine: Engine, clients: Clients, deadline_s: float = DEADLINE_S,
        max_bytes: int = MAX_BYTES,
    ) -> None:  # fmt: skip
        self.engine, self.clients = engine, clients
        self.deadline_s, self.max_bytes = deadline_s, max_bytes

    def answer(self, asked: Asked) -> Answer:
        """See Engine.answer; raises TooManyQuestions too. Only within a request."""
        return self.asked(asked, request.environ)

    def asked(self, asked: Asked, environ: dict[str, Any]) -> Answer:
        """Answer a question of the request with this WSGI environment; see `answer`."""
        noted: dict[str, object] = {"release": self.engine.release_id(), "query": asked.text}
        limited = dataclasses.replace(
            asked, deadline_s=min(asked.deadline_s, self.deadline_s),
            max_bytes=min(asked.max_bytes, self.max_bytes),
        )  # fmt: skip
        environ[ASKED] = noted
        with ExitStack() as stack:
            try:
                stack.enter_context(self.clients.asking(environ.get("REMOTE_ADDR") or ""))
                answer = self.engine.answer(limited)
            except EngineProblem as problem:
                noted["code"] = problem.code or "problem"
                raise
            return dataclasses.replace(
                answer, chunks=_Counted(answer.chunks, noted, stack.pop_all())
            )

    def release_id(self) -> str:
        """See Engine.release_id."""
        return self.engine.release_id()

    def capabilities(self) -> dict[str, tuple[str, ...]]:
        """See Engine.capabilities."""
        return self.engine.capabilities()

    def health(self) -> str:
        """See Engine.health."""
        return self.engine.health()


class _Counted(Iterator[bytes]):
    """The chunks of an answer; its question is over when they are read, closed or forgotten."""

    def __init__(self, chunks: Iterator[bytes], noted: dict[str, object], over: ExitStack) -> None:
        self._chunks, self._noted, self._over = chunks, noted, over

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except StopIteration:
            self._over.close()
            raise
        except EngineProblem as problem:
            self._noted["code"] = problem.code or "problem"
            self._over.close()
            raise

    def close(self) -> None:
        """Stop the query."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            close()
        self._over.close()

    def __del__(self) -> None:
        self.close()
