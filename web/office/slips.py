"""Slips of elimination as the office has them: drawn up, shown to the archives, decided, carried out; holds."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, url_for

from api.archive import eliminations
from api.archive.eliminations import NewSlip, NewVisa, TypedNumber
from api.http.routing import find
from api.http.schemas import Reason
from portfolio.archive import eliminate as elimination
from portfolio.archive import holds, slips
from portfolio.documents import Candidacy, EliminationSlip, Portfolio, School
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.office.archives import register
from web.office.first_page import framed, selection_of
from web.pages import Pages, find_unchanged, made_once

pages = Pages("office_slips", __name__, "office")


@pages.acts("/etablissement/<oid:school_id>/conservation", Action.DRAW_UP_SLIP, back=register)
def draw_up(by: Actor, at: datetime, school_id: ObjectId) -> str:
    school = find(School, school_id)
    require(by, Action.DRAW_UP_SLIP, school)
    values = read_form(NewSlip, "session", "exam")
    slip = made_once(by, lambda: slips.draw_up(by, school, values["session"], at, values.get("exam")))
    flash(f"Le bordereau n° {slip.number} est établi : faites-le viser avant toute élimination.", "ok")
    return _open(slip)


@pages.shows("/etablissement/eliminations/<oid:slip_id>", Action.DECIDE_SLIP)
def slip(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    slip = find(EliminationSlip, slip_id)
    require(by, Action.DECIDE_SLIP, slip)
    selection = selection_of(by, slip.school, at)
    return framed("slip.html", selection, "archives", session=slip.session, slip=slip)


def _open(slip: EliminationSlip) -> str:
    return url_for("office_slips.slip", slip_id=slip.id)


@pages.acts("/etablissement/eliminations/<oid:slip_id>/visa", Action.DECIDE_SLIP, back=slip)
def visa(by: Actor, at: datetime, slip_id: ObjectId) -> str:
    slip = slips.record_visa(by, find_unchanged(EliminationSlip, slip_id), read_form(NewVisa), at)
    flash("Le visa est enregistré. L'élimination reste à demander.", "ok")
    return _open(slip)


@pages.acts("/etablissement/eliminations/<oid:slip_id>/refus", Action.DECIDE_SLIP, back=slip)
def refusal(by: Actor, at: datetime, slip_id: ObjectId) -> str:
    slip = slips.record_refusal(by, find_unchanged(EliminationSlip, slip_id), read_form(Reason)["reason"], at)
    flash("Le refus est enregistré : ces portfolios restent conservés.", "ok")
    return _open(slip)


@pages.acts("/etablissement/eliminations/<oid:slip_id>/abandon", Action.DECIDE_SLIP, back=slip)
def abandon(by: Actor, at: datetime, slip_id: ObjectId) -> str:
    slip = slips.abandon(by, find_unchanged(EliminationSlip, slip_id), read_form(Reason)["reason"], at)
    flash("Le bordereau est abandonné : ces portfolios restent conservés.", "ok")
    return _open(slip)


@pages.acts("/etablissement/eliminations/<oid:slip_id>/elimination", Action.ELIMINATE, back=slip)
def eliminate(by: Actor, at: datetime, slip_id: ObjectId) -> str:
    slip = elimination.eliminate(by, find_unchanged(EliminationSlip, slip_id), read_form(TypedNumber)["number"], at)
    flash("L'élimination est demandée : elle se fait en quelques minutes.", "ok")
    return _open(slip)


# --- on paper -------------------------------------------------------------------------------------


@pages.shows("/etablissement/eliminations/<oid:slip_id>/bordereau.pdf", Action.READ_SLIP)
def slip_pdf(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    return eliminations.slip_pdf(by, at, slip_id)


@pages.shows("/etablissement/eliminations/<oid:slip_id>/annexe.csv", Action.DECIDE_SLIP)
def annex(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    return eliminations.slip_annex(by, at, slip_id)


@pages.shows("/etablissement/eliminations/<oid:slip_id>/attestation.pdf", Action.READ_SLIP)
def certificate(by: Actor, at: datetime, slip_id: ObjectId) -> Response:
    return eliminations.certificate_pdf(by, at, slip_id)


# --- keeping one beyond its date ------------------------------------------------------------------


@pages.shows("/etablissement/conservation/<oid:portfolio_id>", Action.HOLD_PORTFOLIO)
def keeping(by: Actor, at: datetime, portfolio_id: ObjectId) -> Response:
    portfolio = find(Portfolio, portfolio_id)
    require(by, Action.HOLD_PORTFOLIO, portfolio)
    selection, candidacy = selection_of(by, portfolio.school, at), find(Candidacy, portfolio_id)
    on = EliminationSlip.objects(pk=portfolio.slip).only("id", "number").first() if portfolio.slip else None
    about = {"portfolio": portfolio, "candidacy": candidacy, "slip": on}
    return framed("keeping.html", selection, "archives", session=portfolio.session, **about)


@pages.acts("/etablissement/conservation/<oid:portfolio_id>", Action.HOLD_PORTFOLIO, back=keeping)
def hold(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    holds.hold(by, find_unchanged(Portfolio, portfolio_id), read_form(Reason)["reason"], at)
    flash("Ce portfolio est conservé : aucune élimination ne l'emportera tant que ce n'est pas levé.", "ok")
    return url_for("office_slips.keeping", portfolio_id=portfolio_id)


@pages.acts("/etablissement/conservation/<oid:portfolio_id>/levee", Action.HOLD_PORTFOLIO, back=keeping)
def lift(by: Actor, at: datetime, portfolio_id: ObjectId) -> str:
    holds.lift(by, find_unchanged(Portfolio, portfolio_id), read_form(Reason)["reason"], at)
    flash("La prolongation est levée : la durée ordinaire s'applique de nouveau.", "ok")
    return url_for("office_slips.keeping", portfolio_id=portfolio_id)
