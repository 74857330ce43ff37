"""Many commits at once, and the same request many times."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Grant, Person, School
from portfolio.errors import Stale
from portfolio.ids import new_id
from portfolio.store.journal import (
    AlreadyExists,
    Change,
    Insert,
    commit,
)
from portfolio.store.request_keys import AlreadyDone, done_before, once
from tests.support.acts.journalling import (
    AT,
    TOGETHER,
    at_once,
    event,
    links,
    new_person,
    new_school,
    written_school,
)

pytestmark = pytest.mark.usefixtures("store")


def test_of_many_changes_of_one_revision_at_once_one_is_written() -> None:
    school = written_school()
    copies = [School.objects.get(pk=school.id) for _ in range(TOGETHER)]
    acts = [
        lambda copy=copy, n=n: commit([Change(copy, {"city": f"Ville {n}"})], event(copy))
        for n, copy in enumerate(copies)
    ]
    done = at_once(acts)
    assert sum(isinstance(one, dict) for one in done) == 1
    assert sum(isinstance(one, Stale) for one in done) == TOGETHER - 1
    assert School.objects.get(pk=school.id).revision == 2
    assert len(links()) == 2


def test_changes_that_commute_all_land() -> None:
    person = new_person()
    commit([Insert(person)], event(person))

    def give(n: int) -> Any:
        grant = Grant(role="teacher", school=new_id(), granted_by=str(n), granted_at=AT)
        copy = Person.objects.get(pk=person.id)
        return commit([Change(copy, push={"grants": grant}, any_revision=True)], event(copy))

    done = at_once([lambda n=n: give(n) for n in range(TOGETHER)])
    assert all(isinstance(one, dict) for one in done)
    stored = Person.objects.get(pk=person.id)
    assert sorted(grant.granted_by for grant in stored.grants) == [str(n) for n in range(TOGETHER)]
    assert stored.revision == 1 + TOGETHER


def test_many_acts_at_once_make_one_chain_without_gap() -> None:
    """The chain does not exist before: its first link is contended too."""
    schools = [new_school(f"{n:07d}A") for n in range(TOGETHER * 4)]
    done = at_once([lambda school=school: commit([Insert(school)], event(school)) for school in schools])
    assert all(isinstance(one, dict) for one in done), done
    assert [link["seq"] for link in links()] == list(range(1, len(schools) + 1))
    assert list(verify()) == []


def test_of_twins_inserted_at_once_one_exists() -> None:
    twins = [new_school() for _ in range(TOGETHER)]
    done = at_once([lambda twin=twin: commit([Insert(twin)], event(twin)) for twin in twins])
    assert sum(isinstance(one, dict) for one in done) == 1
    assert sum(isinstance(one, AlreadyExists) for one in done) == TOGETHER - 1
    assert School.objects.count() == len(links()) == 1


def test_a_request_done_before_says_what_it_made() -> None:
    school, again = new_school(), new_school("0750654D")
    with once("key-1", "print"):
        commit([Insert(school)], event(school))
    with once("key-1", "other print"), pytest.raises(AlreadyDone) as refused:
        commit([Insert(again)], event(again))
    assert (refused.value.kind, refused.value.thing, refused.value.fingerprint) == ("School", school.id, "print")
    assert School.objects.count() == len(links()) == 1


def test_the_same_request_many_times_at_once_acts_once() -> None:
    def act(n: int) -> Any:
        school = new_school(f"{n:07d}A")
        with once("key-1", "print"):
            return commit([Insert(school)], event(school))

    done = at_once([lambda n=n: act(n) for n in range(TOGETHER)])
    assert sum(isinstance(one, dict) for one in done) == 1
    assert sum(isinstance(one, AlreadyDone) for one in done) == TOGETHER - 1
    assert School.objects.count() == len(links()) == 1


def test_a_refused_request_leaves_its_key_free() -> None:
    written_school()
    twin, other = new_school(), new_school("0750654D")
    with once("key-1", "print"), pytest.raises(AlreadyExists):
        commit([Insert(twin)], event(twin))
    assert done_before("key-1", AT) is None
    with once("key-1", "print"):
        commit([Insert(other)], event(other))
    found = done_before("key-1", AT)
    assert found is not None
    assert found.thing == other.id


def test_an_act_outside_a_request_uses_no_key() -> None:
    with once("key-1", "print"):
        pass
    written_school()
    assert done_before("key-1", AT) is None
