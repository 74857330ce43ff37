"""The only way to write: all or nothing, first come first served, and a chain that follows every act."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient

from portfolio.audit.verify_chains import verify
from portfolio.documents import Academy, Company, Jury, School
from portfolio.errors import NotNow, Stale, Unavailable
from portfolio.store import journal
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
from tests.support.acts.journalling import (
    AT,
    CHAIN,
    at_once,
    event,
    links,
    new_school,
    written_school,
)

pytestmark = pytest.mark.usefixtures("store")


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
    read, jury = (
        written_school(),
        Jury(created_at=AT, academy="10", academies=["10"], exam="e", session="2027", name="Jury"),
    )
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
    juries = [
        Jury(created_at=AT, academy=code, academies=[code], exam="e", session="2027", name="Jury")
        for code in ("10", "11", "12")
    ]
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
    held, jury = (
        written_school(),
        Jury(created_at=AT, academy="10", academies=["10"], exam="e", session="2027", name="Jury"),
    )
    read = held.revision
    commit([Change(held, {"city": "Bron"})], event(held))
    with pytest.raises(NotNow):
        commit([Hold(held, {"revision": read}), Insert(jury)], event(jury))
    assert Jury.objects.count() == 0


def test_holding_a_thing_does_not_move_its_revision() -> None:
    held, jury = (
        written_school(),
        Jury(created_at=AT, academy="10", academies=["10"], exam="e", session="2027", name="Jury"),
    )
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
