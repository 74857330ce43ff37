from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.commission import convene, members
from portfolio.commission.members import MemberStanding, check_members
from portfolio.documents import Commission, Grid, Link, Person, Sheet
from portfolio.enrolment import placements
from portfolio.errors import Forbidden, Invalid, NotFound, NotNow, Refusal
from portfolio.identity import accounts, rights
from portfolio.sheet import draw_up
from tests.support.worlds.commissions import (
    APPRECIATION,
    MEETS_AT,
    appraise,
    appraised,
    assessment_of,
    at_once,
    convened,
    drafted,
)
from tests.support.worlds.world import World

# --- who may sit ----------------------------------------------------------------------------------

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
    if second.teaches_profession and not second.tutors and not absence:
        reasons.add("tutor_absence_missing")
    return reasons


@given(people, people, st.sampled_from([None, "En congé"]))
def test_two_people_sit_exactly_when_the_arrete_lets_them(professor, second, absence):
    reasons = arrete(professor, second, absence)
    try:
        quality = check_members(professor, second, absence)
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
        convene.cancel(world.actor(world.office), commission, "Erreur de saisie", world.clock())

    agrees()


def test_each_refusal_names_its_rule_in_french(world: World, crowd: dict[str, Person]):
    def said(**values: Any) -> str:
        with pytest.raises(Refusal) as refused:
            convened(world, **values)
        return refused.value.message

    assert "deux personnes différentes" in said(second=world.follower.id, tutor_absence="En congé")
    assert "annexe II D" in said(professor=world.second_teacher.id)
    assert "tuteur d'une entreprise d'accueil de ce candidat" in said(second=crowd["tutor of another"].id)
    assert "l'absence du tuteur" in said(second=world.second_teacher.id)
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
    rights.revoke_grant(world.actor(world.administrator), world.tutor, grant.id, world.clock())
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
    accounts.suspend(administrator, who, "Compte détourné", world.clock())
    with pytest.raises(refusal):
        convened(world, **values)
    assert Commission.objects.count() == 0

    accounts.reinstate(administrator, Person.objects.get(pk=who.id), world.clock())
    assert who.id in convened(world, **values).members


def test_a_follower_who_left_the_school_no_longer_sits(world: World):
    world.placement  # noqa: B018
    Person.objects(pk=world.follower.id).update(set__grants__0__revoked_at=world.clock())
    with pytest.raises(members.ProfessorDoesNotFollow):
        convened(world)


# --- convening ------------------------------------------------------------------------------------


def test_convening_makes_the_assessment_and_a_grid_for_each_and_one_for_both(world: World):
    commission = convened(world)
    assert assessment_of(commission).members == [world.follower.id, world.tutor.id]
    assert {grid.member for grid in Grid.objects(commission=commission.id)} == {
        world.follower.id,
        world.tutor.id,
        None,
    }


def test_members_who_sit_together_have_one_grid(world: World):
    commission = convened(world, mode="together")
    assert [grid.member for grid in Grid.objects(commission=commission.id)] == [None]


def test_the_mode_is_the_circulars_when_none_is_asked_for(world: World):
    assert convened(world, mode=None).mode == "sealed"


def test_a_mode_that_the_circular_does_not_allow_is_refused(world: World):
    with pytest.raises(convene.ModeNotAllowed):
        convened(world, mode="alone")


@pytest.mark.parametrize(
    ("meets_at", "allowed"),
    [
        (datetime(2027, 2, 28, 22, 59, tzinfo=UTC), False),
        (datetime(2027, 2, 28, 23, 0, tzinfo=UTC), True),  # already 1 March in Paris
        (datetime(2027, 6, 4, 21, 59, tzinfo=UTC), True),
        (datetime(2027, 6, 4, 22, 0, tzinfo=UTC), False),  # already 5 June in Paris
    ],
)
def test_a_commission_meets_within_the_circulars_calendar_in_the_academys_zone(world: World, meets_at, allowed):
    world.placement  # noqa: B018
    if allowed:
        assert convened(world, meets_at=meets_at).meets_at == meets_at
        return
    with pytest.raises(convene.OutsideCalendar) as refused:
        convened(world, meets_at=meets_at)
    assert "01/03/2027" in refused.value.message


def test_no_commission_for_who_sits_the_written_exam(world: World):
    world.placement  # noqa: B018
    override = {"form": "ponctuelle", "decision_reference": "DEC-2027-4"}
    candidacy = world.new_candidacy(ccf_override=override)
    with pytest.raises(convene.NotInCcf):
        convened(world, candidacy)


