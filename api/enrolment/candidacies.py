"""Candidacies: enrolment one by one, followers, adaptations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Mark, ThingOut, date_confirmed, one_of, represents, text
from api.http.session import actor
from portfolio.documents import Candidacy, School
from portfolio.documents.candidacies import STATUSES, ReducedBy
from portfolio.enrolment import enrol, exam_form, one_sitting, training
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.sheet import remarks

routes = Routes("candidacies", __name__, description="Candidatures")


class OverrideIn(Schema):
    form = one_of("ccf", "ponctuelle", required=True)
    decision_reference = text(200, required=True)


class CandidacyIdentity(Schema):
    candidate_number = text(20, metadata={"description": "quand le service des examens l'a attribué"})
    ine = text(20, allow_none=True)
    birth_name = text(100)
    usage_name = text(100, allow_none=True)
    given_names = text(100)
    birth_date = text(10, metadata={"format": "date"})
    division = text(50, allow_none=True)
    confirmed = date_confirmed()


class NewCandidacy(CandidacyIdentity):
    session = text(5, required=True)
    exam = text(60, metadata={"description": "code de l'épreuve, si l'établissement en propose plusieurs"})
    birth_name = text(100, required=True)
    given_names = text(100, required=True)
    birth_date = text(10, required=True, metadata={"format": "date"})
    email = text(254, metadata={"description": "si elle est connue"})
    status = one_of(*STATUSES, required=True)
    distance = fields.Boolean(load_default=False)
    ccf_override = fields.Nested(OverrideIn)


class Followers(Schema):
    followers = fields.List(Id(), required=True, validate=validate.Length(max=10))


class NewAdaptation(Schema):
    decision_reference = text(200, required=True)
    effect = text(1000, required=True, metadata={"description": "l'effet notifié, jamais le motif médical"})
    deadline = Instant()
    confirmed = date_confirmed()


class NewForm(Schema):
    status = one_of(*STATUSES)
    distance = fields.Boolean(load_default=False)
    ccf_override = fields.Nested(OverrideIn)
    reason = text(1000, required=True)


class ReductionIn(Schema):
    days = fields.Integer(required=True, validate=validate.Range(min=1, max=80), strict=True)
    decided_by = one_of(*ReducedBy, required=True)
    reference = text(500, required=True, metadata={"description": "de la décision, ou sa raison (annexe III C)"})


class TrainingFactsIn(Schema):
    entered_on = text(10, allow_none=True, metadata={"format": "date"})
    stage_reduction = fields.Nested(ReductionIn, allow_none=True)
    confirmed = date_confirmed()


class NewSitting(Schema):
    mark = text(20, metadata={"description": "exacte, en texte ; sans elle, words"})
    words = text(100, metadata={"description": "ce qui tient lieu de note : Absent, Dispensé…"})
    received_on = text(10, required=True, metadata={"format": "date"})
    reference = text(200, required=True, metadata={"description": "du document ou de la liste qui le porte"})
    confirmed = date_confirmed()


class SittingOut(Schema):
    mark = Mark(allow_none=True, required=True)
    words = fields.String(allow_none=True, required=True)
    received_on = fields.String(required=True)
    reference = fields.String(required=True)
    recorded_at = Instant(required=True)


class ReductionOut(Schema):
    days = fields.Integer(required=True)
    decided_by = fields.String(required=True)
    reference = fields.String(required=True)
    recorded_at = Instant(required=True)


class CcfOut(Schema):
    form = fields.String(required=True)
    reason_code = fields.String(required=True)
    reason = fields.String(required=True)
    rule_version = fields.String(required=True)
    override_reference = fields.String(allow_none=True)


class AbandonmentOut(Schema):
    on = fields.String(required=True)
    reason = fields.String(required=True)
    recorded_at = Instant(required=True)


class PinOut(Schema):
    id = fields.String(required=True)
    version = fields.String(required=True)
    sha256 = fields.String(required=True)


class AdaptationOut(Schema):
    decision_reference = fields.String(required=True)
    effect = fields.String(required=True)
    deadline = Instant(allow_none=True)
    notified_at = Instant(required=True)


class DeadlineMoveOut(Schema):
    before = Instant(required=True)
    after = Instant(required=True)
    moved_at = Instant(required=True)


@represents(Candidacy)
class CandidacyOut(ThingOut):
    """Identity numbers are for the candidate and the office only; moves of the deadline, for who follows too."""

    school = Id(required=True)
    academy = fields.String(required=True)
    exam = fields.String(required=True)
    session = fields.String(required=True)
    division = fields.String(allow_none=True)
    candidate_number = fields.String(required=True, allow_none=True)
    birth_name = fields.String(required=True)
    usage_name = fields.String(allow_none=True)
    given_names = fields.String(required=True)
    status = fields.String(required=True)
    ccf = fields.Nested(CcfOut, required=True)
    circular = fields.Nested(PinOut, required=True)
    referential = fields.Nested(PinOut, required=True)
    followers = fields.List(Id(), required=True)
    entered_on = fields.String(allow_none=True)
    abandoned_on = fields.Function(
        lambda thing: thing.abandoned.on if thing.abandoned else None,
        metadata={"description": "le jour de l'abandon ; null pour qui est candidat", "type": ["string", "null"]},
    )
    deadline_moves = fields.Function(
        lambda thing: _deadline_moves(thing),
        metadata={
            "description": "la date limite de remise, chaque fois qu'elle a changé ; null pour qui n'est ni le "
            "candidat, ni son établissement, ni chargé de son suivi, ni membre de sa commission",
            "type": ["array", "null"],
        },
    )
    identity = fields.Function(lambda thing: _identity(thing), metadata={"type": ["object", "null"]})


def _identity(thing: Candidacy) -> dict[str, Any] | None:
    if not may(actor(), Action.READ_IDENTITY, thing):
        return None
    adaptations = [AdaptationOut().dump(adaptation) for adaptation in thing.adaptations]
    reduction = ReductionOut().dump(thing.stage_reduction) if thing.stage_reduction else None
    decided = {"stage_reduction": reduction, "form_changed_because": thing.ccf.changed_because}
    decided |= {"sittings": SittingOut(many=True).dump(thing.sittings)}
    decided |= {"abandoned": AbandonmentOut().dump(thing.abandoned) if thing.abandoned else None}
    return {"ine": thing.ine, "birth_date": thing.birth_date, "adaptations": adaptations, **decided}


def _deadline_moves(thing: Candidacy) -> list[object] | None:
    """Returns the moves, which tell of an adaptation, to whoever may know of one; else None."""
    if not may(actor(), Action.READ_ADAPTATIONS, thing):
        return None
    return [DeadlineMoveOut().dump(move) for move in thing.deadline_moves or ()]


class AmendedOut(CandidacyOut):
    """A candidacy whose identity was corrected. to_void: French sentences on the sheets that name it otherwise."""

    to_void = fields.Function(
        lambda candidacy: remarks.to_void(actor(), candidacy),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )


class CandidacyQuery(PageQuery):
    session = text(5)
    division = text(50)


@routes.creates(
    "/schools/<oid:school_id>/candidacies", Action.ENROL, CandidacyOut, takes=NewCandidacy, title="Inscrit un candidat."
)
def enrol_candidate(by: Actor, at: datetime, school_id: ObjectId, values: dict[str, Any]) -> Candidacy:
    return enrol.enrol(by, find(School, school_id), values, at)


@routes.reads(
    "/candidacies",
    Action.READ_CANDIDACY,
    page_of(CandidacyOut),
    query=CandidacyQuery,
    title="Liste les candidatures que l'on peut voir, dans l'ordre des noms.",
)
def list_candidacies(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("session", "division") if name in asked}
    query = {"$and": [scope(by, Action.READ_CANDIDACY, Candidacy), filters]}
    return page(Candidacy, query, asked, order=("name_key", "_id"))


@routes.reads("/candidacies/<oid:candidacy_id>", Action.READ_CANDIDACY, CandidacyOut, title="Montre une candidature.")
def show_candidacy(by: Actor, at: datetime, candidacy_id: ObjectId) -> Candidacy:
    candidacy = find(Candidacy, candidacy_id)
    require(by, Action.READ_CANDIDACY, candidacy)
    return candidacy


@routes.changes(
    "/candidacies/<oid:candidacy_id>",
    Action.AMEND_CANDIDACY,
    AmendedOut,
    takes=CandidacyIdentity,
    title="Corrige l'état civil, les numéros ou la division ; dit quelles fiches sont à annuler.",
)
def amend_candidacy(
    by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: dict[str, Any]
) -> Candidacy:
    return enrol.amend_candidacy(by, find(Candidacy, candidacy_id, expected), values, at)


@routes.changes(
    "/candidacies/<oid:candidacy_id>/followers",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=Followers,
    method="PUT",
    title="Désigne les professeurs chargés du suivi.",
)
def set_followers(by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: dict[str, Any]) -> Candidacy:
    return enrol.set_followers(by, find(Candidacy, candidacy_id, expected), values["followers"], at)


@routes.acts(
    "/candidacies/<oid:candidacy_id>/form",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=NewForm,
    title="Change le statut, et redécide la forme de l'épreuve (D643-19), avec son motif.",
)
def change_form(
    by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: exam_form.FormValues
) -> Candidacy:
    return exam_form.change_form(by, find(Candidacy, candidacy_id, expected), values, at)


@routes.changes(
    "/candidacies/<oid:candidacy_id>/training",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=TrainingFactsIn,
    title="Enregistre une entrée en cours de formation, ou une durée de stage réduite.",
)
def record_training(
    by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: training.TrainingValues
) -> Candidacy:
    return training.record_training(by, find(Candidacy, candidacy_id, expected), values, at)


@routes.acts(
    "/candidacies/<oid:candidacy_id>/adaptations",
    Action.ADAPT,
    CandidacyOut,
    takes=NewAdaptation,
    title="Enregistre un aménagement notifié.",
)
def adapt(by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: dict[str, Any]) -> Candidacy:
    return enrol.adapt(by, find(Candidacy, candidacy_id, expected), values, at)


@routes.acts(
    "/candidacies/<oid:candidacy_id>/sitting-result",
    Action.AMEND_CANDIDACY,
    CandidacyOut,
    takes=NewSitting,
    title="Enregistre le résultat d'une épreuve ponctuelle, reçu du service des examens.",
)
def record_sitting(
    by: Actor, at: datetime, expected: int, candidacy_id: ObjectId, values: one_sitting.SittingValues
) -> Candidacy:
    return one_sitting.record_result(by, find(Candidacy, candidacy_id, expected), values, at)
