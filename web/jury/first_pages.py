"""The jury's first pages: how marks are spread by school and commission, confirming proposals, publishing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from bson import ObjectId
from flask import Response, flash, redirect, request, url_for

from api.http.routing import find
from api.jury.results import NewPublication
from portfolio.documents import Academy, Jury, Sheet
from portfolio.enrolment.institutions import academies_of
from portfolio.errors import Invalid
from portfolio.identifiers import is_rehearsal, name_key
from portfolio.jury import jury as deciding
from portfolio.jury import statistics
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require, scope
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import Exam, exam
from web import charts
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("jury", __name__, "jury")

DEPARTS = {"above": ("au-dessus des autres", "warn"), "below": ("au-dessous des autres", "warn")}


class OfJury(TypedDict):
    """What every page on a jury reads. academies: by name. zone: of the academy that pilots; fictional: whether the
    session is a rehearsal.
    """

    jury: Jury
    academies: list[Academy]
    zone: str
    fictional: bool
    exam: Exam


def framed(by: Actor, template: str, jury: Jury, tab: str, **values: Any) -> Response:
    decides = may(by, Action.CONFIRM_PROPOSALS, jury)
    replaced = not decides and may(by, Action.READ_STATISTICS, jury)
    return page(f"jury/{template}", **about(jury), tab=tab, decides=decides, replaced=replaced, **values)


def about(jury: Jury) -> OfJury:
    """Returns the values of every page on a jury."""
    regrouped = academies_of([jury.academy, *jury.academies])
    known, fictional = exam(jury.exam), is_rehearsal(jury.session)
    academies = sorted((regrouped[code] for code in jury.academies), key=lambda academy: name_key(academy.name))
    zone = regrouped[jury.academy].timezone
    return {"jury": jury, "academies": academies, "zone": zone, "fictional": fictional, "exam": known}


@pages.shows("/jury", Action.LIST_SHEETS)
def home(by: Actor, at: datetime) -> Response:
    juries = list(Jury.objects(__raw__=scope(by, Action.LIST_SHEETS, Jury)).order_by("-session", "academy"))
    if len(juries) == 1:
        return redirect(url_for("jury.overview", jury_id=juries[0].id))  # type: ignore[return-value]
    return page("jury/home.html", juries=juries)


@pages.shows("/jury/<oid:jury_id>", Action.READ_STATISTICS)
def overview(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    jury = find(Jury, jury_id)
    figures = statistics.of_jury(by, jury)
    scale = circular_for(jury.session, jury.exam).mark
    everyone, spread = figures.everyone, figures.everyone.proposed
    return framed(
        by,
        "overview.html",
        jury,
        "overview",
        figures=figures,
        bars=charts.histogram(everyone.distribution, scale.maximum) if spread else [],
        draw=lambda group: charts.box(group.proposed, spread, scale.maximum) if group.proposed and spread else None,
        charts=charts,
        departs=DEPARTS,
        maximum=scale.maximum,
        undecided=everyone.sheets - figures.decided,
        proposals=_undecided(jury),
        fences=charts.fences(spread, scale) if spread else (None, None),
    )


def _undecided(jury: Jury) -> int:
    """Returns how many proposals one act would make final: outcomes without appraisal are decided one by one."""
    query = {**jury.candidates, "state": "transmitted", "live": True}
    return int(Sheet.objects(__raw__=query | {"proposed_mark": {"$ne": None}, "outcome": None}).count())


@pages.acts("/jury/<oid:jury_id>/propositions", Action.CONFIRM_PROPOSALS, back=overview)
def confirm(by: Actor, at: datetime, jury_id: ObjectId) -> str:
    require(by, Action.CONFIRM_PROPOSALS, find(Jury, jury_id))
    require_confirmation("Cochez la case : les notes proposées deviennent les notes définitives.")
    jury = find_unchanged(Jury, jury_id)
    waiting = _undecided(jury)
    deciding.confirm_proposals(by, jury, at)
    flash(f"Propositions confirmées comme notes définitives : {waiting}.", "ok")
    return url_for("jury.overview", jury_id=jury_id)


def require_confirmation(why: str) -> None:
    """Raises Invalid on `sure`, with this French sentence, unless the box that confirms once more is ticked."""
    if "sure" not in request.form:
        raise Invalid({"sure": [why]})


# --- publication ----------------------------------------------------------------------------------


@pages.shows("/jury/<oid:jury_id>/publication", Action.READ_STATISTICS)
def publication(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    jury = find(Jury, jury_id)
    return framed(by, "publication.html", jury, "publication", publishable=deciding.publishable(by, jury))


@pages.acts("/jury/<oid:jury_id>/publication", Action.PUBLISH, back=publication)
def publish(by: Actor, at: datetime, jury_id: ObjectId) -> str:
    require(by, Action.PUBLISH, find(Jury, jury_id))
    require_confirmation("Cochez la case : une publication ne se reprend pas.")
    jury = find_unchanged(Jury, jury_id)
    if request.form.get("session", "").strip().upper() != jury.session:
        raise Invalid({"session": [f"Recopiez le code de la session : {jury.session}."]})
    published = deciding.publish(by, jury, read_form(NewPublication(), "leaving_out")["leaving_out"], at)
    flash(f"Résultats publiés : {published.publications[-1].published}. Chaque candidat voit maintenant le sien.", "ok")
    return url_for("jury.publication", jury_id=jury_id)
