"""The portfolio as a whole: submission, reopening, what was submitted."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response
from marshmallow import Schema, fields, validate

from api.evidence.deadlines import is_told, know_candidacies
from api.http.downloads import attached
from api.http.paging import PageQuery, page, page_of
from api.http.routing import Routes, find
from api.http.schemas import Id, Instant, Reason, ThingOut, represents
from api.http.session import now, reader
from portfolio.documents import Candidacy, Portfolio, Submission
from portfolio.enrolment.deadline import KnownDeadline, known_deadline
from portfolio.enrolment.institutions import academy_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may, require, scope
from portfolio.policy.relations import Actor
from portfolio.submission import submit
from portfolio.submission.acknowledgement import Acknowledgement, acknowledgement, pdf
from portfolio.submission.kept_words import kept_since
from portfolio.submission.lateness import LatePiece, late_pieces, without_lateness

routes = Routes("portfolios", __name__, description="Portfolio : couverture, conformité, remise")


class EliminationOut(Schema):
    """What remains to be said of an eliminated portfolio."""

    slip_number = fields.String(required=True)
    on = fields.String(required=True, metadata={"format": "date"})
    digest = fields.String(allow_none=True, metadata={"description": "de la dernière remise"})


@represents(Portfolio)
class PortfolioOut(ThingOut):
    can = fields.Function(
        lambda portfolio: [
            action for action in allowed(reader(), portfolio) if action not in submit.closed_acts(portfolio, now())
        ],
        required=True,
        metadata={
            "type": "array",
            "items": {"type": "string"},
            "description": "sans la remise que l'état ou la date limite refuserait à ce moment",
        },
    )
    candidacy = Id(required=True)
    session = fields.String(required=True)
    state = fields.String(required=True)
    submissions = fields.Integer(required=True, metadata={"description": "nombre de remises"})
    submitted_at = Instant(allow_none=True)
    reopened_reason = fields.String(allow_none=True)
    held_since = Instant(allow_none=True, metadata={"description": "gardé au-delà de sa durée, sur décision"})
    elimination = fields.Nested(EliminationOut, allow_none=True)


class KeptOut(Schema):
    number = fields.Integer(required=True, metadata={"description": "de la dernière remise"})
    lines = fields.List(fields.String(), required=True, metadata={"description": "une phrase par période corrigée"})
    then = fields.String(required=True, metadata={"description": "jusqu'à quand il en est ainsi, et à qui s'adresser"})


class PortfolioWithDeadline(PortfolioOut):
    deadline = Instant(required=True)
    kept = fields.Nested(
        KeptOut,
        required=True,
        allow_none=True,
        metadata={"description": "ce que la dernière remise garde de périodes corrigées depuis ; null : rien"},
    )


_TOLD = "nul pour qui ne connaît pas l'échéance du candidat"


class SubmissionSummary(ThingOut):
    candidacy = Id(required=True)
    number = fields.Integer(required=True)
    digest = fields.Function(
        lambda thing: thing.digest if is_told(thing.candidacy) else None,
        required=True,
        metadata={"type": ["string", "null"], "description": _TOLD},
    )
    created_at = Instant(required=True)
    late_reason = fields.Function(
        lambda thing: thing.late_reason if is_told(thing.candidacy) else None,
        metadata={"type": ["string", "null"], "description": _TOLD},
    )
    chain_head = fields.String(required=True)


@represents(Submission)
class SubmissionOut(SubmissionSummary):
    content = fields.Function(
        lambda thing: _content(thing),
        metadata={"type": "object", "description": "sans ce qui dit les retards pour qui ne connaît pas l'échéance"},
    )


def _content(submission: Submission) -> dict[str, object]:
    content: dict[str, object] = json.loads(submission.content)
    return content if is_told(submission.candidacy) else without_lateness(content)


class Remise(Schema):
    without_drafts = fields.Boolean(load_default=False)


class LateRemise(Reason):
    left_aside = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=300),
        metadata={"description": "preuves déposées après la date limite, à ne pas remettre ; par défaut, aucune"},
    )


class LatePieceOut(Schema):
    id = Id(required=True)
    rank = fields.Integer(
        required=True, metadata={"description": "parmi les preuves à remettre, dans l'ordre d'arrivée"}
    )
    since = Instant(required=True, metadata={"description": "dépôt de la preuve, ou de son premier fichier tardif"})


class LatePiecesOut(Schema):
    items = fields.List(fields.Nested(LatePieceOut), required=True)


class SubmissionQuery(PageQuery):
    candidacy = Id()


@routes.reads(
    "/portfolios/<oid:portfolio_id>",
    Action.READ_PORTFOLIO,
    PortfolioWithDeadline,
    title="Montre l'état du portfolio et son échéance.",
)
def show_portfolio(by: Actor, at: datetime, portfolio_id: ObjectId) -> Portfolio:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_PORTFOLIO, portfolio)
    represented: Any = portfolio  # with what its representation adds
    candidacy = find(Candidacy, portfolio_id)
    represented.deadline = _deadline(by, candidacy).at
    represented.kept = kept_since(candidacy, portfolio, may_reopen=may(by, Action.REOPEN, portfolio))
    return portfolio


def _deadline(by: Actor, candidacy: Candidacy) -> KnownDeadline:
    return known_deadline(by, candidacy, academy_of(candidacy.academy).timezone)


@routes.reads(
    "/portfolios/<oid:portfolio_id>/late-pieces",
    Action.READ_CONFORMITY,
    LatePiecesOut,
    title="Liste les preuves à remettre qui ont été déposées après la date limite, sans leur titre.",
)
def list_late_pieces(by: Actor, at: datetime, portfolio_id: ObjectId) -> dict[str, list[LatePiece]]:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.READ_CONFORMITY, portfolio)
    return {"items": late_pieces(by, portfolio, _deadline(by, find(Candidacy, portfolio_id)).late_after)}


@routes.acts(
    "/portfolios/<oid:portfolio_id>/submit",
    Action.SUBMIT,
    PortfolioOut,
    takes=Remise,
    title="Remet le portfolio : la remise est figée et numérotée.",
)
def submit_portfolio(
    by: Actor, at: datetime, expected: int, portfolio_id: ObjectId, values: dict[str, Any]
) -> Portfolio:
    return submit.submit(by, find(Portfolio, portfolio_id, expected), values["without_drafts"], at)


@routes.acts(
    "/portfolios/<oid:portfolio_id>/submit-late",
    Action.SUBMIT_LATE,
    PortfolioOut,
    takes=LateRemise,
    title="Remet le portfolio en l'état après l'échéance, avec un motif, sans les preuves laissées de côté.",
)
def submit_late(by: Actor, at: datetime, expected: int, portfolio_id: ObjectId, values: dict[str, Any]) -> Portfolio:
    return submit.submit_late(
        by, find(Portfolio, portfolio_id, expected), values["reason"], at, frozenset(values["left_aside"])
    )


@routes.acts(
    "/portfolios/<oid:portfolio_id>/reopen",
    Action.REOPEN,
    PortfolioOut,
    takes=Reason,
    title="Rouvre un portfolio remis, avec un motif.",
)
def reopen(by: Actor, at: datetime, expected: int, portfolio_id: ObjectId, values: dict[str, Any]) -> Portfolio:
    return submit.reopen(by, find(Portfolio, portfolio_id, expected), values["reason"], at)


@routes.reads(
    "/submissions",
    Action.READ_SUBMISSION,
    page_of(SubmissionSummary),
    query=SubmissionQuery,
    title="Liste les remises.",
)
def list_submissions(by: Actor, at: datetime, asked: dict[str, Any]) -> dict[str, Any]:
    filters = {name: asked[name] for name in ("candidacy",) if name in asked}
    listed = page(Submission, {"$and": [scope(by, Action.READ_SUBMISSION, Submission), filters]}, asked)
    know_candidacies([submission.candidacy for submission in listed["items"]])
    return listed


@routes.reads(
    "/submissions/<oid:submission_id>",
    Action.READ_SUBMISSION,
    SubmissionOut,
    title="Montre une remise, telle qu'elle a été figée.",
)
def show_submission(by: Actor, at: datetime, submission_id: ObjectId) -> Submission:
    submission = find(Submission, submission_id)
    require(by, Action.READ_SUBMISSION, submission)
    return submission


@routes.files(
    "/submissions/<oid:submission_id>/acknowledgement.pdf",
    Action.READ_SUBMISSION,
    "application/pdf",
    title="Télécharge l'accusé d'une remise (PDF/A).",
)
def acknowledgement_pdf(by: Actor, at: datetime, submission_id: ObjectId) -> Response:
    return as_pdf(acknowledgement(by, find(Submission, submission_id)))


def as_pdf(paper: Acknowledgement) -> Response:
    """Returns the answer of the paper as a file to save."""
    return attached(pdf(paper), "application/pdf", paper.file_name)
