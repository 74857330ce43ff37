"""Periods in companies that a candidate or a tutor proposes, and what the school answers."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.enrolment.institutions import NewCompany
from api.enrolment.placements import NewTutor, PlacementDates
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, one_of, represents, text
from portfolio.documents import Candidacy, ProposedPlacement
from portfolio.documents.candidacies import PLACEMENT_KINDS
from portfolio.enrolment import proposed_placements
from portfolio.enrolment.proposed_placements import AcceptedValues
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor

routes = Routes("proposed_placements", __name__, description="Périodes en entreprise proposées")


class NewProposedPlacement(PlacementDates):
    company = fields.Nested(NewCompany, required=True)
    kind = one_of(*PLACEMENT_KINDS, required=True)
    starts_on = text(10, required=True, metadata={"format": "date"})
    ends_on = text(10, required=True, metadata={"format": "date"})
    days = fields.Integer(required=True, validate=validate.Range(min=1, max=800), strict=True)
    tutor = fields.Nested(
        NewTutor, allow_none=True, metadata={"description": "absent : pas encore connu, ou le tuteur propose lui-même"}
    )


class AcceptedPlacement(PlacementDates):
    missions = text(5000, allow_none=True, metadata={"description": "absentes : celles qui sont proposées"})
    company = Id(metadata={"description": "absente : celle qui est proposée, ajoutée si elle est nouvelle"})
    kind = one_of(*PLACEMENT_KINDS)
    tutor = fields.Nested(
        NewTutor, allow_none=True, metadata={"description": "absent : celui qui est proposé ; `null` : à désigner"}
    )
    words = text(1000, metadata={"description": "pour qui a proposé"})


class ProposedCompanyOut(Schema):
    name = fields.String(required=True)
    city = fields.String(required=True)
    siret = fields.String(allow_none=True)
    local_number = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    address = fields.String(allow_none=True)


class ProposedTutorOut(Schema):
    family_name = fields.String(required=True)
    given_names = fields.String(required=True)
    email = fields.String(allow_none=True)
    function = fields.String(allow_none=True)


@represents(ProposedPlacement)
class ProposedPlacementOut(ThingOut):
    candidacy = Id(required=True)
    author_name = fields.String(required=True)
    company = fields.Nested(ProposedCompanyOut, required=True)
    kind = fields.String(required=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(required=True)
    days = fields.Integer(required=True)
    missions = fields.String(allow_none=True)
    tutor = fields.Nested(ProposedTutorOut, allow_none=True)
    state = fields.String(required=True)
    answer = fields.String(allow_none=True)
    answered_at = Instant(allow_none=True)
    placement = Id(allow_none=True)


class ProposedPlacementQuery(PageQuery):
    candidacy = Id()


@routes.creates(
    "/candidacies/<oid:candidacy_id>/proposed-placements",
    Action.PROPOSE_PLACEMENT,
    ProposedPlacementOut,
    takes=NewProposedPlacement,
    title="Propose une période en entreprise : rien n'en compte avant que l'établissement l'accepte.",
)
def propose_placement(
    by: Actor, at: datetime, candidacy_id: ObjectId, values: proposed_placements.ProposedTerms
) -> ProposedPlacement:
    return proposed_placements.propose(by, find(Candidacy, candidacy_id), values, at)


@routes.reads(
    "/proposed-placements",
    Action.READ_PROPOSED_PLACEMENT,
    page_of(ProposedPlacementOut),
    query=ProposedPlacementQuery,
    title="Liste les périodes proposées que l'on peut voir.",
)
def list_proposed_placements(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    filters = {name: asked[name] for name in ("candidacy",) if name in asked}
    readable = scope(by, Action.READ_PROPOSED_PLACEMENT, ProposedPlacement)
    return page(ProposedPlacement, {"$and": [readable, filters]}, asked)


@routes.acts(
    "/proposed-placements/<oid:proposed_id>/accept",
    Action.ANSWER_PROPOSED_PLACEMENT,
    ProposedPlacementOut,
    takes=AcceptedPlacement,
    title="Accepte une période proposée, corrigée s'il le faut : elle est enregistrée, et son tuteur invité.",
)
def accept_placement(
    by: Actor, at: datetime, expected: int, proposed_id: ObjectId, values: AcceptedValues
) -> ProposedPlacement:
    return proposed_placements.accept(by, find(ProposedPlacement, proposed_id, expected), values, at)


@routes.acts(
    "/proposed-placements/<oid:proposed_id>/refuse",
    Action.ANSWER_PROPOSED_PLACEMENT,
    ProposedPlacementOut,
    takes=Reason,
    title="Refuse une période proposée, d'un mot.",
)
def refuse_placement(
    by: Actor, at: datetime, expected: int, proposed_id: ObjectId, values: dict[str, str]
) -> ProposedPlacement:
    return proposed_placements.refuse(by, find(ProposedPlacement, proposed_id, expected), values["reason"], at)


@routes.acts(
    "/proposed-placements/<oid:proposed_id>/withdraw",
    Action.WITHDRAW_PROPOSED_PLACEMENT,
    ProposedPlacementOut,
    title="Retire une période que l'on avait proposée.",
)
def withdraw_placement(by: Actor, at: datetime, expected: int, proposed_id: ObjectId) -> ProposedPlacement:
    return proposed_placements.withdraw(by, find(ProposedPlacement, proposed_id, expected), at)
