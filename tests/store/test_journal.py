"""The only way to write: all or nothing, first come first served, and a chain that follows every act."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.collection import Collection

from portfolio.audit.verify_chains import verify
from portfolio.documents import Academy, Company, Grant, Jury, Person, School
from portfolio.errors import NotNow, Refusal, Stale, Unavailable
from portfolio.ids import new_id
from portfolio.store import journal
from portfolio.store.chains import GENESIS, Event
from portfolio.store.connections import Connections
from portfolio.store.journal import (
    AlreadyExists,
    Change,
    ChangeAll,
    Errand,
    Hold,
    Insert,
    MovedMeanwhile,
    Remove,
    commit,
    head,
)
from portfolio.store.request_keys import AlreadyDone, done_before, once

AT = datetime(2027, 1, 12, 9, 0, 0, 123456, tzinfo=UTC)
CHAIN = "school:test"
TOGETHER = 8

pytestmark = pytest.mark.usefixtures("store")


def event(subject: Any, chain: str = CHAIN, name: str = "school_amended", **data: Any) -> Event:
    return Event(chain, name, "system", AT, subject, data)


def new_school(uai: str = "0690026D") -> School:
    return School(created_at=AT, uai=uai, name="Lycée Ampère", city="Lyon", academy="10", kind="public")


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


# --- guards ---------------------------------------------------------------------------------------


def test_a_change_is_written_with_its_event_and_counted() -> None:
    school = written_school()
    link = commit([Change(school, {"city": "Villeurbanne"})], event(school, fields=["city"]))
    stored = School.objects.get(pk=school.id)
    assert (stored.city, stored.revision) == ("Villeurbanne", 2)
    assert link["subject"] == {"kind": "School", "id": str(school.id)}
    assert links()[-1]["data"] == {"fields": ["city"]}


def test_a_changed_document_knows_its_new_revision() -> None:
    """What a door answers as ETag, and what the next change of the same document guards on."""
    school = written_school()
    commit([Change(school, {"city": "Villeurbanne"})], event(school))
    commit([Change(school, {"city": "Bron"})], event(school))
    assert school.revision == School.objects.get(pk=school.id).revision == 3


def test_a_change_of_a_revision_that_moved_is_stale_and_shows_what_stands() -> None:
    mine, theirs = written_school(), School.objects.get(uai="0690026D")
    commit([Change(theirs, {"city": "Villeurbanne"})], event(theirs))
    with pytest.raises(Stale) as refused:
        commit([Change(mine, {"city": "Bron"})], event(mine))
    assert refused.value.thing.city == "Villeurbanne"
    assert refused.value.facts == {"expected": 1, "current": 2}
    assert School.objects.get(pk=mine.id).city == "Villeurbanne"


def test_an_expected_value_that_moved_refuses_with_not_now() -> None:
    school = written_school()
    with pytest.raises(NotNow) as refused:
        commit([Change(school, {"city": "Bron"}, expected={"habilitated": True}, any_revision=True)], event(school))
    assert not isinstance(refused.value, AlreadyExists)
    assert School.objects.get(pk=school.id).city == "Lyon"


def test_a_thing_that_is_gone_cannot_be_changed() -> None:
    school = new_school()
    with pytest.raises(NotNow):
        commit([Change(school, {"city": "Bron"})], event(school))
    assert links() == []


def test_a_value_that_its_field_refuses_reaches_no_store() -> None:
    school = written_school()
    with pytest.raises(Exception, match="kind"):
        commit([Change(school, {"kind": "castle"})], event(school))
    assert School.objects.get(pk=school.id).revision == 1
    assert len(links()) == 1


def test_what_moved_since_it_was_read_is_not_removed_and_shows_what_stands() -> None:
    mine, theirs = written_school(), School.objects.get(uai="0690026D")
    commit([Change(theirs, {"city": "Villeurbanne"})], event(theirs))
    with pytest.raises(Stale) as refused:
        commit([Remove(mine)], event(mine, name="school_removed"))
    assert refused.value.facts == {"expected": 1, "current": 2}
    assert (School.objects.get().city, len(links())) == ("Villeurbanne", 2)

    commit([Remove(theirs)], event(theirs, name="school_removed"))
    assert School.objects.count() == 0


def test_what_somebody_relies_on_since_it_was_read_is_not_removed() -> None:
    read, jury = written_school(), Jury(created_at=AT, academy="10", session="2027", name="Jury")
    commit([Hold(read, {"revision": 1}), Insert(jury)], event(jury))
    with pytest.raises(MovedMeanwhile):
        commit([Remove(read, expected={"held": None})], event(read, name="school_removed"))
    assert School.objects.count() == 1


def test_what_was_removed_already_is_not_removed_again() -> None:
    school = written_school()
    commit([Remove(school)], event(school, name="school_removed"))
    with pytest.raises(MovedMeanwhile):
        commit([Remove(school)], event(school, name="school_removed"))
    assert len(links()) == 2


def test_all_is_written_or_nothing_is() -> None:
    mine, theirs = written_school(), School.objects.get(uai="0690026D")
    commit([Change(theirs, {"city": "Bron"})], event(theirs))
    company = Company(created_at=AT, school=mine.id, siret="73282932000074", name="Assurances", city="Lyon")
    before = head(CHAIN)
    with pytest.raises(Stale):
        commit([Insert(company), Change(mine, {"city": "Lyon"})], event(company), [Errand("mail", {"to": mine.id})])
    assert Company.objects.count() == 0
    assert journal.current().database.outbox.count_documents({}) == 0
    assert head(CHAIN) == before


def test_a_second_thing_under_the_same_unique_name_already_exists() -> None:
    written_school()
    twin = new_school()
    with pytest.raises(AlreadyExists):
        commit([Insert(twin)], event(twin))
    assert len(links()) == 1


def test_one_update_changes_every_document_of_a_query() -> None:
    juries = [Jury(created_at=AT, academy=code, session="2027", name="Jury") for code in ("10", "11", "12")]
    commit([Insert(jury) for jury in juries], event(juries[0]))
    commit([ChangeAll(Jury, {"academy": {"$in": ["10", "11"]}}, {"name": "Jury réuni"})], event(juries[0]))
    found = [(jury.name, jury.revision) for jury in Jury.objects.order_by("academy")]
    assert found == [("Jury réuni", 2), ("Jury réuni", 2), ("Jury", 1)]


def test_errands_are_due_in_the_same_commit() -> None:
    school = new_school()
    commit([Insert(school)], event(school), [Errand("greeting", {"school": school.id})])
    row = journal.current().database.outbox.find_one({})
    assert row is not None
    assert (row["kind"], row["payload"], row["done_at"]) == ("greeting", {"school": school.id}, None)


# --- holds ----------------------------------------------------------------------------------------


def test_a_held_thing_that_moved_refuses_the_commit() -> None:
    held, jury = written_school(), Jury(created_at=AT, academy="10", session="2027", name="Jury")
    read = held.revision
    commit([Change(held, {"city": "Bron"})], event(held))
    with pytest.raises(NotNow):
        commit([Hold(held, {"revision": read}), Insert(jury)], event(jury))
    assert Jury.objects.count() == 0


def test_holding_a_thing_does_not_move_its_revision() -> None:
    held, jury = written_school(), Jury(created_at=AT, academy="10", session="2027", name="Jury")
    commit([Hold(held, {"revision": 1}), Insert(jury)], event(jury))
    assert School.objects.get(pk=held.id).revision == 1


def test_what_is_held_cannot_change_in_the_same_instant() -> None:
    """Two acts that each rely on what the other changes: at most one of them happens."""
    for attempt in range(10):
        left, right = Academy(created_at=AT, code="10", name="Lyon"), Academy(created_at=AT, code="11", name="Lille")
        left.code, right.code = f"{attempt}A", f"{attempt}B"
        commit([Insert(left), Insert(right)], event(left))
        unchanged = {"revision": 1}

        def act(mine: Academy, other: Academy, expected: dict[str, Any] = unchanged) -> Any:
            return commit([Hold(other, expected), Change(mine, {"name": "Rhône"})], event(mine, f"academy:{mine.code}"))

        done = at_once([lambda: act(left, right), lambda: act(right, left)])  # noqa: B023 (run within this turn)
        assert sum(isinstance(one, dict) for one in done) == 1
        assert sum(academy.name == "Rhône" for academy in Academy.objects(code__startswith=str(attempt))) == 1


# --- at once --------------------------------------------------------------------------------------


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


# --- the same request twice -----------------------------------------------------------------------


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


# --- chains ---------------------------------------------------------------------------------------


def test_an_empty_chain_has_a_head_too() -> None:
    assert head("school:nobody") == f"0:{GENESIS}"


def test_each_link_names_the_one_before_it() -> None:
    school = written_school()
    for city in ("Bron", "Oullins"):
        commit([Change(School.objects.get(pk=school.id), {"city": city})], event(school))
    found = links()
    assert [link["seq"] for link in found] == [1, 2, 3]
    assert [link["prev"] for link in found] == [GENESIS, found[0]["mac"], found[1]["mac"]]
    assert head(CHAIN) == f"3:{found[2]['mac']}"


def test_chains_do_not_see_each_other() -> None:
    school = written_school()
    before = head(CHAIN)
    commit([], event(school, chain="assessment:1"))
    assert head(CHAIN) == before
    assert [link["seq"] for link in links("assessment:1")] == [1]


def test_a_link_read_back_still_matches_its_seal() -> None:
    """Instants lose their microseconds in the store, identifiers and accents must come back as sealed."""
    school = new_school()
    said = {"ids": [new_id()], "until": AT + timedelta(days=1), "text": "motif : reçu à temps", "count": 2**40}
    commit([Insert(school)], event(school, **said))
    assert links()[0]["at"] == AT.replace(microsecond=123000)
    assert list(verify([CHAIN])) == []


def test_what_cannot_be_sealed_is_not_written() -> None:
    school = new_school()
    with pytest.raises(TypeError):
        commit([Insert(school)], event(school, weird=object()))
    assert School.objects.count() == len(links()) == 0


# --- under a transaction that nobody will end -------------------------------------------------------


def test_an_act_does_not_wait_for_ever_for_a_process_that_was_killed_in_its_transaction(
    second_connection: MongoClient[dict[str, Any]], store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "INSISTS_S", 0.5)
    school = written_school()
    with second_connection.start_session() as session:
        chains = second_connection[store.database.name].chains
        with session.start_transaction():
            chains.update_one({"_id": CHAIN}, {"$set": {"seq": 99}}, session=session)
            with pytest.raises(Unavailable):
                commit([Change(school, {"name": "Lycée Ampère-Bellecour"})], event(school))
            session.abort_transaction()
    fresh = School.objects.get(pk=school.id)
    commit([Change(fresh, {"name": "Lycée Ampère-Bellecour"})], event(fresh))
    assert [link["seq"] for link in links()] == [1, 2]
    assert list(verify()) == []
