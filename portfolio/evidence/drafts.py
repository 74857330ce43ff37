"""Keeps forms typed and not yet sent, field by field: private to their author, outside every chain.

A draft has no value in the exam: it is written straight to the store, the last one wins, and it counts for sixty days
(an index of its collection removes it some time after).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import bson

from portfolio.errors import Invalid, NotNow, RuleSource
from portfolio.policy.relations import Actor
from portfolio.store.connections import current

KEPT = timedelta(days=60)
LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS = 100, 20_000, 200
LARGEST_BYTES = 400_000  # of one draft, as stored
PATH = re.compile(r"/([^/\\].*)?")  # of this site: what a browser says of it is shown as a link
MOST_DRAFTS, MOST_BYTES = 100, 2_000_000  # of one person

TypedFields = dict[str, list[str]]


class DraftTooBig(Invalid):
    code = "draft_too_big"
    source = RuleSource.LIMIT
    detail = "Ce brouillon est trop long pour être gardé : enregistrez ce que vous avez écrit."


class TooManyDrafts(NotNow):
    """No earlier draft is deleted to make room."""

    code = "too_many_drafts"
    source = RuleSource.LIMIT
    detail = (
        "Trop de formulaires commencés attendent déjà d'être terminés. Enregistrez celui-ci avant de quitter la page ; "
        "pour faire de la place, terminez ou oubliez les autres, listés dans « Mon compte »."
    )


class KeptDraft(NamedTuple):
    """A draft, without its fields. form: its name, by which it is forgotten; page: the path that shows it."""

    form: str
    page: str
    at: datetime


# Drafts of a session opened by a link are kept apart: it can neither read, replace nor crowd out its owner's others.
OF_A_LINK = "lien:"
UNDER_A_LINK = re.compile(r"/s(/.*)?")


def _key(by: Actor, form: str) -> dict[str, Any]:
    return {"person": by.id, "form": f"{OF_A_LINK}{form}" if by.confined else form}


def _all_of(by: Actor, at: datetime) -> dict[str, Any]:
    of_a_link = re.compile(f"^{OF_A_LINK}")
    return {"person": by.id, "at": {"$gt": at - KEPT}, "form": of_a_link if by.confined else {"$not": of_a_link}}


def keep(by: Actor, page: str, form: str, fields: TypedFields, at: datetime) -> None:
    """Stores a draft of `by`, replacing that of the same form. page: the path where it is restored; form: unique over
    the site, for one person. Raises DraftTooBig, TooManyDrafts; the earlier draft then stays.
    """
    if is_too_big(page, form, fields):
        raise DraftTooBig()
    stored = {"page": page, "fields": stored_form(fields), "at": at}
    size = len(bson.encode(stored))
    before = current().database.drafts.find_one_and_update(_key(by, form), {"$set": stored}, upsert=True)
    if before is not None and len(bson.encode(before)) >= size:
        return
    if _is_beyond(by, at):
        _take_back(by, form, stored, before)
        raise TooManyDrafts()


def _is_beyond(by: Actor, at: datetime) -> bool:
    """Returns True if this person holds more drafts or bytes than allowed."""
    # Called once the draft is written: otherwise two tabs at the same moment would share the last room.
    held = {"_id": None, "count": {"$sum": 1}, "bytes": {"$sum": {"$bsonSize": "$$ROOT"}}}
    total = next(current().database.drafts.aggregate([{"$match": _all_of(by, at)}, {"$group": held}]), None)
    return total is not None and (total["count"] > MOST_DRAFTS or total["bytes"] > MOST_BYTES)


def _take_back(by: Actor, form: str, stored: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Restores the draft of this form as it was `before`, deletes it if it was not (None); does nothing if it was
    written again since `stored`.
    """
    written = _key(by, form) | {"at": stored["at"], "fields": stored["fields"]}
    if before is None:
        current().database.drafts.delete_one(written)
    else:
        current().database.drafts.replace_one(written, before)


def kept(by: Actor, at: datetime) -> list[KeptDraft]:
    """Returns every draft of this person, the oldest first, without its fields."""
    rows = current().database.drafts.find(_all_of(by, at), {"fields": 0}).sort("at", 1)
    return [KeptDraft(row["form"], row["page"] if PATH.fullmatch(row["page"]) else "/", row["at"]) for row in rows]


def is_too_big(page: str, form: str, fields: TypedFields) -> bool:
    """Returns True if a form passes LONGEST_NAME or LONGEST_VALUE (characters), MOST_FIELDS (values in all) or
    LARGEST_BYTES. page: a path, of which the query does not count.
    """
    lengths = [len(value) for values in fields.values() for value in values]
    names = [page.partition("?")[0], form, *fields]
    too_many = len(lengths) > MOST_FIELDS
    too_long = max(lengths, default=0) > LONGEST_VALUE or max(map(len, names)) > LONGEST_NAME
    return too_many or too_long or len(bson.encode({"fields": stored_form(fields)})) > LARGEST_BYTES


def stored_form(fields: TypedFields) -> list[dict[str, str | list[str]]]:
    """Returns the fields as a list of {name, values}: a name may hold a dot, which a MongoDB key must not."""
    return [{"name": name, "values": values} for name, values in fields.items()]


def fields_of(row: dict[str, Any]) -> TypedFields:
    return {field["name"]: field["values"] for field in row["fields"]}


def of_page(by: Actor, page: str, at: datetime) -> dict[str, TypedFields]:
    """Returns {form: fields} of this person's drafts on a page; on a page of sign-offs, those typed by a link too."""
    query = _all_of(by, at) | {"page": page}
    if UNDER_A_LINK.fullmatch(page) and not by.confined:
        del query["form"]
    drafts = {}
    for row in current().database.drafts.find(query).sort("at", 1):
        drafts[row["form"].removeprefix(OF_A_LINK)] = fields_of(row)
    return drafts


def forget(by: Actor, form: str) -> None:
    """Deletes the draft of this form, once it is sent or given up; nothing happens if there is none."""
    forms = [f"{OF_A_LINK}{form}"] if by.confined else [form, f"{OF_A_LINK}{form}"]
    current().database.drafts.delete_many({"person": by.id, "form": {"$in": forms}})
