"""How the bytes of an answer leave: within limits, kept for the next client, compressed.

Large answers flow as they come; the first bytes are never held back for compression (RFC 9110
§12.5.3 Accept-Encoding, §8.4 Content-Encoding). Answers of one release do not change, so small ones
are kept, by entity tag, in a bounded memory.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from threading import Lock

from flask import Response, request

from web.negotiation import preferences

KEPT_BYTES, LARGEST_KEPT = 64_000_000, 1_000_000
REPEATED = "essaim.repeated"  # in the environment of a request that the memory here answered
TINY = 1024
LEVEL = 1  # rows repeat themselves: level 6 takes three times the CPU for a tenth fewer bytes


class Warm:
    """Answers by entity tag, the least recently asked for dropped first; safe between threads."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most, self._size, self._lock = most, 0, Lock()
        self._kept: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    def find(self, tag: str) -> tuple[str, bytes] | None:
        """Return the content type and the bytes of an answer, when they are kept."""
        with self._lock:
            if tag in self._kept:
                self._kept.move_to_end(tag)
            return self._kept.get(tag)

    def keep(self, tag: str, content_type: str, body: bytes) -> None:
        """Keep an answer of at most LARGEST_KEPT bytes."""
        if len(body) > LARGEST_KEPT:
            return
        with self._lock:
            before = self._kept.pop(tag, ("", b""))
            self._kept[tag] = (content_type, body)
            self._size += len(body) - len(before[1])
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1][1])


def streamed(chunks: Iterator[bytes], first: int, content_type: str) -> Response:
    """Return an answer as it comes, `first` bytes in its first chunk; zipped where that pays."""
    return _response(chunks, content_type, is_small=first < TINY)


def whole(body: bytes, content_type: str) -> Response:
    """Return an answer all of whose bytes are known."""
    response = _response(iter([body]), content_type, is_small=len(body) < TINY)
    if "Content-Encoding" not in response.headers:
        response.content_length = len(body)
    return response


def collected(chunks: Iterator[bytes], done: Callable[[bytes], None]) -> Iterator[bytes]:
    """Hand chunks on, and give all of them to `done` at the end if they are not too large."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size <= LARGEST_KEPT:
            parts.append(chunk)
        else:
            parts.clear()
        yield chunk
    if size <= LARGEST_KEPT:
        done(b"".join(parts))


def _response(chunks: Iterator[bytes], content_type: str, *, is_small: bool) -> Response:
    zipped = not is_small and takes_gzip(request.headers.get("Accept-Encoding", ""))
    if request.method == "HEAD":
        body: Iterator[bytes] = iter(())
    else:
        body = gzipped(chunks) if zipped else chunks
    response = Response(body, content_type=content_type)
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


def takes_gzip(header: str) -> bool:
    """Tell whether a client takes gzip, from its Accept-Encoding."""
    weights = dict(reversed(preferences(header)))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0))) > 0


def gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Compress chunk by chunk; the first is flushed, so that it arrives at once."""
    packer = zlib.compressobj(LEVEL, wbits=31)  # 31: with the header and checksum of gzip
    flush = zlib.Z_SYNC_FLUSH
    for chunk in chunks:
        if packed := packer.compress(chunk) + packer.flush(flush):
            yield packed
        flush = zlib.Z_NO_FLUSH
    yield packer.flush()
