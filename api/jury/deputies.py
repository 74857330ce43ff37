"""The members of a jury, and its deputies: who is seated for whom."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.enrolment.institutions import JuryOut
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, date_confirmed, text
from portfolio.documents import Jury
from portfolio.jury import deputies
from portfolio.jury.deputies import NewSeating
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("deputies", __name__, description="Membres du jury et suppléants")


class JuryMemberOut(Schema):
    person = Id(required=True)
    name = fields.String(required=True)
    deputy = fields.Boolean(required=True, metadata={"description": "suppléant"})
    in_force = fields.Boolean(required=True, metadata={"description": "faux : le droit attend d'être confirmé"})
    suspended = fields.Boolean(required=True)
    replaces = fields.String(allow_none=True, required=True, metadata={"description": "le titulaire qu'il remplace"})
    replaced_by = fields.String(allow_none=True, required=True, metadata={"description": "le suppléant qui siège"})
    since = Instant(allow_none=True, required=True, metadata={"description": "depuis quand le suppléant siège"})


class SeatingOut(Schema):
    deputy = fields.String(required=True)
    titular = fields.String(required=True)
    because = fields.String(required=True)
    since = Instant(required=True)
    seated_by = fields.String(required=True)
    ended_at = Instant(allow_none=True, required=True)
    ended_by = fields.String(allow_none=True, required=True)


class JuryMembersOut(Schema):
    members = fields.List(fields.Nested(JuryMemberOut), required=True)
    seatings = fields.List(fields.Nested(SeatingOut), required=True)


class SeatingAsked(Reason):
    deputy = Id(required=True, metadata={"description": "la personne suppléante"})
    titular = Id(required=True, metadata={"description": "la personne titulaire"})
    since = text(
        10, load_default=None, allow_none=True, metadata={"format": "date", "description": "aujourd'hui sinon"}
    )
    confirmed = date_confirmed()


class DeputyRef(Schema):
    deputy = Id(required=True)


@routes.reads(
    "/juries/<oid:jury_id>/members",
    Action.READ_MEMBERS,
    JuryMembersOut,
    title="Liste les membres du jury, ses suppléants, et qui a siégé à la place de qui.",
)
def list_members(by: Actor, at: datetime, jury_id: ObjectId) -> dict[str, object]:
    jury = find(Jury, jury_id)
    return {"members": deputies.members_of(by, jury, at), "seatings": deputies.seatings_of(by, jury)}


@routes.acts(
    "/juries/<oid:jury_id>/seat-deputy",
    Action.SEAT_DEPUTY,
    JuryOut,
    takes=SeatingAsked,
    title="Fait siéger un suppléant à la place d'un titulaire.",
)
def seat_deputy(by: Actor, at: datetime, expected: int, jury_id: ObjectId, values: NewSeating) -> Jury:
    return deputies.seat_deputy(by, find(Jury, jury_id, expected), values, at)


@routes.acts(
    "/juries/<oid:jury_id>/end-seating",
    Action.END_SEATING,
    JuryOut,
    takes=DeputyRef,
    title="Enregistre le retour d'un titulaire : son suppléant ne siège plus.",
)
def end_seating(by: Actor, at: datetime, expected: int, jury_id: ObjectId, values: dict[str, ObjectId]) -> Jury:
    return deputies.end_seating(by, find(Jury, jury_id, expected), values["deputy"], at)
