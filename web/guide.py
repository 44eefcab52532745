"""The pages that findings link to: one a code, one a rule, and the list of each.

/doc/codes, /doc/codes/V003                what `essaim check` says of letters, words and links
/doc/rules, /doc/rules/need-concept-kind   what the shapes ask of records

The texts are those of `kb.check.guide`, which `essaim explain` prints too.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kb.check.codes import FAMILIES, unknown
from kb.check.guide import SHAPED, codes, found, guide, rules_by_code
from web import i18n
from web.negotiation import HTML, content_type

blueprint = Blueprint("guide", __name__)


@blueprint.get("/doc/codes")
def show_codes() -> Response:
    """List the codes that are not of shapes, by family."""
    at = i18n.LANGUAGES.index(i18n.language())
    families = {names[at]: [one for one in codes() if one[0] == letter]
                for letter, names in FAMILIES.items()}  # fmt: skip
    return _index(i18n.t("guide.codes"), i18n.t("guide.codes-lead"), families)


@blueprint.get("/doc/rules")
def show_rules() -> Response:
    """List the rules of shapes, by the file that states them."""
    families: dict[str, list[str]] = {}
    for code, rule in sorted(rules_by_code().items()):
        families.setdefault(rule.file, []).append(code)
    return _index(i18n.t("guide.rules"), i18n.t("guide.rules-lead"), families)


@blueprint.get("/doc/codes/<code>")
@blueprint.get("/doc/rules/<code>")
def show(code: str) -> AnyResponse:
    """Show the page of a code or a rule; another way to write it leads there."""
    known = found(code)
    if known is None:
        abort(404, unknown(code[:100]))
    if request.path != address(known):
        return redirect(address(known), 301)
    return _html("page.html", one=guide(known, i18n.language()), guide=_guide, address=address)


def address(code: str) -> str:
    """Return where the page of a code is on this server."""
    if code.startswith(SHAPED):
        return "/doc/rules/" + code.removeprefix(SHAPED)
    return "/doc/codes/" + code


def _index(title: str, lead: str, families: dict[str, list[str]]) -> Response:
    return _html("index.html", title=title, lead=lead, families=families, guide=_guide,
                 address=address)  # fmt: skip


def _guide(code: str) -> object:
    return guide(code, i18n.language())


def _html(template: str, **context: object) -> Response:
    body = render_template(f"guide/{template}", **context)
    return Response(body, content_type=content_type(HTML))
