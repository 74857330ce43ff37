"""Sign-offs: who may be asked, what is shown, what an answer is bound to, and what it never overwrites."""

from __future__ import annotations

import pytest
from bson import ObjectId

from portfolio.audit.verify_chains import verify
from portfolio.documents import Attestation, Candidacy, Evidence, Person
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.placements import PlacementCancelled
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import answers, content, record, waivers
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from portfolio.submission import submit
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


def test_the_only_follower_is_asked_by_default_and_any_teacher_of_the_profession_by_name(world: World) -> None:
    assert ask(world, "teacher").person == world.follower.id
    assert ask(world, "teacher", world.second_teacher.id).person == world.second_teacher.id


def test_with_several_followers_the_candidate_says_whom(world: World) -> None:
    followers = [world.follower.id, world.second_teacher.id]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, followers, world.clock())
    with pytest.raises(Invalid) as refusal:
        ask(world, "teacher")
    assert "person" in refusal.value.errors


def test_people_who_cannot_answer_are_not_asked(world: World) -> None:
    outsider = world.new_teacher(world.new_school("0750654D"))
    historian = world.new_teacher(world.school, teaches_profession=False)
    other_tutor = world.new_placement(world.new_candidacy()).tutor
    for seat, person in (("teacher", outsider.id), ("teacher", historian.id), ("teacher", world.tutor.id)):
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


# --- what is shown --------------------------------------------------------------------------------


def test_what_is_shown_is_the_activity_its_pieces_and_the_statement(world: World) -> None:
    letter = world.new_piece()
    world.upload(letter)
    world.new_piece(title="Rien à lire", description={})
    undated = world.new_piece(title="Sans date", produced_on=None)
    seen = content.content_for(world.actor(world.tutor), fresh(world.activity), "tutor")
    assert seen.activity["title"] == "Relance des impayés"
    assert [piece.evidence for piece in seen.pieces] == [letter.id, undated.id]
    assert seen.pieces[0].content["files"][0]["name"] == "lettre.pdf"
    assert seen.statement.id == "attestation-tuteur"
    assert "ni degré de maîtrise ni note" in seen.statement.text


def test_each_seat_is_shown_what_it_answers_for(world: World) -> None:
    letter = world.new_piece()
    own_check = world.new_piece(title="Mon Pix", nature="controle")
    world.new_piece(title="Lettre de recommandation", nature="autre")
    entered = world.new_piece(title="Contrôle de la classe", nature="controle")
    Evidence.objects(pk=entered.id).update(set__entered_by=world.follower.id)
    by_seat = {
        seat: [piece.evidence for piece in content.content_for(world.actor(person), fresh(world.activity), seat).pieces]
        for seat, person in (("tutor", world.tutor), ("teacher", world.follower))
    }
    assert by_seat == {"tutor": [letter.id], "teacher": [letter.id, own_check.id]}


def test_the_digest_shown_moves_with_what_is_shown_and_with_nothing_else(world: World) -> None:
    def digest() -> str:
        return content.content_for(world.actor(world.tutor), fresh(world.activity), "tutor").digest

    letter = world.new_piece()
    first = digest()
    candidate = world.actor(world.candidate)
    deposit.amend_piece(candidate, Evidence.objects.get(pk=letter.id), {"criteria": ["K7"]}, world.clock())
    assert digest() == first, "the mapping to criteria is not what a tutor confirms"
    edit(world, letter)
    second = digest()
    deposit.amend_activity(candidate, fresh(world.activity), {"mission": "Autre mission"}, world.clock())
    assert len({first, second, digest()}) == 3


# --- answering ------------------------------------------------------------------------------------


def test_an_answer_fills_the_request_and_is_bound_to_what_was_shown(world: World, store: Connections) -> None:
    letter = world.new_piece()
    request = ask(world)
    signed = answer(world, world.tutor, "tutor", signer_function="Directrice d'agence")
    stored = Attestation.objects.get(pk=request.id)
    seen = content.content_for(world.actor(world.tutor), fresh(world.activity), "tutor")
    assert (signed.id, stored.state, stored.channel) == (request.id, "confirmed", "signed_in")
    assert (stored.signer_name, stored.signer_function) == ("Dominique Martin", "Directrice d'agence")
    assert (stored.statement_id, stored.statement_version) == ("attestation-tuteur", "1")
    assert stored.statement == seen.statement.text
    assert [(one.evidence, one.digest) for one in stored.pieces] == [(letter.id, seen.pieces[0].digest)]
    assert (stored.activity_digest, stored.shown_digest) == (seen.activity_digest, seen.digest)
    link = store.database.events.find_one({"name": "sign_off_answered"})
    assert link["data"]["answer"] == "confirmed"
    assert "Martin" not in str(link), "no personal data in the chain"


