"""Pieces of evidence, and results of checks entered for a class."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import know_pieces, late_file_field, late_piece_field
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Parts, ThingOut, date_confirmed, one_of, represents, reused_field, text
from portfolio.documents import Check, Evidence, Portfolio, School
from portfolio.documents.portfolios import ANONYMISATION, CONTEXTS, DESCRIPTION_PARTS, NATURES, PERMISSIONS, SITUATIONS
from portfolio.evidence import class_results, deposit
from portfolio.evidence.piece_fields import missing_of, readable
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.store.digests import files_of

routes = Routes("evidence", __name__, description="Preuves du portfolio")


class ProofIn(Schema):
    competence = text(4, required=True)
    justification = text(3000, allow_none=True)


class LinkIn(Schema):
    url = fields.Url(required=True, schemes={"http", "https"}, validate=validate.Length(max=2000))
    captured_on = text(10, allow_none=True, metadata={"format": "date"})
    label = text(200, allow_none=True)


Description = Schema.from_dict({part: text(8000, minimum=0) for part in DESCRIPTION_PARTS}, name="Description")


class EvidenceChange(Schema):
    type_code = text(10)
    title = text(200)
    nature = one_of(*NATURES)
    situation = one_of(*SITUATIONS, allow_none=True)
    context = one_of(*CONTEXTS, allow_none=True)
    activity = Id(allow_none=True)
    produced_on = text(10, metadata={"format": "date"})
    collective = fields.Boolean()
    description = fields.Nested(Description)
    competences = fields.List(fields.Nested(ProofIn), validate=validate.Length(max=11))
    criteria = fields.List(text(4), validate=validate.Length(max=7))
    tool_families = fields.List(text(4), validate=validate.Length(max=30))
    permission = one_of(*PERMISSIONS, allow_none=True)
    anonymisation = one_of(*ANONYMISATION, allow_none=True)
    assistance_used = fields.Boolean(allow_none=True, metadata={"description": "une assistance par IA a servi"})
    assistance_how = text(3000, allow_none=True)
    details = fields.Dict(keys=text(50), values=fields.Raw(allow_none=True), validate=validate.Length(max=20))
    links = fields.List(fields.Nested(LinkIn), validate=validate.Length(max=20))
    confirmed = date_confirmed()


class NewEvidence(EvidenceChange):
    type_code = text(10, required=True)
    title = text(200, required=True)
    nature = one_of(*NATURES, load_default="production")


class FileSummary(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    size = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    media_type = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    late_since = late_file_field()


@represents(Evidence)
class EvidenceOut(ThingOut):
    candidacy = Id(required=True)
    activity = Id(allow_none=True)
    type_code = fields.String(required=True)
    title = fields.String(required=True)
    nature = fields.String(required=True)
    situation = fields.String(allow_none=True)
    context = fields.String(allow_none=True)
    produced_on = fields.String(allow_none=True)
    collective = fields.Boolean()
    description = fields.Dict(keys=fields.String(), values=fields.String())
    competences = Parts(ProofIn)
    criteria = fields.List(fields.String())
    tool_families = fields.List(fields.String())
    permission = fields.String(allow_none=True)
    anonymisation = fields.String(allow_none=True)
    assistance_used = fields.Boolean(allow_none=True)
    assistance_how = fields.String(allow_none=True)
    details = fields.Dict()
    links = Parts(LinkIn)
    state = fields.String(required=True)
    created_at = Instant(required=True)
    late_since = late_piece_field()
    reused_from = reused_field()


class EvidenceWithFiles(EvidenceOut):
    files = fields.List(fields.Nested(FileSummary), required=True)
    missing = fields.List(fields.String(), required=True, metadata={"description": "ce qui manque pour être complète"})
    handed_in = fields.Boolean(
        required=True, metadata={"description": "se lit, donc sera remise, complète ou non : fichier, lien ou texte"}
    )


class EvidenceQuery(PageQuery):
    candidacy = Id()
    activity = Id()


class CheckResult(Schema):
    candidacy = Id(required=True)
    score = text(10, required=True)


class NewCheck(Schema):
    title = text(200, required=True)
    produced_on = text(10, required=True, metadata={"format": "date"})
    maximum = text(10, required=True)
    confirmed = date_confirmed()
    competences = fields.List(text(4), required=True, validate=validate.Length(min=1, max=9))
    criteria = fields.List(text(4), load_default=list, validate=validate.Length(max=7))
    results = fields.List(fields.Nested(CheckResult), required=True, validate=validate.Length(min=1, max=200))


@represents(Check)
class CheckOut(ThingOut):
    school = Id(required=True)
    title = fields.String(required=True)
    produced_on = fields.String(required=True)
    entered_by = Id(required=True)
    pieces = fields.List(Id(), required=True)


@routes.creates(
    "/portfolios/<oid:portfolio_id>/evidence",
    Action.DEPOSIT,
    EvidenceOut,
    takes=NewEvidence,
    title="Dépose une preuve.",
)
def add_piece(by: Actor, at: datetime, portfolio_id: ObjectId, values: dict[str, Any]) -> Evidence:
    return deposit.add_piece(by, find(Portfolio, portfolio_id), values, at)


@routes.reads(
    "/evidence",
    Action.READ_EVIDENCE,
    page_of(EvidenceOut),
    query=EvidenceQuery,
    title="Liste les preuves que l'on peut voir.",
)
def list_evidence(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy", "activity") if name in asked}
    listed = page(Evidence, {"$and": [scope(by, Action.READ_EVIDENCE, Evidence), filters]}, asked)
    know_pieces(listed["items"])
    return listed


@routes.reads(
    "/evidence/<oid:evidence_id>",
    Action.READ_EVIDENCE,
    EvidenceWithFiles,
    title="Montre une preuve, ses fichiers et ce qui lui manque.",
)
def show_piece(by: Actor, at: datetime, evidence_id: ObjectId) -> Evidence:
    piece = find(Evidence, evidence_id)
    require(by, Action.READ_EVIDENCE, piece)
    represented: Any = piece  # with what its representation adds
    represented.files = files_of([piece])[piece.id]
    represented.missing = missing_of(piece, represented.files)
    represented.handed_in = readable(piece, represented.files)
    return piece


@routes.changes(
    "/evidence/<oid:evidence_id>",
    Action.AMEND_EVIDENCE,
    EvidenceOut,
    takes=EvidenceChange,
    title="Modifie une preuve : celle qui était complète garde sa version d'avant.",
)
def amend_piece(by: Actor, at: datetime, expected: int, evidence_id: ObjectId, values: dict[str, Any]) -> Evidence:
    return deposit.amend_piece(by, find(Evidence, evidence_id, expected), values, at)


@routes.changes(
    "/evidence/<oid:evidence_id>",
    Action.AMEND_EVIDENCE,
    EvidenceOut,
    method="DELETE",
    title="Retire une preuve du portfolio.",
)
def withdraw_piece(by: Actor, at: datetime, expected: int, evidence_id: ObjectId) -> Evidence:
    return deposit.withdraw_piece(by, find(Evidence, evidence_id, expected), at)


@routes.creates(
    "/schools/<oid:school_id>/checks",
    Action.RECORD_CHECK,
    CheckOut,
    takes=NewCheck,
    title="Saisit les résultats d'un contrôle pour toute une classe.",
)
def record_check(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> Check:
    return class_results.record_check(by, find(School, school_id), values, at)
