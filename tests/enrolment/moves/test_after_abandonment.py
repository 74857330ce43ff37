"""What is still done about a candidate who gave up, and what they, their tutor and their office read."""

from __future__ import annotations

from datetime import datetime

from portfolio.boards import office_board
from portfolio.documents import Candidacy, Person
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.asking import asked_by_mail, due, mails
from tests.support.acts.enrolling import come_back, give_up
from tests.support.api.clients import Clients
from tests.support.filling import shown
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.juries import confirm, publish, sheet_of
from tests.support.worlds.world import World


def owed_about(world: World, candidacy: Candidacy, at: datetime) -> list[str]:
    board = office_board.office_board(world.actor(world.office), world.school, at, session=world.session)
    return [task.what for task in board.owed if task.candidacy.id == candidacy.id]


def test_a_signed_sheet_is_still_to_be_transmitted(world: World) -> None:
    candidacy = Candidacy.objects.get(pk=sheet_of(world, state="proposed", transmitted_at=None).candidacy)
    give_up(world, candidacy)
    assert owed_about(world, candidacy, world.clock()) == ["transmit"]


def test_the_way_to_a_published_result_and_to_receipts_stays(world: World, client_for: Clients) -> None:
    _ = world.jury
    world.new_piece()
    world.sign_off()
    world.submit()
    sheet_of(world, candidacy=world.candidacy)
    give_up(world)
    candidate, result = client_for(world.candidate), f"/portfolio/{world.candidacy.id}/resultat"
    home, hand_in = "/portfolio", f"/portfolio/{world.candidacy.id}/remise"
    assert result not in shown(candidate, home) + shown(candidate, hand_in)
    assert "Accusés de remise" in shown(candidate, hand_in)
    confirm(world)
    publish(world)
    assert f'href="{result}"' in candidate.get(home).text
    assert f'href="{result}"' in candidate.get(hand_in).text


def test_a_tutor_whose_reminder_waits_is_asked_again_all_the_same(
    world: World, clock: Clock, store: Connections
) -> None:
    asked_by_mail(world, store, clock)
    assert due(store, "sign_off_reminder"), "a reminder waits already"
    give_up(world)
    come_back(world)
    deliver(clock)
    assert len(mails(store, world.tutor.email)) == 2
    assert len(due(store, "sign_off_reminder")) == 1, "and one reminder alone follows"


def test_who_has_no_portfolio_is_told_of_none(
    world: World, clock: Clock, store: Connections, client_for: Clients
) -> None:
    alone = world.new_candidacy(followed=False, status="experience")
    person = Person.objects.get(pk=alone.person)
    address = "/portfolio"
    assert "Une question sur la forme de votre épreuve ?" in shown(client_for(person), address)
    give_up(world, alone)
    deliver(clock)
    (mail,) = [mail for mail in files(store) if mail["To"] == person.email and "a pris fin" in mail["Subject"]]
    words = " ".join(words_of(mail).split())
    assert "Plus rien ne vous est demandé. Si c'est une erreur" in words
    assert "portfolio :" not in words.lower() and "Ouvrir ma page" in words
    read = shown(client_for(person), address)
    assert "abandon de votre candidature" in read and "Une question sur la forme" not in read


def test_the_office_reads_whom_it_tells_before_it_does(world: World, client_for: Clients) -> None:
    said = shown(client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}")
    assert "seuls le candidat et le secrétariat lisent le motif" in said
    assert "les membres d'une commission convoquée" in said
