"""Prefix lines that cannot be read, and prefixes that no line declares, with the line to write."""

from __future__ import annotations

import re
from bisect import bisect_right
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from kb.reading.addresses import SCHEMES
from kb.reading.document import PrefixLine
from kb.reading.page import replacing, shown
from kb.reading.places import Edit, Fix

if TYPE_CHECKING:
    from kb.reading.making import Match
    from kb.reading.turtle import Reader, Step

_PREFIX = re.compile(r"[ \t]*(?P<name>[\w.-]*)[ \t]*(?P<mark>[:=]?)[ \t]*(?P<iri>[^\r\n]*)")
_IRI = re.compile(r"[ \t]*[<\"'“«]?[ \t]*(?P<iri>[A-Za-z][\w+.-]*:[^\s<>\"'“”»{}|^`\\;]*+)")
_DIRECTIVE = re.compile(r"[ \t]+[\w.-]*[ \t]*:?[ \t]*<")
_END = re.compile(r"[ \t]*[.;,]?[ \t]*")


class Declaring:
    """Explains what is wrong with the prefixes of a reader."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.page = reader, reader.page

    @cached_property
    def in_order(self) -> list[PrefixLine]:
        """The prefix lines in the order of the text; asked for when all is read."""
        return sorted(self.page.prefixes.values(), key=lambda line: line.place)

    def malformed(self, start: int, found: Match) -> Step | None:
        """A prefix or base line lacks its colon, its brackets, or its address."""
        page = self.page
        written = found[found.lastgroup or 0]
        is_base = written.lstrip("@").lower() == "base"
        body = _PREFIX.match(page.text, found.end())
        if body is None:  # the pattern matches every text
            return self.reader.statement
        at, name = (found.end(), "") if is_base else (body.start("iri"), body["name"])
        iri = _IRI.match(page.text, at)
        address = iri["iri"].rstrip(".,") if iri else page.known.get(name, "")
        page.pos = end = self._end(iri, address) if iri else body.end()
        dot = " ." if written.startswith("@") else ""
        line = f"{written} {'' if is_base else name + ': '}<{address}>{dot}"
        fixes = replacing("write", start, end, line, is_safe=iri is not None) if address else ()
        page.problem("S033", start, end, {"text": shown(page.text[start:end])}, fixes)
        if address and is_base:
            page.base = address
            self.reader.maker.forget()
        elif address:
            self.reader.directives.declare(name, address, start, bool(dot))
        return self.reader.statement

    def _end(self, iri: re.Match[str], address: str) -> int:
        """Return where a malformed line ends: after its dot, or after its address."""
        text, at = self.page.text, iri.start("iri") + len(address)
        while text[at : at + 1] and text[at] in ">\"'”»":
            at += 1
        tail = _END.match(text, at)
        return tail.end() if tail and tail.group().strip() else at

    def misspelt(self, kind: str, found: Match) -> Step | None:
        """Return the step after a word that was meant to be `prefix` or `base`."""
        word = found[kind]
        near = get_close_matches(word.lstrip("@").lower(), ("prefix", "base"), 1, 0.75)
        start, end = found.span(kind)
        if not near or not re.match(
            r"[ \t]+[\w.-]*[ \t]*:?[ \t]*<", self.page.text[end : end + 99]
        ):
            return None
        right = "@" + near[0] if word.startswith("@") else near[0].upper()
        fixes = replacing("write", start, end, right, is_safe=True)
        self.page.problem("S033", start, end, {"text": word}, fixes)
        before = len(self.page.problems)
        meant = re.compile(r"(?s)(?P<at>@\w+)|(?P<word>\w+)").match(right)
        step = self.reader.directives.read(kind, meant) if meant else None
        if step and len(self.page.problems) == before:
            return step  # type: ignore[no-any-return]
        return self.reader.statement

    def unknown(self, prefix: str, places: list[tuple[int, int]]) -> None:
        """A prefix is used and not declared before: one problem for all its places."""
        page, (start, end) = self.page, places[0]
        if prefix in SCHEMES and prefix not in page.known:
            for at, stop in places:
                address = page.text[at:stop]
                written = replacing("write", at, stop, f"<{address}>", is_safe=True)
                page.problem("S044", at, stop, {"iri": shown(address)}, written)
            return
        declared = page.namespaces.get(prefix)
        namespace = declared or page.known.get(prefix)
        repairs: list[Fix] = []
        if namespace:
            at, line = self._line(prefix, namespace, start)
            values = {"text": line.strip()}
            repairs.append(Fix("declare", (Edit(at, at, line),), True, values))
        near = "" if namespace else self._near(prefix)
        if near:
            size = len(prefix)
            edits = [Edit(at, at + size, near) for at, _ in places]
            if near not in page.namespaces:
                at, line = self._line(near, page.known[near], start)
                edits.insert(0, Edit(at, at, line))
            repairs.append(Fix("rename-prefix", tuple(edits), False, {"text": near + ":"}))
        times = str(len(places)) if len(places) > 1 else ""
        values = {"prefix": prefix, "times": times, "near": near}
        page.problem("S030", start, end, values, tuple(repairs))

    def _near(self, prefix: str) -> str:
        """Return the prefix that was probably meant: one of the file, else a usual one, or ''."""
        page = self.page
        if not prefix or len(page.namespaces) >= 200:
            return ""
        usual = {name: "" for name in page.known if len(name) > 1}
        for names, least in ((page.namespaces, 0.6), (usual, 0.75)):
            if near := get_close_matches(prefix, names, 1, least):
                return near[0]
        return ""

    def _line(self, prefix: str, namespace: str, before: int) -> tuple[int, str]:
        """Return where the line of a prefix goes, and the line in the style of the others."""
        page = self.page
        lines = self.in_order
        at = bisect_right(lines, before, key=lambda line: line.place.end)
        last = lines[at - 1] if at else None
        ending = "\r\n" if "\r\n" in page.text[:10_000] else "\n"
        has_at = last.has_at if last else not lines
        line = f"@prefix {prefix}: <{namespace}> ." if has_at else f"PREFIX {prefix}: <{namespace}>"
        if last is None:
            return int(page.text.startswith("\ufeff")), line + ending
        starts = page.lines.starts
        if last.place.end_line < len(starts) and starts[last.place.end_line] <= before:
            return starts[last.place.end_line], line + ending
        return last.place.start, line + ending
