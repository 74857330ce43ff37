"""Whoever may not know of adaptations is told of no lateness: a deadline that moved is neither seen nor called late."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, Submission
from portfolio.enrolment import enrol
from portfolio.enrolment.deadline import deadline_of
from portfolio.rules.terms import SignOffSeat
from portfolio.sign_offs.answering.content import content_for
from portfolio.submission import submit
from portfolio.submission.acknowledgement import acknowledgement
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


@pytest.fixture
def usual(world: World) -> datetime:
    """The deadline of everybody, which has passed; the candidate's, notified, has not, and their piece just came."""
    everybodys = deadline_of(world.candidacy)
    said = {"effect": "Délai", "decision_reference": "MDPH-2027-12", "deadline": everybodys + timedelta(days=9)}
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), said, world.clock())
    world.clock.now = everybodys + timedelta(days=1)  # type: ignore[attr-defined]
    return everybodys


def test_who_may_not_know_reads_no_lateness(world: World, usual: datetime, client_for: Clients) -> None:
    piece, colleague = world.new_piece(), world.new_teacher(world.school)
    address, listed = f"/evidence/{piece.id}", f"/portfolios/{world.candidacy.id}/late-pieces"
    for person in (world.candidate, world.follower):
        assert get(client_for(person), address).json["late_since"] is None
        assert get(client_for(person), listed).json["items"] == []
    assert get(client_for(colleague), address).json["late_since"] is None
    assert get(client_for(colleague), listed).json["items"] == []


def test_a_piece_that_is_late_reads_as_one_that_an_adaptation_keeps_in_time_to_who_may_not_know(
    world: World, client_for: Clients
) -> None:
    world.clock.now = deadline_of(world.candidacy) + timedelta(days=1)  # type: ignore[attr-defined]
    piece, colleague = world.new_piece(), world.new_teacher(world.school)
    assert get(client_for(world.follower), f"/evidence/{piece.id}").json["late_since"] is not None
    assert get(client_for(colleague), f"/evidence/{piece.id}").json["late_since"] is None
    seen = content_for(world.actor(world.tutor), world.activity, SignOffSeat.TUTOR)
    assert [shown.late_since for shown in seen.pieces] == [None]


def test_a_tutor_reads_no_lateness_and_who_follows_reads_it_as_it_is(world: World, usual: datetime) -> None:
    world.new_piece()

    def late(person: object, seat: SignOffSeat) -> list[bool]:
        seen = content_for(world.actor(person), world.activity, seat)  # type: ignore[arg-type]
        return [piece.late_since is not None for piece in seen.pieces]

    assert late(world.tutor, SignOffSeat.TUTOR) == [False]
    assert late(world.follower, SignOffSeat.TEACHER) == [False]
    assert late(world.follower, SignOffSeat.TUTOR) == [False], "as the paper for the tutor has it"


def test_the_moves_of_a_deadline_are_read_by_those_who_may_know(
    world: World, usual: datetime, client_for: Clients
) -> None:
    address, colleague = f"/candidacies/{world.candidacy.id}", world.new_teacher(world.school)
    seated = {"second": world.second_teacher.id, "tutor_absence": "En congé"}
    convened(world, Candidacy.objects.get(pk=world.candidacy.id), **seated)
    for person in (world.candidate, world.office, world.follower, world.second_teacher):
        assert len(get(client_for(person), address).json["deadline_moves"]) == 1
    assert get(client_for(colleague), address).json["deadline_moves"] is None


def handed_in(world: World, *, late: bool) -> Submission:
    """A submission of after the deadline of everybody: kept in time by an adaptation, or late, by the office."""
    if late:
        world.clock.now = deadline_of(world.candidacy) + timedelta(days=1)  # type: ignore[attr-defined]
    piece = world.new_piece()
    if late:
        world.new_piece()
        by = world.actor(world.office)
        submit.submit_late(by, world.portfolio, "Hospitalisation", world.clock(), frozenset({piece.id}))
    else:
        submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    return Submission.objects.get(candidacy=world.candidacy.id)


def told(submission: Submission, reader: FlaskClient) -> dict[str, object]:
    """What a submission tells of lateness, in a list and alone."""
    alone = get(reader, f"/submissions/{submission.id}").json
    (listed,) = get(reader, "/submissions", candidacy=str(submission.candidacy)).json["items"]
    assert {name: listed[name] for name in listed} == {name: alone[name] for name in listed}
    return {
        "content": sorted(alone["content"]),
        "reason": alone["late_reason"],
        "digest": alone["digest"] is not None,
    }


def test_a_submission_tells_no_lateness_to_who_may_not_know_and_no_adaptation(
    world: World, usual: datetime, client_for: Clients
) -> None:
    in_time, colleague = handed_in(world, late=False), world.new_teacher(world.school)
    seen = told(in_time, client_for(colleague))
    assert (seen["reason"], seen["digest"]) == (None, False)
    assert told(in_time, client_for(world.follower))["digest"] is True
    paper = acknowledgement(world.actor(colleague), in_time).content
    assert (paper["digest"], paper["late_reason"], paper["left_aside"]) == (None, None, [])


def test_a_late_submission_reads_as_one_that_an_adaptation_keeps_in_time(world: World, client_for: Clients) -> None:
    late, colleague = handed_in(world, late=True), world.new_teacher(world.school)
    seen = told(late, client_for(colleague))
    assert (seen["reason"], seen["digest"]) == (None, False)
    assert seen["content"] == sorted(set(json.loads(late.content)) - {"late", "left_aside"})
    whole = told(late, client_for(world.follower))
    assert (whole["reason"], whole["digest"]) == ("Hospitalisation", True)
    assert {"late", "left_aside"} <= set(whole["content"])  # type: ignore[call-overload]
    paper = acknowledgement(world.actor(colleague), late).content
    assert (paper["digest"], paper["late_reason"], paper["left_aside"]) == (None, None, [])
    assert [piece["late_since"] for piece in paper["pieces"]] == [None]
