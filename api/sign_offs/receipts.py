"""Signing off everything at once, the receipt of it, and what a tutor may say instead."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields, validate

from api.enrolment.placements import PlacementOut
from api.http.admission import ANY_SIGN_IN
from api.http.downloads import attached
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, one_of, text
from api.sign_offs.attestations import AttestationOut
from portfolio.documents import Activity, Attestation, Placement
from portfolio.documents.attestations import ANSWERS
from portfolio.documents.candidacies import CONTESTED
from portfolio.errors import Invalid
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import answers, receipts, record
from portfolio.sign_offs.answering.signals import Signals, signals
from portfolio.sign_offs.answering.status import SEATS
from portfolio.sign_offs.asking import objections

routes = Routes(
    "receipts", __name__, description="Confirmer plusieurs activités à la fois ; reçus ; objections du tuteur"
)

MOST_AT_ONCE = 200
UNKNOWN = "Cette activité n'existe pas, ou vous n'y avez pas accès."


class OneAnswer(Schema):
    activity = Id(required=True)
    seat = one_of(*SEATS, required=True)
    answer = one_of(*ANSWERS, required=True)
    shown_digest = text(
        64, minimum=64, required=True, metadata={"description": "l'empreinte `digest` de ce qui a été montré"}
    )
    comment = text(2000, minimum=0, allow_none=True, load_default=None)


class NewAct(Schema):
    answers = fields.List(fields.Nested(OneAnswer), required=True, validate=validate.Length(min=1, max=MOST_AT_ONCE))
    signer_name = text(200, allow_none=True, load_default=None)
    signer_function = text(200, allow_none=True, load_default=None)


class SignedActOut(Schema):
    """Dumped from any answer of the act."""

    act = Id(required=True, metadata={"description": "référence du reçu"})
    answered_at = Instant(required=True)
    attestations = fields.Function(
        lambda answer: AttestationOut(many=True).dump(Attestation.objects(act=answer.act).order_by("id")),
        required=True,
        metadata={"type": "array", "items": {"type": "object"}},
    )


class PieceSaidOut(Schema):
    title = fields.String(allow_none=True)
    revision = fields.Integer(required=True)
    digest = fields.String(required=True)
    late_since = fields.String(
        metadata={"format": "date-time", "description": "quand, si elle fut déposée après la date limite"}
    )


class ActivitySaidOut(Schema):
    activity = Id(required=True)
    title = fields.String(allow_none=True)
    answer = fields.String(required=True)
    comment = fields.String(allow_none=True)
    shown_digest = fields.String(allow_none=True)
    activity_digest = fields.String(allow_none=True)
    pieces = fields.List(fields.Nested(PieceSaidOut), required=True)


class WhereOut(Schema):
    company_name = fields.String(required=True)
    company_city = fields.String(required=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(required=True)


class StatementSaidOut(Schema):
    id = fields.String(allow_none=True)
    version = fields.String(allow_none=True)
    text = fields.String(allow_none=True)


class AboutOut(Schema):
    candidate = fields.String(required=True)
    school = fields.String(required=True)
    placement = fields.Nested(WhereOut, allow_none=True)
    statement = fields.Nested(StatementSaidOut, required=True)
    activities = fields.List(fields.Nested(ActivitySaidOut), required=True)


class SignerOut(Schema):
    name = fields.String(allow_none=True)
    function = fields.String(allow_none=True)
    seat = fields.String(required=True)


class ReceiptOut(Schema):
    schema = fields.String(required=True)
    act = Id(required=True)
    fictional = fields.Boolean(required=True)
    signed_at = fields.String(required=True, metadata={"format": "date-time"})
    signer = fields.Nested(SignerOut, required=True)
    channel = fields.String(allow_none=True)
    about = fields.List(fields.Nested(AboutOut), required=True)


class SignalOut(Schema):
    code = fields.String(required=True)
    words = fields.String(required=True)


class SignalsOut(Schema):
    seconds = fields.Integer(allow_none=True, metadata={"description": "entre l'ouverture et la signature"})
    found = fields.List(fields.Nested(SignalOut), required=True)


class NewObjection(Schema):
    because = one_of(*CONTESTED, required=True)
    comment = text(2000, minimum=0, allow_none=True, load_default=None)


@routes.creates(
    "/sign-off-acts",
    ANY_SIGN_IN,
    SignedActOut,
    takes=NewAct,
    title="Répond sur plusieurs activités à la fois : une seule signature, un seul reçu.",
)
def sign_at_once(by: Actor, at: datetime, values: dict[str, Any]) -> Attestation:
    """Signs several answers, and returns the first attestation. The seat of each decides the action required:
    attest_as_tutor or attest_as_teacher. values: of NewAct. Raises what `answers.answer_many` raises.
    """
    given = chosen(by, values["answers"])
    return answers.answer_many(by, given, values["signer_name"], values["signer_function"], at)[0]


def chosen(by: Actor, wanted: list[dict[str, Any]]) -> list[record.Answer]:
    """Returns the answers, in their order, each about an activity that this person may see. wanted: of the schema of an
    answer. Raises Invalid on `answers.<rank>.activity` for any other.
    """
    ids = [values["activity"] for values in wanted]
    readable = {"$and": [{"_id": {"$in": ids}}, scope(by, Action.READ_ACTIVITY, Activity)]}
    activities = {activity.id: activity for activity in Activity.objects(__raw__=readable)}
    unknown = [rank for rank, activity_id in enumerate(ids) if activity_id not in activities]
    if unknown:
        raise Invalid({f"answers.{rank}.activity": [UNKNOWN] for rank in unknown})
    return [
        record.Answer(**{**values, "activity": activities[values["activity"]], "seat": SignOffSeat(values["seat"])})
        for values in wanted
    ]


@routes.reads(
    "/attestations/<oid:attestation_id>/receipt",
    Action.READ_ATTESTATION,
    ReceiptOut,
    title="Montre le reçu d'une signature.",
)
def show_receipt(by: Actor, at: datetime, attestation_id: ObjectId) -> dict[str, Any]:
    return _of(by, attestation_id).content


@routes.files(
    "/attestations/<oid:attestation_id>/receipt.pdf",
    Action.READ_ATTESTATION,
    "application/pdf",
    title="Télécharge le reçu d'une signature (PDF/A).",
)
def receipt_pdf(by: Actor, at: datetime, attestation_id: ObjectId) -> Response:
    return as_pdf(_of(by, attestation_id))


def _of(by: Actor, attestation_id: ObjectId) -> receipts.Receipt:
    attestation = find(Attestation, attestation_id)
    require(by, Action.READ_ATTESTATION, attestation)
    return receipts.receipt(by, attestation.act)


def as_pdf(receipt: receipts.Receipt) -> Response:
    return attached(receipts.pdf(receipt), "application/pdf", receipt.file_name)


@routes.reads(
    "/attestations/<oid:attestation_id>/signals",
    Action.READ_SIGNALS,
    SignalsOut,
    title="Montre au professeur, en mots neutres, comment une réponse est venue.",
)
def show_signals(by: Actor, at: datetime, attestation_id: ObjectId) -> Signals:
    return signals(by, find(Attestation, attestation_id))


@routes.acts(
    "/placements/<oid:placement_id>/contest",
    Action.CONTEST_PLACEMENT,
    PlacementOut,
    takes=NewObjection,
    title="Signale que l'on n'est pas la bonne personne, ou que la période n'a pas eu lieu.",
)
def contest_placement(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: dict[str, Any]
) -> Placement:
    return objections.contest(by, find(Placement, placement_id, expected), values["because"], values["comment"], at)


@routes.acts(
    "/placements/<oid:placement_id>/resume",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    title="Reprend les demandes au tuteur, après une objection.",
)
def resume_placement(by: Actor, at: datetime, expected: int, placement_id: ObjectId) -> Placement:
    return objections.resume(by, find(Placement, placement_id, expected), at)
