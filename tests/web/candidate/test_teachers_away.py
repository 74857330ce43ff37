"""What a candidate reads whose teacher cannot answer, or is replaced."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from portfolio.boards.office_board import office_board
from portfolio.documents import Candidacy, Person, School
from portfolio.enrolment import enrol
from portfolio.enrolment.moves import replacements, suspensions
from tests.conftest import Clock
from tests.support.filling import shown
from tests.support.worlds.world import World


def test_a_candidate_whose_only_teacher_is_suspended_reads_whom_to_ask(world: World, client: FlaskClient) -> None:
    world.new_piece()
    follower = Person.objects.get(pk=world.follower.id)
    suspensions.suspend(world.actor(world.administrator), follower, "Compte détourné", world.clock())
    for path in (f"/portfolio/{world.portfolio.id}/activites", f"/portfolio/activite/{world.activity.id}"):
        told = shown(client, path)
        assert "Votre professeur ne peut pas répondre en ce moment : demandez à votre établissement" in told
        assert "Aucun professeur" not in told
    board = office_board(world.actor(world.office), world.school, world.clock())
    assert [one.detail for one in board.owed if one.what == "follower"] == ["compte suspendu : Camille Professeur"]


def replaced(world: World, clock: Clock, days: int) -> None:
    """The follower, by the second teacher, from today on."""
    today = clock().date()
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id, "starts_on": today.isoformat()}
    values |= {"ends_on": (today + timedelta(days=days)).isoformat()}
    school = School.objects.get(pk=world.school.id)
    replacements.replace_teacher(world.actor(world.office), school, values, clock())  # type: ignore[arg-type]


def test_nobody_is_sent_to_a_substitute_who_follows_them_no_more_or_cannot_come_in(
    world: World, client: FlaskClient, clock: Clock
) -> None:
    world.new_piece()
    replaced(world, clock, days=30)
    home = f"/portfolio/{world.portfolio.id}"
    assert "remplace" in shown(client, home)
    Person.objects(pk=world.second_teacher.id).update(set__state="suspended")
    assert "remplace" not in shown(client, home)
    Person.objects(pk=world.second_teacher.id).update(set__state="active")
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, [world.follower.id], clock())
    assert "remplace" not in shown(client, home)


def test_a_candidate_reads_who_replaces_whom_from_when_to_when(world: World, client: FlaskClient, clock: Clock) -> None:
    world.new_piece()
    home = f"/portfolio/{world.portfolio.id}"
    assert "remplace" not in shown(client, home)
    Person.objects(pk=world.second_teacher.id).update(set__given_names="Sacha")
    replaced(world, clock, days=30)
    told = "Sacha Professeur remplace Camille Professeur, du 12 janvier 2027 au 11 février 2027"
    for path in (home, f"{home}/activites"):
        assert told in shown(client, path)
    office, school = world.actor(world.office), world.school
    ended = {"replacement": School.objects.get(pk=world.school.id).replacements[-1].id, "ends_on": None}
    replacements.end_replacement(office, School.objects.get(pk=school.id), ended, clock())  # type: ignore[arg-type]
    assert "remplace" not in shown(client, home)
