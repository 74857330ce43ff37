"""Several things by one command, and each thing once while a page is shown."""

from __future__ import annotations

from portfolio.documents import Academy, Candidacy, Person, School
from portfolio.documents.fields import by_id, kept, read, reading_once
from portfolio.enrolment.institutions import academy_of
from portfolio.store.connections import Connections
from portfolio.store.together import documents, read_several, together, wanted
from tests.support.queries import counted
from tests.support.worlds.world import World


def test_several_collections_come_by_one_command_each_in_its_order(world: World, store: Connections) -> None:
    names = ["Zoroastre", "Abel", "Inès"]
    enrolled = [world.new_candidacy(birth_name=name) for name in names]
    with counted(store.database) as count:
        by_name, by_arrival, nobody, schools = together(
            wanted(Candidacy, {}, "name_key", "_id"),
            wanted(Candidacy, {}, fields=("birth_name",)),
            wanted(Person, {"_id": {"$in": []}}),
            wanted(School, {"_id": world.school.id}),
        )
    assert count == [1]
    assert [row["birth_name"] for row in by_name] == sorted(names)
    assert [row["_id"] for row in by_arrival] == [candidacy.id for candidacy in enrolled]
    assert set(by_arrival[0]) == {"_id", "birth_name"}
    assert nobody == [] and documents(School, schools) == [world.school]


def test_a_page_reads_a_thing_once_and_an_act_reads_it_anew(world: World, store: Connections) -> None:
    candidacy, school = world.candidacy, world.school
    with counted(store.database) as count, reading_once():
        known, there = read_several((Candidacy, [candidacy.id, None]), (School, [school.id]))
        again = read(Candidacy, candidacy.id), by_id(School, [school.id])[school.id]
        assert academy_of(candidacy.academy) is academy_of(school.academy)
    assert again == (known[candidacy.id], there[school.id])
    assert count == [2]
    assert kept(Candidacy, candidacy.id) is None and kept(Academy, candidacy.academy) is None
    with counted(store.database) as count:
        assert read(Candidacy, candidacy.id) is not read(Candidacy, candidacy.id)
    assert count == [2]


def test_of_nothing_nothing_is_asked(world: World, store: Connections) -> None:
    _ = world.school
    with counted(store.database) as count:
        assert (by_id(Person, [None]), read_several((Person, []), (School, [None]))) == ({}, [{}, {}])
    assert count == [0]
