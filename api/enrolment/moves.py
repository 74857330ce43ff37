"""What happens to a candidate once enrolled: an abandonment, and its taking back."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema

from api.enrolment.candidacies import CandidacyOut
from api.http.routing import Routes, find
from api.http.schemas import Reason, date_confirmed, text
from portfolio.documents import Candidacy
from portfolio.enrolment.moves import abandonment
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor

routes = Routes("moves", __name__, description="Candidatures : abandons")


class NewAbandonment(Schema):
    on = text(10, required=True, metadata={"format": "date"})
    reason = text(1000, required=True)
    confirmed = date_confirmed()


@routes.acts(
    "/candidacies/<oid:candidacy_id>/abandonment",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=NewAbandonment,
    title="Enregistre l'abandon d'un candidat : plus rien n'est demandé pour lui, son numéro est libre.",
)
def abandon(
    by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: abandonment.AbandonmentValues
) -> Candidacy:
    return abandonment.abandon(by, find(Candidacy, candidacy_id, expected), values, at)


@routes.acts(
    "/candidacies/<oid:candidacy_id>/abandonment/withdrawal",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=Reason,
    title="Revient sur un abandon, avec son motif : ce qui attendait est redemandé.",
)
def take_back(by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: dict[str, str]) -> Candidacy:
    return abandonment.take_back(by, find(Candidacy, candidacy_id, expected), values["reason"], at)
