"""Who is of a jury: its titular members, its deputies, and who sits in whose place. The administrator reads it too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson import ObjectId
from flask import Response, flash, url_for

from api.http.routing import find
from api.jury.deputies import DeputyRef, SeatingAsked
from portfolio.documents import Jury
from portfolio.jury import deputies
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from web.forms import read_form
from web.jury.first_pages import framed
from web.pages import Pages, find_unchanged

pages = Pages("jury_members", __name__, "jury", "administrator")

SEATINGS = "seatings_moved"  # what these forms are about: each decision of a colleague moves the revision


@pages.shows("/jury/<oid:jury_id>/membres", Action.READ_MEMBERS)
def members(by: Actor, at: datetime, jury_id: ObjectId) -> Response:
    jury = find(Jury, jury_id)
    people = deputies.members_of(by, jury, at)
    unseated = [person for person in people if person.deputy and person.in_force and not person.replaces]
    replaceable = [person for person in people if not person.deputy and person.in_force and not person.replaced_by]
    return framed(
        by,
        "members.html",
        jury,
        "members",
        at=at,
        people=people,
        deputies=[(person.person, person.name) for person in unseated if person.person != by.id],
        titulars=[(person.person, person.name) for person in replaceable if person.person != by.id],
        seatings=deputies.seatings_of(by, jury),
        beside=deputies.rights_beside(by, jury),
        is_of_it=may(by, Action.LIST_SHEETS, jury),
        may_seat=may(by, Action.SEAT_DEPUTY, jury),
    )


@pages.acts("/jury/<oid:jury_id>/membres/suppleants", Action.SEAT_DEPUTY, back=members)
def seat(by: Actor, at: datetime, jury_id: ObjectId) -> str:
    require(by, Action.SEAT_DEPUTY, find(Jury, jury_id))
    values: Any = read_form(SeatingAsked)
    deputies.seat_deputy(by, find_unchanged(Jury, jury_id, SEATINGS), values, at)
    flash("C'est enregistré jusqu'au retour du titulaire. Le suppléant est prévenu, ainsi que le jury.", "ok")
    return url_for("jury_members.members", jury_id=jury_id)


@pages.acts("/jury/<oid:jury_id>/membres/retour", Action.END_SEATING, back=members)
def end(by: Actor, at: datetime, jury_id: ObjectId) -> str:
    require(by, Action.END_SEATING, find(Jury, jury_id))
    deputy = read_form(DeputyRef)["deputy"]
    jury = deputies.end_seating(by, find_unchanged(Jury, jury_id, SEATINGS), deputy, at)
    flash("Le retour du titulaire est enregistré : son suppléant ne siège plus.", "ok")
    own = deputy == by.id and not by.has("administrator")
    return "/" if own else url_for("jury_members.members", jury_id=jury.id)
