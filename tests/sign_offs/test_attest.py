"""Sign-offs: who may be asked, what is shown, what an answer is bound to, and what it never overwrites."""

from __future__ import annotations

import pytest
from bson import ObjectId

from portfolio.audit.verify_chains import verify
from portfolio.documents import Attestation, Candidacy, Person
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import waivers
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.worlds.signing import answer, ask, at_once, edit, fresh
from tests.support.worlds.world import World


def names_of_events(store: Connections, world: World) -> list[str]:
    chain = f"portfolio:{world.candidacy.id}"
    return [link["name"] for link in store.database.events.find({"chain": chain}).sort("seq", 1)]


# --- asking ---------------------------------------------------------------------------------------


def test_the_candidate_asks_the_tutor_of_the_placement_by_default(world: World, store: Connections) -> None:
    request = ask(world)
    assert (request.state, request.person, request.requested_by) == ("requested", world.tutor.id, world.candidate.id)
    assert (request.signer_name, request.signer_function) == ("Dominique Martin", "Responsable d'agence")
    assert names_of_events(store, world)[-1] == "sign_off_requested"
    assert list(verify([f"portfolio:{world.candidacy.id}"])) == []


def test_the_only_follower_is_asked_by_default_and_any_teacher_of_the_school_by_name(world: World) -> None:
    assert ask(world, "teacher").person == world.follower.id
    historian = world.new_teacher(world.school, teaches_profession=False)
    for person in (world.second_teacher, historian):
        assert ask(world, "teacher", person.id).person == person.id


def test_with_several_followers_the_candidate_says_whom(world: World) -> None:
    followers = [world.follower.id, world.second_teacher.id]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, followers, world.clock())
    with pytest.raises(Invalid) as refusal:
        ask(world, "teacher")
    assert "person" in refusal.value.errors


def test_people_who_cannot_answer_are_not_asked(world: World) -> None:
    outsider = world.new_teacher(world.new_school("0750654D"))
    other_tutor = world.new_placement(world.new_candidacy()).tutor
    for seat, person in (("teacher", outsider.id), ("teacher", world.tutor.id)):
        with pytest.raises(Invalid):
            ask(world, seat, person)
    for person in (other_tutor, world.follower.id, ObjectId()):
        with pytest.raises(Invalid):
            ask(world, "tutor", person)


def test_an_activity_of_the_class_has_no_tutor_to_ask(world: World) -> None:
    with pytest.raises(requests.NoTutorToAsk) as refusal:
        ask(world, activity=world.new_activity("classe"))
    assert refusal.value.code == "no_tutor_to_ask"


def test_nobody_is_asked_about_a_cancelled_period(world: World) -> None:
    activity = world.activity
    placements.cancel_placement(world.actor(world.office), world.placement, "Entreprise fermée", world.clock())
    with pytest.raises(PlacementCancelled):
        ask(world, activity=activity)


def test_nobody_is_asked_about_a_withdrawn_activity(world: World) -> None:
    deposit.withdraw_activity(world.actor(world.candidate), fresh(world.activity), world.clock())
    with pytest.raises(deposit.Withdrawn):
        ask(world)


def test_asking_again_while_one_waits_says_since_when(world: World, clock: Clock) -> None:
    ask(world)
    clock.advance(days=3)
    with pytest.raises(requests.AlreadyRequested) as refusal:
        ask(world)
    assert "12/01/2027" in refusal.value.message
    assert "Dominique Martin" in refusal.value.message
    assert Attestation.objects.count() == 1


def test_two_requests_at_once_make_one(world: World) -> None:
    world.placement, world.activity  # noqa: B018 - built before the race
    outcomes = at_once(lambda: ask(world), lambda: ask(world))
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyRequested", "Attestation"]
    assert Attestation.objects(state="requested").count() == 1


def test_one_may_ask_again_once_answered(world: World) -> None:
    ask(world)
    answer(world, world.tutor, "tutor", "refused", comment="Je n'ai pas vu ce travail.")
    assert ask(world).state == "requested"


def test_the_follower_may_ask_and_strangers_may_not_even_know(world: World) -> None:
    activity = fresh(world.activity)
    assert requests.request(world.actor(world.follower), activity, "tutor", None, world.clock()).state == "requested"
    with pytest.raises(Forbidden):
        requests.request(world.actor(world.second_teacher), activity, "tutor", None, world.clock())
    stranger = world.new_teacher(world.new_school("0750654D"))
    with pytest.raises(NotFound):
        requests.request(world.actor(stranger), activity, "tutor", None, world.clock())


# --- doing without the tutor ----------------------------------------------------------------------


def waive(world: World, person: Person, reason: str = "Le tuteur a quitté l'entreprise.") -> Attestation:
    return waivers.waive_tutor(world.actor(person), fresh(world.activity), reason, world.clock())


def test_the_follower_waives_the_tutor_with_a_reason(world: World, store: Connections) -> None:
    letter = world.new_piece()
    answer(world, world.follower, "teacher")
    waiver = waive(world, world.follower)
    assert (waiver.seat, waiver.state, waiver.person) == ("tutor", "waived", world.follower.id)
    assert waiver.comment == "Le tuteur a quitté l'entreprise."
    found = sign_offs(world.candidacy.id)
    assert found.statuses[world.activity.id]["tutor"] == "waived"
    assert found.accepted_pieces == {letter.id}
    assert names_of_events(store, world)[-1] == "tutor_waived"


def test_only_the_follower_waives_and_says_why(world: World) -> None:
    for person in (world.candidate, world.second_teacher, world.tutor):
        with pytest.raises(Forbidden):
            waive(world, person)
    with pytest.raises(Invalid):
        waive(world, world.follower, "   ")


@pytest.mark.parametrize("said", ["confirmed", "partly", "refused"])
def test_an_answer_of_the_tutor_is_not_waived_away(world: World, said: str) -> None:
    world.new_piece()
    answer(world, world.tutor, "tutor", said, comment="Voir avec moi.")
    ask(world)
    with pytest.raises(waivers.TutorAnswered):
        waive(world, world.follower)


def test_a_tutor_who_does_not_know_or_answered_on_something_else_may_be_waived(world: World, clock: Clock) -> None:
    letter = world.new_piece()
    answer(world, world.tutor, "tutor", "not_known")
    clock.advance(days=1)
    waive(world, world.follower)
    with pytest.raises(waivers.TutorAnswered):
        waive(world, world.follower)
    clock.advance(days=1)
    answer(world, world.tutor, "tutor", "refused", comment="Je reviens sur ma réponse.")
    assert sign_offs(world.candidacy.id).statuses[world.activity.id]["tutor"] == "refused"
    edit(world, letter)
    clock.advance(days=1)
    assert waive(world, world.follower).state == "waived"


def test_there_is_no_tutor_to_waive_outside_a_company(world: World) -> None:
    activity = world.new_activity("classe")
    with pytest.raises(requests.NoTutorToAsk):
        waivers.waive_tutor(world.actor(world.follower), activity, "Pas de tuteur en classe", world.clock())
