"""Keeping beyond the date, slips of elimination, their visa, and what is done with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields

from api.http.downloads import attached
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, represents, text
from api.submission.portfolios import PortfolioOut
from portfolio.archive import eliminate as elimination
from portfolio.archive import elimination_papers, holds, slips
from portfolio.documents import EliminationSlip, Portfolio, School
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor

routes = Routes("eliminations", __name__, description="Conservation et élimination des portfolios")


class NewSlip(Schema):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve ; inutile si la session n'en a qu'une ici"})


class NewVisa(Schema):
    reference = text(100, required=True)
    given_on = text(10, required=True, metadata={"format": "date"})
    given_by = text(200, required=True, metadata={"description": "nom et qualité, tels que sur le visa"})


class TypedNumber(Schema):
    number = text(40, required=True, metadata={"description": "le numéro du bordereau, retapé"})


class SlipLineOut(Schema):
    candidate_number = fields.String(required=True)
    published_at = Instant(required=True)
    earliest = Instant(required=True)
    files = fields.Integer(required=True)
    octets = fields.Integer(required=True)
    eliminated_on = fields.String(allow_none=True)
    digest = fields.String(allow_none=True, metadata={"description": "de la dernière remise"})


@represents(EliminationSlip)
class EliminationSlipOut(ThingOut):
    school = Id(required=True)
    academy = fields.String(required=True)
    exam = fields.String(required=True)
    session = fields.String(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    rule = fields.String(required=True)
    circular = fields.String(required=True)
    first_day = fields.String(required=True)
    last_day = fields.String(required=True)
    lines = fields.List(fields.Nested(SlipLineOut), required=True)
    visa_reference = fields.String(allow_none=True)
    visa_on = fields.String(allow_none=True)
    visa_by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "du refus ou de l'abandon"})
    started_at = Instant(allow_none=True)
    done_at = Instant(allow_none=True)
    created_at = Instant(required=True)


class SlipQuery(PageQuery):
    school = Id()
    session = text(5)


@routes.acts(
    "/portfolios/<oid:portfolio_id>/hold",
    Action.HOLD_PORTFOLIO,
    PortfolioOut,
    takes=Reason,
    title="Conserve un portfolio au-delà de sa durée, avec un motif.",
)
def hold_portfolio(by: Actor, at: datetime, expected: int, portfolio_id: ObjectId, values: dict[str, Any]) -> Portfolio:
    return holds.hold(by, find(Portfolio, portfolio_id, expected), values["reason"], at)


@routes.acts(
    "/portfolios/<oid:portfolio_id>/lift-hold",
    Action.HOLD_PORTFOLIO,
    PortfolioOut,
    takes=Reason,
    title="Lève la conservation prolongée d'un portfolio, avec un motif.",
)
def lift_hold(by: Actor, at: datetime, expected: int, portfolio_id: ObjectId, values: dict[str, Any]) -> Portfolio:
    return holds.lift(by, find(Portfolio, portfolio_id, expected), values["reason"], at)


@routes.creates(
    "/schools/<oid:school_id>/elimination-slips",
    Action.DRAW_UP_SLIP,
    EliminationSlipOut,
    takes=NewSlip,
    title="Établit le bordereau d'élimination d'une session et d'une épreuve : tout ce qui a atteint sa durée.",
)
def draw_up_slip(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> EliminationSlip:
    return slips.draw_up(by, find(School, school_id), values["session"], at, values.get("exam"))


@routes.reads(
    "/elimination-slips",
    Action.READ_SLIP,
    page_of(EliminationSlipOut),
    query=SlipQuery,
    title="Liste les bordereaux d'élimination que l'on peut voir.",
)
def list_slips(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("school", "session") if name in asked}
    return page(EliminationSlip, {"$and": [scope(by, Action.READ_SLIP, EliminationSlip), filters]}, asked)


@routes.reads(
    "/elimination-slips/<oid:slip_id>",
    Action.READ_SLIP,
    EliminationSlipOut,
    title="Montre un bordereau d'élimination, sans aucun nom.",
)
def show_slip(by: Actor, at: datetime, slip_id: ObjectId) -> EliminationSlip:
    slip = find(EliminationSlip, slip_id)
    require(by, Action.READ_SLIP, slip)
    return slip


@routes.acts(
    "/elimination-slips/<oid:slip_id>/visa",
    Action.DECIDE_SLIP,
    EliminationSlipOut,
    takes=NewVisa,
    title="Enregistre le visa du service d'archives.",
)
def record_visa(by: Actor, at: datetime, expected: int, slip_id: ObjectId, values: dict[str, Any]) -> EliminationSlip:
    return slips.record_visa(by, find(EliminationSlip, slip_id, expected), values, at)


@routes.acts(
    "/elimination-slips/<oid:slip_id>/refusal",
    Action.DECIDE_SLIP,
    EliminationSlipOut,
    takes=Reason,
    title="Enregistre le refus du visa ; les portfolios du bordereau sont libérés.",
)
def record_refusal(
    by: Actor, at: datetime, expected: int, slip_id: ObjectId, values: dict[str, Any]
) -> EliminationSlip:
    return slips.record_refusal(by, find(EliminationSlip, slip_id, expected), values["reason"], at)


@routes.acts(
    "/elimination-slips/<oid:slip_id>/abandonment",
    Action.DECIDE_SLIP,
    EliminationSlipOut,
    takes=Reason,
    title="Abandonne un bordereau avant toute élimination ; ses portfolios sont libérés.",
)
def abandon_slip(by: Actor, at: datetime, expected: int, slip_id: ObjectId, values: dict[str, Any]) -> EliminationSlip:
    return slips.abandon(by, find(EliminationSlip, slip_id, expected), values["reason"], at)


@routes.acts(
    "/elimination-slips/<oid:slip_id>/elimination",
    Action.ELIMINATE,
    EliminationSlipOut,
    takes=TypedNumber,
    title="Élimine, avec le visa, les portfolios du bordereau dont on tape le numéro.",
)
def eliminate(by: Actor, at: datetime, expected: int, slip_id: ObjectId, values: dict[str, Any]) -> EliminationSlip:
    return elimination.eliminate(by, find(EliminationSlip, slip_id, expected), values["number"], at)


@routes.files(
    "/elimination-slips/<oid:slip_id>/slip.pdf",
    Action.READ_SLIP,
    "application/pdf",
    title="Télécharge le bordereau à faire viser, en PDF.",
)
def slip_pdf(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    slip = find(EliminationSlip, slip_id)
    return attached(elimination_papers.slip_pdf(by, slip), "application/pdf", f"bordereau-{slip.number}.pdf")


@routes.files(
    "/elimination-slips/<oid:slip_id>/annex.csv",
    Action.DECIDE_SLIP,
    "text/csv",
    title="Télécharge l'annexe nominative du bordereau, pour le visa.",
)
def slip_annex(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    slip = find(EliminationSlip, slip_id)
    return attached(elimination_papers.annex_csv(by, slip), "text/csv; charset=utf-8", f"annexe-{slip.number}.csv")


@routes.files(
    "/elimination-slips/<oid:slip_id>/certificate.pdf",
    Action.READ_SLIP,
    "application/pdf",
    title="Télécharge l'attestation d'élimination, en PDF.",
)
def certificate_pdf(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    slip = find(EliminationSlip, slip_id)
    return attached(elimination_papers.certificate_pdf(by, slip), "application/pdf", f"attestation-{slip.number}.pdf")
