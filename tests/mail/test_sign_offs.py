"""A tutor is asked once for all that waits, asked again on working days, and left alone as soon as nothing waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from portfolio.documents import Attestation, Candidacy, Person, RealityEvaluation
from portfolio.evidence import deposit
from portfolio.identity import links
from portfolio.mail.delivery.questions import question_about
from portfolio.sign_offs import reality
from portfolio.sign_offs.asking import requests
from portfolio.store import outbox
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.asking import ask, asked_by_mail, due, mails, outcomes, token_in, wait_for_it
from tests.support.concurrency import together
from tests.support.mails.mailbox import deliver, rows, words_of
from tests.support.worlds.world import World

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
    assert links.view_of(token_in(message), clock()).state == "open"
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
    followers = Candidacy.objects.get(pk=world.candidacy.id).followers
    assert question_about([world.school], followers)[1] == (world.office.email,)


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
