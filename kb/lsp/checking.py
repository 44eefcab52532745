"""Checks while typing: one a pause, each in a child process, the stale ones stopped.

An answer belongs to one state of a text; who asks for the findings of a state waits for the check
of just that one. At most two children run at once, whatever is open.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kb import files
from kb.check.apart import refused
from kb.lsp.buffers import Buffer

PAUSE_S = 0.25
LIMIT_S = 11.0  # a little more than the child allows itself
CHILDREN = 2
LARGEST = 5_000_000
Answer = dict[str, Any]
Told = Callable[[Buffer, Answer], None]


class Checking:
    """The checks under way and their answers, the latest of each text."""

    def __init__(self, told: Told, language: str = "fr") -> None:
        self.told, self.language = told, language
        self.under_way: dict[str, tuple[Buffer, asyncio.Task[Answer]]] = {}
        self._places: asyncio.Semaphore | None = None

    def start(self, buffer: Buffer, pause: float = PAUSE_S) -> asyncio.Task[Answer]:
        """Check a state of a text after a pause; the check of its earlier state is stopped."""
        self.forget(buffer.uri)
        task = asyncio.ensure_future(self._checked(buffer, pause))
        self.under_way[buffer.uri] = buffer, task
        return task

    def forget(self, uri: str) -> None:
        """Stop the check of a text and drop its answer."""
        if uri in self.under_way:
            self.under_way.pop(uri)[1].cancel()

    async def answer(self, buffer: Buffer) -> Answer:
        """Return the report on a state of a text; nothing when the text went on meanwhile."""
        known = self.under_way.get(buffer.uri)
        task = known[1] if known and known[0] is buffer else self.start(buffer, 0)
        await asyncio.wait([task])
        return {} if task.cancelled() else task.result()

    async def mended(self, buffer: Buffer) -> str:
        """Return a text with its safe repairs made; as it is when that takes too long."""
        done = await self._child(buffer, "mend")
        return buffer.text if done is None else done.decode()

    async def _checked(self, buffer: Buffer, pause: float) -> Answer:
        await asyncio.sleep(pause)
        answer = await self._report(buffer)
        self.told(buffer, answer)
        return answer

    async def _report(self, buffer: Buffer) -> Answer:
        if len(buffer.text) > LARGEST:
            return self._refused("X002", size=str(LARGEST // 1_000_000))
        done = await self._child(buffer, "check")
        if done is None:
            return self._refused("X004", seconds=f"{LIMIT_S - 1:g}")
        try:
            return dict(json.loads(done))
        except ValueError:  # the child died of what it read
            return self._refused("X005", size="1500")

    def _refused(self, code: str, **values: str) -> Answer:
        return dict(json.loads(refused(code, self.language, "json", values)))

    async def _child(self, buffer: Buffer, task: str) -> bytes | None:
        """Return what a child answers, b"" when it died; None when it was too slow."""
        self._places = self._places or asyncio.Semaphore(CHILDREN)
        asked = {"name": buffer.name, "form": buffer.form, "lang": self.language, "task": task}
        data = buffer.text.encode("utf-8", "replace")  # a lone surrogate becomes one sign
        async with self._places:
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "kb.lsp.checked", cwd=files.packages(),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )  # fmt: skip
            try:
                sent = json.dumps(asked).encode() + b"\n" + data
                done, _ = await asyncio.wait_for(child.communicate(sent), LIMIT_S)
            except TimeoutError:
                return None
            finally:
                with suppress(ProcessLookupError):
                    child.kill()
            return done if child.returncode == 0 else b""
