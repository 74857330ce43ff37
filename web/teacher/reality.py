"""The evaluation of reality, as teachers write it: of a period with its tutor, of class and ateliers."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import flash, url_for

from api.http.routing import find
from api.sign_offs.reality import AloneReason, NewText
from portfolio.documents import Person, Placement, Portfolio, RealityEvaluation
from portfolio.errors import NotFound
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.sign_offs import reality
from web.forms import read_form
from web.mail_words import ON_THE_PERIOD, if_it_leaves
from web.pages import Pages, find_unchanged, made_once
from web.teacher.candidate import pages as candidate_pages
from web.teacher.candidate import show as show_candidate
from web.teacher.placements import show as show_placement

pages = Pages("teacher_reality", __name__, "teacher", "office")


def _evaluation(placement: Placement | Portfolio) -> RealityEvaluation:
    """Returns the evaluation of the placement, or of class and ateliers, at the revision that the form showed. Raises
    NotFound if there is none, Stale, FormExpired.
    """
    existing = _written(placement)
    if existing is None:
        raise NotFound()
    evaluation: RealityEvaluation = find_unchanged(RealityEvaluation, existing.id)
    return evaluation


def _written(about: Placement | Portfolio) -> RealityEvaluation | None:
    placement = about.id if isinstance(about, Placement) else None
    return RealityEvaluation.objects(candidacy=about.candidacy, placement=placement).only("id").first()


def _then(placement: Placement) -> str:
    if placement.tutor is None:
        return "Tuteur à désigner : son accord lui sera demandé dès qu'il sera enregistré."
    asked = "Le tuteur est invité par courriel à donner son accord."
    return if_it_leaves(find(Person, placement.tutor), asked, ON_THE_PERIOD)


def _of(placement_id: ObjectId) -> str:
    return url_for("teacher_placements.show", placement_id=placement_id, _anchor="realite")


@pages.acts("/classe/periodes/<oid:placement_id>/realite", Action.WRITE_REALITY, back=show_placement)
def write_reality(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    """Writes the first text of the evaluation, or replaces it, and returns where to go. Raises NotFound, Forbidden,
    Stale and what `reality.write` or `rewrite` raises.
    """
    placement = find(Placement, placement_id)
    require(by, Action.WRITE_REALITY, placement)
    text = read_form(NewText, "text").get("text", "")
    if _written(placement) is None:
        made_once(by, lambda: reality.write(by, placement, text, at))
    else:
        reality.rewrite(by, _evaluation(placement), text, at)
    flash(f"L'évaluation est enregistrée. {_then(placement)}".strip(), "ok")
    return _of(placement_id)


@pages.acts("/classe/periodes/<oid:placement_id>/realite/seul", Action.WRITE_REALITY, back=show_placement)
def conclude_alone(by: Actor, at: datetime, placement_id: ObjectId) -> str:
    placement = find(Placement, placement_id)
    require(by, Action.WRITE_REALITY, placement)
    reality.conclude_alone(by, _evaluation(placement), read_form(AloneReason).get("reason", ""), at)
    flash("L'évaluation est conclue sans le tuteur ; le motif est conservé.", "ok")
    return _of(placement_id)


@candidate_pages.acts("/classe/candidats/<oid:candidacy_id>/realite", Action.WRITE_CLASS_REALITY, back=show_candidate)
def write_for_class(by: Actor, at: datetime, candidacy_id: ObjectId) -> str:
    portfolio = find(Portfolio, candidacy_id)
    require(by, Action.WRITE_CLASS_REALITY, portfolio)
    text = read_form(NewText, "text").get("text", "")
    if _written(portfolio) is None:
        made_once(by, lambda: reality.write_for_class(by, portfolio, text, at))
    else:
        reality.rewrite(by, _evaluation(portfolio), text, at)
    flash("L'évaluation de ce qui est fait en classe et en ateliers est enregistrée.", "ok")
    return url_for("teacher_candidate.show", candidacy_id=candidacy_id, _anchor="realite")
