"""A candidate whose deadline moves is told so once, with the date they knew and the one that counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from flask.testing import FlaskClient

from portfolio.commission import circular_moves
from portfolio.documents import Candidacy
from portfolio.enrolment import enrol
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.submission.test_deadline import DEADLINE
from tests.support.api.requests import get
from tests.support.filling import shown
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds import newer_circulars
from tests.support.worlds.world import World

KNOWN, LATER = "07/05/2027 à 18 h 00", "17/05/2027 à 18 h 00"


def notify(world: World, deadline: datetime | None) -> None:
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    values = {"decision_reference": "MDPH-2027-12", "effect": "Délai", "deadline": deadline}
    enrol.adapt(world.actor(world.office), candidacy, values, world.clock())


def received(world: World, store: Connections) -> list[EmailMessage]:
    return [mail for mail in files(store) if "date limite" in mail["Subject"] and mail["To"] == world.candidate.email]


def outcomes(store: Connections) -> list[str | None]:
    return [row.get("outcome") for row in rows(store) if row["kind"] == "deadline_moved"]


def test_an_adaptation_that_moves_it_is_told_once_with_both_dates(
    world: World, store: Connections, clock: Clock
) -> None:
    notify(world, DEADLINE + timedelta(days=10))
    deliver(clock)
    (mail,) = received(world, store)
    text = words_of(mail)
    assert mail["Subject"] == "La date limite de votre portfolio E5 a changé"
    assert f"Elle était le {KNOWN} (heure de l'académie). Elle est maintenant le {LATER}" in text
    assert "MDPH" not in text and "provisoire" not in text
    notify(world, None)
    notify(world, DEADLINE + timedelta(days=2))  # shorter than the one notified: it moves nothing
    deliver(clock)
    assert len(received(world, store)) == 1 and outcomes(store) == ["sent"]


def test_two_moves_before_the_mail_leaves_are_one_from_the_date_they_knew(
    world: World, store: Connections, clock: Clock
) -> None:
    for days in (5, 10):
        notify(world, DEADLINE + timedelta(days=days))
    deliver(clock)
    (mail,) = received(world, store)
    assert KNOWN in words_of(mail) and LATER in words_of(mail)
    assert "12/05/2027" not in words_of(mail)
    assert outcomes(store) == ["sent"]


def test_a_circular_tells_those_whose_date_it_moves_and_nobody_twice(
    store: Connections, clock: Clock, tmp_path: Path
) -> None:
    with newer_circulars.only_the_first(tmp_path):
        world = World(clock, newer_circulars.SESSION)
        notify(world, DEADLINE + timedelta(days=30))
        world.new_candidacy()
        deliver(clock)
        portfolio = newer_circulars.terms()["portfolio"] | {"deadline": "2027-05-14T12:00"}
        newer_circulars.publish(tmp_path, {"portfolio": portfolio})
        by = world.actor(world.office)
        circular_moves.move_all_to_newest(by, world.school, world.session, None, "2", clock())
        deliver(clock)
        told = [mail for mail in files(store) if "date limite" in mail["Subject"]]
        assert [world.candidate.email in mail["To"] for mail in told] == [True, False]
        text = words_of(told[1])
        assert f"Elle était le {KNOWN}" in text and "Elle est maintenant le 14/05/2027 à 12 h 00" in text
        assert "Cette date est provisoire" in text


def test_who_sits_one_exam_or_handed_in_is_not_asked_to_hurry(world: World, store: Connections, clock: Clock) -> None:
    alone = world.new_candidacy(distance=True)
    assert alone.ccf.form == "ponctuelle"
    later = {"decision_reference": "DEC", "effect": "Délai", "deadline": DEADLINE + timedelta(days=10)}
    enrol.adapt(world.actor(world.office), alone, later, clock())
    assert outcomes(store) == [] and Candidacy.objects.get(pk=alone.id).deadline_moves == []
    world.submit()
    notify(world, DEADLINE + timedelta(days=10))
    deliver(clock)
    (mail,) = received(world, store)
    assert "déjà remis : vous n'avez rien à faire" in words_of(mail)


def test_the_candidate_and_who_follows_read_it_on_their_first_page(
    world: World, client_for: Callable[..., FlaskClient]
) -> None:
    notify(world, DEADLINE + timedelta(days=10))
    colleague = world.person("Voisin", world.grant("teacher", school=world.school.id))
    board = shown(client_for(world.follower), "/classe")
    assert "elle était le 7 mai 2027 à 18 h 00" in board
    assert "elle était" not in shown(client_for(colleague), "/classe?portee=etablissement")
    home = shown(client_for(world.candidate), "/portfolio")
    assert "La date limite a changé le 12 janvier 2027 : elle était le 7 mai 2027 à 18 h 00." in home


def test_only_the_candidate_the_office_and_who_follows_read_the_moves_over_http(
    world: World, client_for: Callable[..., FlaskClient]
) -> None:
    notify(world, DEADLINE + timedelta(days=10))
    colleague = world.person("Voisin", world.grant("teacher", school=world.school.id))
    path = f"/candidacies/{world.candidacy.id}"
    for reader in (world.candidate, world.office, world.follower):
        assert len(get(client_for(reader), path).json["deadline_moves"]) == 1
    for reader in (colleague, world.tutor, world.inspector):
        assert get(client_for(reader), path).json["deadline_moves"] is None
