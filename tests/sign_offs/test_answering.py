"""What is shown to whoever answers for an activity, and what an answer is bound to."""

from __future__ import annotations

import pytest

from portfolio.documents import Attestation, Candidacy, Evidence, Person
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import answers, content, record, waivers
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.worlds.signing import answer, ask, edit, fresh
from tests.support.worlds.world import World


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
def test_a_word_with_a_refusal_is_asked_for_and_never_required(world: World, said: str, comment: str | None) -> None:
    """No text asks for one: whoever has two minutes may say no."""
    given = answer(world, world.tutor, "tutor", said, comment=comment)
    assert (given.state, given.comment) == (said, None)


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
