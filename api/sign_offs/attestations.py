"""Sign-offs of activities by tutors and teachers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import SINCE
from api.http.admission import ANY_SIGN_IN
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, ThingOut, one_of, represents, text
from portfolio.documents import Activity, Attestation, Portfolio
from portfolio.documents.attestations import ANSWERS
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering import answers, content, waivers
from portfolio.sign_offs.answering.inbox import Inbox, Narrowed, inbox
from portfolio.sign_offs.answering.status import SEATS, SignOffs, sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.deliveries import DELIVERY_STATES, deliveries

routes = Routes("attestations", __name__, description="Confirmations des activités par le tuteur et les professeurs")


class NewRequest(Schema):
    seat = one_of(*SEATS, required=True)
    person = Id(
        allow_none=True, load_default=None, metadata={"description": "par défaut le tuteur, ou le seul suiveur"}
    )


class NewRequests(NewRequest):
    activities = fields.List(Id(), required=True, validate=validate.Length(min=1, max=200))


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
    person = Id(required=True)
    state = fields.String(required=True)
    requested_by = Id(allow_none=True)
    created_at = Instant(required=True)
    answered_at = Instant(allow_none=True)
    signer_name = fields.String(allow_none=True)
    signer_function = fields.String(allow_none=True)
    channel = fields.String(allow_none=True)
    act = Id(allow_none=True, metadata={"description": "référence du reçu"})
    relayed_by = Id(allow_none=True)
    scan = Id(allow_none=True)
    comment = fields.String(allow_none=True)
    statement_id = fields.String(allow_none=True)
    statement_version = fields.String(allow_none=True)
    statement = fields.String(allow_none=True)
    activity_digest = fields.String(allow_none=True)
    shown_digest = fields.String(allow_none=True)
    pieces = fields.List(fields.Nested(PieceSignedOut), required=True)


class RequestsOut(Schema):
    items = fields.List(fields.Nested(AttestationOut), required=True)


class DeliveryOut(Schema):
    """What became of one request. The mail's link is told to nobody but its reader."""

    attestation = Id(attribute="request.id", required=True)
    activity = Id(attribute="request.activity", required=True)
    seat = fields.String(attribute="request.seat", required=True)
    asked_of = fields.String(attribute="request.signer_name", required=True)
    state = one_of(*DELIVERY_STATES, required=True)
    queued_at = Instant(required=True)
    sent_at = Instant(allow_none=True)
    bounced_at = Instant(allow_none=True)
    delayed_at = Instant(allow_none=True, metadata={"description": "retardé : le courriel est encore essayé"})
    bounce_status = fields.String(allow_none=True, metadata={"description": "code de la RFC 3463"})
    opened_at = Instant(allow_none=True)
    signed_at = Instant(allow_none=True)
    mails = fields.Integer(required=True, metadata={"description": "courriels envoyés, rappels compris"})
    next_mail_at = Instant(allow_none=True)


class DeliveriesOut(Schema):
    items = fields.List(fields.Nested(DeliveryOut), required=True)


class ActivityShownOut(Schema):
    title = fields.String(required=True)
    mission = fields.String(allow_none=True)
    context = fields.String(required=True)
    placement = Id(allow_none=True)
    starts_on = fields.String(allow_none=True)
    ends_on = fields.String(allow_none=True)


class LinkShownOut(Schema):
    url = fields.String(required=True)
    captured_on = fields.String(allow_none=True)
    label = fields.String(allow_none=True)


class FileShownOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    size = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    kind = fields.String(required=True)
    media_type = fields.String(required=True)
    alternative = fields.String(allow_none=True)


class PieceContentOut(Schema):
    type_code = fields.String(required=True)
    title = fields.String(required=True)
    nature = fields.String(required=True)
    situation = fields.String(allow_none=True)
    context = fields.String(allow_none=True)
    produced_on = fields.String(allow_none=True)
    collective = fields.Boolean(allow_none=True)
    description = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    details = fields.Dict(keys=fields.String(), required=True)
    links = fields.List(fields.Nested(LinkShownOut), required=True)
    files = fields.List(fields.Nested(FileShownOut), required=True)


class PieceShownOut(PieceSignedOut):
    content = fields.Nested(PieceContentOut, required=True)
    late_since = Instant(allow_none=True, required=True, metadata=SINCE)


class StatementOut(Schema):
    id = fields.String(required=True)
    version = fields.String(required=True)
    text = fields.String(required=True)


class ShownOut(Schema):
    activity = fields.Nested(ActivityShownOut, required=True)
    activity_digest = fields.String(required=True)
    pieces = fields.List(fields.Nested(PieceShownOut), required=True)
    statement = fields.Nested(StatementOut, required=True)
    digest = fields.String(required=True, metadata={"description": "à renvoyer avec la réponse : `shown_digest`"})


class ShownQuery(Schema):
    seat = one_of(*SEATS, required=True)


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
    "/activities/<oid:activity_id>/sign-off-requests",
    Action.REQUEST_SIGN_OFF,
    AttestationOut,
    takes=NewRequest,
    title="Demande au tuteur ou à un professeur de confirmer une activité.",
)
def request_sign_off(by: Actor, at: datetime, activity_id: ObjectId, values: dict[str, Any]) -> Attestation:
    return requests.request(by, find(Activity, activity_id), SignOffSeat(values["seat"]), values["person"], at)


@routes.asks(
    "/portfolios/<oid:portfolio_id>/sign-off-requests",
    Action.READ_PORTFOLIO,
    RequestsOut,
    takes=NewRequests,
    title="Demande la confirmation de plusieurs activités en un acte, et en un courriel.",
)
def request_sign_offs(by: Actor, at: datetime, portfolio_id: ObjectId, values: dict[str, Any]) -> dict[str, Any]:
    """Requests several confirmations, each by the rules of request_sign_off, and returns {items: the requests}; one
    that waits already is returned as it is. values: of NewRequests. Raises NotFound, Forbidden and what `request_many`
    raises.
    """
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_PORTFOLIO, portfolio)
    chosen = Activity.objects(pk__in=values["activities"], candidacy=portfolio.candidacy).order_by("id")
    return {"items": requests.request_many(by, list(chosen), SignOffSeat(values["seat"]), values["person"], at)}


@routes.reads(
    "/portfolios/<oid:portfolio_id>/deliveries",
    Action.READ_SIGN_OFFS,
    DeliveriesOut,
    title="Montre ce que sont devenues les demandes : envoyée, revenue, ouverte, signée.",
)
def list_deliveries(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, Any]:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_SIGN_OFFS, portfolio)
    return {"items": deliveries(portfolio.candidacy)}


@routes.reads(
    "/activities/<oid:activity_id>/shown",
    Action.READ_ACTIVITY,
    ShownOut,
    query=ShownQuery,
    title="Montre ce que l'on confirme, avec l'empreinte à renvoyer.",
)
def show_what_is_signed(by: Actor, at: datetime, activity_id: ObjectId, asked: dict[str, Any]) -> content.Shown:
    return content.content_for(by, find(Activity, activity_id), SignOffSeat(asked["seat"]))


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
