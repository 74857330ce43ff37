"""A teacher who leaves leaves nothing waiting for them: others follow, answer, or it is to be asked again."""

from __future__ import annotations

from html import unescape

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import verify_stored
from portfolio.boards import class_board, office_board
from portfolio.documents import Attestation, Candidacy, Person, Placement
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.moves import departures
from portfolio.errors import Invalid
from portfolio.identity.dual_control import OwnGrant
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.asking import ask, mails
from tests.support.acts.enrolling import come_back, give_up
from tests.support.api.clients import Clients
from tests.support.api.requests import change
from tests.support.filling import fill, followed, shown
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


def asked(world: World) -> Attestation:
    by = world.actor(world.candidate)
    return requests.request(by, world.activity, "teacher", world.follower.id, world.clock())  # type: ignore[arg-type]


def leave(world: World, successor: Person | None = None) -> None:
    leaving = Person.objects.get(pk=world.follower.id)
    to = successor.id if successor else None
    departures.revoke_grant(world.actor(world.office), leaving, leaving.grants[0].id, world.clock(), to)


def followers(world: World) -> list[object]:
    return list(Candidacy.objects.get(pk=world.candidacy.id).followers)


def owed(world: World) -> set[tuple[str, str]]:
    board = office_board.office_board(world.actor(world.office), world.school, world.clock())
    return {(item.who, item.what) for item in board.owed}


def test_whoever_takes_over_follows_and_is_asked_by_mail(world: World, clock: Clock, store: Connections) -> None:
    asked(world)
    leave(world, world.second_teacher)
    assert followers(world) == [world.second_teacher.id]
    for _ in range(5):
        clock.advance(days=1)
        deliver(clock)
    assert mails(store, world.follower.email) == []
    assert len(mails(store, world.second_teacher.email)) == 1
    assert len(inbox(world.actor(world.second_teacher)).sign_offs) == 1
    assert sorted(one.state for one in Attestation.objects) == ["lapsed", "requested"]
    (line,) = class_board.board(world.actor(world.second_teacher), clock()).lines
    assert line.teacher.waiting == 1


def test_without_anybody_it_reads_to_be_asked_again_and_a_follower_to_be_named(world: World) -> None:
    asked(world)
    leave(world)
    assert followers(world) == []
    assert [one.state for one in Attestation.objects] == ["lapsed"]
    assert {("candidate", "ask_again"), ("office", "follower")} <= owed(world)


def test_the_only_other_follower_is_asked_where_nobody_is_named(world: World) -> None:
    both = [world.follower.id, world.second_teacher.id]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, both, world.clock())
    asked(world)
    leave(world)
    assert followers(world) == [world.second_teacher.id]
    assert len(inbox(world.actor(world.second_teacher)).sign_offs) == 1


def test_who_was_asked_already_is_not_asked_twice(world: World) -> None:
    asked(world)
    by = world.actor(world.candidate)
    requests.request(by, world.activity, "teacher", world.second_teacher.id, world.clock())  # type: ignore[arg-type]
    leave(world, world.second_teacher)
    assert Attestation.objects(state="requested").count() == 1
    assert ("candidate", "ask_again") not in owed(world)


def test_past_sessions_keep_who_followed_them(world: World) -> None:
    Candidacy.objects(pk=world.candidacy.id).update(set__session="2020")
    leave(world, world.second_teacher)
    assert followers(world) == [world.follower.id]


def test_who_does_not_teach_there_takes_nothing_over(world: World) -> None:
    asked(world)
    with pytest.raises(Invalid):
        leave(world, world.tutor)
    with pytest.raises(OwnGrant):
        leave(world, world.office)
    assert followers(world) == [world.follower.id]
    assert [one.state for one in Attestation.objects] == ["requested"]