def test_a_spontaneous_answer_takes_the_names_of_the_account_and_the_placement(world: World) -> None:
    signed = answer(world, world.tutor, "tutor")
    assert (signed.signer_name, signed.signer_function) == ("Dominique Martin", "Responsable d'agence")
    assert signed.requested_by is None


def test_an_answer_is_never_overwritten(world: World, clock: Clock) -> None:
    first = answer(world, world.tutor, "tutor")
    clock.advance(days=1)
    second = answer(world, world.tutor, "tutor", "refused", comment="Je me suis trompé.")
    assert first.id != second.id
    assert [one.state for one in Attestation.objects.order_by("answered_at")] == ["confirmed", "refused"]
    assert sign_offs(world.candidacy.id).activities[0].tutor.attestation.id == second.id


@pytest.mark.parametrize("said", ["refused", "partly"])
@pytest.mark.parametrize("comment", [None, "   "])
def test_refusing_even_in_part_needs_a_word(world: World, said: str, comment: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        answer(world, world.tutor, "tutor", said, comment=comment)
    assert "comment" in refusal.value.errors
    assert Attestation.objects.count() == 0


def test_what_changed_after_being_shown_is_refused_and_asks_to_read_again(world: World) -> None:
    letter = world.new_piece()
    before = content.content_for(world.actor(world.tutor), fresh(world.activity), "tutor").digest
    edit(world, letter)
    with pytest.raises(record.ShownHasChanged) as refusal:
        answer(world, world.tutor, "tutor", shown_digest=before)
    assert (refusal.value.code, Attestation.objects.count()) == ("shown_has_changed", 0)
    assert answer(world, world.tutor, "tutor").state == "confirmed"


def test_each_answers_in_their_own_seat(world: World) -> None:
    for person, seat in (
        (world.follower, "tutor"),
        (world.tutor, "teacher"),
        (world.candidate, "tutor"),
        (world.candidate, "teacher"),
    ):
        with pytest.raises(Forbidden):
            answer(world, person, seat)
    assert answer(world, world.second_teacher, "teacher").state == "confirmed", "teaches the profession"


def test_the_tutor_of_another_candidate_may_not_even_know(world: World) -> None:
    digest = content.content_for(world.actor(world.tutor), fresh(world.activity), "tutor").digest
    other = Person.objects.get(pk=world.new_placement(world.new_candidacy()).tutor)
    said = ("tutor", "confirmed", digest, None, None, None, world.clock())
    with pytest.raises(NotFound):
        answers.answer(world.actor(other), fresh(world.activity), *said)


def test_nobody_signs_their_own_portfolio_whatever_other_role_they_hold(world: World) -> None:
    placement = world.placement
    grants = [
        world.grant("teacher", school=world.school.id, teaches_profession=True),
        world.grant("tutor", candidacy=world.candidacy.id, placement=placement.id),
    ]
    for grant in grants:
        Person.objects(pk=world.candidate.id).update(push__grants=grant)
    Candidacy.objects(pk=world.candidacy.id).update(push__followers=world.candidate.id)
    for seat in ("tutor", "teacher"):
        with pytest.raises(record.OwnWork):
            answer(world, world.candidate, seat)
    with pytest.raises(record.OwnWork):
        waivers.waive_tutor(
            world.actor(world.candidate), fresh(world.activity), "Je n'ai plus de tuteur", world.clock()
        )
    with pytest.raises(Invalid):
        ask(world, "teacher", world.candidate.id)


def test_a_late_sign_off_leaves_the_submitted_portfolio_as_it_was(world: World) -> None:
    world.new_piece()
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    before = world.portfolio.revision
    assert answer(world, world.tutor, "tutor").state == "confirmed"
    assert (world.portfolio.revision, world.portfolio.state) == (before, "submitted")


def test_signing_off_does_not_take_the_candidates_if_match_away(world: World) -> None:
    letter = world.new_piece()
    before = (world.portfolio.revision, fresh(world.activity).revision)
    answer(world, world.tutor, "tutor")
    assert (world.portfolio.revision, fresh(world.activity).revision) == before
    edit(world, letter)


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
        waive(world, world.follower, "  absent  ")


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
