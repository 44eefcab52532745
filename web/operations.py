"""What who runs a site asks of it: is it well, what does it do, and take the new release.

/healthz   200 and `ok`, or 503 and what is wrong, as JSON
/metrics   figures in the text format of Prometheus; there only under `essaim serve`
"""

from __future__ import annotations

import json
import logging
from typing import Protocol, cast

from flask import Blueprint, Flask, Response, abort, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from kb.engine import Engine
from kb.problems import Problem
from web.site import Site, site
from web.watch import Metrics

blueprint = Blueprint("operations", __name__)

METRICS = "essaim.metrics"
log = logging.getLogger("essaim")


class _Pool(Protocol):
    def counts(self) -> dict[str, int]: ...


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say whether questions are answered, and of which release."""
    served = site()
    told: dict[str, object] = {"release": served.release.id}
    pool = _pool(served)
    if pool is not None:
        told["workers"] = pool.counts()
    try:
        told = {"status": served.public.health(), **told}
    except Problem as problem:
        told = {"status": str(problem), **told}
    told["engine"] = _asked(served).kind
    return Response(
        json.dumps(told) + "\n", 200 if told["status"] == "ok" else 503,
        content_type="application/json", headers={"Cache-Control": "no-store"},
    )  # fmt: skip


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the figures of this process."""
    found = current_app.extensions.get(METRICS)
    if found is None:
        abort(404)
    text = generate_latest(cast(Metrics, found).registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def install(app: Flask, figures: Metrics) -> None:
    """Count the requests of an application, its workers and its release."""
    app.extensions[METRICS] = figures
    figures.registry.register(_Workers(app))


class _Workers(Collector):
    """The state of the pool and the release at the moment of the question."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def collect(self) -> list[GaugeMetricFamily]:
        served: Site = self._app.extensions["essaim"]
        release = GaugeMetricFamily("essaim_release", "The release served.", labels=("release",))
        release.add_metric([served.release.id], 1)
        workers = GaugeMetricFamily(
            "essaim_workers", "Workers idle, in short or heavy queries; queries waiting.",
            labels=("state",),
        )  # fmt: skip
        pool = _pool(served)
        for state, number in (pool.counts() if pool else {}).items():
            workers.add_metric([state], number)
        return [release, workers]


def _asked(served: Site) -> Engine:
    """Return the engine behind the limits for questions from outside."""
    return cast(Engine, getattr(served.public, "engine", served.public))


def _pool(served: Site) -> _Pool | None:
    """Return the pool behind the limits of a site, if there is one."""
    engine = _asked(served)
    return cast(_Pool, engine) if hasattr(engine, "counts") else None
