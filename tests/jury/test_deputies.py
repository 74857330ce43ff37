"""A deputy of a jury opens nothing until somebody else seats them for a titular member, who then decides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portfolio.boards.account_log import lines as lines_of
from portfolio.boards.account_log import sentences
from portfolio.dates_in_words import day_in_words
from portfolio.documents import Academy, AccountChange, Jury, Person
from portfolio.documents.people import counting
from portfolio.enrolment import account_changes
from portfolio.enrolment.moves import departures, suspensions
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.identity.accounts import AlreadyGranted
from portfolio.identity.dual_control import who_may_confirm
from portfolio.ids import new_id
from portfolio.jury import deputies
from portfolio.jury import jury as deciding
from portfolio.jury.deputies import NotSeated, OwnSeat, SeatTaken
from portfolio.policy.deciding import DeputySits
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.journal import MovedMeanwhile
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.concurrency import in_between
from tests.support.filling import HTML, _origin, fill, followed, form_of, shown
from tests.support.mails.mailbox import deliver
from tests.support.worlds.inviting import at_once
from tests.support.worlds.juries import fresh, the_jury
from tests.support.worlds.second_people import actor_at, give, sent_to, waiting
from tests.support.worlds.sitting import WHY, Sitting
from tests.support.worlds.world import World


@pytest.fixture
def sitting(world: World) -> Sitting:
    return Sitting(world)


def test_the_right_of_a_deputy_opens_nothing(sitting: Sitting, world: World) -> None:
    assert sitting.reads(sitting.deputy) == []
    with pytest.raises(NotFound):
        deciding.set_final_mark(sitting.by(sitting.deputy), fresh(sitting.sheet), "12", None, world.clock())
    with pytest.raises(NotFound):
        deciding.publishable(sitting.by(sitting.deputy), sitting.jury)


def test_a_deputy_who_is_seated_reads_and_decides_until_the_titular_returns(sitting: Sitting, world: World) -> None:
    sitting.seat(sitting.colleague)
    assert sitting.reads(sitting.deputy) == [sitting.sheet]
    deciding.set_final_mark(sitting.by(sitting.deputy), fresh(sitting.sheet), "12", None, world.clock())
    sitting.end(sitting.titular)
    assert sitting.reads(sitting.deputy) == []
    (kept,) = the_jury(world).seatings
    assert (kept.deputy, kept.titular, kept.because) == (sitting.deputy.id, sitting.titular.id, WHY)
    assert (kept.seated_by, kept.ended_by) == (sitting.colleague.id, sitting.titular.id)


def test_nobody_decides_of_their_own_seat(sitting: Sitting, world: World) -> None:
    with pytest.raises(OwnSeat):
        sitting.seat(sitting.titular)
    with pytest.raises(NotFound):
        sitting.seat(sitting.deputy)
    sitting.seat(sitting.colleague)
    sitting.end(sitting.deputy)
    with pytest.raises(NotFound):
        sitting.seat(sitting.deputy)
    sitting.seat(world.administrator)
    assert sitting.reads(sitting.deputy) == [sitting.sheet]


def test_whoever_is_of_another_jury_or_of_none_seats_nobody(sitting: Sitting, world: World) -> None:
    for person in (world.office, world.follower):
        with pytest.raises(NotFound):
            sitting.seat(person)
    with pytest.raises(Forbidden):
        sitting.seat(world.inspector)


def test_a_seat_is_one_persons(sitting: Sitting, world: World) -> None:
    of_jury = {"academy": world.academy.code, "session": world.session, "exam": BTS_ASSURANCE_E5}
    other = world.person("Denis", world.grant("jury", deputy=True, **of_jury))
    sitting.seat(sitting.colleague)
    with pytest.raises(SeatTaken):
        sitting.seat(sitting.colleague, deputy=other)
    with pytest.raises(SeatTaken):
        sitting.seat(world.administrator, titular=sitting.colleague)
    sitting.end(sitting.colleague)
    with pytest.raises(NotSeated):
        sitting.end(sitting.colleague)
    sitting.seat(sitting.colleague, deputy=other)
    assert sitting.reads(other) and not sitting.reads(sitting.deputy)


def test_of_two_who_seat_deputies_for_one_titular_at_once_one_is_refused(sitting: Sitting, world: World) -> None:
    of_jury = {"academy": world.academy.code, "session": world.session, "exam": BTS_ASSURANCE_E5}
    other = world.person("Denis", world.grant("jury", deputy=True, **of_jury))
    answers = at_once(lambda: sitting.seat(sitting.colleague), lambda: sitting.seat(world.administrator, deputy=other))
    assert sum(isinstance(answer, Jury) for answer in answers) == 1
    assert len(the_jury(world).seatings) == 1
    assert bool(sitting.reads(sitting.deputy)) != bool(sitting.reads(other))


def test_a_right_that_is_revoked_meanwhile_is_not_seated(
    sitting: Sitting, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = world.actor(world.administrator)
    lawful = deputies.checked_reason

    for person in (sitting.deputy, sitting.colleague):

        def revoked_meanwhile(reason: str, person: Person = person) -> str:
            read = Person.objects.get(pk=person.id)
            departures.revoke_grant(by, read, read.grants[0].id, world.clock())
            return lawful(reason)

        with monkeypatch.context() as patched:
            patched.setattr(deputies, "checked_reason", revoked_meanwhile)
            with pytest.raises(MovedMeanwhile):
                sitting.seat(world.administrator, titular=sitting.colleague)
        Person.objects(pk=person.id).update(set__grants__0__revoked_at=None)
    assert list(the_jury(world).seatings) == []


def test_a_deputy_whose_right_is_revoked_sits_no_more_and_the_seat_is_free(sitting: Sitting, world: World) -> None:
    of_jury = {"academy": world.academy.code, "session": world.session, "exam": BTS_ASSURANCE_E5}
    other = world.person("Denis", world.grant("jury", deputy=True, **of_jury))
    sitting.seat(sitting.colleague)
    read = Person.objects.get(pk=sitting.deputy.id)
    departures.revoke_grant(world.actor(world.administrator), read, read.grants[0].id, world.clock())
    assert sitting.reads(sitting.deputy) == []
    sitting.seat(sitting.colleague, deputy=other)
    lines = deputies.seatings_of(sitting.by(sitting.colleague), the_jury(world))
    assert [line.ended_by for line in lines] == [None, world.administrator.name]


def test_the_deputy_of_a_titular_whose_right_is_revoked_sits_no_more(sitting: Sitting, world: World) -> None:
    sitting.seat(sitting.colleague)
    read = Person.objects.get(pk=sitting.titular.id)
    departures.revoke_grant(world.actor(world.administrator), read, read.grants[0].id, world.clock())
    assert sitting.reads(sitting.deputy) == []
    with pytest.raises(NotFound):
        deciding.set_final_mark(sitting.by(sitting.deputy), fresh(sitting.sheet), "12", None, world.clock())
    (kept,) = the_jury(world).seatings
    assert (kept.ended_by, kept.ended_at) == (world.administrator.id, world.clock())
    assert Person.objects.get(pk=sitting.deputy.id).grants[0].sits_from is None
    line = AccountChange.objects.get(what="deputy_unseated")
    assert (line.person, line.titular) == (sitting.deputy.id, sitting.titular.id)
    (told,) = sentences([line])
    assert f"{sitting.deputy.name} ne siège plus à la place de {sitting.titular.name}" in told
    sitting.seat(world.administrator, titular=sitting.colleague)


def test_the_form_that_seats_compares_who_sits_and_not_what_is_decided(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    client, path = client_for(sitting.colleague), f"/jury/{sitting.jury.id}/membres"
    whose = {"deputy": str(sitting.deputy.id), "titular": str(sitting.titular.id)}
    form = form_of(client.get(path, headers=HTML).text, f"deputy-{sitting.jury.id}")["fields"]
    deciding.set_final_mark(sitting.by(sitting.titular), fresh(sitting.sheet), "12", None, world.clock())
    sent = {**form, **whose, "reason": WHY}
    answers = [
        client.post(f"{path}/suppleants", data=sent, headers=HTML | _origin(client)).status_code for _ in range(2)
    ]
    assert answers == [303, 412]


def test_a_deputy_sits_from_a_day_to_come_and_never_from_one_that_is_past(sitting: Sitting, world: World) -> None:
    day = world.clock().date()
    with pytest.raises(Invalid) as refusal:
        sitting.seat(sitting.colleague, since=(day - timedelta(days=1)).isoformat())
    assert "motif" in refusal.value.errors["since"][0]
    with pytest.raises(Invalid):
        sitting.seat(sitting.colleague, since="2027-02-31")
    sitting.seat(sitting.colleague, since=(day + timedelta(days=2)).isoformat())
    assert sitting.reads(sitting.deputy) == []
    world.clock.advance(days=2)  # type: ignore[attr-defined]
    assert sitting.reads(sitting.deputy) == [sitting.sheet]


def test_only_a_deputy_of_this_jury_sits_and_only_for_one_of_its_titular_members(sitting: Sitting) -> None:
    with pytest.raises(Invalid) as refusal:
        sitting.seat(sitting.colleague, deputy=sitting.titular, titular=sitting.deputy)
    assert set(refusal.value.errors) == {"deputy", "titular"}
    stranger = Person(id=new_id())
    with pytest.raises(Invalid) as refusal:
        sitting.seat(sitting.colleague, deputy=stranger)
    assert set(refusal.value.errors) == {"deputy"}


def test_a_deputy_who_does_not_sit_confirms_no_right_and_counts_nowhere(sitting: Sitting, world: World) -> None:
    give(world)
    able = {person.id for person in who_may_confirm(waiting(), world.clock())}
    assert able == {sitting.titular.id, sitting.colleague.id}
    for seated in (False, True):
        grant = Person.objects.get(pk=sitting.deputy.id).grants[0]
        found = Person.objects(__raw__={"_id": sitting.deputy.id, "grants": {"$elemMatch": counting(world.clock())}})
        assert bool(found) == grant.counts(world.clock()) == seated
        if not seated:
            sitting.seat(sitting.colleague)


def test_the_right_of_a_deputy_waits_as_any_other_and_is_given_once(world: World) -> None:
    deputy = give(world, deputy=True)
    (grant,) = deputy.grants
    assert grant.deputy and grant.waits
    with pytest.raises(AlreadyGranted):
        give(world)
    with pytest.raises(Invalid) as refusal:
        give(world, "inspector", deputy=True, session=world.session, exam=BTS_ASSURANCE_E5, email="autre@exemple.fr")
    assert "deputy" in refusal.value.errors


def test_a_right_that_still_waits_is_not_seated(world: World) -> None:
    sitting = Sitting(world)
    invited = give(world, deputy=True)
    with pytest.raises(Invalid) as refusal:
        sitting.seat(sitting.colleague, deputy=invited)
    assert "attend d'être confirmé" in refusal.value.errors["deputy"][0]


def test_who_sits_is_written_in_rights_and_mailed_without_the_reason(sitting: Sitting, world: World) -> None:
    sitting.seat(sitting.colleague)
    line = AccountChange.objects.get(what="deputy_seated")
    assert (line.person, line.titular, line.deputy) == (sitting.deputy.id, sitting.titular.id, True)
    deliver(world.clock)  # type: ignore[arg-type]
    (mail,) = sent_to(sitting.deputy.email)
    assert "Vous siégez comme suppléant" in mail and WHY not in mail
    assert any("a fait siéger" in letter for letter in sent_to(sitting.titular.email))


@pytest.mark.parametrize("zone", ["Indian/Reunion", "Pacific/Noumea", "America/Cayenne"])
def test_the_day_from_which_a_deputy_sits_is_that_of_the_academy_and_is_said_to_come(
    sitting: Sitting, world: World, client_for: Clients, zone: str
) -> None:
    Academy.objects(pk=world.academy.id).update(set__timezone=zone)
    day = world.clock().date() + timedelta(days=3)
    sitting.seat(sitting.colleague, since=day.isoformat())
    then = f"à partir du {day_in_words(day)}".replace("\u00a0", " ")
    (line,) = sentences([AccountChange.objects.get(what="deputy_seated")])
    assert then in line.replace("\u00a0", " ")
    deliver(world.clock)  # type: ignore[arg-type]
    (theirs,) = sent_to(sitting.deputy.email)
    assert "Vous siégerez comme suppléant" in theirs and then in theirs
    page = shown(client_for(world.administrator), f"/jury/{sitting.jury.id}/membres")
    assert f"siégera à la place de {sitting.titular.name}" in page
    assert f"Sera remplacé(e) par {sitting.deputy.name}" in page and "depuis le" not in page


def test_the_pages_show_who_sits_and_seat_and_unseat(sitting: Sitting, world: World, client_for: Clients) -> None:
    jury, deputy = sitting.jury, client_for(sitting.deputy)
    path = f"/jury/{jury.id}/membres"
    assert deputy.get("/jury", headers=HTML).status_code == 403
    assert "Un suppléant n'entre au jury" in shown(deputy, "/")
    client = client_for(sitting.colleague)
    page = shown(client, path)
    assert sitting.deputy.name in page and "Ne siège pas : rien ne lui est ouvert." in page
    whose = {"deputy": str(sitting.deputy.id), "titular": str(sitting.titular.id)}
    page = followed(client, fill(client, path, f"deputy-{jury.id}", reason=WHY, **whose))
    assert f"siège à la place de {sitting.titular.name}" in page and WHY in page
    assert shown(deputy, f"/jury/{jury.id}")
    told = shown(client, "/droits-et-comptes")
    assert f"a fait siéger {sitting.deputy.name} à la place de {sitting.titular.name}" in told
    assert "suppléant au jury" in told and WHY not in told
    administrator = client_for(world.administrator)
    assert f"siège à la place de {sitting.titular.name}" in shown(administrator, path)
    page = followed(administrator, fill(administrator, path, f"return-{sitting.deputy.id}"))
    assert "Ne siège pas" in page and "Fin enregistrée par" in page
    assert deputy.get(f"/jury/{jury.id}", headers=HTML).status_code == 403


def test_the_administrator_invites_a_deputy_and_reads_it_everywhere(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    client, path = client_for(world.administrator), f"/administration/academies/{world.academy.id}"
    names = {"family_name": "Durand", "given_names": "Paule", "email": "paule@exemple.fr"}
    page = followed(client, fill(client, path, "staff", role="jury", session=world.session, deputy="on", **names))
    invited = Person.objects.get(email=names["email"])
    assert invited.grants[0].deputy and "Jury (suppléance)" in page
    assert "Jury (suppléance)" in shown(client, f"/comptes/{invited.id}")
    assert "suppléant au jury" in shown(client, "/droits-et-comptes")
    assert "Membres et suppléants" in page


def test_the_api_lists_seats_and_unseats(sitting: Sitting, world: World, client_for: Clients) -> None:
    client, path = client_for(sitting.colleague), f"/juries/{sitting.jury.id}"
    asked = {"deputy": str(sitting.deputy.id), "titular": str(sitting.titular.id), "reason": WHY}
    seated = change(client, "POST", f"{path}/seat-deputy", the_jury(world).revision, asked)
    assert seated.status_code == 200
    listed = get(client, f"{path}/members").json
    (member,) = [member for member in listed["members"] if member["deputy"]]
    assert member["replaces"] == sitting.titular.name and listed["seatings"][0]["ended_at"] is None
    again = change(client, "POST", f"{path}/seat-deputy", seated.json["revision"], asked)
    expect_problem(again, 409, "seat_taken")
    own = change(client_for(sitting.titular), "POST", f"{path}/seat-deputy", seated.json["revision"], asked)
    expect_problem(own, 403, "deputy_sits")
    ended = change(client, "POST", f"{path}/end-seating", seated.json["revision"], {"deputy": asked["deputy"]})
    assert ended.status_code == 200
    assert get(client_for(sitting.deputy), f"{path}/members").status_code == 404


def test_a_suspended_deputy_is_not_seated(sitting: Sitting, world: World) -> None:
    suspensions.suspend(
        world.actor(world.administrator), Person.objects.get(pk=sitting.deputy.id), "Prêt", world.clock()
    )
    with pytest.raises(Invalid):
        sitting.seat(sitting.colleague)
    assert actor_at(sitting.deputy, world.clock).has("jury") is False  # type: ignore[arg-type]


def test_a_titular_who_is_replaced_confirms_no_right_and_may_still_refuse_one(
    sitting: Sitting, world: World, clock: Clock
) -> None:
    give(world)
    sitting.seat(sitting.colleague)
    able = {person.id for person in who_may_confirm(waiting(), world.clock())}
    assert able == {sitting.deputy.id, sitting.colleague.id}
    with pytest.raises(DeputySits):
        account_changes.confirm(actor_at(sitting.titular, clock), waiting(), world.clock())
    assert waiting().state == "waiting"
    (line,) = lines_of(actor_at(sitting.titular, clock), [waiting()], world.clock())
    assert (line.may_confirm, line.may_refuse) == (False, True)
    account_changes.refuse(actor_at(sitting.titular, clock), waiting(), world.clock())


def test_a_titular_who_is_replaced_while_they_confirm_confirms_nothing(
    sitting: Sitting, world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(world)
    in_between(monkeypatch, account_changes, lambda: sitting.seat(sitting.colleague))
    with pytest.raises(MovedMeanwhile):
        account_changes.confirm(actor_at(sitting.titular, clock), waiting(), world.clock())
    assert waiting().state == "waiting"


def test_a_titular_confirms_again_once_they_are_back(sitting: Sitting, world: World, clock: Clock) -> None:
    given = give(world)
    sitting.seat(sitting.colleague)
    sitting.end(sitting.titular)
    account_changes.confirm(actor_at(sitting.titular, clock), waiting(), world.clock())
    assert Person.objects.get(pk=given.id).grants[0].counts(world.clock())
