"""A candidacy that is enrolled already: its names, its followers, its adaptations."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Person
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import departures
from portfolio.errors import Invalid, Stale
from portfolio.store.connections import Connections
from portfolio.store.journal import AlreadyExists
from tests.support.acts.enrolling import enrolled
from tests.support.worlds.world import World


def test_an_amended_name_renames_the_person_and_sorts_anew(world: World) -> None:
    candidacy = enrolled(world)
    office = world.actor(world.office)
    enrol.amend_candidacy(office, candidacy, {"birth_name": "Lefebvre", "usage_name": "Abel"}, world.clock())
    stored = Candidacy.objects.get(pk=candidacy.id)
    assert (stored.birth_name, stored.name_key) == ("Lefebvre", "lefebvre zoe marie")
    assert Person.objects.get(pk=candidacy.person).name == "Zoé Marie Abel"
    again = enrolled(world, session="2027R", birth_name="Lefebvre", usage_name="Abel")
    assert again.person == candidacy.person


def test_whoever_signs_elsewhere_keeps_the_name_they_sign_with(world: World) -> None:
    candidacy = enrolled(world)
    Person.objects(pk=candidacy.person).update(push__grants=world.grant("jury", academy="01", session="2027"))
    enrol.amend_candidacy(world.actor(world.office), candidacy, {"birth_name": "Lefebvre"}, world.clock())
    assert Candidacy.objects.get(pk=candidacy.id).birth_name == "Lefebvre"
    assert Person.objects.get(pk=candidacy.person).family_name == "Lefèvre"


def test_what_may_be_absent_can_be_emptied_and_the_rest_stays(world: World) -> None:
    candidacy = enrolled(world, usage_name="Moreau")
    nothing = {"ine": None, "usage_name": None, "division": None, "birth_name": None}
    enrol.amend_candidacy(world.actor(world.office), candidacy, nothing, world.clock())
    stored = Candidacy.objects.get(pk=candidacy.id)
    assert (stored.ine, stored.usage_name, stored.division, stored.birth_name) == (None, None, None, "Lefèvre")
    assert Person.objects.get(pk=candidacy.person).family_name == "Lefèvre"


def test_an_amendment_on_an_old_revision_changes_nothing(world: World) -> None:
    enrolled(world)
    mine, theirs = Candidacy.objects.first(), Candidacy.objects.first()
    office = world.actor(world.office)
    enrol.amend_candidacy(office, theirs, {"division": "TS2B"}, world.clock())
    with pytest.raises(Stale):
        enrol.amend_candidacy(office, mine, {"birth_name": "Autre"}, world.clock())
    assert Person.objects.get(pk=mine.person).family_name == "Lefèvre"


def test_a_number_is_not_amended_into_another_s(world: World) -> None:
    enrolled(world)
    other = enrolled(world, candidate_number="02012345679", email="leo@exemple.fr", given_names="Léo")
    with pytest.raises(AlreadyExists):
        said = {"candidate_number": "02012345678"}
        enrol.amend_candidacy(world.actor(world.office), other, said, world.clock())


def test_followers_teach_here_and_now(world: World) -> None:
    candidacy, office = enrolled(world), world.actor(world.office)
    left = world.new_teacher(world.school)
    departures.revoke_grant(office, left, left.grants[0].id, world.clock())
    elsewhere = world.new_teacher(world.new_school("0690027E"))
    for stranger in (left, elsewhere, world.office, Person.objects.get(pk=candidacy.person)):
        with pytest.raises(Invalid) as refusal:
            enrol.set_followers(office, candidacy, [world.follower.id, stranger.id], world.clock())
        assert list(refusal.value.errors) == ["followers"]
    assert Candidacy.objects.get(pk=candidacy.id).followers == []


def test_neither_the_candidate_nor_their_tutor_follows(world: World) -> None:
    office, candidacy = world.actor(world.office), world.candidacy
    teaches = world.grant("teacher", school=world.school.id)
    for person in (candidacy.person, world.placement.tutor):
        Person.objects(pk=person).update(push__grants=teaches)
        with pytest.raises(Invalid) as refusal:
            enrol.set_followers(office, candidacy, [person], world.clock())
        assert list(refusal.value.errors) == ["followers"]


def test_followers_are_replaced_each_once_and_may_be_none(world: World) -> None:
    candidacy, office = enrolled(world), world.actor(world.office)
    twice = [world.follower.id, world.second_teacher.id, world.follower.id]
    enrol.set_followers(office, candidacy, twice, world.clock())
    assert Candidacy.objects.get(pk=candidacy.id).followers == twice[:2]
    assert world.actor(world.follower).followed == [candidacy.id]
    enrol.set_followers(office, Candidacy.objects.get(pk=candidacy.id), [], world.clock())
    assert world.actor(world.follower).followed == []


def test_an_adaptation_keeps_the_decision_and_its_effect_and_has_no_place_for_a_ground(world: World) -> None:
    candidacy = enrolled(world)
    said = {"decision_reference": "DEC 2026-77", "effect": "Délai de deux semaines", "deadline": world.later(days=30)}
    ground = {"medical_ground": "dyslexie", "reason": "dyslexie"}
    enrol.adapt(world.actor(world.office), candidacy, said | ground, world.clock())
    (kept,) = Candidacy.objects.get(pk=candidacy.id).adaptations
    assert set(kept.to_mongo()) - {"_cls"} == {"decision_reference", "effect", "deadline", "notified_at"}
    assert kept.notified_at == world.clock()


def test_the_journal_tells_of_enrolment_without_personal_data(world: World, store: Connections) -> None:
    candidacy = enrolled(world)
    said = {"decision_reference": "DEC 2026-77", "effect": "Tiers temps"}
    enrol.adapt(world.actor(world.office), candidacy, said, world.clock())
    enrol.amend_candidacy(world.actor(world.office), candidacy, {"birth_name": "Lefebvre"}, world.clock())
    told = str(list(store.database["events"].find()))
    assert "candidate_enrolled" in told
    for personal in ("Lefèvre", "Lefebvre", "zoe.lefevre", "02012345678", "123456789AB", "2005-04-12", "Tiers temps"):
        assert personal not in told
