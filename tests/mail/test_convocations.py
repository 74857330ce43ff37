"""What the members of a commission receive."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

from portfolio.commission import amend
from portfolio.documents import Person
from portfolio.identity import invitations
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.commissions import convened, with_password
from tests.support.worlds.world import World

PHRASE = "Huit autres mots pour choisir une bonne phrase"


def _to(store: Connections, person: Person) -> list[EmailMessage]:
    """Newest last."""
    return [message for message in files(store) if message["To"] == person.email and "commission" in message["Subject"]]


def test_both_members_are_told_when_and_where_and_the_candidate_nothing(
    world: World, store: Connections, clock: Clock
) -> None:
    convened(world)
    deliver(clock)
    (professor,), (tutor,) = _to(store, world.follower), _to(store, world.tutor)
    assert _to(store, world.candidate) == []
    assert professor["Subject"] == tutor["Subject"] == "Convocation : commission E5 du 12/04/2027"
    for message in (professor, tutor):
        assert "Date : 12/04/2027 à 14h00" in words_of(message) and "Lieu : Salle B12" in words_of(message)
    assert "six chiffres" in words_of(tutor) and "six chiffres" not in words_of(professor)


def test_a_tutor_who_never_came_in_chooses_a_password_by_the_same_letter(
    world: World, store: Connections, clock: Clock
) -> None:
    convened(world)
    deliver(clock)
    (letter,) = _to(store, world.tutor)
    token = re.findall(r"/invitation/(\S+)", words_of(letter))[0]
    assert not invitations.invitation_holds(token, clock() + timedelta(days=14))
    clock.advance(days=13)
    invitations.accept_invitation(token, PHRASE, clock())
    assert Person.objects.get(pk=world.tutor.id).password
    assert not invitations.invitation_holds(token, clock())


def test_a_change_is_told_and_what_it_overtakes_is_not(world: World, store: Connections, clock: Clock) -> None:
    with_password(world.tutor)
    by, commission = world.actor(world.office), convened(world)
    commission = amend.move(by, commission, world.later(days=100), "Salle C3", clock())
    deliver(clock)
    assert len(_to(store, world.tutor)) == len(_to(store, world.follower)) == 2
    assert all("Salle C3" in words_of(message) for message in _to(store, world.tutor))
    absent = {
        "leaving": world.tutor.id,
        "arriving": world.second_teacher.id,
        "reason": "Retenu",
        "tutor_absence": "Retenu",
    }
    commission = amend.replace_member(by, commission, absent, clock())
    amend.cancel(by, commission, "Le lycée est fermé.", clock())
    deliver(clock)
    assert len(_to(store, world.tutor)) == 2
    assert [message["Subject"].partition(" :")[0] for message in _to(store, world.second_teacher)] == ["Annulée"]
