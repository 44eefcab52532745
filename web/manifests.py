"""How the reconciliation service presents itself: its manifest in each version of the API.

Reconciliation Service API 0.2 §3.1 and 1.0-draft §3.1.
"""

from __future__ import annotations

from collections.abc import Callable

from kb import terms
from kb.reconcile import BATCH
from kb.reconcile.known import DEFAULT_TYPES
from web import i18n
from web.site import site

WIDTH, HEIGHT = 420, 220  # pixels of a preview
Manifest = dict[str, object]


def manifest_02(root: str, named: Callable[[str], str]) -> Manifest:
    """Return the manifest of version 0.2 for the service at an address; `named` names types."""
    suggest = {
        kind: {
            "service_url": root,
            "service_path": f"/suggest/{kind}",
            "flyout_service_url": root,
            "flyout_service_path": f"/flyout/{kind}?id=${{id}}",
        }
        for kind in ("entity", "type", "property")
    }
    return {
        "versions": ["0.2"],
        **_common(named),
        "identifierSpace": terms.BASE,
        "schemaSpace": str(terms.ESSAIM),
        "view": {"url": root + "/view?id={{id}}"},
        "preview": {"url": root + "/preview?id={{id}}", "width": WIDTH, "height": HEIGHT},
        "suggest": suggest,
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/extend/propose"},
            "property_settings": [
                {**_without(one, "id", "name", "helpText"), "name": one["id"],
                 "label": one["name"], "help_text": one["helpText"]}
                for one in _settings()
            ],
        },
    }  # fmt: skip


def manifest_10(root: str, named: Callable[[str], str]) -> Manifest:
    """Return the manifest of version 1.0-draft for the service at an address."""
    return {
        "versions": ["1.0-draft"],
        **_common(named),
        "lang": i18n.language(),
        "view": {"url": root + "/view?id={id}"},
        "preview": {"width": WIDTH, "height": HEIGHT},
        "suggest": {"entity": True, "property": True, "type": True},
        "extend": {"proposeProperties": True, "propertySettings": _settings()},
        "standardizedScore": True,
    }


def _common(named: Callable[[str], str]) -> Manifest:
    return {
        "name": i18n.t("reconcile.name"),
        "logo": site().base_url + "static/essaim.svg",
        "serviceVersion": site().release.id,
        "defaultTypes": [{"id": iri, "name": named(iri)} for iri in DEFAULT_TYPES],
        "batchSize": BATCH,
    }


def _settings() -> list[dict[str, object]]:
    return [
        {
            "id": "limit",
            "name": i18n.t("reconcile.limit"),
            "type": "number",
            "default": 0,
            "helpText": i18n.t("reconcile.limit-help"),
        },
        {
            "id": "content",
            "name": i18n.t("reconcile.content"),
            "type": "select",
            "default": "name",
            "helpText": i18n.t("reconcile.content-help"),
            "choices": [
                {"value": "name", "name": i18n.t("reconcile.content-name")},
                {"value": "iri", "name": i18n.t("reconcile.content-iri")},
            ],
        },
    ]


def _without(found: dict[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in found.items() if name not in names}
