"""The joint evaluation of reality, as a tutor reads it and agrees to it."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.routing import find
from portfolio.documents import Candidacy, Placement, RealityEvaluation
from portfolio.documents.fields import read
from portfolio.identifiers import is_rehearsal
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs import reality
from web.layout import page
from web.pages import FormExpired, Pages

pages = Pages("tutor_reality", __name__)


@pages.shows("/s/realite/<oid:evaluation_id>", Action.READ_REALITY)
def evaluation(by: Actor, at: datetime, evaluation_id: ObjectId) -> Response:
    reality_evaluation = find(RealityEvaluation, evaluation_id)
    require(by, Action.READ_REALITY, reality_evaluation)
    agreed = any(concurrence.person == by.id for concurrence in reality_evaluation.concurrences)
    placement = find(Placement, reality_evaluation.placement)
    candidacy = read(Candidacy, reality_evaluation.candidacy)
    fictional = is_rehearsal(reality_evaluation.session)
    return page(
        "tutor/reality.html",
        evaluation=reality_evaluation,
        placement=placement,
        candidacy=candidacy,
        agreed=agreed,
        fictional=fictional,
    )


@pages.acts("/s/realite/<oid:evaluation_id>", Action.CONCUR_REALITY, back=evaluation)
def agree(by: Actor, at: datetime, evaluation_id: ObjectId) -> str:
    reality_evaluation = find(RealityEvaluation, evaluation_id)
    require(by, Action.CONCUR_REALITY, reality_evaluation)
    digest = request.form.get("digest")
    if not digest:
        raise FormExpired()
    reality.concur(by, reality_evaluation, digest, at)
    flash("Votre accord est enregistré.", "ok")
    return url_for("tutor.inbox", garde=1)
