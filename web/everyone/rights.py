"""« Droits et comptes », for juries, offices, administrators, and whoever it is about: what was done, what waits."""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId
from flask import Response, flash, request, url_for

from api.http.paging import page as page_of_list
from api.http.routing import find
from portfolio.boards import account_log
from portfolio.documents import AccountChange
from portfolio.enrolment import account_changes
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("rights", __name__)

PER_PAGE = 50
MOST_WAITING = 200
STANDINGS = {
    "waits_for_somebody": ("Ne compte pas : attend une autre personne", "wait"),
    "waits_for_its_day": ("Ne compte pas encore", "wait"),
    "counts": ("Compte, sans que personne l'ait confirmé", "warn"),
    "confirmed": ("Confirmé", "ok"),
    "refused": ("Refusé", "wrong"),
    "over": ("Fait aussitôt", "plain"),
}


@pages.shows("/droits-et-comptes", Action.READ_ACCOUNT_CHANGE)
def log(by: Actor, at: datetime) -> Response:
    readable = scope(by, Action.READ_ACCOUNT_CHANGE, AccountChange)
    waiting = (
        AccountChange.objects(__raw__={"$and": [readable, {"state": "waiting"}]}).order_by("-id").limit(MOST_WAITING)
    )
    paging = {"limit": PER_PAGE, "after": request.args.get("suite")}
    past = page_of_list(AccountChange, readable, paging, newest_first=True)
    lines = account_log.lines(by, [*waiting, *past["items"]], at)
    count = len(waiting)
    waiting_ids = {line.change.id for line in lines[:count] if account_changes.waits(line.change, at)}
    return page(
        "everyone/rights.html",
        waiting=[line for line in lines[:count] if line.change.id in waiting_ids],
        past=[line for line in lines[count:] if line.change.id not in waiting_ids],
        next=past["next"],
        standings=STANDINGS,
    )


@pages.acts("/droits-et-comptes/<oid:account_change_id>/confirmer", Action.CONFIRM_ACCOUNT_CHANGE, back=log)
def confirm(by: Actor, at: datetime, account_change_id: ObjectId) -> str:
    require(by, Action.CONFIRM_ACCOUNT_CHANGE, find(AccountChange, account_change_id))
    account_changes.confirm(by, find_unchanged(AccountChange, account_change_id), at)
    flash("Confirmé : cela compte dès maintenant.", "ok")
    return url_for("rights.log")


@pages.acts("/droits-et-comptes/<oid:account_change_id>/refuser", Action.REFUSE_ACCOUNT_CHANGE, back=log)
def refuse(by: Actor, at: datetime, account_change_id: ObjectId) -> str:
    require(by, Action.REFUSE_ACCOUNT_CHANGE, find(AccountChange, account_change_id))
    account_changes.refuse(by, find_unchanged(AccountChange, account_change_id), at)
    flash("Refusé : cela ne comptera pas.", "ok")
    return url_for("rights.log")
