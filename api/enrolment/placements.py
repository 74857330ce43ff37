"""Placements in companies and their tutors."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.enrolment.institutions import NewCompany
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, date_confirmed, one_of, represents, text
from api.http.session import actor
from api.identity.accounts import NewAddress
from portfolio.documents import Candidacy, Placement, Portfolio
from portfolio.documents.candidacies import PLACEMENT_KINDS
from portfolio.enrolment import email_corrections, placements, training
from portfolio.enrolment.moves import company_facts, tutor_names
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.training import TrainingReport

routes = Routes("placements", __name__, description="Périodes en entreprise")


class NewTutor(Schema):
    email = text(254, allow_none=True, metadata={"description": "absente : le tuteur confirme sur papier"})
    family_name = text(100, required=True)
    given_names = text(100, required=True)
    function = text(100)


class RightTutorNames(Schema):
    family_name = text(100, required=True)
    given_names = text(100, required=True)
    function = text(100, allow_none=True)


class PlacementDates(Schema):
    starts_on = text(10, metadata={"format": "date"})
    ends_on = text(10, metadata={"format": "date"})
    days = fields.Integer(validate=validate.Range(min=1, max=800), strict=True)
    missions = text(5000)
    confirmed = date_confirmed()


class NewPlacement(PlacementDates):
    company = Id(required=True)
    kind = one_of(*PLACEMENT_KINDS, required=True)
    starts_on = text(10, required=True, metadata={"format": "date"})
    ends_on = text(10, required=True, metadata={"format": "date"})
    days = fields.Integer(required=True, validate=validate.Range(min=1, max=800), strict=True)
    tutor = fields.Nested(NewTutor, allow_none=True, metadata={"description": "absent ou nul : tuteur à désigner"})


class CertificateSeen(Schema):
    days = fields.Integer(validate=validate.Range(min=1, max=800), strict=True)
    issued_on = text(10, metadata={"format": "date"})
    confirmed = date_confirmed()


class BreakOff(Reason):
    broken_on = text(10, required=True, metadata={"format": "date"})
    confirmed = date_confirmed()


class CertificateOut(Schema):
    days = fields.Integer(allow_none=True)
    issued_on = fields.String(allow_none=True)
    file = Id(allow_none=True, metadata={"description": "le fichier vu ; nul pour un certificat vu sur papier"})
    seen_name = fields.String(allow_none=True)
    seen_at = Instant(required=True)


@represents(Placement)
class PlacementOut(ThingOut):
    candidacy = Id(required=True)
    company = Id(required=True)
    company_name = fields.String(required=True)
    company_city = fields.String(required=True)
    kind = fields.String(required=True)
    starts_on = fields.String(required=True)
    ends_on = fields.String(required=True)
    days = fields.Integer(required=True)
    missions = fields.String(allow_none=True)
    tutor = Id(allow_none=True, metadata={"description": "nul : tuteur à désigner"})
    tutor_name = fields.String(allow_none=True)
    tutor_function = fields.String(allow_none=True)
    cancelled_at = Instant(allow_none=True)
    cancel_reason = fields.String(allow_none=True)
    contested_at = Instant(allow_none=True, metadata={"description": "objection du tuteur : il n'est plus sollicité"})
    contested_because = fields.String(allow_none=True)
    contest_comment = fields.String(allow_none=True)
    broken_on = fields.String(allow_none=True)
    broken_because = fields.Function(lambda thing: _why_broken(thing), metadata={"type": ["string", "null"]})
    certificate = fields.Nested(CertificateOut, allow_none=True)
    certificate_file = Id(allow_none=True, metadata={"description": "le certificat déposé en dernier"})


def _why_broken(thing: Placement) -> str | None:
    """Returns the reason in words to those who keep the period; None to its other readers, its tutor among them."""
    return thing.broken_because if may(actor(), Action.AMEND_PLACEMENT, thing) else None


class TrainingOut(Schema):
    days = fields.Integer(required=True, metadata={"description": "sur toutes les périodes"})
    lacks = fields.List(fields.String(), required=True, metadata={"description": "ce que demande l'arrêté, annexe III"})


class PlacementQuery(PageQuery):
    candidacy = Id()


@routes.creates(
    "/candidacies/<oid:candidacy_id>/placements",
    Action.PLACE,
    PlacementOut,
    takes=NewPlacement,
    title="Ajoute une période en entreprise, avec son tuteur s'il est connu.",
)
def add_placement(by: Actor, at: datetime, candidacy_id: ObjectId, values: placements.PlacementValues) -> Placement:
    return placements.add_placement(by, find(Candidacy, candidacy_id), values, at)


@routes.reads(
    "/placements",
    Action.READ_PLACEMENT,
    page_of(PlacementOut),
    query=PlacementQuery,
    title="Liste les périodes en entreprise que l'on peut voir.",
)
def list_placements(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy",) if name in asked}
    return page(Placement, {"$and": [scope(by, Action.READ_PLACEMENT, Placement), filters]}, asked)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/training",
    Action.READ_PORTFOLIO,
    TrainingOut,
    title="Montre les jours de formation en entreprise, et ce qui manque de ce que demande l'arrêté.",
)
def show_training(by: Actor, at: datetime, portfolio_id: ObjectId) -> TrainingReport:
    require(by, Action.READ_PORTFOLIO, find(Portfolio, portfolio_id))
    periods = Placement.objects(candidacy=portfolio_id, cancelled_at=None)
    return training.training_of(find(Candidacy, portfolio_id), periods, at.date())


@routes.changes(
    "/placements/<oid:placement_id>",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=PlacementDates,
    title="Corrige les dates, la durée ou les missions.",
)
def amend_placement(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: dict[str, Any]
) -> Placement:
    return placements.amend_placement(by, find(Placement, placement_id, expected), values, at)


@routes.acts(
    "/placements/<oid:placement_id>/certificate",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=CertificateSeen,
    title="Enregistre que le certificat de la période, ou l'attestation de l'employeur, a été vu.",
)
def see_certificate(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: training.CertificateValues
) -> Placement:
    return training.see_certificate(by, find(Placement, placement_id, expected), values, at)


@routes.acts(
    "/placements/<oid:placement_id>/break-off",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=BreakOff,
    title="Enregistre la rupture d'un contrat ou d'un stage avant son terme.",
)
def break_off(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: training.BreakOffValues
) -> Placement:
    placement, confirmed = find(Placement, placement_id, expected), values.get("confirmed", False)
    return training.break_off(by, placement, values["broken_on"], values["reason"], at, confirmed=confirmed)


@routes.changes(
    "/placements/<oid:placement_id>/tutor",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=NewTutor,
    method="PUT",
    title="Désigne le tuteur, ou le remplace : ce qui attendait lui est demandé.",
)
def replace_tutor(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: placements.TutorValues
) -> Placement:
    return placements.replace_tutor(by, find(Placement, placement_id, expected), values, at)


@routes.acts(
    "/placements/<oid:placement_id>/end-tutoring",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    title="Enregistre qu'il n'y a plus de tuteur : ce qui l'attendait attend qu'un autre soit désigné.",
)
def end_tutoring(by: Actor, at: datetime, expected: int, placement_id: ObjectId) -> Placement:
    return placements.end_tutoring(by, find(Placement, placement_id, expected), at)


@routes.changes(
    "/placements/<oid:placement_id>/tutor-name",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=RightTutorNames,
    method="PUT",
    title="Corrige le nom et la fonction du tuteur, qui reste la même personne ; ce qui est signé ne change pas.",
)
def correct_tutor_names(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: tutor_names.TutorNames
) -> Placement:
    return tutor_names.correct_tutor_names(by, find(Placement, placement_id, expected), values, at)


@routes.changes(
    "/placements/<oid:placement_id>/company",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=NewCompany,
    method="PUT",
    title="Corrige l'entreprise de la période, dans toutes ses périodes de la session et des suivantes.",
)
def correct_company(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: dict[str, str | None]
) -> Placement:
    return company_facts.correct_company(by, find(Placement, placement_id, expected), values, at)


@routes.changes(
    "/placements/<oid:placement_id>/tutor-address",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=NewAddress,
    method="PUT",
    title="Corrige l'adresse du tuteur ; s'il siège à une commission, ce changement attend.",
)
def correct_tutor_address(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: dict[str, Any]
) -> Placement:
    return email_corrections.correct_tutor(by, find(Placement, placement_id, expected), values["email"], at)


@routes.acts(
    "/placements/<oid:placement_id>/try-tutor-address-again",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    title="Essaie de nouveau l'adresse en échec du tuteur : ce qui attendait repart.",
)
def try_tutor_address_again(by: Actor, at: datetime, expected: int, placement_id: ObjectId) -> Placement:
    return email_corrections.try_tutor_again(by, find(Placement, placement_id, expected), at)


@routes.acts(
    "/placements/<oid:placement_id>/cancel",
    Action.AMEND_PLACEMENT,
    PlacementOut,
    takes=Reason,
    title="Annule une période qui n'a pas eu lieu, avec un motif.",
)
def cancel_placement(
    by: Actor, at: datetime, expected: int, placement_id: ObjectId, values: dict[str, Any]
) -> Placement:
    return placements.cancel_placement(by, find(Placement, placement_id, expected), values["reason"], at)
