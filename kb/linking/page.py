"""The page where links are reviewed: both names side by side, and forms that need no script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from pathlib import Path
from string import Template

import yaml

from kb.linking.review import pieces
from kb.sssom import Link

HERE = Path(__file__).parent
LANGUAGES = ("fr", "en")


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    read: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        (HERE / "review.yaml").read_text(encoding="utf-8")
    )
    return read


def page(
    waiting: Sequence[Link], at: int, lang: str, kept: Path, *, can_undo: bool,
    addresses: Mapping[str, str],
) -> str:  # fmt: skip
    """Return the page of the proposal at a place in the queue; `addresses` are those of CURIEs."""
    words = _words()[lang]
    at = max(0, min(at, len(waiting) - 1))
    if waiting:
        main = _proposal(waiting[at], words, addresses) + _forms(waiting[at], at, lang, words)
        main += _around(at, len(waiting), lang, words)
    else:
        main = f"<p>{words['done']}</p>"
    if can_undo:
        main += _form({"do": "undo", "lang": lang}, words["undo"], "u")
    main += f"<p>{escape(words['kept'].format(path=kept))}</p>"
    other = LANGUAGES[1 - LANGUAGES.index(lang)]
    return Template((HERE / "review.html").read_text(encoding="utf-8")).substitute(
        lang=lang, title=words["title"], left=words["left"].format(n=len(waiting)), at=at,
        other_lang=other, other_name=words["other_name"], main=main, keys=words["keys"],
    )  # fmt: skip


def _proposal(one: Link, words: Mapping[str, str], addresses: Mapping[str, str]) -> str:
    mine, theirs = pieces(one.subject_label, one.object_label)
    told = _told(one)
    where = addresses.get(one.object_id, one.object_id)
    return (
        '<div class="pair">'
        f"<section><h2>{words['list']}</h2>{_name(mine)}"
        f"<p>{escape(words['line'].format(line=told.get('line', '?')))}</p></section>"
        f"<section><h2>{words['target']}</h2>{_name(theirs)}<p>{escape(where)}</p></section></div>"
        f"<p>{escape(words['confidence'].format(confidence=one.confidence or '?'))}</p>"
        f"<p>{escape(words['evidence'].format(comment=one.comment))}</p>"
    )


def _name(parts: Sequence[tuple[str, bool]]) -> str:
    inner = (escape(text) if same else f"<mark>{escape(text)}</mark>" for text, same in parts)
    return f'<p class="name">{"".join(inner)}</p>'


def _told(one: Link) -> dict[str, object]:
    try:
        read = json.loads(one.other)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _forms(one: Link, at: int, lang: str, words: Mapping[str, str]) -> str:
    hidden = {"subject": one.subject_id, "object": one.object_id, "at": str(at), "lang": lang}
    made = _form({**hidden, "do": "accepted"}, words["accept"], "a", "accept")
    made += _form({**hidden, "do": "rejected"}, words["reject"], "r", "reject")
    rivals = _told(one).get("rivals")
    if not isinstance(rivals, list) or not rivals:
        return made
    made += f"<h2>{words['rivals']}</h2><ul>"
    for rival in rivals:
        label = words["rival"].format(label=rival["label"], score=rival["score"])
        fields = {**hidden, "do": "accepted", "object": rival["id"], "label": rival["label"]}
        made += f"<li>{escape(label)} {_form(fields, words['instead'])}</li>"
    return made + "</ul>"


def _form(fields: Mapping[str, str], label: str, key: str = "", kind: str = "") -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    pressed = f' data-key="{key}" title="{key}"' if key else ""
    return (
        f'<form method="post" action="decide">{hidden}'
        f'<button class="{kind}"{pressed}>{escape(label)}</button></form>'
    )


def _around(at: int, count: int, lang: str, words: Mapping[str, str]) -> str:
    made = ""
    if at > 0:
        address = f"?lang={lang}&amp;at={at - 1}"
        made += f'<a href="{address}" data-key="ArrowLeft">{words["previous"]}</a> '
    if at + 1 < count:
        address = f"?lang={lang}&amp;at={at + 1}"
        made += f'<a href="{address}" data-key="ArrowRight">{words["next"]}</a>'
        made += f'<a href="{address}" data-key="s" hidden tabindex="-1"></a>'
    return f"<p>{made}</p>"
