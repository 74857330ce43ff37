"""Remembers what somebody said of the columns of a school's lists, so that it is not asked again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from portfolio.documents import School
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, commit

CANDIDATES_KIND = "candidates"
_MARK = ":"  # between the kind of list and the key of a title, which has letters and figures only


def _beginning(kind: str) -> str:
    return "" if kind == CANDIDATES_KIND else f"{kind}{_MARK}"


def remembered(school: School, kind: str) -> dict[str, str]:
    """Returns {key of a title: field, "" for a column not to read} of a kind of list; those of candidates stand without
    a mark.
    """
    begin = _beginning(kind)
    known = {key.removeprefix(begin): field for key, field in school.list_titles.items() if key.startswith(begin)}
    return {key: field for key, field in known.items() if _MARK not in key}


def remember(by: Actor, school: School, titles_by_kind: Mapping[str, Mapping[str, str]], at: datetime) -> None:
    """Stores what somebody said of columns. titles_by_kind: kind of list -> {key of a title: field}. Writes nothing
    where all of it is known already.
    """
    require(by, Action.ENROL, school)
    titles = dict(school.list_titles)
    titles |= {
        f"{_beginning(kind)}{key}": field for kind, keys in titles_by_kind.items() for key, field in keys.items()
    }
    if titles == school.list_titles:
        return
    event = event_by(by, at, f"school:{school.id}", EventName.LIST_COLUMNS_SAID, school)
    commit([Change(school, {"list_titles": titles}, any_revision=True)], event)
