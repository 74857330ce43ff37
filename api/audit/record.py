"""The record of what was done: the history of a portfolio, and the proof that nothing of it was changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from marshmallow import Schema, fields, validate

from api.http.routing import Routes, find
from api.http.schemas import Id, Instant
from api.sheet.sheets import SignatureOut
from api.submission.portfolios import SubmissionSummary
from portfolio.audit import proof
from portfolio.documents import Portfolio
from portfolio.policy.actions import Action
from portfolio.policy.relations import Actor
from portfolio.store import history

routes = Routes("record", __name__, description="Historique et preuve")


class ActOut(Schema):
    seq = fields.Integer(required=True)
    at = Instant(required=True)
    name = fields.String(required=True)
    sentence = fields.String(required=True)
    about = fields.String(allow_none=True, required=True)


class HistoryQuery(Schema):
    after = fields.Integer(load_default=0, validate=validate.Range(min=0, max=2**31))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=200))


class HistoryOut(Schema):
    items = fields.List(fields.Nested(ActOut), required=True)
    next = fields.Integer(allow_none=True, required=True)


class SealedActOut(Schema):
    chain = fields.String(required=True, metadata={"description": "portfolio, assessment, jury"})
    seq = fields.Integer(required=True)
    at = Instant(required=True)
    name = fields.String(required=True)
    sentence = fields.String(required=True)
    mac = fields.String(required=True)


class SealedSheetOut(Schema):
    id = Id(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    digest = fields.String(required=True)
    signatures = fields.List(fields.Nested(SignatureOut), required=True)


class ProofOut(Schema):
    checked_at = Instant(required=True)
    faults = fields.List(
        fields.String(), required=True, attribute="fault_lines", metadata={"description": "vide : tout est intact"}
    )
    ends = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "dernier maillon de chaque chaîne, à comparer aux ancrages gardés hors de la base"},
    )
    acts = fields.List(fields.Nested(SealedActOut), required=True)
    submissions = fields.List(fields.Nested(SubmissionSummary), required=True)
    sheets = fields.List(fields.Nested(SealedSheetOut), required=True)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/history",
    Action.READ_HISTORY,
    HistoryOut,
    query=HistoryQuery,
    title="Montre l'historique du portfolio.",
)
def show_history(by: Actor, at: datetime, portfolio_id: ObjectId, asked: dict[str, Any]) -> history.Page:
    return history.history(by, find(Portfolio, portfolio_id), asked["after"], asked["limit"])


@routes.reads(
    "/portfolios/<oid:portfolio_id>/proof",
    Action.READ_PROOF,
    ProofOut,
    title="Montre les actes qui touchent un candidat, et vérifie à l'instant que rien n'en a été changé.",
)
def show_proof(by: Actor, at: datetime, portfolio_id: ObjectId) -> proof.RecordProof:
    """Returns every act on one candidate, its seals checked now, without titles and marks.
    Raises NotFound, Forbidden.
    """
    return proof.proof(by, find(Portfolio, portfolio_id), at)
