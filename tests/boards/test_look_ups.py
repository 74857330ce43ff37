"""Support sees states, never what is written or deposited; each look-up is written down, for the person first."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import timedelta

import pytest

from portfolio.boards import look_ups
from portfolio.boards.look_ups import LOOK_UPS
from portfolio.boards.support.support_shown import PersonStates
from portfolio.boards.support.support_states import MAILS
from portfolio.commission import grids
from portfolio.documents import Activity, Attestation, Candidacy, Invitation, Person, SignIn, Submission
from portfolio.errors import Forbidden, Invalid, NotFound, TooMany
from portfolio.identity import bounces, sign_ins
from portfolio.identity.invitations import accept_invitation, invitation_token
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.policy.relations import Actor
from portfolio.sign_offs.answering import answers, content
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.signing import ask
from tests.support.worlds.world import PDF, World

NOT_A_MAIL = {"account_change_due", "anchor", "dossier_over", "eliminate", "upload_removed", "way_in_asked"}
NOT_A_MAIL |= {"certificate_over", "grid_scan_withdrawn", "replacement_due"}


def states(world: World, **values: str) -> PersonStates:
    return look_ups.look_up(world.actor(world.support), world.academy, values, world.clock())


def refusal(world: World, **values: str) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refused:
        states(world, **values)
    return refused.value.errors


# --- whom ------------------------------------------------------------------------------------------


def test_a_person_is_found_by_the_whole_address_or_number_alone(world: World) -> None:
    email, number = world.candidate.email, world.candidacy.candidate_number
    assert states(world, email=email.upper()).family_name == world.candidate.family_name
    assert states(world, candidate_number=number) == states(world, email=email)
    for part in (email[:-1], email[1:], ".*@exemple.fr"):
        assert set(refusal(world, email=part)) == {"email"}
    assert set(refusal(world, candidate_number=number[:-1])) == {"candidate_number"}
    assert set(refusal(world)) == set(refusal(world, email=email, candidate_number=number)) == {"email"}


def test_people_of_another_academy_and_people_who_do_not_exist_are_answered_in_the_same_words(world: World) -> None:
    elsewhere = world.person("Ailleurs", world.grant("support", academy="01"))
    nobody = refusal(world, email="personne@exemple.fr")
    assert refusal(world, email=elsewhere.email) == nobody
    assert refusal(world, email=world.administrator.email) == nobody
    far = Actor(elsewhere)
    for by, told in ((far, NotFound), (world.actor(world.inspector), Forbidden), (world.actor(world.office), NotFound)):
        with pytest.raises(told):
            look_ups.look_up(by, world.academy, {"email": world.candidate.email}, world.clock())


def test_a_number_that_served_twice_asks_for_the_session(world: World) -> None:
    number = world.candidacy.candidate_number
    later = world.new_candidacy(birth_name="Autre")
    Candidacy.objects(pk=later.id).update(set__candidate_number=number, set__session="2028")
    assert set(refusal(world, candidate_number=number)) == {"session"}
    assert states(world, candidate_number=number, session="2028").family_name == "Autre"


def test_numbers_cannot_be_tried_one_after_the_other(world: World, clock: Clock) -> None:
    for number in range(LOOK_UPS.most):
        refusal(world, candidate_number=f"03{number:09d}")
    with pytest.raises(TooMany):
        states(world, email=world.candidate.email)
    clock.advance(seconds=LOOK_UPS.within.total_seconds() + 1)
    assert states(world, email=world.candidate.email)


# --- what ------------------------------------------------------------------------------------------


def test_support_reads_where_the_candidate_stands(world: World, clock: Clock) -> None:
    piece = world.new_piece()
    world.upload(piece)
    world.upload(piece, b"MZ" + b"\0" * 200, "programme.exe")
    world.begin_with(world.candidacy, PDF)
    world.sign_off()
    shown = states(world, email=world.candidate.email)
    (candidacy,) = shown.candidacies
    assert (shown.roles, shown.account.state) == (("candidate",), "active")
    assert (candidacy.session, candidacy.school_name, candidacy.portfolio) == ("2027", world.school.name, "open")
    assert (candidacy.pieces_ready + candidacy.pieces_draft, candidacy.pieces_withdrawn) == (2, 0)
    assert [(refused.count, bool(refused.code)) for refused in candidacy.uploads_refused] == [(1, True)]
    assert sum(seat.answered + seat.stale for seat in candidacy.sign_offs) == 2
    tutor = states(world, email=world.tutor.email)
    assert (tutor.roles, tutor.candidacies, tutor.asked_of_them.answered) == (("tutor",), (), 1)


def test_an_edit_shows_as_stale_and_no_answer_is_told_from_another(world: World) -> None:
    piece = world.new_piece()
    world.sign_off(answer="confirmed")
    confirmed = states(world, email=world.candidate.email)
    by = world.actor(world.tutor)
    fresh = Activity.objects.get(pk=world.activity.id)
    seen = content.content_for(by, fresh, "tutor")
    answers.answer(by, fresh, "tutor", "refused", seen.digest, "Pas chez nous.", None, None, world.clock())
    assert states(world, email=world.candidate.email) == confirmed
    type(piece).objects(pk=piece.id).update(set__title="Une autre lettre")
    assert [seat.stale for seat in states(world, email=world.candidate.email).candidacies[0].sign_offs] == [1, 1]


def test_the_account_is_told_by_days(world: World, clock: Clock) -> None:
    person = world.candidate
    world.set_password(person)
    sign_ins.sign_in(person.email, "Une phrase de sept mots bien longue", "bearer", "essai", clock(), None)
    came = clock().date()
    clock.advance(days=2)
    bounces.note_failed(Person.objects.get(pk=person.id), "5.1.1", clock())
    account = states(world, email=person.email).account
    assert (account.last_sign_in_on, account.address_failed_on) == (came, came + timedelta(days=2))
    assert (account.address_delayed_on, account.authenticator) == (None, False)


def test_mails_are_told_by_kind_and_day_and_every_kind_is_thought_of(world: World, store: Connections) -> None:
    moves = {"abandonment", "deadline_moved", "kept", "replacement", "transfer"}
    kept_from_support = {*moves, "convocation", "result_changed"}
    assert set(HANDLERS) - NOT_A_MAIL - set(MAILS) == kept_from_support
    invited = world.new_candidacy(birth_name="Attendue")
    waiting = states(world, candidate_number=invited.candidate_number).mails
    assert [(mail.kind, mail.state) for mail in waiting] == [("invitation", "waiting")]
    store.database.outbox.update_many({"kind": "invitation"}, {"$set": {"failure": "OSError", "attempts": 2}})
    assert [mail.state for mail in states(world, candidate_number=invited.candidate_number).mails] == ["late"]


def test_a_mail_that_no_worker_takes_is_told_as_overdue(world: World, clock: Clock) -> None:
    invited = world.new_candidacy(birth_name="Attendue")
    due_on = clock().date()
    for minutes, state in ((4, "waiting"), (2, "overdue")):
        clock.advance(minutes=minutes)
        told = states(world, candidate_number=invited.candidate_number).mails
        assert [(mail.state, mail.on) for mail in told] == [(state, due_on)]


def test_nothing_of_what_is_written_or_deposited_leaves(world: World) -> None:
    piece = world.new_piece(title="Titre confidentiel")
    world.upload(piece, name="fichier-confidentiel.pdf")
    world.sign_off()
    for email in (world.candidate.email, world.tutor.email, world.follower.email):
        shown = json.dumps(asdict(states(world, email=email)), default=str, ensure_ascii=False)
        for secret in ("onfidentiel", "Relance des impayés", "Vu ensemble", "@", "2005-04-12", "Voir le document"):
            assert secret not in shown, secret


def test_support_hears_the_same_whatever_the_commission_does(world: World, store: Connections) -> None:
    world.submit()
    people = (world.candidate.email, world.tutor.email, world.follower.email)
    before = [states(world, email=email) for email in people]
    commission = commissions.convened(world)
    for person in (world.follower, world.tutor):
        grid = commissions.grid_of(commission, person)
        words = dict.fromkeys(commissions.ROWS, "Observation du membre, détaillée.")
        grid = commissions.fill(world, person, grid, dict.fromkeys(commissions.ROWS, "S"), **words)
        grids.seal(world.actor(person), grid, world.clock())
    appraised = {"appreciation": "Un portfolio solide et bien commenté.", "proposed_mark": "14,5"}
    commissions.appraise(world, world.follower, commission, **appraised)
    commissions.transmitted(world, commissions.signed(world, commissions.drafted(world, commission)))
    assert store.database.outbox.count_documents({"kind": "convocation"}) == 2
    assert [states(world, email=email) for email in people] == before


def test_the_invitation_of_a_tutor_who_is_convened_is_not_told(world: World, store: Connections) -> None:
    world.submit()
    Person.objects(pk=world.tutor.id).update(set__state="invited")
    before = states(world, email=world.tutor.email)
    commissions.convened(world)
    invitation = Invitation.objects.get(person=world.tutor.id)
    assert states(world, email=world.tutor.email) == before
    accept_invitation(invitation_token(invitation), "Une phrase de sept mots bien longue", world.clock())
    Person.objects(pk=world.tutor.id).update(set__totp="SECRET")
    assert world.tutor.state == "active"
    assert states(world, email=world.tutor.email) == before
    Person.objects(pk=world.tutor.id).update(set__state="suspended")
    account = states(world, email=world.tutor.email).account
    assert (account.state, account.authenticator) == ("suspended", None)


def test_what_was_submitted_in_another_academy_is_not_told(world: World) -> None:
    world.submit()
    assert "acknowledgement" in {mail.kind for mail in states(world, email=world.candidate.email).mails}
    Candidacy.objects(pk=world.candidacy.id).update(set__academy="01")
    shown = states(world, email=world.candidate.email)
    assert shown.candidacies == ()
    assert "acknowledgement" not in {mail.kind for mail in shown.mails}


def test_mails_about_cases_of_another_academy_are_not_told_waiting_or_returned(
    world: World, store: Connections, clock: Clock
) -> None:
    world.submit()
    ask(world)
    ask(world, "teacher")
    people = (world.candidate.email, world.tutor.email, world.follower.email)
    waiting = {mail.kind for email in people for mail in states(world, email=email).mails}
    assert waiting == {"acknowledgement", "sign_offs", "teacher_sign_offs", "sign_off_receipt", "invitation"}
    waits = {request.person: request.id for request in Attestation.objects(state="requested")}
    for kind, person, about in (
        ("sign_off_receipt", world.tutor, {}),
        ("acknowledgement", world.candidate, {}),
        ("sign_offs", world.tutor, {"requests": [waits[world.tutor.id]]}),
        ("teacher_sign_offs", world.follower, {"requests": [waits[world.follower.id]]}),
        ("account_notice", world.tutor, {"payload": {"person": world.tutor.id}}),
    ):
        came_back = {"done_at": clock(), "person": person.id, "bounced_at": clock()}
        store.database.outbox.update_one({"kind": kind}, {"$set": came_back | about}, upsert=True)
    returned = {mail.kind for email in people for mail in states(world, email=email).mails if mail.state == "failed"}
    assert returned == waiting - {"invitation"} | {"account_notice"}
    for kind in (Attestation, Candidacy, Submission):
        kind.objects.update(set__academy="01")
    left = {mail.kind for email in people for mail in states(world, email=email).mails}
    assert left == {"account_notice", "invitation"}


def test_the_day_that_a_tutor_signs_in_to_sit_is_not_told_and_their_visit_to_confirm_is(
    world: World, clock: Clock
) -> None:
    def came(way: str) -> None:
        kept = {"person": world.tutor.id, "expires_at": clock(), "created_at": clock()}
        SignIn(way=way, token_hash=f"{way} {clock()}", **kept).save()

    came("link")
    confirmed = clock().date()
    clock.advance(days=3)
    came("cookie")
    assert states(world, email=world.tutor.email).account.last_sign_in_on == confirmed
    clock.advance(days=3)
    came("code")
    assert states(world, email=world.tutor.email).account.last_sign_in_on == clock().date()


def test_a_look_up_reads_rights_schools_and_candidacies_once(world: World, store: Connections) -> None:
    with counted(store.database):
        states(world, email=world.candidate.email)
        profile = store.database["system.profile"].find({"command.find": {"$exists": True}})
        read = Counter(row["command"]["find"] for row in profile)
    assert read["schools"] == 2  # those of the rights, then the one of the candidacy
    assert read["candidacies"] == 1
