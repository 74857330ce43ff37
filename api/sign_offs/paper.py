"""Sign-offs on paper: what to print, the scan, the answers that a teacher copies from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, request
from marshmallow import Schema, fields, validate

from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, LinkOut, ThingOut, read_named, represents, text
from api.sign_offs.receipts import MOST_AT_ONCE, OneAnswer, SignedActOut, chosen
from portfolio.documents import Attestation, PaperScan, Placement
from portfolio.files.opening import LINK_LASTS_S
from portfolio.files.scans import LARGEST_SCAN
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering import paper

routes = Routes("papers", __name__, description="Confirmations sur papier : à imprimer, à scanner, à saisir")


@represents(PaperScan)
class PaperScanOut(ThingOut):
    candidacy = Id(required=True)
    placement = Id(required=True)
    deposited_by = Id(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    media_type = fields.String(required=True)
    created_at = Instant(required=True)


class CopiedAnswer(OneAnswer):
    class Meta:
        exclude = ("seat",)


class NewPaper(Schema):
    scan = Id(required=True)
    answers = fields.List(fields.Nested(CopiedAnswer), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    signer_name = text(200, required=True)
    signer_function = text(200, allow_none=True, load_default=None)


@routes.files(
    "/placements/<oid:placement_id>/statement.pdf",
    Action.READ_PLACEMENT,
    "application/pdf",
    title="Imprime l'attestation à faire signer sur papier (PDF/A).",
)
def print_statement(by: Actor, at: datetime, placement_id: ObjectId) -> Response:
    placement = find(Placement, placement_id)
    return attached(paper.statement(by, placement, at), "application/pdf", f"attestation-{placement.id}.pdf")


@routes.sends(
    "/placements/<oid:placement_id>/paper-scans/<digest>",
    Action.RELAY_PAPER,
    PaperScanOut,
    title="Dépose le scan d'une attestation signée, nommé par son empreinte.",
)
def deposit_scan(by: Actor, at: datetime, placement_id: ObjectId, digest: str) -> PaperScan:
    """Stores a scan sent as raw bytes, named by its SHA-256 (`digest`), and returns it: sending it again is harmless.
    Raises NotFound, Forbidden, and what `read_named` and `paper.deposit_scan` raise.
    """
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    return paper.deposit_scan(by, placement, read_named(request, digest, LARGEST_SCAN), None, at)


@routes.reads("/paper-scans/<oid:scan_id>", Action.READ_SCAN, PaperScanOut, title="Montre de quel scan il s'agit.")
def show_scan(by: Actor, at: datetime, scan_id: ObjectId) -> PaperScan:
    scan = find(PaperScan, scan_id)
    require(by, Action.READ_SCAN, scan)
    return scan


@routes.asks(
    "/paper-scans/<oid:scan_id>/link",
    Action.READ_SCAN,
    LinkOut,
    title="Donne un lien pour ouvrir le scan ; l'ouverture est enregistrée.",
)
def open_scan(by: Actor, at: datetime, scan_id: ObjectId) -> dict[str, Any]:
    """Returns {url, expires_in: seconds} of a download, and records it. Asking again gives another one. Raises
    NotFound, Forbidden, NotAsSealed, Unavailable (the store).
    """
    return {"url": paper.scan_link(by, find(PaperScan, scan_id), at), "expires_in": LINK_LASTS_S}


@routes.creates(
    "/placements/<oid:placement_id>/paper-answers",
    Action.RELAY_PAPER,
    SignedActOut,
    takes=NewPaper,
    title="Recopie ce que le tuteur a répondu et signé sur papier.",
)
def copy_answers(by: Actor, at: datetime, placement_id: ObjectId, values: dict[str, Any]) -> Attestation:
    placement = find(Placement, placement_id)
    require(by, Action.RELAY_PAPER, placement)
    answers = chosen(by, [{**answer, "seat": "tutor"} for answer in values["answers"]])
    names = (values["signer_name"], values["signer_function"])
    return paper.relay(by, placement, values["scan"], answers, *names, at)[0]
