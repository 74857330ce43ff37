"""Requests to confirm activities, and what became of their mails."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, one_of
from api.sign_offs.attestations import AttestationOut
from portfolio.documents import Activity, Attestation, Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.status import SEATS
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.deliveries import DELIVERY_STATES, deliveries

routes = Routes("sign_off_requests", __name__, description="Demandes de confirmation des activités, et leur envoi")


class NewRequest(Schema):
    seat = one_of(*SEATS, required=True)
    person = Id(
        allow_none=True, load_default=None, metadata={"description": "par défaut le tuteur, ou le seul suiveur"}
    )


class NewRequests(NewRequest):
    activities = fields.List(Id(), required=True, validate=validate.Length(min=1, max=200))


class RequestsOut(Schema):
    items = fields.List(fields.Nested(AttestationOut), required=True)


class DeliveryOut(Schema):
    """What became of one request. The mail's link is told to nobody but its reader."""

    attestation = Id(attribute="request.id", required=True)
    activity = Id(attribute="request.activity", required=True)
    seat = fields.String(attribute="request.seat", required=True)
    asked_of = fields.String(attribute="request.signer_name", allow_none=True)
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
