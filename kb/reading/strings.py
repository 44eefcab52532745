"""Strings, their language tags and datatypes (RDF 1.1 Turtle §2.5.1, §6.4), and their mistakes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kb.reading.addresses import bare
from kb.reading.page import XSD, replacing, shown
from kb.reading.places import Edit, Fix
from kb.reading.tokens import GAP_SUFFIX, SUFFIX

if TYPE_CHECKING:
    from kb.reading.making import Maker, Match

BOOLEAN = ox.NamedNode(XSD + "boolean")
LONGEST = 16_777_216  # bytes: what pyoxigraph refuses beyond
NEAR = 5000  # how far a quote is looked for that may close a string
_SHORT = {q: re.compile(rf"(?:[^{q}\\\r\n]++|\\[^\r\n])*+") for q in "\"'"}
_LONG = {q * 3: re.compile(rf"(?:[^{q}\\]++|\\.|{q}(?!{q}{q}))*+", re.DOTALL) for q in "\"'"}
_LINE = re.compile(r"[^\r\n]*+")
_AFTER = r"(?=[ \t]*+(?:@[\w-]++|\^\^[^\s;,]++)?+[ \t]*+(?:[;,.\])}](?:\s|\Z)|[\])}]|\#|[\r\n]|\Z))"
_CLOSES = {q: re.compile(q + _AFTER) for q in ('"', "'", "[”»“]", "[»”]", "[’‘']", "[’‘´`']")}
_TAIL = re.compile(
    r"[ \t]*+(?:@[A-Za-z][\w-]*+|\^\^[^\s;,]++)?+[ \t]*+(?P<sign>[;,.\])}]*+)[ \t]*+(?:\#.*)?$"
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.?))", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WRONG_TAG = re.compile(r"@?[\w-]++")
_TAG_BEFORE = re.compile(r"@[A-Za-z]{2,3}(?:-\w+)*[\s,;.]*\Z")
_TAG_ALONE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?+(?=[ \t]*+[;,.\])}\r\n])")
_CARET = re.compile(r"\^\^?+[ \t]*+(?P<what>[^\s;,\])}]*+)")
_RUN = re.compile(r"(?:[^\s;,.:\[\](){}<>\"\#@]++|[ \t]++(?![\w.-]*+:)|\.(?=\w))*+")
_STARTS = re.compile(r"\s*+(?:[\w.-]*:|<|a\s|[\[\](){};.,#]|@|_:|\Z)")
# what can follow the closing quote: the rest of the literal, its sign, then a term or the end
_NEXT = re.compile(
    r"(?:@[\w-]++|\^\^[^\s;,]++)?+[ \t]*+[;,.\])}]*+"
    r"\s*+(?:[\w.-]*:|<|a\s|[\[\](){};.,#\"'@+\d-]|_:|true\b|false\b|\Z)"
)
_CURLY = {"“": "[”»“]", "”": "[”»“]", "„": "[”»“]", "«": "[»”]", "»": "[»”]"}


def short(maker: Maker, found: Match) -> ox.Literal | None:
    """Return the literal of a string without escapes; its quotes are at both ends."""
    raw = found["text"]
    return literal(maker, raw[1:-1], found.start("text"), raw[0])


def opened(maker: Maker, found: Match) -> ox.Literal | None:
    """Return the literal of a string that has escapes, is long, or does not end as it should."""
    page, quote, start = maker.page, found["quote"], found.start("quote")
    inside = (_LONG if len(quote) == 3 else _SHORT)[quote].match(page.text, found.end())
    end = inside.end() if inside else found.end()
    if page.text.startswith(quote, end):
        page.pos = end + len(quote)
        raw = page.text[found.end() : end]
        return literal(maker, unescaped(maker, raw, found.end()), start, quote)
    if len(quote) == 3:
        page.problem("S050", start, start + 3, {"quote": quote, "text": ""})
        page.pos, page.is_cut = len(page.text), True
        return None
    return _unclosed(maker, start, quote)


def literal(maker: Maker, value: str, start: int, quote: str) -> ox.Literal | None:
    """Return the literal of a value and of what follows it: `@fr`, `^^xsd:date`, or nothing."""
    page = maker.page
    if len(value) > LONGEST // 4 and len(value.encode()) > LONGEST:
        page.problem("S071", start, start + len(quote), {"bytes": str(LONGEST)})
        return None
    follows = page.text[page.pos : page.pos + 1]
    if follows in ("@", "^"):
        return _typed(maker, value, start)
    if follows.isalnum() or follows == quote or follows == "_":
        return _goes_on(maker, value, start, quote)
    if follows <= "#" and (gap := GAP_SUFFIX.match(page.text, page.pos)):
        page.pos = gap.end()
        return _typed(maker, value, start)
    return ox.Literal(value)


def _typed(maker: Maker, value: str, start: int) -> ox.Literal | None:
    page = maker.page
    found = SUFFIX.match(page.text, page.pos)
    kind = found.lastgroup if found else ""
    if found and kind == "at":
        follows = page.text[found.end() : found.end() + 1]
        if not follows.isalnum() and follows not in ("_", "-"):
            try:
                made = ox.Literal(value, language=found["at"][1:])
            except ValueError:
                return _wrong_tag(maker, value)
            page.pos = found.end()
            return made
        return _wrong_tag(maker, value)
    if found:
        page.pos = found.end()
        make = maker.name_at if kind == "name" else maker.iri_at
        node = make(found[kind or 0], *found.span(kind or 0))
        return ox.Literal(value, datatype=node) if node else None
    return _wrong_type(maker, value) if page.text[page.pos] == "^" else _wrong_tag(maker, value)


def _wrong_tag(maker: Maker, value: str) -> ox.Literal:
    """The language tag is no tag of BCP 47, as `@fr_FR` or `@français`."""
    page, start = maker.page, maker.page.pos
    found = _WRONG_TAG.match(page.text, start)
    page.pos = end = found.end() if found else start + 1
    tag = page.text[start + 1 : end]
    better = re.sub(r"[_-]+", "-", tag).strip("-")
    fixes: tuple[Fix, ...] = ()
    try:  # BCP 47 refuses more than the letters show, such as a subtag given twice
        made = ox.Literal(value, language=better)
        fixes = replacing("write", start, end, "@" + better, is_safe=True)
    except ValueError:
        made = ox.Literal(value)
    page.problem("S055", start, end, {"tag": tag}, fixes)
    return made


def _wrong_type(maker: Maker, value: str) -> ox.Literal | None:
    """What follows ^^ is no IRI, or one ^ is missing."""
    page, start = maker.page, maker.page.pos
    found = _CARET.match(page.text, start)
    what = found["what"].rstrip(".") if found else ""
    at = found.start("what") if found else start
    page.pos = end = at + len(what)
    named = re.fullmatch(r"([\w-]+:)?(\w+)", what)
    if not named:
        page.problem("S057", start, max(end, start + 1), {"text": shown(what)})
        return ox.Literal(value)
    name = what if named[1] else page.datatype(what)
    fixes = replacing("write", start, end, "^^" + name, is_safe=bool(named[1]))
    page.problem("S057", start, end, {"text": shown(what)}, fixes)
    if named[1]:
        node = maker.name_at(what, at, end)
        return ox.Literal(value, datatype=node) if node else None
    return ox.Literal(value, datatype=ox.NamedNode(XSD + what))


def _goes_on(maker: Maker, value: str, start: int, quote: str) -> ox.Literal | None:
    """A letter or a quote follows the closing quote: it was not the closing one, or @ lacks."""
    page, text = maker.page, maker.page.text
    tag = _TAG_ALONE.match(text, page.pos)
    if tag:
        fixes = replacing("add", page.pos, page.pos, "@", is_safe=True)
        page.problem("S056", page.pos, tag.end(), {"tag": tag.group()}, fixes)
        page.pos = tag.end()
        return ox.Literal(value, language=tag.group())
    if len(quote) == 3 or page.pos < page.futile.get(quote, 0):
        return ox.Literal(value)
    stop = _line_end(text, page.pos, NEAR)
    closing = _CLOSES[quote].finditer(text, page.pos, stop)
    close = next((close for close in closing if _NEXT.match(text, close.end())), None)
    if not close:
        page.futile[quote] = stop
        return ox.Literal(value)
    inner = [at for at in range(start + 1, close.start())
             if text[at] == quote and text[at - 1] != "\\"]  # fmt: skip
    edits = tuple(Edit(at, at, "\\") for at in inner)
    # `"nom@fr, "name"@en`: it is the closing quote that lacks, and two strings would become one
    is_safe = quote not in text[close.end() : stop] and not any(
        _TAG_BEFORE.search(text, max(start, at - 40), at) for at in inner
    )
    fix = Fix("escape-quotes", edits, is_safe, {"text": "\\" + quote})
    last = inner[-1] + 1 if inner else page.pos
    page.problem("S051", inner[0] if inner else start, last, {"quote": quote}, (fix,))
    page.pos = close.end()
    return literal(
        maker, unescaped(maker, text[start + 1 : close.start()], start + 1), start, quote * 3
    )


def _line_end(text: str, at: int, most: int = 1 << 62) -> int:
    found = _LINE.match(text, at, min(len(text), at + most))
    return found.end() if found else at


def _unclosed(maker: Maker, start: int, quote: str) -> ox.Literal | None:
    """The line ends before the string does: a quote lacks here, or the string has several lines."""
    page, text = maker.page, maker.page.text
    stop = _line_end(text, start)
    tail = _TAIL.search(text, max(start + 1, stop - 200), stop)
    at = tail.start() if tail else stop
    ends = bool(tail and tail["sign"]) and _STARTS.match(text, stop) is not None
    close = None if ends else _CLOSES[quote].search(text, stop, stop + NEAR)
    if close and not re.search(rf"{quote}", text[stop : close.start()]):
        page.pos = close.end()
        three = (Edit(start, start + 1, quote * 3), Edit(close.start(), close.end(), quote * 3))
        fix = Fix("three-quotes", three, False, {"text": quote * 3})
        page.problem("S052", start, stop, {"quote": quote}, (fix,))
        value = unescaped(maker, text[start + 1 : close.start()], start + 1)
        return literal(maker, value, start, quote * 3)
    has_other = text[at - 1 : at] in ("”", "»", "“", "’") and at - 1 > start
    end = at - has_other
    fixes = replacing("add", end, at, quote)
    value = text[start + 1 : end]
    page.problem("S050", start, at, {"quote": quote, "text": shown(value)}, fixes)
    page.pos, page.is_cut = at, stop == len(text) and not (tail and tail["sign"])
    if len(value) > LONGEST // 4:
        return None
    return literal(maker, unescaped(maker, value, start + 1), start, quote * 3)


def unescaped(maker: Maker, raw: str, at: int) -> str:
    """Return a string without its escapes; `at` is its offset, for what is wrong in it."""
    if "\\" not in raw:
        return raw
    wrong: list[re.Match[str]] = []

    def plain(found: re.Match[str]) -> str:
        if found[3] is not None:
            if found[3] in _PLAIN:
                return _PLAIN[found[3]]
        elif not 0xD800 <= (code := int(found[1] or found[2], 16)) < 0xE000 and code < 0x110000:
            return chr(code)
        wrong.append(found)
        return found.group()

    value = _ESCAPE.sub(plain, raw)
    if wrong:
        first = wrong[0]
        edits = tuple(Edit(at + found.start(), at + found.start(), "\\") for found in wrong)
        fix = Fix("double-backslash", edits, False, {"text": "\\" + first.group()})
        values = {"escape": first.group(), "count": str(len(wrong))}
        maker.page.problem("S054", at + first.start(), at + first.end(), values, (fix,))
    return value


def curly(maker: Maker, found: Match) -> ox.Literal | None:
    """Return the literal that typographic quotes were meant to make."""
    page, text, start = maker.page, maker.page.text, found.start("curly")
    stop = _line_end(text, start, NEAR)
    kind = _CURLY.get(text[start], "[’‘´`']")
    close = _CLOSES[kind].search(text, start + 1, stop) or _CLOSES['"'].search(
        text, start + 1, stop
    )
    tail = _TAIL.search(text, max(start + 1, stop - 200), stop)
    end = close.start() if close else tail.start() if tail else stop
    value = text[start + 1 : end]
    if text[start] == "«":
        value = value.strip(" \u00a0\u202f")
    page.pos = close.end() if close else end
    page.is_cut = not close and stop == len(text)
    written = '"' + re.sub(r'(?<!\\)"', r"\"", value) + '"'
    fixes = replacing("write", start, page.pos, written, is_safe=close is not None)
    page.problem("S053", start, start + 1, {"quote": text[start]}, fixes)
    return literal(maker, unescaped(maker, value, start + 1), start, '"""')


def word(maker: Maker, found: Match) -> ox.Literal | ox.NamedNode | None:
    """Return `true` and `false`; anything else lacks quotes, a prefix, or is a bare address."""
    page, text, start = maker.page, found["word"], found.start("word")
    if text in ("true", "false"):
        return ox.Literal(text, datatype=BOOLEAN)
    if text.lower() in ("true", "false", "vrai", "faux"):
        right = "true" if text.lower() in ("true", "vrai") else "false"
        fixes = replacing("write", start, page.pos, right, is_safe=text.lower() == right)
        page.problem("S059", start, page.pos, {"text": text}, fixes)
        return ox.Literal(right, datatype=BOOLEAN)
    if page.text.startswith("www.", start):
        return bare(maker, start)
    run = _RUN.match(page.text, start)
    end = start + len(run.group().rstrip()) if run else page.pos
    page.pos = end = max(end, page.pos)
    text = page.text[start:end]
    fixes = replacing("quote", start, end, '"' + text.replace("\\", "\\\\") + '"')
    page.problem("S058", start, end, {"text": shown(text)}, fixes)
    if " " not in text:
        return None  # a string or a name without its prefix: nobody knows
    return literal(maker, text, start, '"""')
