"""Whether this process lives, and whether it can serve: for supervisors and load balancers."""

from __future__ import annotations

import threading
from datetime import datetime

from flask import Flask, request
from marshmallow import Schema, fields

from api.http.admission import PUBLIC
from api.http.routing import Routes
from api.operation import readiness
from portfolio import VERSION
from portfolio.errors import Unavailable

PROBES = {"/healthz": "health.show_health", "/readyz": "health.show_readiness"}

routes = Routes("health", __name__, description="État du service")

RETRY_AFTER = 5


class NotReady(Unavailable):
    """errors: {engine: [what is wrong]}."""

    code = "not_ready"
    detail = "Le service n'est pas prêt : {engines}. Réessayez dans {wait}."

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(engines=", ".join(errors), retry_after=RETRY_AFTER)
        self.errors = errors


class HealthOut(Schema):
    status = fields.String(required=True)
    version = fields.String(required=True)


@routes.reads("/health", PUBLIC, HealthOut, title="Répond tant que ce processus vit, quel que soit l'état des moteurs.")
def show_health(at: datetime) -> dict[str, str]:
    """Returns {status: alive, version} as long as the process runs, whatever the state of the engines."""
    return {"status": "alive", "version": VERSION}


@routes.reads("/ready", PUBLIC, HealthOut, title="Dit si le service peut servir ; sinon (503), ce qui ne répond pas.")
def show_readiness(at: datetime) -> dict[str, str]:
    """Returns {status: ready, version}. Raises NotReady, within two seconds, with each engine that does not answer or
    record.
    """
    errors = readiness.problems(at)
    if errors:
        raise NotReady(errors)
    return {"status": "ready", "version": VERSION}


def install(app: Flask) -> None:
    """Serves `show_health` and `show_readiness` under the addresses of PROBES too, which supervisors ask by habit."""
    for address, endpoint in PROBES.items():
        app.add_url_rule(address, address.strip("/"), app.view_functions[endpoint])


def serve_once_ready(app: Flask) -> None:
    """Makes every request but the probes raise NotReady until the document store answers once: a process started while
    it was down has not read its version. A server whose workers do not start gives up altogether (gunicorn's « Worker
    failed to boot »), and somebody would have to start it again; here every request asks the store, and is told to come
    back, until it has answered once.
    """
    ready = threading.Event()
    own = {"health.show_health", "health.show_readiness", *(address.strip("/") for address in PROBES)}

    def check() -> None:
        if ready.is_set() or request.endpoint in own:
            return
        errors = readiness.document_store_answers()
        if errors:
            raise NotReady(errors)
        ready.set()

    app.before_request(check)
