"""Who may sit on a commission: the arrêté, read twice and compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.commission import amend, members
from portfolio.commission.members import MemberStanding, check_members
from portfolio.documents import Commission, Person
from portfolio.enrolment import placements
from portfolio.enrolment.moves import departures, suspensions
from portfolio.errors import Invalid, Refusal
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5, exam
from tests.support.worlds.commissions import (
    convened,
)
from tests.support.worlds.world import World

people = st.builds(
    MemberStanding,
    person=st.integers(1, 3),
    is_candidate=st.booleans(),
    follows=st.booleans(),
    tutors=st.booleans(),
    teaches_profession=st.booleans(),
)


def arrete(professor: MemberStanding, second: MemberStanding, absence: str | None) -> set[str]:
    """The arrêté told another way: every reason for which these two may not sit, none when they may."""
    reasons = set()
    if professor.person == second.person:
        reasons.add("member_twice")
    if professor.is_candidate or second.is_candidate:
        reasons.add("candidate_sits")
    if not professor.follows:
        reasons.add("professor_does_not_follow")
    if not second.tutors and not second.teaches_profession:
        reasons.add("second_has_no_standing")
    if second.tutors and absence:
        reasons.add("tutor_sits")
    return reasons


@given(people, people, st.sampled_from([None, "En congé"]))
def test_two_people_sit_exactly_when_the_arrete_lets_them(professor, second, absence):
    reasons = arrete(professor, second, absence)
    try:
        quality = check_members(professor, second, absence, exam(BTS_ASSURANCE_E5))
    except Invalid as refusal:
        assert refusal.code in reasons
        return
    assert not reasons
    assert quality == ("tutor" if second.tutors else "second_professor")


@pytest.fixture
def crowd(world: World) -> dict[str, Person]:
    """Everybody whom somebody might name."""
    world.placement  # noqa: B018
    elsewhere = world.new_school("0690027E")
    other_candidacy = world.new_candidacy()
    return {
        "follower": world.follower,
        "second teacher": world.second_teacher,
        "teacher of another subject": world.new_teacher(world.school, teaches_profession=False),
        "outside teacher": world.new_teacher(elsewhere),
        "tutor": world.tutor,
        "tutor of another": Person.objects.get(pk=world.new_placement(other_candidacy).tutor),
        "candidate": world.candidate,
        "another candidate": Person.objects.get(pk=other_candidacy.person),
        "office": world.office,
    }


def standing_of(world: World, crowd: dict[str, Person], name: str) -> MemberStanding:
    return MemberStanding(
        person=crowd[name].id,
        is_candidate=name == "candidate",
        follows=name == "follower",
        tutors=name == "tutor",
        teaches_profession=name in ("follower", "second teacher", "outside teacher"),
    )


def test_convening_agrees_with_the_rule_for_every_pair_of_people(world: World, crowd: dict[str, Person]):
    names = st.sampled_from(sorted(crowd))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(names, names, st.sampled_from([None, "", "En congé"]), st.booleans())
    def agrees(professor: str, second: str, absence: str | None, by_address: bool) -> None:
        named = crowd[second].email.upper() if by_address else crowd[second].id
        values: dict[str, Any] = {"professor": crowd[professor].id, "second": named, "tutor_absence": absence}
        reasons = arrete(*(standing_of(world, crowd, name) for name in (professor, second)), absence)
        before = Commission.objects.count()
        try:
            commission = convened(world, **values)
        except Invalid as refusal:
            assert refusal.code in reasons
            assert Commission.objects.count() == before
            return
        assert not reasons
        assert [seat.quality for seat in commission.seats] == [
            "follower",
            "tutor" if second == "tutor" else "second_professor",
        ]
        amend.cancel(world.actor(world.office), commission, "Erreur de saisie", world.clock())

    agrees()


def test_each_refusal_names_its_rule_in_french(world: World, crowd: dict[str, Person]):
    def said(**values: Any) -> str:
        with pytest.raises(Refusal) as refused:
            convened(world, **values)
        return refused.value.message

    assert "deux personnes différentes" in said(second=world.follower.id, tutor_absence="En congé")
    assert "annexe II D" in said(professor=world.second_teacher.id)
    assert "tuteur d'une entreprise d'accueil de ce candidat" in said(second=crowd["tutor of another"].id)
    assert "s'il siège" in said(tutor_absence="En congé")
    assert "son propre portfolio" in said(professor=world.candidate.id)
    assert "tuteur d'une entreprise" in said(second="personne@exemple.fr")
    assert "tuteur d'une entreprise" in said(second="pas une adresse")


def test_a_tutor_whose_placement_was_cancelled_no_longer_sits(world: World):
    placements.cancel_placement(world.actor(world.office), world.placement, "Rupture du stage", world.clock())
    with pytest.raises(members.SecondHasNoStanding):
        convened(world)


def test_the_tutor_of_a_cancelled_placement_does_not_sit_even_by_a_grant_that_outlived_it(world: World):
    placements.cancel_placement(world.actor(world.office), world.placement, "Rupture du stage", world.clock())
    Person.objects(pk=world.tutor.id).update(set__grants__0__revoked_at=None)
    with pytest.raises(members.SecondHasNoStanding):
        convened(world)
    assert Commission.objects.count() == 0


def test_the_tutor_whose_access_was_withdrawn_does_not_sit_though_the_placement_stands(world: World):
    (grant,) = world.tutor.grants
    departures.revoke_grant(world.actor(world.administrator), world.tutor, grant.id, world.clock())
    with pytest.raises(members.SecondHasNoStanding):
        convened(world)


@pytest.mark.parametrize(
    ("seat", "refusal"),
    [
        ("professor", members.ProfessorDoesNotFollow),
        ("tutor", members.SecondHasNoStanding),
        ("second_professor", members.SecondHasNoStanding),
    ],
)
@pytest.mark.parametrize("named_by", ["id", "email"])
def test_a_suspended_person_may_not_sit(world: World, seat: str, refusal: type[Refusal], named_by: str):
    people = {"professor": world.follower, "tutor": world.tutor, "second_professor": world.second_teacher}
    who, administrator = people[seat], world.actor(world.administrator)
    field = "professor" if seat == "professor" else "second"
    values = {field: who[named_by], "tutor_absence": "En congé" if seat == "second_professor" else None}
    suspensions.suspend(administrator, who, "Compte détourné", world.clock())
    with pytest.raises(refusal):
        convened(world, **values)
    assert Commission.objects.count() == 0

    suspensions.reinstate(administrator, Person.objects.get(pk=who.id), world.clock())
    assert who.id in convened(world, **values).members


def test_a_follower_who_left_the_school_no_longer_sits(world: World):
    world.placement  # noqa: B018
    Person.objects(pk=world.follower.id).update(set__grants__0__revoked_at=world.clock())
    with pytest.raises(members.ProfessorDoesNotFollow):
        convened(world)
