"""Commissions: convened, moved, recomposed, cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields, validate

from api.http.downloads import attached
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, date_confirmed, one_of, represents, text
from portfolio.commission import amend, convene, meeting, way_of_scoring
from portfolio.commission.agenda import LONGEST_MIN, SHORTEST_MIN
from portfolio.commission.on_paper import blank_grids
from portfolio.documents import Candidacy, Commission
from portfolio.enrolment.institutions import academy_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular_reader import MODES
from portfolio.rules.unlikely_dates import CONFIRMED

routes = Routes("commissions", __name__, description="Commissions d'évaluation : convocation, membres")

SOMEBODY = {"description": "identifiant d'une personne, ou son adresse électronique"}


class Appointment(Schema):
    meets_at = Instant(required=True)
    lasts_min = fields.Integer(
        validate=validate.Range(SHORTEST_MIN, LONGEST_MIN),
        metadata={"description": "durée, en minutes : 30 par défaut, ou celle d'avant"},
    )
    place = text(200, required=True)
    confirmed = date_confirmed()


class NewCommission(Appointment):
    mode = one_of(*MODES, metadata={"description": "par défaut, celui du modèle de la session"})
    professor = text(254, required=True, metadata=SOMEBODY)
    second = text(254, required=True, metadata=SOMEBODY)
    tutor_absence = text(
        1000, allow_none=True, metadata={"description": "motif, si un deuxième professeur siège et qu'il est connu"}
    )


class Replacement(Reason):
    leaving = Id(required=True)
    arriving = text(254, required=True, metadata=SOMEBODY)
    tutor_absence = text(1000, allow_none=True, metadata={"description": "motif, si un deuxième professeur arrive"})


class NewMeeting(Schema):
    held_at = Instant(required=True)
    place = text(200, required=True)
    present = fields.List(Id(), required=True, metadata={"description": "les membres présents"})
    note = text(500, allow_none=True, metadata={"description": "à distance, arrivée tardive… : imprimé sur la fiche"})
    on_paper = fields.Boolean(metadata={"description": "grille remplie à la main, saisie ensuite"})
    confirmed = fields.Boolean(metadata={"description": "la date a été vérifiée, après une question"})


class SecondProfessor(Reason):
    arriving = text(254, required=True, metadata=SOMEBODY)


class WayOfScoring(Schema):
    mode = one_of(*MODES, required=True)


class SeatOut(Schema):
    person = Id(required=True)
    name = fields.String(required=True)
    quality = fields.String(required=True)
    since = Instant(required=True)
    left_at = Instant(allow_none=True)
    left_reason = fields.String(allow_none=True)


class MeetingOut(Schema):
    held_at = Instant(required=True)
    place = fields.String(required=True)
    present = fields.List(Id(), required=True)
    note = fields.String(allow_none=True)
    on_paper = fields.Boolean(required=True)
    recorded_by = Id(required=True)
    recorded_at = Instant(required=True)


@represents(Commission)
class CommissionOut(ThingOut):
    candidacy = Id(required=True)
    school = Id(required=True)
    academy = fields.String(required=True)
    session = fields.String(required=True)
    meets_at = Instant(required=True)
    lasts_min = fields.Integer(required=True, metadata={"description": "durée prévue, en minutes"})
    place = fields.String(required=True)
    mode = fields.String(required=True)
    way_asked = fields.String(
        allow_none=True,
        metadata={"description": "autre manière qu'un membre demande, en attendant l'accord de l'autre"},
    )
    way_asked_by = Id(allow_none=True)
    seats = fields.List(fields.Nested(SeatOut), required=True)
    tutor_absence = fields.String(allow_none=True)
    meeting = fields.Nested(MeetingOut, allow_none=True)
    state = fields.String(required=True)
    cancel_reason = fields.String(allow_none=True)


class CommissionQuery(PageQuery):
    session = text(5)
    candidacy = Id()
    since = Instant(data_key="from", metadata={"description": "réunies à partir de cet instant"})
    until = Instant(data_key="to", metadata={"description": "réunies avant cet instant"})


@routes.creates(
    "/candidacies/<oid:candidacy_id>/commissions",
    Action.CONVENE,
    CommissionOut,
    takes=NewCommission,
    title="Convoque une commission de deux membres.",
)
def convene_commission(by: Actor, at: datetime, candidacy_id: ObjectId, values: dict[str, Any]) -> Commission:
    return convene.convene(by, find(Candidacy, candidacy_id), {CONFIRMED: False, **values}, at)


@routes.reads(
    "/commissions",
    Action.READ_COMMISSION,
    page_of(CommissionOut),
    query=CommissionQuery,
    title="Liste les commissions que l'on peut voir, dans l'ordre des réunions.",
)
def list_commissions(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    """Returns a page {items, next} of the commissions that `by` may see, in the order in which they meet. asked: of
    CommissionQuery. Raises Invalid on `after`.
    """
    filters = {name: asked[name] for name in ("session", "candidacy") if name in asked}
    between = {bound: asked[name] for name, bound in (("since", "$gte"), ("until", "$lt")) if name in asked}
    query = {"$and": [scope(by, Action.READ_COMMISSION, Commission), filters, {"meets_at": between} if between else {}]}
    return page(Commission, query, asked, order=("meets_at", "_id"))


@routes.reads("/commissions/<oid:commission_id>", Action.READ_COMMISSION, CommissionOut, title="Montre une commission.")
def show_commission(by: Actor, at: datetime, commission_id: ObjectId) -> Commission:
    commission = find(Commission, commission_id)
    require(by, Action.READ_COMMISSION, commission)
    return commission


@routes.files(
    "/commissions/<oid:commission_id>/blank-grid.pdf",
    Action.READ_COMMISSION,
    "application/pdf",
    title="Télécharge la grille vierge, à remplir à la main, avec le code par lequel la saisir ensuite.",
)
def blank_grid(by: Actor, at: datetime, commission_id: ObjectId) -> Response:
    commission = find(Commission, commission_id)
    require(by, Action.READ_COMMISSION, commission)
    day = at.astimezone(ZoneInfo(academy_of(commission.academy).timezone)).date()
    return attached(blank_grids.blank_grids_pdf(by, [commission], day), "application/pdf", "grille.pdf")


@routes.acts(
    "/commissions/<oid:commission_id>/move",
    Action.CHANGE_COMMISSION,
    CommissionOut,
    takes=Appointment,
    title="Change la date ou le lieu.",
)
def move(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Commission:
    commission, confirmed = find(Commission, commission_id, expected), values.get(CONFIRMED, False)
    when, lasts_min = values["meets_at"], values.get("lasts_min")
    return amend.move(by, commission, when, values["place"], at, lasts_min=lasts_min, confirmed=confirmed)


@routes.acts(
    "/commissions/<oid:commission_id>/meeting",
    Action.APPRAISE,
    CommissionOut,
    takes=NewMeeting,
    title="Enregistre la réunion telle qu'elle a été tenue.",
)
def record_meeting(
    by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]
) -> Commission:
    commission = find(Commission, commission_id, expected)
    return meeting.record_meeting(by, commission, meeting.HeldMeeting(**values), at)


@routes.acts(
    "/commissions/<oid:commission_id>/second-professor",
    Action.CHANGE_COMMISSION,
    CommissionOut,
    takes=SecondProfessor,
    title="Nomme sur place un deuxième professeur, le tuteur n'étant pas venu.",
)
def name_second_professor(
    by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, str]
) -> Commission:
    commission = find(Commission, commission_id, expected)
    return meeting.name_second_professor(by, commission, values["arriving"], values["reason"], at)


@routes.acts(
    "/commissions/<oid:commission_id>/way",
    Action.APPRAISE,
    CommissionOut,
    takes=WayOfScoring,
    title="Change la manière d'apprécier : chacun sa grille, ou une seule à deux.",
)
def choose_way(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, str]) -> Commission:
    return way_of_scoring.choose_way(by, find(Commission, commission_id, expected), values["mode"], at)


@routes.acts(
    "/commissions/<oid:commission_id>/replace-member",
    Action.CHANGE_COMMISSION,
    CommissionOut,
    takes=Replacement,
    title="Remplace un membre, avec un motif.",
)
def replace_member(
    by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]
) -> Commission:
    return amend.replace_member(by, find(Commission, commission_id, expected), values, at)


@routes.acts(
    "/commissions/<oid:commission_id>/cancel",
    Action.CHANGE_COMMISSION,
    CommissionOut,
    takes=Reason,
    title="Annule une commission, avec un motif.",
)
def cancel(by: Actor, at: datetime, expected: int, commission_id: ObjectId, values: dict[str, Any]) -> Commission:
    return amend.cancel(by, find(Commission, commission_id, expected), values["reason"], at)
