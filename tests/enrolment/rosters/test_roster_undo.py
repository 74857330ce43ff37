"""An import undone: everything it wrote leaves, unless something was done with it since."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Grant, Invitation, Person, Portfolio, RosterImport
from portfolio.enrolment import enrol, placements
from portfolio.enrolment.rosters import roster_undo
from portfolio.errors import Invalid, NotFound, Refusal, Stale
from portfolio.evidence import deposit
from portfolio.identity import invitations
from portfolio.store.connections import Connections
from portfolio.store.journal import MovedMeanwhile
from tests.enrolment.rosters.test_roster_import import LEFEVRE, NGUYEN, confirmed, shown
from tests.support.concurrency import in_between
from tests.support.worlds.commissions import at_once
from tests.support.worlds.world import World

WRONG_FILE = "Ce n'était pas la bonne classe"


def undone(world: World, roster: RosterImport, reason: str = WRONG_FILE) -> RosterImport:
    fresh = RosterImport.objects.get(pk=roster.id)
    return roster_undo.undo(world.actor(world.office), fresh, reason, world.clock())


def test_nothing_is_left_of_an_import_and_the_right_file_follows(world: World, store: Connections) -> None:
    roster = confirmed(world, shown(world, LEFEVRE, NGUYEN))
    undone(world, roster)
    assert (Candidacy.objects.count(), Portfolio.objects.count()) == (0, 0)
    assert Person.objects(email__in=["zoe@exemple.fr", "marc@exemple.fr"]).count() == 0
    assert Invitation.objects(used_at=None).count() == 0
    event = store.database.events.find_one({"name": "roster_undone"})
    assert event is not None and event["data"]["candidacies"] == [str(one) for one in roster.enrolled]
    corrected = ("Lefebvre", *LEFEVRE[1:])
    confirmed(world, shown(world, corrected, NGUYEN))
    assert sorted(Candidacy.objects.scalar("birth_name")) == ["Lefebvre", "Nguyen"]


def test_who_was_known_before_or_came_in_only_loses_the_grant(world: World) -> None:
    confirmed(world, shown(world, LEFEVRE, NGUYEN))
    roster = RosterImport.objects.get()
    Person.objects(email="zoe@exemple.fr").update(set__state="active", set__password="…")
    teaches = Grant(role="teacher", school=world.school.id, granted_by="system", granted_at=world.clock())
    Person.objects(email="marc@exemple.fr").update(push__grants=teaches)
    undone(world, roster)
    left = {one.email: [grant.role for grant in one.grants if not grant.revoked_at] for one in Person.objects}
    assert left["zoe@exemple.fr"] == [] and left["marc@exemple.fr"] == ["teacher"]


def _follows(world: World, candidacy: Candidacy) -> None:
    enrol.set_followers(world.actor(world.office), candidacy, [world.follower.id], world.clock())


def _deposits(world: World, candidacy: Candidacy) -> None:
    by = world.actor(Person.objects.get(pk=candidacy.person))
    values = {"title": "Relance", "context": "classe", "mission": "Relancer"}
    deposit.add_activity(by, Portfolio.objects.get(pk=candidacy.id), values, world.clock())


def _places(world: World, candidacy: Candidacy) -> None:
    world.new_placement(candidacy)


def _comes_in(world: World, candidacy: Candidacy) -> None:
    token = invitations.invitation_token(Invitation.objects.get(person=candidacy.person))
    invitations.accept_invitation(token, "Une phrase de sept mots bien longue", world.clock())


@pytest.mark.parametrize("use", [_follows, _deposits, _places, _comes_in])
def test_an_import_used_between_the_reading_and_the_writing_stays(
    world: World, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = confirmed(world, shown(world, LEFEVRE, NGUYEN))
    in_between(monkeypatch, roster_undo, lambda: use(world, Candidacy.objects.get(birth_name="Lefèvre")))
    portfolios = Portfolio.objects.count()
    with pytest.raises((MovedMeanwhile, Stale)):
        undone(world, roster)
    assert (Candidacy.objects.count(), Portfolio.objects.count()) == (2, portfolios)
    assert Person.objects(pk__in=Candidacy.objects.scalar("person")).count() == 2
    assert RosterImport.objects.get(pk=roster.id).state == "confirmed"


@pytest.mark.parametrize("use", [_follows, _deposits, _places])
def test_an_import_in_use_stays(world: World, use: Any) -> None:
    roster = confirmed(world, shown(world, LEFEVRE, NGUYEN))
    use(world, Candidacy.objects.get(birth_name="Lefèvre"))
    with pytest.raises(roster_undo.CandidaciesInUse) as refused:
        undone(world, roster)
    assert "02012345678" in refused.value.message and "02012345679" not in refused.value.message
    assert Candidacy.objects.count() == 2


def test_it_says_why_once_and_only_to_its_own_office(world: World) -> None:
    roster = shown(world, LEFEVRE)
    with pytest.raises(roster_undo.NotConfirmed):
        undone(world, roster)
    roster = confirmed(world, roster)
    with pytest.raises(Invalid):
        undone(world, roster, "  ")
    stranger = world.new_office(world.new_school("0691644M"))
    with pytest.raises(NotFound):
        roster_undo.undo(world.actor(stranger), roster, WRONG_FILE, world.clock())
    undone(world, roster)
    with pytest.raises(roster_undo.NotConfirmed):
        undone(world, roster)


def test_a_placement_added_at_the_same_moment_is_never_orphaned(world: World) -> None:
    roster = confirmed(world, shown(world, LEFEVRE))
    candidacy, office, company = Candidacy.objects.get(), world.actor(world.office), world.company
    values = {"company": company.id, "kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-07-03", "days": 35}
    values |= {"tutor": {"email": "tuteur@exemple.fr", "family_name": "Martin", "given_names": "Dominique"}}
    fresh = RosterImport.objects.get(pk=roster.id)
    outcomes = at_once(
        [
            lambda: roster_undo.undo(office, fresh, WRONG_FILE, world.clock()),
            lambda: placements.add_placement(office, candidacy, values, world.clock()),
        ]
    )
    assert sum(isinstance(one, Refusal) for one in outcomes) == 1
    assert Candidacy.objects.count() == (1 if isinstance(outcomes[0], Refusal) else 0)
