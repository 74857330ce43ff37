"""Reminders of sign-offs: on working days, three at most, and why they stop."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Activity, Person, Placement
from portfolio.enrolment import placements
from portfolio.evidence import deposit
from portfolio.identity import bounces, links
from portfolio.mail.sign_offs import waiting_for
from portfolio.sign_offs.answering import waivers
from portfolio.sign_offs.asking import objections
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.asking import answer, ask, asked_by_mail, due, mails, outcomes, token_in, wait_for_it
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.world import World


def test_three_reminders_on_working_days_each_with_a_fresh_link_then_silence(
    world: World, store: Connections, clock: Clock
) -> None:
    tokens = [token_in(asked_by_mail(world, store, clock))]  # on Tuesday 12 January
    days = []
    while due(store, "sign_off_reminder"):
        wait_for_it(store, clock, "sign_off_reminder")
        tokens.append(token_in(mails(store, world.tutor.email)[-1]))
        days.append(f"{clock():%d/%m %H:%M}")
    assert days == ["15/01 07:30", "26/01 07:30", "09/02 07:30"]
    assert len(set(tokens)) == 4
    assert all(links.view_of(token, clock()).state == "open" for token in tokens)
    assert mails(store, world.tutor.email)[-1]["Subject"].startswith("Pour action (rappel) :")


def test_a_new_request_asks_for_all_and_starts_the_count_anew(world: World, store: Connections, clock: Clock) -> None:
    asked_by_mail(world, store, clock)
    clock.advance(days=1)
    ask(world, world.new_activity())
    wait_for_it(store, clock, "sign_offs")
    (reminder,) = due(store, "sign_off_reminder")
    assert len(reminder["payload"]["requests"]) == 2
    assert f"{reminder['due_at']:%d/%m}" == "18/01"


def _answered(world: World) -> None:
    answer(world)


def _waived(world: World) -> None:
    waivers.waive_tutor(world.actor(world.follower), world.activity, "Parti de l'entreprise.", world.clock())


def _cancelled(world: World) -> None:
    placements.cancel_placement(world.actor(world.office), world.placement, "N'a pas eu lieu", world.clock())


def _withdrawn(world: World) -> None:
    deposit.withdraw_activity(world.actor(world.candidate), Activity.objects.get(pk=world.activity.id), world.clock())


def _replaced(world: World) -> None:
    other = {"email": "autre@assureur.fr", "family_name": "Petit", "given_names": "Lou", "function": None}
    placement = Placement.objects.get(pk=world.placement.id)
    placements.replace_tutor(world.actor(world.office), placement, other, world.clock())


def _contested(world: World) -> None:
    placement = Placement.objects.get(pk=world.placement.id)
    objections.contest(world.actor(world.tutor), placement, "did_not_happen", None, world.clock())


def _failed(world: World) -> None:
    bounces.note_failed(world.tutor, "5.1.1", world.clock())


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_answered, "answered"),
        (_waived, "waived"),
        (_cancelled, "placement_cancelled"),
        (_withdrawn, "withdrawn"),
        (_replaced, "tutor_replaced"),
        (_failed, "address_failed"),
        (_contested, "declined"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reminders_stop_and_say_why(world: World, store: Connections, clock: Clock, happens: Any, reason: str) -> None:
    tutor, address = world.tutor.id, world.tutor.email
    asked_by_mail(world, store, clock)
    happens(world)
    before = len(mails(store, address))
    wait_for_it(store, clock, "sign_off_reminder")
    assert outcomes(store, "sign_off_reminder") == [reason]
    assert len(mails(store, address)) == before
    assert not [row for row in due(store, "sign_off_reminder") if row["payload"]["person"] == tutor]


def test_who_answered_half_is_reminded_of_the_other_half(world: World, store: Connections, clock: Clock) -> None:
    other = world.new_activity()
    ask(world, world.activity, other)
    wait_for_it(store, clock, "sign_offs")
    answer(world)
    wait_for_it(store, clock, "sign_off_reminder")
    assert words_of(mails(store, world.tutor.email)[-1]).count("l'activité «") == 1
    (receipt,) = [message for message in files(store) if message["Subject"] == "Reçu de votre confirmation"]
    assert "« Relance des impayés » : Oui, c'est réel" in words_of(receipt)
    assert "Il reste 1 réponse à donner" in words_of(receipt)
    (pdf,) = receipt.iter_attachments()
    assert pdf.get_content()[:5] == b"%PDF-" and pdf.get_filename().endswith(".pdf")
    assert [one.activity.id for one in waiting_for(Person.objects.get(pk=world.tutor.id)) if one.activity] == [other.id]


def test_a_reminder_done_twice_leaves_one_to_follow(world: World, store: Connections, clock: Clock) -> None:
    """A worker that outlived its lease: another did the same row meanwhile."""
    asked_by_mail(world, store, clock)
    (row,) = due(store, "sign_off_reminder")
    clock.now = row["due_at"]
    slow = outbox.claim(clock())
    assert slow is not None
    clock.advance(minutes=2)
    deliver(clock)
    outbox._finish(slow, outbox.ErrandOutcome("sent"), clock())
    assert len(due(store, "sign_off_reminder")) == 1
    assert len([one for one in mails(store, world.tutor.email) if "rappel" in one["Subject"]]) == 1
