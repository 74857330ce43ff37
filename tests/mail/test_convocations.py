"""What the members of a commission receive."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

from icalendar import Calendar, Event

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
    commission = amend.replace_member(by, commission, _absence(world), clock())
    amend.cancel(by, commission, "Le lycée est fermé.", clock())
    deliver(clock)
    assert [_begins(message) for message in _to(store, world.tutor)][2:] == ["Vous êtes remplacé"]
    assert [_begins(message) for message in _to(store, world.second_teacher)] == ["Annulée"]


def test_those_whom_a_replacement_concerns_are_told_each_what_changes_for_them(
    world: World, store: Connections, clock: Clock
) -> None:
    commission = convened(world)
    deliver(clock)
    amend.replace_member(world.actor(world.office), commission, _absence(world), clock())
    deliver(clock)
    (*_, left), (*_, stays), (*_, comes) = (
        _to(store, person) for person in (world.tutor, world.follower, world.second_teacher)
    )
    assert [_begins(one) for one in (left, stays, comes)] == ["Vous êtes remplacé", "Nouveau membre", "Convocation"]
    assert f"Avec vous : {world.second_teacher.name}" in words_of(stays)
    assert f"Avec vous : {world.follower.name}" in words_of(comes)
    for word in ("Retenu", world.second_teacher.name, "/commissions/", "Salle"):
        assert word not in words_of(left)
    assert _to(store, world.candidate) == []


def test_who_was_replaced_before_any_mail_left_is_told_nothing(world: World, store: Connections, clock: Clock) -> None:
    commission = convened(world)
    amend.replace_member(world.actor(world.office), commission, _absence(world), clock())
    deliver(clock)
    assert _to(store, world.tutor) == []


def test_who_left_and_came_back_is_convened_and_no_longer_told_that_they_left(
    world: World, store: Connections, clock: Clock
) -> None:
    commission, by = convened(world), world.actor(world.office)
    deliver(clock)
    commission = amend.replace_member(by, commission, _absence(world), clock())
    back = {"leaving": world.second_teacher.id, "arriving": world.tutor.id, "reason": "Remis", "tutor_absence": None}
    amend.replace_member(by, commission, back, clock())
    deliver(clock)
    assert [_begins(message) for message in _to(store, world.tutor)] == ["Convocation", "Convocation"]
    assert [_event(message)["sequence"] for message in _to(store, world.tutor)] == [0, 2]


def test_each_mail_moves_one_and_the_same_event_of_its_readers_calendar(
    world: World, store: Connections, clock: Clock
) -> None:
    commission, by = convened(world), world.actor(world.office)
    deliver(clock)
    commission = amend.move(by, commission, world.later(days=100), "Salle C3", clock())
    deliver(clock)
    commission = amend.replace_member(by, commission, _absence(world), clock())
    deliver(clock)
    amend.cancel(by, commission, "Le lycée est fermé.", clock())
    deliver(clock)
    for person, told in (
        (world.tutor, ["REQUEST 0", "REQUEST 1", "CANCEL 2"]),
        (world.follower, ["REQUEST 0", "REQUEST 1", "REQUEST 2", "CANCEL 3"]),
        (world.second_teacher, ["REQUEST 2", "CANCEL 3"]),
    ):
        mails = _to(store, person)
        events = [_event(mail) for mail in mails]
        assert {event["uid"] for event in events} == {f"commission-{commission.id}@portfolio-e5"}
        assert [f"{_method(mail)} {event['sequence']}" for mail, event in zip(mails, events, strict=True)] == told
        assert [event["status"] for event in events][-1] == "CANCELLED"
        assert {event["attendee"] for event in events} == {f"mailto:{person.email}"}
        assert {event["organizer"] for event in events} == {f"mailto:{store.settings.mail_from}"}
        assert all(event.decoded("dtstart").utcoffset() == timedelta(0) for event in events)
        for mail in mails:
            _names_nobody(mail, world)


def _absence(world: World) -> dict[str, object]:
    return {
        "leaving": world.tutor.id,
        "arriving": world.second_teacher.id,
        "reason": "Retenu",
        "tutor_absence": "Retenu",
    }


def _begins(message: EmailMessage) -> str:
    return str(message["Subject"]).partition(" :")[0]


def _calendar(message: EmailMessage) -> EmailMessage:
    """The last alternative, which programs with a calendar prefer; the same bytes are attached for the others."""
    (alternatives,) = [part for part in message.walk() if part.get_content_type() == "multipart/alternative"]
    *_, last = alternatives.iter_parts()
    assert isinstance(last, EmailMessage) and last.get_content_type() == "text/calendar"
    (attached,) = message.iter_attachments()
    assert attached.get_content_type() == "application/ics" and attached.get_filename() == "commission.ics"
    assert attached.get_payload(decode=True) == last.get_payload(decode=True)
    return last


def _method(message: EmailMessage) -> str:
    part = _calendar(message)
    method = str(part["Content-Type"].params["method"])
    assert f"METHOD:{method}" in part.get_content()
    return method


def _event(message: EmailMessage) -> Event:
    (event,) = Calendar.from_ical(_calendar(message).get_content()).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def _names_nobody(mail: EmailMessage, world: World) -> None:
    said = _calendar(mail).get_content()
    for person in (world.candidate, world.follower, world.tutor, world.second_teacher):
        assert person.family_name not in said.replace(str(mail["To"]), "")