def test_one_live_commission_per_candidate(world: World):
    commission = convened(world)
    with pytest.raises(convene.CommissionExists):
        convened(world)
    convene.cancel(world.actor(world.office), commission, "Tuteur souffrant", world.clock())
    assert convened(world).id != commission.id


def test_only_the_office_and_the_followers_convene(world: World):
    world.placement  # noqa: B018
    values = {"meets_at": MEETS_AT, "place": "B12", "professor": world.follower.id, "second": world.tutor.id}
    for person, refusal in (
        (world.second_teacher, Forbidden),
        (world.tutor, Forbidden),
        (world.candidate, Forbidden),
        (world.new_office(world.new_school("0690027E")), NotFound),
    ):
        with pytest.raises(refusal):
            convene.convene(world.actor(person), world.candidacy, values, world.clock())
    assert convene.convene(world.actor(world.follower), world.candidacy, values, world.clock()).state == "convened"


def test_convening_leaves_no_trace_where_the_candidate_can_look(world: World, store):
    world.submit()
    seen = ("portfolios", "activities", "evidence", "attestations", "placements", "candidacies", "submissions")

    def looked_at() -> list[Any]:
        chain = f"portfolio:{world.candidacy.id}"
        kept = [list(store.database[name].find().sort("_id")) for name in seen]
        return [
            *kept,
            list(store.database.events.find({"chain": chain})),
            store.database.chains.find_one({"_id": chain}),
        ]

    before = looked_at()
    commission = convened(world)
    convene.move(world.actor(world.office), commission, MEETS_AT + timedelta(days=1), "B13", world.clock())
    assert looked_at() == before
    assert Link.objects(chain=f"assessment:{world.candidacy.id}").count() == 2


# --- moving, cancelling ---------------------------------------------------------------------------


def test_a_commission_moves_within_the_calendar(world: World):
    commission = convened(world)
    moved = convene.move(
        world.actor(world.office), commission, MEETS_AT + timedelta(days=3), " Salle C3 ", world.clock()
    )
    assert (moved.meets_at, moved.place) == (MEETS_AT + timedelta(days=3), "Salle C3")
    with pytest.raises(convene.OutsideCalendar):
        convene.move(world.actor(world.office), moved, MEETS_AT + timedelta(days=300), "C3", world.clock())
    with pytest.raises(Invalid):
        convene.move(world.actor(world.office), moved, MEETS_AT, "  ", world.clock())


def test_a_member_let_in_just_before_the_cancelling_draws_up_no_sheet(world: World):
    commission = appraised(world)
    let_in = world.actor(world.follower)
    assert let_in.seats == [(commission.id, commission.candidacy)]
    commission = convene.cancel(world.actor(world.office), commission, "La commission est reportée.", world.clock())
    with pytest.raises(NotNow) as refused:
        draw_up.draw_up(let_in, assessment_of(commission), world.clock())
    assert refused.value.code == "moved_meanwhile"
    assert Sheet.objects.count() == 0
    assert convened(world).state == "convened"


def test_a_cancelled_commission_opens_nothing_to_its_members(world: World):
    commission = convened(world)
    convene.cancel(world.actor(world.office), commission, "Tuteur souffrant", world.clock())
    with pytest.raises(NotFound):
        appraise(world, world.follower, commission, appreciation=APPRECIATION)
    with pytest.raises(convene.CommissionCancelled):
        convene.move(world.actor(world.office), commission, MEETS_AT, "B12", world.clock())


def test_nothing_of_a_commission_changes_while_a_sheet_is_out(world: World):
    sheet = drafted(world)
    commission = Commission.objects.get(pk=sheet.commission)
    office = world.actor(world.office)
    replacement = {"leaving": world.tutor.id, "arriving": world.second_teacher.id, "reason": "Absent"}
    for act in (
        lambda: convene.move(office, commission, MEETS_AT, "B13", world.clock()),
        lambda: convene.cancel(office, commission, "Erreur", world.clock()),
        lambda: convene.replace_member(office, commission, replacement, world.clock()),
    ):
        with pytest.raises(convene.SheetIsOut):
            act()


def test_a_commission_made_by_two_offices_at_once_is_made_once(world: World):
    world.placement  # noqa: B018
    outcomes = at_once([lambda: convened(world)] * 4)
    assert sum(isinstance(one, Commission) for one in outcomes) == 1
    assert all(isinstance(one, Commission | NotNow) for one in outcomes)
    assert Commission.objects(state="convened").count() == 1
