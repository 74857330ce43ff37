"""A tutor whose e-mail address nobody knows: a period is kept all the same, and confirmed on paper."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Activity, Person, Placement
from portfolio.enrolment import email_corrections, placements
from portfolio.enrolment.moves import suspensions
from portfolio.errors import Invalid
from portfolio.identity import one_time_codes
from portfolio.sign_offs.answering import paper
from portfolio.sign_offs.asking import requests
from portfolio.sign_offs.asking.deliveries import deliveries
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.sign_offs.test_paper import answers_on, scan
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.mails.mailbox import deliver, files, rows
from tests.support.worlds import commissions
from tests.support.worlds.world import World

NAMED = {"family_name": "Garnier", "given_names": "Paule", "function": "Gérante"}


@pytest.fixture
def period(world: World) -> Placement:
    return added(world)


def added(world: World, **tutor: Any) -> Placement:
    values = {"company": world.company.id, "kind": "stage", "days": 35, "missions": "Gestion de sinistres"}
    values |= {"starts_on": "2026-11-02", "ends_on": "2026-12-18", "tutor": NAMED | tutor}
    return placements.add_placement(world.actor(world.follower), world.candidacy, values, world.clock())


def test_the_same_tutor_of_two_periods_in_a_company_is_one_person_whom_an_address_serves_for_both(
    world: World, period: Placement
) -> None:
    again = added(world, email=None, family_name="GARNIER")
    assert again.tutor == period.tutor
    office, person = world.actor(world.office), Person.objects.get(pk=period.tutor)
    assert {grant.placement for grant in person.live_grants} == {period.id, again.id}
    email_corrections.correct_tutor(office, Placement.objects.get(pk=again.id), "p.garnier@assureur.fr", world.clock())
    assert Person.objects.get(pk=period.tutor).email == "p.garnier@assureur.fr"
    same: Any = NAMED | {"email": "p.garnier@assureur.fr"}
    with pytest.raises(Invalid):
        placements.replace_tutor(office, Placement.objects.get(pk=again.id), same, world.clock())


def test_several_have_none_and_are_different_people(world: World, period: Placement) -> None:
    other = added(world, email=None, given_names="Paul")
    assert period.tutor != other.tutor
    elsewhere = world.new_candidacy(birth_name="Ailleurs")
    values = {"company": world.company.id, "kind": "stage", "days": 35, "tutor": NAMED}
    values |= {"starts_on": "2026-11-02", "ends_on": "2026-12-18"}
    theirs = placements.add_placement(world.actor(world.office), elsewhere, values, world.clock())
    assert theirs.tutor != period.tutor, "of another candidate, names alone tell nothing"
    assert [person.email for person in Person.objects(pk__in=[period.tutor, other.tutor])] == [None, None]
    assert "email" not in Person.objects(pk=period.tutor).as_pymongo().first()


def test_the_candidate_is_not_their_own_tutor_by_leaving_the_address_out(world: World) -> None:
    for person in (Person.objects.get(pk=world.candidacy.person), world.follower):
        with pytest.raises(Invalid) as refusal:
            added(world, family_name=person.family_name.upper(), given_names=person.given_names)
        assert set(refusal.value.errors) == {"tutor.family_name"}


def test_what_is_asked_goes_on_paper_and_no_mail_is_said_to_leave(
    world: World, period: Placement, store: Connections, clock: Clock
) -> None:
    activity = world.new_activity("classe")
    Activity.objects(pk=activity.id).update(set__context="pfmp", set__placement=period.id)
    activity.reload()
    world.new_piece(activity)
    requests.request(world.actor(world.candidate), activity, "tutor", None, clock())
    clock.advance(days=1)
    deliver(clock)
    assert {mail["To"] for mail in files(store)} <= {world.candidate.email, world.follower.email}
    (delivery,) = deliveries(world.candidacy.id)
    assert (delivery.state, delivery.mails, delivery.next_mail_at) == ("no_address", 0, None)
    kept = scan(world)
    follower = world.actor(world.follower)
    (signed,) = paper.relay(follower, period, kept.id, answers_on([activity]), "Paule Garnier", None, clock())
    assert (signed.channel, signed.person, signed.state) == ("paper", period.tutor, "confirmed")


def test_a_code_from_its_qr_code_goes_to_nobody(world: World, period: Placement, store: Connections) -> None:
    added(world)
    asked = one_time_codes.ask_code_of_placement(period.id, world.clock())
    assert asked.person is None
    deliver(world.clock)
    assert {mail["To"] for mail in files(store)} <= {world.candidate.email, world.follower.email}


def test_the_mail_on_the_suspension_of_one_who_sits_ends_though_it_goes_to_nobody(
    world: World, period: Placement, store: Connections, clock: Clock
) -> None:
    commissions.convened(world, second=period.tutor)
    suspensions.suspend(world.actor(world.administrator), Person.objects.get(pk=period.tutor), "Silence", clock())
    deliver(clock)
    mails = [row for row in rows(store) if row["kind"] == "account_change"]
    assert [row["outcome"] for row in mails if row["payload"]["person"] == period.tutor] == ["suspended"]
    assert all(row["done_at"] for row in mails)


def test_an_address_found_later_receives_what_waits(
    world: World, period: Placement, store: Connections, clock: Clock, client_for: Clients
) -> None:
    follower = client_for(world.follower)
    page = f"/classe/periodes/{period.id}"
    told = shown(follower, page)
    assert "sans adresse e-mail" in told and "Un lien lui est envoyé" not in told
    told = followed(follower, fill(follower, page, f"address-{period.id}", email="paule@agence.example"))
    assert "paule@agence.example" in told and "sans adresse" not in told
    assert Person.objects.get(pk=period.tutor).email == "paule@agence.example"
    email_corrections.correct_tutor(world.actor(world.follower), period, "p.garnier@agence.example", clock())


def test_the_form_of_a_period_takes_a_tutor_by_name_alone(world: World, client_for: Clients) -> None:
    follower = client_for(world.follower)
    typed = {"company": str(world.company.id), "kind": "stage", "days": "35", "tutor.family_name": "Garnier"}
    typed |= {"starts_on": "2026-11-02", "ends_on": "2026-12-18", "tutor.given_names": "Paule", "tutor.email": ""}
    place = f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle"
    told = followed(follower, fill(follower, place, f"placement-new-{world.candidacy.id}", **typed))
    assert "Paule Garnier" in told
    assert Placement.objects.get(candidacy=world.candidacy.id).tutor_name == "Paule Garnier"
