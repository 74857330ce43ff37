"""What an office records when a candidate gives up, or when that was an error."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import flash, url_for

from api.enrolment.moves import NewAbandonment
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.documents import Candidacy
from portfolio.enrolment.moves import abandonment
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.candidates import candidate
from web.pages import Pages, find_unchanged

pages = Pages("office_moves", __name__, "office")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/abandon", Action.AMEND_CANDIDACY, back=candidate)
def abandon(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    values = abandonment.AbandonmentValues(**read_form(NewAbandonment))  # type: ignore[typeddict-item]
    abandonment.abandon(by, candidacy, values, at)
    flash("L'abandon est enregistré : plus rien n'est demandé pour ce candidat.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="abandon")


@pages.acts("/etablissement/candidats/<oid:candidacy_id>/abandon/retour", Action.AMEND_CANDIDACY, back=candidate)
def take_back(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    require(by, Action.AMEND_CANDIDACY, find(Candidacy, candidacy_id))
    candidacy = find_unchanged(Candidacy, candidacy_id)
    abandonment.take_back(by, candidacy, read_form(Reason)["reason"], at)
    flash("L'abandon est annulé : la candidature reprend où elle en était.", "ok")
    return url_for("office_candidates.candidate", candidacy_id=candidacy_id, _anchor="abandon")
