"""From refusals to HTTP: one table. Bodies are RFC 9457 problems with a stable code and a French sentence."""

from __future__ import annotations

import json
from typing import Any

import structlog
from flask import Flask, Response, g
from marshmallow import Schema, fields
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure, WTimeoutError
from werkzeug.exceptions import HTTPException

from api.http.schemas import secret_names
from portfolio import errors

log = structlog.get_logger()

STATUS: dict[type[errors.Refusal], tuple[int, str]] = {
    errors.Unauthenticated: (401, "Connexion nécessaire"),
    errors.Forbidden: (403, "Action non permise"),
    errors.NotFound: (404, "Introuvable"),
    errors.NotNow: (409, "Impossible dans l'état actuel"),
    errors.Stale: (412, "Modifié entre-temps"),
    errors.TooLarge: (413, "Trop volumineux"),
    errors.Invalid: (422, "Valeurs à corriger"),
    errors.PreconditionMissing: (428, "Précondition absente"),
    errors.TooMany: (429, "Trop d'essais"),
    errors.Unavailable: (503, "Service momentanément indisponible"),
}

# What Flask, Werkzeug and flask-smorest refuse by themselves.
BY_STATUS: dict[int, tuple[str, str, str]] = {
    400: ("malformed_request", "Demande illisible", "La demande est mal formée : vérifiez le JSON envoyé."),
    401: ("sign_in_needed", "Connexion nécessaire", errors.Unauthenticated.detail),
    403: ("forbidden", "Action non permise", errors.Forbidden.detail),
    404: ("not_found", "Introuvable", errors.NotFound.detail),
    405: ("method_not_allowed", "Méthode non permise", "Cette adresse n'accepte pas cette méthode."),
    406: ("not_acceptable", "Format non disponible", "Ce format de réponse n'existe pas ici."),
    408: ("request_timeout", "Envoi interrompu", "L'envoi s'est interrompu : recommencez, rien n'a été perdu."),
    411: ("length_required", "Taille absente", "Indiquez la taille de l'envoi (Content-Length)."),
    413: ("too_large", "Trop volumineux", errors.TooLarge.detail),
    414: ("address_too_long", "Adresse trop longue", "L'adresse demandée est trop longue."),
    415: ("wrong_media_type", "Type d'envoi inattendu", "Envoyez du JSON (Content-Type: application/json)."),
    416: ("range_beyond_the_end", "Au-delà de la fin", "La partie demandée est au-delà de la fin du fichier."),
    422: ("invalid_values", "Valeurs à corriger", errors.Invalid.detail),
    429: ("too_many_attempts", "Trop d'essais", "Trop d'essais en peu de temps. Patientez quelques minutes."),
    431: ("headers_too_large", "En-têtes trop longs", "Les en-têtes de la demande sont trop longs."),
}


MOST_NAMED = 20  # faulty fields in one answer


class ProblemOut(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    current = fields.Dict(metadata={"description": "412 : la version enregistrée"})
    yours = fields.Dict(metadata={"description": "412 : ce que vous vouliez enregistrer"})


def problem(status: int, code: str, title: str, detail: str, **more: Any) -> Response:
    """Returns the answer of a refusal in JSON (RFC 9457), with the request's number. status: of HTTP. title, detail: in
    French. more: further members, None left out.
    """
    body = {"type": f"urn:portfolio-e5:{code}", "title": title, "status": status, "code": code, "detail": detail}
    body |= {"request_id": g.get("request_id", "")} | {name: value for name, value in more.items() if value is not None}
    if "request_record" in g:
        g.request_record.code = code
    answer = Response(json.dumps(body, ensure_ascii=False, default=str), status, mimetype="application/problem+json")
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="portfolio-e5"'
    return answer


def refused(refusal: errors.Refusal) -> Response:
    """Returns the answer of a refusal: the status of its family, its errors, and for Stale both versions."""
    status, title = next(STATUS[family] for family in type(refusal).__mro__ if family in STATUS)
    more: dict[str, Any] = {"errors": getattr(refusal, "errors", None) or None}
    if isinstance(refusal, errors.Stale):
        more |= {"current": refusal.shown, "yours": _without_secrets(g.get("request_json"))}
    answer = problem(status, refusal.code, title, refusal.message, **more)
    if "retry_after" in refusal.facts:
        answer.headers["Retry-After"] = str(refusal.facts["retry_after"])
    return answer


def _without_secrets(body: Any) -> dict[str, Any] | None:
    if not isinstance(body, dict):
        return None
    return {name: value for name, value in body.items() if name not in secret_names()}


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status in (301, 302, 307, 308):
        return error.get_response()  # type: ignore[return-value]
    code, title, detail = BY_STATUS.get(status, ("refused", "Demande refusée", "La demande n'a pas pu être traitée."))
    answer = problem(status, code, title, detail, errors=_by_field(getattr(error, "data", None)) or None)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after", "content-range"):
            answer.headers[name] = value
    return answer


def _by_field(data: Any) -> dict[str, list[str]]:
    """Returns webargs' messages by path: {"json": {"a": {"b": ["…"]}}} becomes {"a.b": ["…"]}, the first MOST_NAMED."""
    flat: dict[str, list[str]] = {}

    def walk(value: Any, path: str) -> None:
        if len(flat) > MOST_NAMED:
            return
        if len(flat) == MOST_NAMED:
            flat["…"] = ["D'autres valeurs encore sont à corriger."]
        elif isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{path}.{name}" if path else str(name))
        else:
            field = "body" if path == "_schema" else path.removesuffix("._schema")
            flat[field] = value if isinstance(value, list) else [str(value)]

    for inner in ((data or {}).get("messages") or {}).values():
        walk(inner, "")
    return flat


def _engine_down(error: Exception) -> Response:
    log.warning("engine_down", engine="document store", kind=type(error).__name__)
    return refused(errors.Unavailable(retry_after=5))


def _operation_failed(error: OperationFailure) -> Response:
    """Answers 503, to try again, for a lost primary, an interrupted operation or transaction; 500 for the rest, which
    is our fault.
    """
    passing = error.has_error_label("TransientTransactionError") or error.has_error_label("RetryableWriteError")
    return _engine_down(error) if passing else _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    log.error("unforeseen", kind=type(error).__name__, exc_info=error)
    detail = "Une erreur imprévue s'est produite. Rien n'a été enregistré ; signalez le numéro de la demande."
    return problem(500, "unforeseen", "Erreur imprévue", detail)


def install(app: Flask) -> None:
    app.register_error_handler(errors.Refusal, refused)
    app.register_error_handler(HTTPException, _http)
    for kind in (ConnectionFailure, ExecutionTimeout, WTimeoutError):
        app.register_error_handler(kind, _engine_down)
    app.register_error_handler(OperationFailure, _operation_failed)
    app.register_error_handler(Exception, _unforeseen)
