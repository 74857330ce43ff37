"""Commits facts about a school, one by one or many at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

from pymongo.collection import Collection

from portfolio.documents import Person, School
from portfolio.errors import Refusal
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store import journal
from portfolio.store.chains import Event
from portfolio.store.journal import (
    Insert,
    commit,
)

AT = datetime(2027, 1, 12, 9, 0, 0, 123456, tzinfo=UTC)
CHAIN = "school:test"
TOGETHER = 8


def event(subject: Any, chain: str = CHAIN, name: str = "school_amended", **data: Any) -> Event:
    return Event(chain, name, "system", AT, subject, data)


def new_school(uai: str = "0690026D") -> School:
    place = {"name": "Lycée Ampère", "city": "Lyon", "academy": "10", "kind": "public"}
    return School(created_at=AT, uai=uai, exams=[BTS_ASSURANCE_E5], **place)


def written_school() -> School:
    school = new_school()
    commit([Insert(school)], event(school, name="school_created"))
    return School.objects.get(pk=school.id)


def new_person() -> Person:
    return Person(created_at=AT, email="camille@exemple.fr", family_name="Roy", given_names="Camille")


def links(chain: str = CHAIN) -> list[dict[str, Any]]:
    return list(_events().find({"chain": chain}).sort("seq", 1))


def _events() -> Collection[dict[str, Any]]:
    return journal.current().database.events


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Each act in its own thread, from one starting line: what it returned, or the refusal it raised."""
    line = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        line.wait()
        try:
            return act()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
