"""Outcomes without appraisal: recorded by the office on a candidacy, decided by the jury."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from marshmallow import Schema, fields

from api.http.admission import SIGNED_IN
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Mark, Reason, ThingOut, date_confirmed, represents, text
from api.http.session import reader
from api.jury.results import MarkDecisionsOut, PublishedOut
from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy, OfficeOutcome
from portfolio.jury import beside_outcomes, decisions, jury, outcome_corrections, outcomes
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, scope
from portfolio.policy.relations import Actor

routes = Routes("outcomes", __name__, description="Situations sans appréciation")


class NewOutcome(Schema):
    outcome = text(50, required=True, metadata={"description": "code de la circulaire : mark_kept, dispensed, absent…"})
    kept_mark = text(20)
    kept_session = text(5)
    reference = text(500, metadata={"description": "de la décision, ou du texte qui dispense"})
    convoked_on = text(10, metadata={"format": "date"})
    proof = text(1000, metadata={"description": "preuve de la convocation : le jury la lit avant de décider"})
    confirmed = date_confirmed()


class OutcomeDecision(Schema):
    mark = text(20, allow_none=True, load_default=None, metadata={"description": "null : telle qu'enregistrée"})
    reason = text(2000, allow_none=True, load_default=None)


class CorrectedOutcome(Schema):
    outcome = text(
        50, allow_none=True, load_default=None, metadata={"description": "code de la situation exacte ; null : la même"}
    )
    mark = text(
        20,
        allow_none=True,
        load_default=None,
        metadata={"description": "null : celle que la situation donne, ou aucune"},
    )
    reason = text(1000, minimum=3, required=True)


class PublishedOutcomeOut(PublishedOut):
    """What its candidate is told of an outcome: its words, the mark if it has one, when it was published, corrected or
    taken back.
    """

    label = fields.String(required=True, attribute="result_label")
    taken_back_at = Instant(
        allow_none=True,
        required=True,
        attribute="withdrawn_at",
        metadata={"description": "le jury a retiré ce résultat : il ne compte plus"},
    )


class CancelledCommissionOut(Schema):
    meets_at = Instant(required=True, metadata={"description": "telle qu'elle était convoquée"})
    reason = fields.String(allow_none=True, required=True)


class BesideOutcomeOut(Schema):
    """What else the service holds of the candidate: a portfolio handed in, cancelled commissions; no content."""

    submission = fields.Integer(
        allow_none=True, required=True, metadata={"description": "numéro de la dernière remise"}
    )
    submitted_at = Instant(allow_none=True, required=True)
    cancelled = fields.List(fields.Nested(CancelledCommissionOut), required=True)


OF_DECISION = ("revision", "decided", "final_mark")


@represents(OfficeOutcome)
class OutcomeOut(ThingOut):
    """An outcome as its office, its jury and the exam service read it. What the jury decided, and the revision, which a
    decision moves, are null to whoever may not read the decision yet.
    """

    revision = fields.Integer(required=True, allow_none=True)
    candidacy = Id(required=True)
    outcome = fields.String(required=True)
    label = fields.String(required=True)
    kept_mark = Mark(allow_none=True)
    kept_session = fields.String(allow_none=True)
    reference = fields.String(allow_none=True)
    convoked_on = fields.String(allow_none=True)
    proof = fields.String(allow_none=True)
    live = fields.Boolean(required=True)
    withdrawn_because = fields.String(allow_none=True)
    sent_back = fields.Boolean(required=True, metadata={"description": "retirée par le jury, qui l'a renvoyée"})
    decided = fields.Boolean(required=True, allow_none=True)
    final_mark = Mark(allow_none=True)
    published = fields.Boolean(required=True)
    published_at = Instant(allow_none=True)
    final_label = fields.String(
        allow_none=True, metadata={"description": "ce qu'une rectification a mis à la place du libellé publié"}
    )
    corrected_at = Instant(allow_none=True, required=True)

    def dump(self, obj: object, *, many: bool | None = None) -> dict[str, object]:
        """Returns the JSON-ready dict of one outcome, for its reader."""
        readable = may(reader(), Action.READ_OUTCOME_DECISION, obj)
        whole: dict[str, object] = super().dump(obj, many=many)
        return whole if readable else whole | dict.fromkeys(OF_DECISION)


@routes.creates(
    "/candidacies/<oid:candidacy_id>/outcomes",
    Action.RECORD_OUTCOME,
    OutcomeOut,
    takes=NewOutcome,
    title="Enregistre une situation sans appréciation : note conservée, dispense, absence, portfolio non remis.",
)
def record_outcome(
    by: Actor, at: datetime, candidacy_id: ObjectId, values: office_outcomes.OutcomeValues
) -> OfficeOutcome:
    return office_outcomes.record_outcome(by, find(Candidacy, candidacy_id), values, at)


@routes.reads(
    "/outcomes",
    Action.READ_OUTCOME,
    page_of(OutcomeOut),
    query=PageQuery,
    title="Liste les situations sans appréciation que l'on peut voir.",
)
def list_outcomes(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    return page(OfficeOutcome, scope(by, Action.READ_OUTCOME, OfficeOutcome), asked)


@routes.reads(
    "/my/outcomes",
    SIGNED_IN,
    page_of(PublishedOutcomeOut),
    query=PageQuery,
    title="Liste ses propres situations sans appréciation, une fois publiées : libellé, note définitive, date.",
)
def list_my_outcomes(by: Actor, at: datetime, asked: dict[str, object]) -> dict[str, object]:
    mine = {"candidacy": {"$in": by.values("candidate", "candidacy")}, "published": True}
    return page(OfficeOutcome, {"$and": [scope(by, Action.READ_OUTCOME_DECISION, OfficeOutcome), mine]}, asked)


@routes.asks(
    "/outcomes/<oid:outcome_id>/withdraw",
    Action.WITHDRAW_OUTCOME,
    OutcomeOut,
    takes=Reason,
    title="Retire une situation enregistrée par erreur, avant la décision du jury.",
)
def withdraw_outcome(by: Actor, at: datetime, outcome_id: ObjectId, values: dict[str, str]) -> OfficeOutcome:
    """Withdraws an outcome, and returns it. Repeating it is harmless: it is refused once withdrawn. No revision guards
    it, since the office amends nothing, and a decision that it may not read yet would move one. Raises NotFound,
    Forbidden, and what `office_outcomes.withdraw_outcome` raises.
    """
    return office_outcomes.withdraw_outcome(by, find(OfficeOutcome, outcome_id), values["reason"], at)


@routes.acts(
    "/outcomes/<oid:outcome_id>/decide",
    Action.DECIDE_OUTCOME,
    OutcomeOut,
    takes=OutcomeDecision,
    title="Arrête le résultat d'une situation sans appréciation.",
)
def decide_outcome(
    by: Actor, at: datetime, expected: int, outcome_id: ObjectId, values: dict[str, str | None]
) -> OfficeOutcome:
    outcome = find(OfficeOutcome, outcome_id, expected)
    return outcomes.decide_outcome(by, jury.jury_of(outcome), outcome, values["mark"], values["reason"], at)


@routes.acts(
    "/outcomes/<oid:outcome_id>/send-back",
    Action.SEND_BACK_OUTCOME,
    OutcomeOut,
    takes=Reason,
    title="Renvoie une situation à l'établissement, avec le motif, avant la publication.",
)
def send_back(by: Actor, at: datetime, expected: int, outcome_id: ObjectId, values: dict[str, str]) -> OfficeOutcome:
    outcome = find(OfficeOutcome, outcome_id, expected)
    return outcomes.send_back(by, jury.jury_of(outcome), outcome, values["reason"], at)


@routes.reads(
    "/outcomes/<oid:outcome_id>/beside",
    Action.READ_OUTCOME,
    BesideOutcomeOut,
    title="Dit au jury s'il existe, pour ce candidat, une remise ou une commission annulée.",
)
def show_beside(by: Actor, at: datetime, outcome_id: ObjectId) -> beside_outcomes.BesideOutcome:
    return beside_outcomes.beside(by, find(OfficeOutcome, outcome_id))


@routes.acts(
    "/outcomes/<oid:outcome_id>/correct",
    Action.CORRECT_OUTCOME,
    OutcomeOut,
    takes=CorrectedOutcome,
    title="Rectifie une erreur matérielle dans une situation publiée ; le candidat en est averti.",
)
def correct_outcome(
    by: Actor, at: datetime, expected: int, outcome_id: ObjectId, values: outcome_corrections.OutcomeCorrection
) -> OfficeOutcome:
    return outcome_corrections.correct_outcome(by, find(OfficeOutcome, outcome_id, expected), values, at)


@routes.acts(
    "/outcomes/<oid:outcome_id>/take-back",
    Action.CORRECT_OUTCOME,
    OutcomeOut,
    takes=Reason,
    title="Retire le résultat publié d'une situation qui n'aurait pas dû l'être ; le candidat en est averti.",
)
def take_back(by: Actor, at: datetime, expected: int, outcome_id: ObjectId, values: dict[str, str]) -> OfficeOutcome:
    return outcome_corrections.take_back(by, find(OfficeOutcome, outcome_id, expected), values["reason"], at)


@routes.reads(
    "/outcomes/<oid:outcome_id>/decisions",
    Action.READ_OUTCOME,
    MarkDecisionsOut,
    title="Montre à l'établissement ce que le jury a décidé d'une situation publiée : qui, quand, pourquoi.",
)
def show_outcome_decisions(by: Actor, at: datetime, outcome_id: ObjectId) -> dict[str, list[decisions.MarkDecision]]:
    return {"items": decisions.decisions_on_outcome(by, find(OfficeOutcome, outcome_id))}
