"""What a candidate reads whose teacher cannot answer, or is replaced."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient

from portfolio.boards.office_board import office_board
from portfolio.documents import Person, School
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


def test_a_candidate_reads_who_replaces_whom_from_when_to_when(world: World, client: FlaskClient, clock: Clock) -> None:
    world.new_piece()
    home = f"/portfolio/{world.portfolio.id}"
    assert "remplace" not in shown(client, home)
    Person.objects(pk=world.second_teacher.id).update(set__given_names="Sacha")
    today = clock().date()
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id, "starts_on": today.isoformat()}
    values |= {"ends_on": (today + timedelta(days=30)).isoformat()}
    office, school = world.actor(world.office), School.objects.get(pk=world.school.id)
    replacements.replace_teacher(office, school, values, clock())  # type: ignore[arg-type]
    told = "Sacha Professeur remplace Camille Professeur, du 12 janvier 2027 au 11 février 2027"
    for path in (home, f"{home}/activites"):
        assert told in shown(client, path)
    ended = {"replacement": School.objects.get(pk=world.school.id).replacements[-1].id, "ends_on": None}
    replacements.end_replacement(office, School.objects.get(pk=school.id), ended, clock())  # type: ignore[arg-type]
    assert "remplace" not in shown(client, home)
