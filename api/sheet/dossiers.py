"""Dossiers printed for a meeting without network: asked for, made in the background, opened by a short link."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.routing import Routes, find
from api.http.schemas import Instant, LinkOut
from portfolio.documents import Commission, PrintedDossier
from portfolio.files.opening import LINK_LASTS_S
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.sheet.dossiers import printing

routes = Routes("dossiers", __name__, description="Dossiers imprimés, pour une réunion sans réseau")


class PrintedDossierOut(Schema):
    submission = fields.Integer(required=True, metadata={"description": "numéro de la remise imprimée"})
    asked_at = Instant(required=True, attribute="created_at")
    ready_at = Instant(required=True, allow_none=True, metadata={"description": "null tant qu'il se prépare"})
    size = fields.Integer(required=True, allow_none=True, metadata={"description": "octets"})
    sheets = fields.Integer(required=True, allow_none=True, metadata={"description": "nombre de pages"})
    expires_at = Instant(required=True, metadata={"description": "il est effacé à cet instant"})


class LatestDossierOut(Schema):
    dossier = fields.Nested(PrintedDossierOut, required=True, allow_none=True)


@routes.reads(
    "/commissions/<oid:commission_id>/dossier",
    Action.PRINT_DOSSIER,
    LatestDossierOut,
    title="Montre où en est le dossier que l'on a demandé à imprimer.",
)
def show_dossier(by: Actor, at: datetime, commission_id: ObjectId) -> dict[str, object]:
    return {"dossier": printing.latest(by, find(Commission, commission_id), at)}


@routes.asks(
    "/commissions/<oid:commission_id>/dossier",
    Action.PRINT_DOSSIER,
    PrintedDossierOut,
    title="Demande le dossier d'un candidat à imprimer, avec sa grille vierge ; il se prépare en arrière-plan.",
)
def ask_for_dossier(by: Actor, at: datetime, commission_id: ObjectId) -> PrintedDossier:
    """Asks for the PDF, and returns where it stands. While it is being made, asking again gives the same one. Raises
    NotFound, Forbidden, NothingSubmitted, CommissionIsCancelled, Eliminated.
    """
    return printing.ask(by, find(Commission, commission_id), at)


@routes.asks(
    "/commissions/<oid:commission_id>/dossier/link",
    Action.PRINT_DOSSIER,
    LinkOut,
    title="Donne un lien pour ouvrir le dossier prêt ; l'ouverture est enregistrée.",
)
def open_dossier(by: Actor, at: datetime, commission_id: ObjectId) -> dict[str, object]:
    """Returns {url, expires_in: seconds} of a download, and records it. Asking again gives another one. Raises
    NotFound, Forbidden, DossierNotReady, CommissionIsCancelled, Eliminated, Unavailable (the store).
    """
    return {"url": printing.link(by, find(Commission, commission_id), at), "expires_in": LINK_LASTS_S}
