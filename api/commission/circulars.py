"""Circulars of candidacies: which version each is on, what the newest one changes, and moving to it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.enrolment.candidacies import CandidacyOut, PinOut
from api.http.routing import Routes, find
from api.http.schemas import Id, text
from portfolio.commission import circular_moves
from portfolio.documents import Candidacy, School
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("circulars", __name__, description="Circulaires")


class PlanQuery(Schema):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve, si l'établissement en propose plusieurs"})
    division = text(50)


class ReadVersion(Schema):
    version = text(20, required=True, metadata={"description": "celle dont on a lu ce qu'elle change"})


class MoveWhole(ReadVersion):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve, si l'établissement en propose plusieurs"})
    division = text(50)


class CircularDifferenceOut(Schema):
    subject = fields.String(required=True)
    before = fields.String(required=True)
    after = fields.String(required=True)


class VersionMoveOut(Schema):
    before = fields.Nested(PinOut, attribute="before.pin", required=True)
    changes = fields.List(fields.Nested(CircularDifferenceOut), required=True)
    move = fields.List(Id(), required=True)
    stay = fields.List(Id(), required=True, metadata={"description": "une fiche est établie : rien ne change"})


class CircularPlanOut(Schema):
    newest = fields.Nested(PinOut, attribute="newest.pin", required=True)
    provisional = fields.Boolean(attribute="newest.provisional", required=True)
    current = fields.List(Id(), required=True)
    moves = fields.List(fields.Nested(VersionMoveOut), required=True)


class LeftOut(Schema):
    candidacy = Id(required=True)
    why = fields.String(required=True)


class MovedOut(Schema):
    moved = fields.List(Id(), required=True)
    left = fields.List(fields.Nested(LeftOut), required=True, metadata={"description": "restent sur leur version"})


@routes.reads(
    "/schools/<oid:school_id>/circular",
    Action.ENROL,
    CircularPlanOut,
    query=PlanQuery,
    title="Montre sur quelle version de la circulaire est chaque candidature, et ce que la plus récente change.",
)
def show_plan(by: Actor, at: datetime, school_id: ObjectId, asked: dict[str, str]) -> dict[str, object]:
    school, division = find(School, school_id), asked.get("division")
    plan = circular_moves.plan(by, school, asked["session"], division, asked.get("exam"))
    moves = [
        {
            "before": version.before,
            "changes": version.changes,
            "move": [candidacy.id for candidacy in version.move],
            "stay": [candidacy.id for candidacy in version.stay],
        }
        for version in plan.moves
    ]
    return {"newest": plan.newest, "current": [candidacy.id for candidacy in plan.current], "moves": moves}


@routes.asks(
    "/schools/<oid:school_id>/circular",
    Action.ENROL,
    MovedOut,
    takes=MoveWhole,
    title="Fait passer toutes les candidatures, ou une classe, à la version la plus récente de la circulaire.",
)
def move_school(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, str]) -> dict[str, object]:
    """Moves the candidacies of the school, and returns {moved: their ids, left: {candidacy, why} of the others}.
    Repeating it moves those that now can. values: of MoveWhole. Raises NotFound, Forbidden, NotTheNewestCircular.
    """
    school, division = find(School, school_id), values.get("division")
    session, version = values["session"], values["version"]
    moves = circular_moves.move_all_to_newest(by, school, session, division, version, at, values.get("exam"))
    left = [{"candidacy": candidacy.id, "why": why} for candidacy, why in moves.left]
    return {"moved": [candidacy.id for candidacy in moves.moved], "left": left}


@routes.acts(
    "/candidacies/<oid:candidacy_id>/circular",
    Action.MOVE_CIRCULAR,
    CandidacyOut,
    takes=ReadVersion,
    title="Fait passer une candidature à la version la plus récente de sa circulaire.",
)
def move_candidacy(by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: dict[str, str]) -> Candidacy:
    return circular_moves.move_to_newest(by, find(Candidacy, candidacy_id, expected), values["version"], at)
