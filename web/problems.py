"""The pages that problem documents link to: one a code (RFC 9457 §3.1.1), and the list of all.

/doc/problems, /doc/problems/too-long               why a query was not answered
/doc/problems/reconcile-not-json                    why the reconciliation service did not answer

A problem of HTTP alone, such as 404, has no page: its type is `about:blank` (§4.2.1).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort, render_template

from kb import explain
from kb.explain.causes import Cause, open_values
from kb.reconcile import malformed
from web import i18n
from web.negotiation import HTML, content_type
from web.site import site

blueprint = Blueprint("problems", __name__)
OF_RECONCILIATION = "reconcile-"
BATCH = ('["Pipriac"]', '{"q0": {"query": "Pipriac"}}')


def address(code: str) -> str:
    """Return the type of a problem: where its page is, `about:blank` where its code has none."""
    return f"{site().base_url}doc/problems/{code}" if code in codes() else "about:blank"


def codes() -> tuple[str, ...]:
    """Return every code that has a page, in order."""
    return (*explain.causes(), *(OF_RECONCILIATION + code for code in malformed.codes()))


@blueprint.app_context_processor
def _of_explanations() -> dict[str, Callable[[str], str]]:
    """Let a page that shows an explanation lead to the page of its code, '' without one."""
    return {"problem_page": lambda code: f"/doc/problems/{code}" if code in codes() else ""}


@blueprint.get("/doc/problems")
def show_all() -> Response:
    """List the codes."""
    found = [_cause(code) for code in codes()]
    is_of = [(cause, cause.code.startswith(OF_RECONCILIATION)) for cause in found]
    families = {
        i18n.t("problems.queries"): [cause for cause, is_reconciled in is_of if not is_reconciled],
        i18n.t("problems.reconcile"): [cause for cause, is_reconciled in is_of if is_reconciled],
    }
    return _html("problems.html", families=families)


@blueprint.get("/doc/problems/<code>")
def show(code: str) -> Response:
    """Show the page of a code."""
    if code not in codes():
        abort(404)
    return _html("problem.html", cause=_cause(code))


def _cause(code: str) -> Cause:
    """Return the page of a code in the language of the request."""
    if not code.startswith(OF_RECONCILIATION):
        return explain.cause(code, i18n.language())
    said = malformed.messages(i18n.language())[code.removeprefix(OF_RECONCILIATION)]
    title, meaning = open_values(said), i18n.t("problems.reconcile-meaning")
    return Cause(code, title, meaning, i18n.t("problems.reconcile-remedy"), BATCH)


def _html(template: str, **context: object) -> Response:
    body = render_template(f"guide/{template}", **context)
    return Response(body, content_type=content_type(HTML))
