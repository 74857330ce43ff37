"""A tutor is asked once for all that waits, asked again on working days, and left alone as soon as nothing waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from portfolio.documents import Activity, Attestation, Candidacy, Person, Placement, RealityEvaluation
from portfolio.enrolment import placements
from portfolio.evidence import deposit
from portfolio.identity import bounces, links
from portfolio.mail.delivery.contacts import who_answers
from portfolio.mail.sign_offs import waiting_for
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import answers, content, waivers
from portfolio.sign_offs.asking import requests
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.mailbox import deliver, files, rows, words_of
from tests.support.worlds.world import World


def ask(world: World, *activities: Activity) -> list[Attestation]:
    by = world.actor(world.candidate)
    chosen = list(activities) or [world.activity]
    return requests.request_many(by, chosen, "tutor", None, world.clock())


def mails(store: Connections, address: str) -> list[EmailMessage]:
    """Those that ask for something."""
    asking = [message for message in files(store) if message["Subject"].startswith("Pour action")]
    return [message for message in asking if message["To"] == address]


def due(store: Connections, kind: str) -> list[dict[str, Any]]:
    return [row for row in rows(store) if row["kind"] == kind and row["done_at"] is None]


def outcomes(store: Connections, kind: str) -> list[str]:
    return [row["outcome"] for row in rows(store) if row["kind"] == kind and row["done_at"] is not None]


def wait_for_it(store: Connections, clock: Clock, kind: str) -> None:
    """Until the next row of this kind is due; everything due is done."""
    (row,) = due(store, kind)
    clock.now = max(clock.now, row["due_at"])
    deliver(clock)


def asked_by_mail(world: World, store: Connections, clock: Clock) -> EmailMessage:
    ask(world)
    deliver(clock)
    wait_for_it(store, clock, "sign_offs")
    (message,) = [one for one in mails(store, world.tutor.email) if "Pour action" in one["Subject"]]
    return message


def token_in(message: EmailMessage) -> str:
    return re.findall(r"/s/([\w-]+)", words_of(message))[0]


def answer(world: World) -> None:
    by, activity = world.actor(world.tutor), world.activity
    seen = content.content_for(by, activity, "tutor")
    answers.answer(by, activity, "tutor", "confirmed", seen.digest, None, None, None, world.clock())


# --- one mail for all that waits ------------------------------------------------------------------


def test_the_mail_names_who_where_when_how_long_and_opens_without_an_account(
    world: World, store: Connections, clock: Clock
) -> None:
    message = asked_by_mail(world, store, clock)
    text, (html,) = words_of(message), [p.get_content() for p in message.walk() if p.get_content_subtype() == "html"]
    name = world.candidacy.display_name
    assert message["Subject"] == f"Pour action : confirmez le travail de {name}"
    for said in (
        name,
        "Lycée Ampère",
        "Assurances du Rhône",
        "du 18 mai 2026 au 3 juillet 2026",
        "Relance des impayés",
    ):
        assert said in text and said in html
    assert "1 minute" in text and "sans compte ni mot de passe" in text
    assert links.look(token_in(message), clock()).state == "open"
    assert f"http://localhost/s/{token_in(message)}" in html
    assert "<img" not in html and "http" not in re.sub(r"http://localhost/\S*", "", html)
    assert message["Reply-To"] == world.follower.email
    assert message["List-Unsubscribe"] is None
    assert name not in str(message["From"]) + str(message["To"])


def test_an_answer_reaches_everybody_who_follows_or_else_the_office(
    world: World, store: Connections, clock: Clock
) -> None:
    other = world.new_teacher(world.school)
    Candidacy.objects(pk=world.candidacy.id).update(push__followers=other.id)
    message = asked_by_mail(world, store, clock)
    assert set(message["Reply-To"].split(", ")) == {world.follower.email, other.email}
    assert "Une question ? Répondez à ce message : il arrive à quelqu'un de Lycée Ampère" in words_of(message)
    Person.objects(pk__in=[world.follower.id, other.id]).update(set__state="suspended")
    assert who_answers([world.follower.id, other.id], world.school.id) == (world.office.email,)


def test_requests_of_one_moment_leave_in_one_mail(world: World, store: Connections, clock: Clock) -> None:
    activities = [world.activity, world.new_activity(), world.new_activity()]
    ask(world, activities[0])
    clock.advance(seconds=30)
    requests.request(world.actor(world.follower), activities[1], "tutor", None, clock())
    ask(world, *activities)  # the first two wait already
    assert Attestation.objects(state="requested").count() == 3
    wait_for_it(store, clock, "sign_offs")
    (row,) = [row for row in rows(store) if row["kind"] == "sign_offs"]
    assert len(row["requests"]) == 3
    assert words_of(mails(store, world.tutor.email)[-1]).count("l'activité «") == 3


def test_what_is_asked_while_the_mail_is_being_written_is_not_lost(
    world: World, store: Connections, clock: Clock
) -> None:
    first, second = world.activity, world.new_activity()
    ask(world, first)
    clock.advance(minutes=3)
    deliver(lambda: clock() - timedelta(minutes=2))  # all but the request
    taken = outbox.claim(clock())
    assert taken is not None and taken["kind"] == "sign_offs"
    ask(world, second)
    assert len(due(store, "sign_offs")) == 2


def test_a_second_row_asks_nothing_that_a_first_mail_has_asked(world: World, store: Connections, clock: Clock) -> None:
    first, second = world.activity, world.new_activity()
    ask(world, first)
    clock.advance(minutes=3)
    deliver(lambda: clock() - timedelta(minutes=2))
    outbox.claim(clock())  # a worker took it, and dies
    ask(world, second)
    clock.advance(minutes=5)
    deliver(clock)
    assert sorted(outcomes(store, "sign_offs")) == ["already_asked", "sent"]


def test_many_who_ask_at_once_make_one_mail(world: World, store: Connections, clock: Clock) -> None:
    activities = [world.activity, *(world.new_activity() for _ in range(3))]
    person = world.candidate
    acts = [lambda one=one: requests.request(world.actor(person), one, "tutor", None, clock()) for one in activities]
    together(*acts)
    assert Attestation.objects(state="requested").count() == 4
    assert len(due(store, "sign_offs")) == 1


def test_a_title_with_line_breaks_and_marks_stays_a_title(world: World, store: Connections, clock: Clock) -> None:
    values = {"title": "Relance\n\nCliquez ici : <a href='http://mal.example'>", "context": "pfmp"}
    values |= {"mission": "x", "placement": world.placement.id}
    ask(world, deposit.add_activity(world.actor(world.candidate), world.portfolio, values, clock()))
    wait_for_it(store, clock, "sign_offs")
    message = mails(store, world.tutor.email)[-1]
    assert "« Relance Cliquez ici : <a href" in words_of(message)
    assert "<a href='http://mal" not in "".join(
        part.get_content() for part in message.walk() if part.get_content_subtype() == "html"
    )


def test_an_evaluation_of_reality_waits_in_the_same_mail(world: World, store: Connections, clock: Clock) -> None:
    ask(world)
    text = "Les missions confiées correspondent à celles de la convention."
    reality.write(world.actor(world.follower), world.placement, text, clock())
    wait_for_it(store, clock, "sign_offs")
    assert "l'évaluation de la réalité" in words_of(mails(store, world.tutor.email)[-1])
    clock.advance(hours=1)
    evaluation = RealityEvaluation.objects.get(placement=world.placement.id)
    reality.rewrite(world.actor(world.follower), evaluation, text + " Relances comprises.", clock())
    wait_for_it(store, clock, "sign_offs")
    assert outcomes(store, "sign_offs") == ["sent", "sent"]


def test_a_teacher_gets_one_mail_a_working_day(world: World, store: Connections, clock: Clock) -> None:
    for activity in (world.activity, world.new_activity()):
        requests.request(world.actor(world.candidate), activity, "teacher", None, clock())
    deliver(clock)
    assert mails(store, world.follower.email) == []
    wait_for_it(store, clock, "teacher_sign_offs")
    (message,) = mails(store, world.follower.email)
    assert f"{world.candidacy.display_name} : 2 activités" in words_of(message)
    assert clock() == datetime(2027, 1, 13, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("seat", ["tutor", "teacher"])
def test_a_mail_about_candidates_of_two_schools_is_answered_to_the_office_of_each(
    world: World, store: Connections, clock: Clock, seat: str
) -> None:
    beside = World(clock)
    beside.count = 500
    vars(beside).update(academy=world.academy, administrator=world.administrator)
    beside.school = beside.new_school("0690027E")
    offices = {world.office.email, beside.office.email}
    for name in ("tutor", "follower"):
        grants = [*getattr(world, name).grants, *getattr(beside, name).grants]
        Person.objects(pk=getattr(world, name).id).update(set__grants=grants)
    one = {"tutor": world.tutor, "teacher": world.follower}[seat]
    Placement.objects(pk=beside.placement.id).update(set__tutor=world.tutor.id)
    for here in (world, beside):
        person = one.id if seat == "teacher" else None
        requests.request(here.actor(here.candidate), Activity.objects.get(pk=here.activity.id), seat, person, clock())
    wait_for_it(store, clock, "sign_offs" if seat == "tutor" else "teacher_sign_offs")
    (message,) = mails(store, one.email)
    assert set(message["Reply-To"].split(", ")) == offices
    assert words_of(message).count("Répondez à ce message en nommant le candidat : il arrive aux secrétariats de") == 1
    Person.objects(pk=beside.office.id).update(set__state="suspended")
    clock.advance(days=1)
    requests.request(world.actor(world.candidate), world.new_activity(), seat, person, clock())
    wait_for_it(store, clock, "sign_offs" if seat == "tutor" else "teacher_sign_offs")
    message = mails(store, one.email)[-1]
    assert message["Reply-To"] is None
    assert "Adressez-vous au secrétariat de l'établissement du candidat" in words_of(message)


# --- reminders ------------------------------------------------------------------------------------


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
    assert all(links.look(token, clock()).state == "open" for token in tokens)
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
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_reminders_stop_and_say_why(world: World, store: Connections, clock: Clock, happens: Any, reason: str) -> None:
    address = world.tutor.email
    asked_by_mail(world, store, clock)
    happens(world)
    before = len(mails(store, address))
    wait_for_it(store, clock, "sign_off_reminder")
    assert outcomes(store, "sign_off_reminder") == [reason]
    assert len(mails(store, address)) == before
    assert not due(store, "sign_off_reminder")


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
