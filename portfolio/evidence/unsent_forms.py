"""Keeps a form refused because its session had ended, until its author has signed in again.

It belongs to one person in one browser, and comes back as a draft on the page that showed it. Outside every chain; an
index of its collection removes it some time after KEPT.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from portfolio.documents.fields import instant
from portfolio.evidence import drafts
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.store.connections import current

KEPT = timedelta(days=1)
MOST = 20  # of one person, the latest


def keep(person_id: ObjectId, page: str, form: str, fields: drafts.TypedFields, at: datetime) -> ObjectId | None:
    """Stores the form, and removes those of this person beyond the latest MOST. Returns its id, to be held by the
    browser that sent it, or None if it is too long to be kept. page: the path that shows the form, with its query.
    form: its name. fields: without secrets, which the caller leaves out.
    """
    if drafts.is_too_big(page, form, fields):
        return None
    forms = current().database.unsent
    row: dict[str, Any] = {"_id": new_id(), "person": person_id, "page": page, "form": form, "at": instant(at)}
    row["fields"] = drafts.stored_form(fields)
    forms.insert_one(row)
    older = forms.find({"person": person_id}, {"_id": 1}).sort("_id", -1).skip(MOST)
    forms.delete_many({"_id": {"$in": [form["_id"] for form in older]}})
    return ObjectId(row["_id"])


def take_back(by: Actor, unsent_id: ObjectId, at: datetime) -> str | None:
    """Turns a kept form into a draft of its author; returns the page (path and query) that shows it, or None for
    another person, or after KEPT. Raises DraftTooBig, TooManyDrafts: then it is still kept.
    """
    mine = {"_id": unsent_id, "person": by.id, "at": {"$gt": instant(at - KEPT)}}
    row = current().database.unsent.find_one(mine)
    if row is None:
        return None
    drafts.keep(by, row["page"].partition("?")[0], row["form"], drafts.fields_of(row), at)
    current().database.unsent.delete_one(mine)
    return str(row["page"])
