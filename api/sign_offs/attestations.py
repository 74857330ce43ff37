"""Sign-offs of activities by tutors and teachers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.admission import ANY_SIGN_IN
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, one_of, represents, reused_field, text
from portfolio.documents import Activity, Attestation, Portfolio
from portfolio.documents.attestations import ANSWERS
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import answers, waivers
from portfolio.sign_offs.answering.inbox import Inbox, Narrowed, inbox
from portfolio.sign_offs.answering.standing import SignOffs
from portfolio.sign_offs.answering.status import SEATS, sign_offs

routes = Routes("attestations", __name__, description="Confirmations des activités par le tuteur et les professeurs")


class NewAttestation(Schema):
    seat = one_of(*SEATS, required=True)
    answer = one_of(*ANSWERS, required=True)
    shown_digest = text(
        64, minimum=64, required=True, metadata={"description": "l'empreinte `digest` de ce qui a été montré"}
    )
    comment = text(2000, minimum=0, allow_none=True, load_default=None)
    signer_name = text(200, allow_none=True, load_default=None)
    signer_function = text(200, allow_none=True, load_default=None)


class NewWaiver(Schema):
    reason = text(2000, required=True)


class PieceSignedOut(Schema):
    evidence = Id(required=True)
    revision = fields.Integer(required=True)
    digest = fields.String(required=True)


@represents(Attestation)
class AttestationOut(ThingOut):
    candidacy = Id(required=True)
    activity = Id(required=True)
    placement = Id(allow_none=True)
    seat = fields.String(required=True)
    person = Id(allow_none=True, metadata={"description": "nul : tuteur à désigner, la demande l'attend"})
    state = fields.String(required=True)
    requested_by = Id(allow_none=True)
    created_at = Instant(required=True)
    answered_at = Instant(allow_none=True)
    signer_name = fields.String(allow_none=True)
    signer_function = fields.String(allow_none=True)
    channel = fields.String(allow_none=True)
    act = Id(allow_none=True, metadata={"description": "référence du reçu"})
    given_in = fields.String(
        allow_none=True, metadata={"description": "l'établissement d'alors, s'il a été quitté depuis"}
    )
    reused_from = reused_field()
    relayed_by = Id(allow_none=True)
    scan = Id(allow_none=True)
    comment = fields.String(allow_none=True)
    statement_id = fields.String(allow_none=True)
    statement_version = fields.String(allow_none=True)
    statement = fields.String(allow_none=True)
    activity_digest = fields.String(allow_none=True)
    shown_digest = fields.String(allow_none=True)
    pieces = fields.List(fields.Nested(PieceSignedOut), required=True)


class SignOffSeatOut(Schema):
    status = fields.String(required=True)
    changes = fields.List(fields.String(), required=True, metadata={"description": "ce qui a changé depuis la réponse"})
    attestation = fields.Nested(AttestationOut, allow_none=True)
    request = fields.Nested(AttestationOut, allow_none=True)


class ActivitySignOffsOut(Schema):
    id = Id(required=True)
    title = fields.String(required=True)
    context = fields.String(required=True)
    tutor = fields.Nested(SignOffSeatOut, required=True)
    teacher = fields.Nested(SignOffSeatOut, required=True)


class SignOffsOut(Schema):
    activities = fields.List(fields.Nested(ActivitySignOffsOut), required=True)
    accepted_pieces = fields.Function(
        lambda found: sorted(map(str, found.accepted_pieces)),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )


class PeriodOut(Schema):
    id = Id(required=True)
    company = fields.String(attribute="company_name", required=True)
    city = fields.String(attribute="company_city", required=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(required=True)


class WaitingActivityOut(Schema):
    id = Id(required=True)
    title = fields.String(required=True)
    mission = fields.String(allow_none=True)
    context = fields.String(required=True)
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)


class WaitingOut(Schema):
    """Who, where, when: what a tutor needs to recognise the person and the work."""

    id = Id(attribute="about.id", required=True)
    revision = fields.Integer(attribute="about.revision", required=True)
    since = Instant(attribute="about.created_at", required=True)
    candidate = fields.String(attribute="candidacy.display_name", required=True)
    school = fields.String(attribute="school.name", required=True)
    placement = fields.Nested(PeriodOut, allow_none=True)


class TutorSaidOut(Schema):
    state = fields.String(required=True)
    comment = fields.String(allow_none=True)
    signer_name = fields.String(allow_none=True)
    signer_function = fields.String(allow_none=True)
    answered_at = Instant(required=True)
    channel = fields.String(allow_none=True)


class WaitingSignOffOut(WaitingOut):
    seat = fields.String(attribute="about.seat", required=True)
    activity = fields.Nested(WaitingActivityOut, required=True)
    tutor_said = fields.Nested(TutorSaidOut, allow_none=True)


class WaitingQuery(Schema):
    division = text(50)
    candidacy = Id()
    asked_before = Instant(metadata={"description": "attend depuis ce moment ou plus longtemps"})


class InboxOut(Schema):
    sign_offs = fields.List(fields.Nested(WaitingSignOffOut), required=True)
    reality = fields.List(fields.Nested(WaitingOut), required=True)


@routes.creates(
    "/activities/<oid:activity_id>/attestations",
    ANY_SIGN_IN,
    AttestationOut,
    takes=NewAttestation,
    title="Répond sur la réalité d'une activité, comme tuteur ou comme professeur.",
)
def attest_activity(by: Actor, at: datetime, activity_id: ObjectId, values: dict[str, Any]) -> Attestation:
    """Answers on one activity, and returns the attestation. The seat decides which action is required: attest_as_tutor
    or attest_as_teacher. values: of NewAttestation. Raises what `answers.answer` raises.
    """
    values["seat"] = SignOffSeat(values["seat"])
    return answers.answer(by, find(Activity, activity_id), **values, at=at)


@routes.creates(
    "/activities/<oid:activity_id>/tutor-waiver",
    Action.WAIVE_TUTOR,
    AttestationOut,
    takes=NewWaiver,
    title="Dispense le tuteur de répondre sur une activité, avec un motif.",
)
def waive_tutor(by: Actor, at: datetime, activity_id: ObjectId, values: dict[str, Any]) -> Attestation:
    return waivers.waive_tutor(by, find(Activity, activity_id), values["reason"], at)


@routes.reads(
    "/activities/<oid:activity_id>/attestations",
    Action.READ_ATTESTATION,
    page_of(AttestationOut),
    query=PageQuery,
    title="Liste les demandes et les réponses sur une activité.",
)
def list_attestations(by: Actor, at: datetime, activity_id: ObjectId, asked: dict[str, Any]) -> dict[str, Any]:
    require(by, Action.READ_ACTIVITY, find(Activity, activity_id))
    readable = scope(by, Action.READ_ATTESTATION, Attestation)
    return page(Attestation, {"$and": [{"activity": activity_id}, readable]}, asked)


@routes.reads(
    "/attestations/<oid:attestation_id>",
    Action.READ_ATTESTATION,
    AttestationOut,
    title="Montre une demande ou une réponse.",
)
def show_attestation(by: Actor, at: datetime, attestation_id: ObjectId) -> Attestation:
    attestation = find(Attestation, attestation_id)
    require(by, Action.READ_ATTESTATION, attestation)
    return attestation


@routes.reads(
    "/my/sign-offs",
    ANY_SIGN_IN,
    InboxOut,
    query=WaitingQuery,
    title="Liste ce que l'on attend de moi : activités à confirmer, évaluations à approuver.",
)
def list_waiting(by: Actor, at: datetime, asked: dict[str, Any]) -> Inbox:
    return inbox(by, Narrowed(**asked))


@routes.reads(
    "/portfolios/<oid:portfolio_id>/sign-offs",
    Action.READ_SIGN_OFFS,
    SignOffsOut,
    title="Montre où en sont les confirmations du portfolio, et celles qui sont périmées.",
)
def show_sign_offs(by: Actor, at: datetime, portfolio_id: ObjectId) -> SignOffs:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_SIGN_OFFS, portfolio)
    return sign_offs(portfolio.candidacy)
