"""Answers ended early, which never pass for whole ones.

At most so many rows of a SELECT are sent, and an engine may stop at its number of bytes or at its
deadline. The answer then ends after a whole row, and says so where its format has a place for it: a
member of the JSON object after the results, a comment in XML, Turtle, N-Triples and their kin. CSV,
TSV and JSON-LD have no such place: unless the header can still say it, the answer breaks off with
an error, which the client sees as a connection that closed too soon.

Row ends are recognised as our own writers write them. In JSON a quotation mark inside a string has
a backslash before it, in XML `<` is `&lt;`, in TSV and N-Triples a line end is `\\n`: no text of
the data can be mistaken for a row end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kb.problems import QueryTooBig

ROWS = "rows"
LIMITS = {"too-many-bytes": "bytes", "too-long": "seconds"}  # code of a problem: what was reached
LONGEST_ROW = 4_000_000


@dataclass(frozen=True)
class _Form:
    """Where a row ends (and another one begins), what precedes the first, how to end early."""

    row_end: re.Pattern[bytes]
    heads: int = 0
    ending: str = ""
    is_rows: bool = True


def _lines(row_end: bytes) -> _Form:
    return _Form(re.compile(row_end), ending="# truncated: %s\n", is_rows=False)


FORMS = {
    "application/sparql-results+json": _Form(
        re.compile(rb'\}(?=,\{"[^"\\]*":\{"type":")'), ending=']},"truncated":"%s"}'
    ),
    "application/sparql-results+xml": _Form(
        re.compile(rb"</result>(?=<result>)"), ending="</results></sparql><!-- truncated: %s -->"
    ),
    "text/tab-separated-values": _Form(re.compile(rb"\n(?=.|\n)"), heads=1),
    "text/csv": _Form(re.compile(rb'"[^"]*(?:"|\Z)|\r\n(?=.|\r)'), heads=1),
    "application/n-triples": _lines(rb"\n(?=.)"),
    "application/n-quads": _lines(rb"\n(?=.)"),
    "text/turtle": _lines(rb" \.\n(?=.)"),
    "application/trig": _lines(rb" \.\n(?=.)"),
    "application/rdf+xml": _Form(
        re.compile(rb"</rdf:Description>\n(?=\t<)"),
        ending="</rdf:RDF>\n<!-- truncated: %s -->\n",
        is_rows=False,
    ),
}


class Cut(Iterator[bytes]):
    """The chunks of an answer, at most `max_rows` rows of it; `reason` says why it was cut, if so.

    `is_begun` is set by who has sent the header: a cut can be told there no more.
    """

    def __init__(self, chunks: Iterator[bytes], media_type: str, max_rows: int) -> None:
        self._chunks, self._form = chunks, FORMS.get(media_type)
        self._left = max_rows + self._form.heads if self._form else 0
        self._held, self._is_over, self._has_rows = b"", False, False
        self.max_rows, self.reason, self.is_begun = max_rows, "", False

    def __next__(self) -> bytes:
        while not self._is_over:
            if piece := self._piece():
                return piece
        raise StopIteration

    def close(self) -> None:
        """End the query; what is left unread is lost."""
        self._is_over = True
        if close := getattr(self._chunks, "close", None):
            close()

    def _piece(self) -> bytes:
        """Return the whole rows of the next chunk; the row begun waits for its end."""
        try:
            chunk = next(self._chunks)
        except StopIteration:
            self._is_over = True
            return self._held
        except QueryTooBig as problem:
            return self._ended(b"", LIMITS.get(problem.code, ""), problem)
        if self._form is None:
            return chunk
        return self._rows(self._form, self._held + chunk)

    def _rows(self, form: _Form, buffer: bytes) -> bytes:
        ends = [m.end() for m in form.row_end.finditer(buffer) if m.group()[:1] != b'"']
        if form.is_rows and len(ends) >= self._left:
            return self._ended(buffer[: ends[self._left - 1]], ROWS)
        self._left -= len(ends) if form.is_rows else 0
        last = ends[-1] if ends else 0
        self._has_rows = self._has_rows or bool(ends)
        self._held = buffer[last:]
        if len(self._held) > LONGEST_ROW:  # not written by us: passed on as it comes
            self._form, self._held = None, b""
            return buffer
        return buffer[:last]

    def _ended(self, rows: bytes, reason: str, problem: QueryTooBig | None = None) -> bytes:
        """Return the last bytes of an answer cut after whole rows; raise when it cannot say so."""
        self.close()
        ending = self._form.ending if self._form else ""
        if problem and not (reason and ending and self.is_begun and self._has_rows):
            raise problem
        if not ending and self.is_begun:
            raise QueryTooBig(
                f"the answer has more than {self.max_rows} rows; add a LIMIT",
                "too-many-rows", most=self.max_rows,
            )  # fmt: skip
        self.reason = reason
        return rows + (ending % reason).encode() if ending else rows