def test_the_office_reads_what_is_left_and_says_who_takes_over(world: World, client_for: Clients) -> None:
    asked(world)
    meeting = convened(world)
    office = client_for(world.office)
    page = f"/comptes/{world.follower.id}"
    words = unescape(shown(office, page))
    assert "1 candidat n'aura plus de professeur chargé du suivi" in words
    assert "1 confirmation attend sa réponse" in words
    assert "1 évaluation de la réalité des activités reste à écrire" in words
    assert "Cette personne siège à 1 commission convoquée" in words
    assert f"/classe/commissions/{meeting.id}" in words
    grant = Person.objects.get(pk=world.follower.id).grants[0].id
    done = followed(office, fill(office, page, f"revoke-{grant}", successor=str(world.second_teacher.id)))
    assert "Le droit est retiré." in done
    assert followers(world) == [world.second_teacher.id]


def test_what_waits_about_somebody_who_gave_up_is_not_counted(world: World) -> None:
    asked(world)
    left = departures.left_by(world.follower, world.follower.grants[0], world.clock())
    assert left is not None and (left.requests, left.follows) == (1, 1)
    give_up(world)
    left = departures.left_by(world.follower, world.follower.grants[0], world.clock())
    assert left is not None and (left.requests, left.follows, left.evaluations) == (0, 0, 0)


def test_a_program_says_who_takes_over(world: World, client_for: Clients) -> None:
    asked(world)
    office = client_for(world.office)
    address = f"/people/{world.follower.id}"
    grant = str(Person.objects.get(pk=world.follower.id).grants[0].id)
    body = {"grant": grant, "successor": str(world.second_teacher.id)}
    change(office, "POST", f"{address}/revoke-grant", Person.objects.get(pk=world.follower.id).revision, body)
    assert followers(world) == [world.second_teacher.id]


def test_the_last_right_of_an_office_or_a_jury_says_what_stops_and_another_one_does_not(
    world: World, client_for: Clients
) -> None:
    assert world.jury
    administrator = client_for(world.administrator)
    for person, stops in ((world.office, "ne tient le secrétariat"), (world.jury_member, "ne siège à ce jury")):
        assert f"Personne d'autre {stops}" in unescape(shown(administrator, f"/comptes/{person.id}"))
    colleague = world.new_office(world.school)
    page = f"/comptes/{world.office.id}"
    assert "Personne d'autre" not in unescape(shown(administrator, page))
    Person.objects(pk=colleague.id).update(set__state="suspended")
    assert "Personne d'autre ne tient" in unescape(shown(administrator, page))


def tutor_leaves(world: World) -> None:
    """Their right is revoked."""
    person = world.tutor
    (grant,) = [grant for grant in person.live_grants if grant.placement == world.placement.id]
    departures.revoke_grant(world.actor(world.administrator), person, grant.id, world.clock())


def test_a_tutor_whose_right_is_revoked_is_to_be_named_and_may_be_named_again(world: World, clock: Clock) -> None:
    ask(world)
    before = world.tutor
    tutor_leaves(world)
    placement = Placement.objects.get(pk=world.placement.id)
    assert (placement.tutor, inbox(world.actor(before)).sign_offs) == (None, [])
    assert {("office", "tutor")} <= owed(world)
    assert [(one.state, one.person) for one in Attestation.objects.order_by("id")] == [
        ("lapsed", before.id),
        ("requested", None),
    ]
    named = {"email": before.email, "family_name": before.family_name, "given_names": before.given_names}
    placements.replace_tutor(world.actor(world.office), placement, named, clock())  # type: ignore[arg-type]
    assert len(inbox(world.actor(before)).sign_offs) == 1
    assert [*verify(), *verify_stored()] == []


def test_who_tutored_a_period_of_a_past_session_stays_its_tutor(world: World) -> None:
    before = world.tutor
    Placement.objects(pk=world.placement.id).update(set__session="2020")
    tutor_leaves(world)
    assert Placement.objects.get(pk=world.placement.id).tutor == before.id


def test_a_candidate_who_gave_up_is_not_left_to_a_teacher_who_is_gone(
    world: World, clock: Clock, store: Connections
) -> None:
    give_up(world)
    deliver(clock)
    written = len(files(store))
    leave(world, world.second_teacher)
    come_back(world)
    assert followers(world) == [world.second_teacher.id]
    deliver(clock)
    assert world.follower.email not in [one["To"] for one in files(store)[written:]]
