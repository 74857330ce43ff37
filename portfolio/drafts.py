"""What somebody has typed and not yet sent, kept field by field: theirs alone, outside every chain.

A draft says nothing about the exam: it is written straight to the store, the last one wins, and it counts for
sixty days (an index of its collection removes it some time after).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from portfolio.connections import current
from portfolio.errors import Invalid
from portfolio.relations import Actor

KEPT = timedelta(days=60)
LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS = 100, 20_000, 200

Fields = dict[str, list[str]]


class DraftTooBig(Invalid):
    code = "draft_too_big"
    detail = "Ce brouillon est trop long pour être gardé : enregistrez ce que vous avez écrit."


def _key(by: Actor, form: str) -> dict[str, Any]:
    return {"person": by.id, "form": form}


def keep(by: Actor, page: str, form: str, fields: Fields, at: datetime) -> None:
    """page: the path where it is restored; form: unique over the site, for one person. Raises DraftTooBig."""
    if is_too_big(page, form, fields):
        raise DraftTooBig()
    stored = [{"name": name, "values": values} for name, values in fields.items()]
    set_ = {"page": page, "fields": stored, "at": at}
    current().database.drafts.update_one(_key(by, form), {"$set": set_}, upsert=True)


def is_too_big(page: str, form: str, fields: Fields) -> bool:
    lengths = [len(value) for values in fields.values() for value in values]
    names = [page, form, *fields]
    return len(lengths) > MOST_FIELDS or max(lengths, default=0) > LONGEST_VALUE or max(map(len, names)) > LONGEST_NAME


def of_page(by: Actor, page: str, at: datetime) -> dict[str, Fields]:
    """Every draft of this person on this page, by form."""
    rows = current().database.drafts.find({"person": by.id, "page": page, "at": {"$gt": at - KEPT}})
    return {row["form"]: {field["name"]: field["values"] for field in row["fields"]} for row in rows}


def forget(by: Actor, form: str) -> None:
    """Once sent, or given up."""
    current().database.drafts.delete_one(_key(by, form))
