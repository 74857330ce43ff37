"""The certificate of a period as a file: deposited by the candidate, the tutor or the school, opened on record."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import request
from marshmallow import fields

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, LinkOut, ThingOut, read_named, represents
from portfolio.documents import CertificateFile, Placement
from portfolio.enrolment.certificates import deposits
from portfolio.files.opening import LINK_LASTS_S
from portfolio.files.scans import LARGEST_SCAN
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor

routes = Routes("certificates of periods", __name__, description="Certificats de périodes en entreprise, déposés")


@represents(CertificateFile)
class CertificateFileOut(ThingOut):
    candidacy = Id(required=True)
    placement = Id(required=True)
    deposited_by = Id(required=True)
    deposited_name = fields.String(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    media_type = fields.String(required=True)
    created_at = Instant(required=True)
    discarded_at = Instant(allow_none=True, metadata={"description": "remplacé alors par un autre, et effacé"})


@routes.sends(
    "/placements/<oid:placement_id>/certificate-files/<digest>",
    Action.DEPOSIT_CERTIFICATE,
    CertificateFileOut,
    title="Dépose le certificat de la période, nommé par son empreinte ; il remplace celui d'avant.",
)
def deposit_certificate(by: Actor, at: datetime, placement_id: ObjectId, digest: str) -> CertificateFile:
    """Stores a certificate sent as raw bytes, named by its SHA-256 (`digest`), and returns it: sending it again is
    harmless. Raises NotFound, Forbidden, and what `read_named` and `deposits.deposit` raise.
    """
    placement = find(Placement, placement_id)
    require(by, Action.DEPOSIT_CERTIFICATE, placement)
    return deposits.deposit(by, placement, read_named(request, digest, LARGEST_SCAN), None, at)


@routes.reads(
    "/certificate-files/<oid:certificate_id>",
    Action.READ_CERTIFICATE,
    CertificateFileOut,
    title="Montre de quel certificat il s'agit.",
)
def show_certificate(by: Actor, at: datetime, certificate_id: ObjectId) -> CertificateFile:
    file = find(CertificateFile, certificate_id)
    require(by, Action.READ_CERTIFICATE, file)
    return file


@routes.asks(
    "/certificate-files/<oid:certificate_id>/link",
    Action.READ_CERTIFICATE,
    LinkOut,
    title="Donne un lien pour ouvrir le certificat ; l'ouverture est enregistrée.",
)
def open_certificate(by: Actor, at: datetime, certificate_id: ObjectId) -> dict[str, object]:
    """Returns {url, expires_in: seconds} of a download, and records it. Asking again gives another one. Raises
    NotFound, Forbidden, NotAsSealed, ObjectGone once another one replaced it, Unavailable (the store).
    """
    return {"url": deposits.link(by, find(CertificateFile, certificate_id), at), "expires_in": LINK_LASTS_S}
