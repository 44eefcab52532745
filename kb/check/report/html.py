"""The report as one HTML page without scripts or outside resources."""

from __future__ import annotations

from html import escape

from kb.check.finding import Finding, Report
from kb.check.report.text import summary
from kb.check.words import filled, guide, message, name
from kb.reading.places import Lines

STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
article{border-left:.3rem solid #777;padding:.2rem 1rem;margin:1rem 0}
.error{border-color:#b00020}.warning{border-color:#a66300}.info{border-color:#005a9c}
pre{overflow-x:auto;background:#f5f5f5;padding:.5rem}mark{background:#ffd9dd}"""


def written(report: Report, language: str) -> str:
    """Return a whole page."""
    title = escape(summary(report, language))
    parts = [_article(one, language, None) for one in report.obstacles]
    for file in report.files:
        found = report.of(file.name)
        if found:
            lines = Lines(file.text)
            parts.append(f"<h2>{escape(file.name)}</h2>")
            parts += [_article(one, language, lines) for one in found]
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8">'
        f"<title>essaim check</title><style>{STYLE}</style></head>\n"
        f"<body>\n<h1>{title}</h1>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _article(one: Finding, language: str, lines: Lines | None) -> str:
    severity = filled(f"report.name.{one.severity}", {}, language)
    code, address = escape(one.code), guide(one)
    linked = f'<a href="{escape(address)}">{code}</a>' if address else code
    where = escape(one.where)
    parts = [f'<article class="{one.severity}">']
    parts.append(f"<h3>{escape(severity)} {linked} {escape(name(one, language))} {where}</h3>")
    parts.append(f"<p>{escape(message(one, language))}</p>")
    if one.place and lines:
        line = lines.line(one.place.line)
        first = one.place.column - 1
        last = one.place.end_column - 1 if one.place.end_line == one.place.line else len(line)
        shown = (
            f"{escape(line[:first])}<mark>{escape(line[first:last])}</mark>{escape(line[last:])}"
        )
        parts.append(f"<pre>{shown}</pre>")
    titles = [filled("fix." + fix.title_code, fix.values, language) for fix in one.fixes]
    if titles:
        parts.append("<ul>" + "".join(f"<li>{escape(title)}</li>" for title in titles) + "</ul>")
    return "\n".join([*parts, "</article>"])
