"""How much one client may ask: so many questions a minute, so many at once.

A client is an IPv4 address or an IPv6 /64 network, which is what one subscriber gets. Nothing of it
leaves this process, and nothing is kept beyond a minute. Only questions count, not pages: those
are answered in milliseconds, mostly from memory.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from kb.problems import EngineProblem


class TooManyQuestions(EngineProblem):
    """A client asked too much; `retry_s` says when to come back."""

    def __init__(self, message: str, code: str, retry_s: int, **values: object) -> None:
        super().__init__(message, code, seconds=retry_s, **values)
        self.retry_s = retry_s


class Clients:
    """The limits for each client; 0 means none."""

    def __init__(self, per_minute: int = 0, at_once: int = 0) -> None:
        self.per_minute, self.at_once = per_minute, at_once
        self._rate = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def asking(self, address: str) -> Iterator[None]:
        """Count a question while it is answered. Raises TooManyQuestions."""
        client = network(address)
        self._refuse_frequent(client)
        with self._lock:
            if self.at_once and self._running[client] >= self.at_once:
                raise TooManyQuestions(
                    f"{self.at_once} of your questions are being answered; wait for one to end",
                    "too-many-at-once", 1, most=self.at_once,
                )  # fmt: skip
            self._running[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[client] -= 1
                if not self._running[client]:
                    del self._running[client]

    def _refuse_frequent(self, client: str) -> None:
        if self._rate is None or self._window.hit(self._rate, client):
            return
        until = self._window.get_window_stats(self._rate, client).reset_time
        raise TooManyQuestions(
            f"more than {self.per_minute} questions in a minute; slow down, or take the dump",
            "too-many-questions", max(1, math.ceil(until - time.time())), most=self.per_minute,
        )  # fmt: skip


def network(address: str) -> str:
    """Return what stands for a client: its IPv4 address or its IPv6 /64.

    >>> network("2001:db8:1:2:3:4:5:6")
    '2001:db8:1:2::/64'
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
