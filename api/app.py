"""The application: JSON doors over the domain. `wsgi.py` hands it settings and connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bson import ObjectId
from flask import Flask
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter

from api.archive import eliminations
from api.audit import record
from api.commission import assessments, calendar, circulars, commissions, paper_grids
from api.enrolment import (
    account_changes,
    candidacies,
    certificates,
    entry_codes,
    institutions,
    list_imports,
    made_circulars,
    moves,
    period_lists,
    placements,
    proposed_placements,
    replacements,
    roster_import,
    transfers,
    year_lists,
)
from api.evidence import activities, feedback, pieces, quarantine, sorting, unpackings, uploads
from api.http import addresses, attempts, documentation, known_browsers, problems, routing, session, unread_bodies
from api.http.headers import Headers
from api.identity import accounts, look_ups, signing_in
from api.jury import deputies, mark_lists, outcomes, reserves, results
from api.operation import bounces, health, metrics, proxy, request_log
from api.sheet import dossiers, sheets
from api.sign_offs import attestations, earlier_pieces, paper, reality, receipts, requests, shown
from api.submission import export, portfolios, readiness
from config.settings import Settings

# In the order of the documentation: as a portfolio lives.
RESOURCES = (
    signing_in,
    accounts,
    look_ups,
    account_changes,
    institutions,
    list_imports,
    made_circulars,
    candidacies,
    entry_codes,
    moves,
    replacements,
    transfers,
    placements,
    certificates,
    proposed_placements,
    period_lists,
    roster_import,
    year_lists,
    activities,
    pieces,
    sorting,
    unpackings,
    uploads,
    quarantine,
    feedback,
    requests,
    shown,
    attestations,
    receipts,
    paper,
    reality,
    earlier_pieces,
    portfolios,
    readiness,
    export,
    commissions,
    calendar,
    circulars,
    assessments,
    paper_grids,
    sheets,
    dossiers,
    results,
    outcomes,
    reserves,
    deputies,
    mark_lists,
    eliminations,
    record,
    health,
    proxy,
)


class ObjectIdConverter(BaseConverter):
    """Reads an id from an address. A malformed id is an address that does not exist."""

    regex = "[0-9a-f]{24}"

    def to_python(self, value: str) -> ObjectId:
        return ObjectId(value)

    def to_url(self, value: ObjectId | str) -> str:
        return str(value)


class Documented(Api):
    """Each door describes how it refuses (RFC 9457); the library would describe another shape and media type."""

    DEFAULT_ERROR_RESPONSE_NAME = None


def create_app(settings: Settings, clock: Callable[[], datetime] | None = None) -> Flask:
    app = addresses.Site(__name__, static_folder=None)
    secure = settings.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_key[1:]),
        CLOCK=clock or settings.now,
        PUBLIC_URL=settings.public_url,
        PART_BYTES=settings.part_bytes,
        MAX_CONTENT_LENGTH=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-portfolio" if secure else "portfolio",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        OPEN_ENDPOINTS={"api-docs.openapi_json", "readable_docs"},
        API_TITLE="Portfolio E5",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters["oid"] = ObjectIdConverter
    if settings.trusted_hops:
        hops = settings.trusted_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    request_log.install(app)
    unread_bodies.install(app)
    addresses.install(app)
    session.install(app)
    problems.install(app)
    attempts.install(app)
    known_browsers.install(app)
    _document(app)
    routing.refuse_undeclared(app)
    metrics.install(app, settings.metrics_token)
    bounces.install(app, settings.bounce_token)
    app.wsgi_app = Headers(app.wsgi_app, secure)  # type: ignore[method-assign]
    return app


def _document(app: Flask) -> None:
    api = Documented(app)
    api.register_converter(ObjectIdConverter, lambda _: {"type": "string", "pattern": "^[0-9a-f]{24}$"})
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    cookie = {"type": "apiKey", "in": "cookie", "name": app.config["SESSION_COOKIE_NAME"]}
    api.spec.components.security_scheme("cookie", cookie)
    api.spec.options["security"] = [{"bearer": []}, {"cookie": []}]
    api.spec.options["info"] = {"license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}}
    for resource in RESOURCES:
        api.register_blueprint(resource.routes, url_prefix=f"/api/v1{resource.routes.url_prefix or ''}")
    problems.install(app)
    health.install(app)
    documentation.install(app, api)
