"""The candidate reads a piece of advice, and may answer it in a line (`templates/feedback.html`)."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, flash, url_for

from api.doors import find
from api.feedback import Acknowledgement
from portfolio import feedback
from portfolio.documents import Evidence, Feedback
from portfolio.permissions import Action, require
from portfolio.relations import Actor
from web.forms import read_form
from web.look import page
from web.pages import Pages, seen

pages = Pages("feedback_pages", __name__)


@pages.shows("/conseils/<oid:feedback_id>", Action.READ_FEEDBACK)
def show(by: Actor, at: Any, feedback_id: Any) -> Response:
    """One alone: where an answer that was refused is shown again."""
    given = find(Feedback, feedback_id)
    require(by, Action.READ_FEEDBACK, given)
    return page("feedback_one.html", given=given, piece=find(Evidence, given.evidence), answering=_answers(by, given))


def _answers(by: Actor, given: Feedback) -> bool:
    return given.candidacy in by.values("candidate", "candidacy")


@pages.acts("/conseils/<oid:feedback_id>", Action.ACKNOWLEDGE_FEEDBACK, back=show)
def acknowledge(by: Actor, at: Any, feedback_id: Any) -> str:
    require(by, Action.ACKNOWLEDGE_FEEDBACK, find(Feedback, feedback_id))
    given = seen(Feedback, feedback_id)
    feedback.acknowledge(by, given, read_form(Acknowledgement).get("reply"), at)
    flash("C'est noté : votre professeur le verra.", "ok")
    if "candidate_piece.show" in current_app.view_functions:
        return url_for("candidate_piece.show", evidence_id=given.evidence, _anchor="conseils")
    return url_for("feedback_pages.show", feedback_id=feedback_id)
