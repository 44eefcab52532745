"""The report for people: what is wrong, where, the line with its caret, what to write, which rule.

Colour is for terminals only; a pipe gets the same lines plain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kb.check.finding import Finding, Report
from kb.check.words import filled, guide, message, of_rule
from kb.reading.places import Lines, Place

SHOWN = 3
WIDEST = 100
COLOURS = {"error": "31", "warning": "33", "info": "36", "place": "34", "help": "32"}


def written(report: Report, language: str, is_coloured: bool = False, shown: int = SHOWN) -> str:
    """Return the findings as text, at most `shown` of each code in a file, and the sum."""
    page = Page(report, language, is_coloured)
    parts = [page.finding(one) for one in report.obstacles]
    for file in report.files:
        parts += page.file(file.name, file.text, shown)
    parts.append(summary(report, language))
    return "\n\n".join(parts) + "\n"


def summary(report: Report, language: str) -> str:
    """Return how many findings there are, in one line."""
    files = _counted("file", len(report.files), language)
    told = [
        _counted(severity, count, language) for severity, count in report.counts.items() if count
    ]
    if not told:
        return filled("report.clean", {"files": files}, language)
    fixable = sum(any(fix.is_safe for fix in finding.fixes) for finding in report.told)
    if fixable:
        told.append(filled("report.fixable", {"count": str(fixable)}, language))
    return ", ".join((files, *told))


def _counted(name: str, count: int, language: str) -> str:
    number = "one" if count == 1 else "many"
    return filled(f"report.{name}.{number}", {"count": str(count)}, language)


class Page:
    """A report being written: its language and whether it is coloured."""

    def __init__(self, report: Report, language: str, is_coloured: bool) -> None:
        self.report, self.language, self.is_coloured = report, language, is_coloured

    def file(self, name: str, text: str, shown: int) -> Iterator[str]:
        """Yield the findings of a file; those of one code beyond `shown` are counted."""
        found, lines = self.report.of(name), Lines(text)
        count = Counter(finding.code for finding in found)
        told: Counter[str] = Counter()
        for finding in found:
            told[finding.code] += 1
            if told[finding.code] <= shown or count[finding.code] == shown + 1:
                yield self.finding(finding, lines)
            elif told[finding.code] == count[finding.code]:
                values = {"count": str(count[finding.code] - shown), "code": finding.code}
                yield "  … " + filled("report.more", values, self.language)

    def finding(self, finding: Finding, lines: Lines | None = None) -> str:
        """Return a finding: its sentence, its place, the line, the help."""
        severity = filled(f"report.name.{finding.severity}", {}, self.language)
        head = self._in(finding.severity, f"{severity}[{finding.code}]")
        made = [f"{head}: {message(finding, self.language)}"]
        place = finding.place
        where = f"{finding.file}:{place}" if place else finding.file
        if "cell" in finding.values:
            where += f" ({filled('report.cell', finding.values, self.language)})"
        made.append(f"  {self._in('place', '-->')} {where}")
        width = 0
        if place and lines:
            width = len(str(place.line))
            made += self._source(place, lines, width)
        if finding.cause and finding.messages:
            rule = of_rule(finding, self.language)
            made.append(self._note("report.because", rule, width, "place"))
        elif label := finding.values.get(f"value_label.{self.language}"):
            made.append(self._note("report.here", label, width, "place"))
        for fix in finding.fixes:
            title = filled("fix." + fix.title_code, fix.values, self.language)
            mark = " (--fix)" if fix.is_safe else ""
            made.append(self._note("report.help", title + mark, width, "help"))
        address = guide(finding)
        if address:
            made.append(self._note("report.rule", address, width, "place"))
        return "\n".join(made)

    def _note(self, key: str, text: str, width: int, colour: str) -> str:
        name = filled(key, {}, self.language)
        return f"  {' ' * width} {self._in(colour, '=')} {name}: {text}"

    def _source(self, place: Place, lines: Lines, width: int) -> list[str]:
        """Return the line of a place and the carets under it; long lines are cut around it."""
        line = lines.line(place.line)
        length = (
            place.end_column if place.end_line == place.line else len(line) + 1
        ) - place.column
        cut = max(0, place.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
        shown = line[cut : cut + WIDEST].replace("\t", " ")
        at = place.column - 1 - cut
        carets = "^" * max(1, min(length, len(shown) - at))
        bar = self._in("place", "|")
        number = self._in("place", str(place.line))
        return [
            f"  {number} {bar} {shown}",
            f"  {' ' * width} {bar} {' ' * at}{self._in('error', carets)}",
        ]

    def _in(self, colour: str, text: str) -> str:
        return f"\x1b[1;{COLOURS[colour]}m{text}\x1b[0m" if self.is_coloured else text
