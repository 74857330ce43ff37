"""What was deposited after the deadline: marked, listed to the office, and left aside only if the office says so."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from portfolio.audit.verify_chains import verify
from portfolio.documents import Evidence, Submission
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.evidence import upload_ending
from portfolio.submission import submit
from portfolio.submission.acknowledgement import acknowledgement, pdf
from portfolio.submission.lateness import late_pieces
from tests.conftest import Clock
from tests.submission.test_deadline import DEADLINE, INSTANT
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds.commissions import convened
from tests.support.worlds.signing import ask
from tests.support.worlds.world import World

REASON = "Hospitalisation, décision du chef d'établissement"
MARK = "déposée après la date limite"


@pytest.fixture
def pieces(world: World, clock: Clock) -> tuple[Evidence, Evidence]:
    """One in time, then one late; it is the next day."""
    early = world.new_piece(title="À temps")
    clock.now = DEADLINE + timedelta(hours=1)
    late = world.new_piece(title="Tardive")
    clock.now = DEADLINE + timedelta(days=1)
    return early, late


def test_late_pieces_are_listed_without_their_title(world: World, pieces: tuple[Evidence, Evidence]) -> None:
    listed = late_pieces(world.actor(world.office), world.portfolio, DEADLINE)
    assert [(piece.id, piece.rank, piece.since) for piece in listed] == [
        (pieces[1].id, 2, DEADLINE + timedelta(hours=1))
    ]
    with pytest.raises((Forbidden, NotFound)):
        late_pieces(world.actor(world.jury_member), world.portfolio, DEADLINE)


def test_a_file_added_late_makes_its_piece_late(world: World, clock: Clock) -> None:
    piece = world.new_piece()
    clock.now = DEADLINE + timedelta(milliseconds=1)
    upload_ending.finish(world.actor(world.candidate), world.send(piece), clock())
    assert [one.since for one in late_pieces(world.actor(world.office), world.portfolio, DEADLINE)] == [clock.now]


def test_all_is_handed_in_by_default_with_its_mark(world: World, pieces: tuple[Evidence, Evidence]) -> None:
    submit.submit_late(world.actor(world.office), world.portfolio, REASON, world.clock())
    content = json.loads(Submission.objects.get().content)
    assert [piece["id"] for piece in content["pieces"]] == [str(piece.id) for piece in pieces]
    assert content["late"] == {str(pieces[1].id): (DEADLINE + timedelta(hours=1)).isoformat()}
    assert content["left_aside"] == []


def test_the_frozen_revision_keeps_what_was_left_aside(world: World, pieces: tuple[Evidence, Evidence]) -> None:
    late = pieces[1]
    submit.submit_late(world.actor(world.office), world.portfolio, REASON, world.clock(), {late.id})
    content = json.loads(Submission.objects.get().content)
    assert [piece["title"] for piece in content["pieces"]] == ["À temps"]
    assert content["left_aside"] == [
        {"id": str(late.id), "title": "Tardive", "since": (DEADLINE + timedelta(hours=1)).isoformat()}
    ]
    assert list(verify([f"portfolio:{world.candidacy.id}"])) == []


def test_a_piece_in_time_is_not_left_aside(world: World, pieces: tuple[Evidence, Evidence]) -> None:
    with pytest.raises(Invalid) as refusal:
        submit.submit_late(world.actor(world.office), world.portfolio, REASON, world.clock(), {pieces[0].id})
    assert list(refusal.value.errors) == ["left_aside"]
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("reopened", [False, True])
@pytest.mark.parametrize("after", [-INSTANT, timedelta(0), INSTANT])
def test_what_can_offers_is_not_refused_for_the_hour(
    bound: World, clock: Clock, client_for: Clients, after: timedelta, reopened: bool
) -> None:
    world = bound
    world.new_piece()
    if reopened:
        world.submit()
        submit.reopen(world.actor(world.office), world.portfolio, "À compléter", clock())
    clock.now = DEADLINE + after
    address = f"/api/v1/portfolios/{world.candidacy.id}"
    offered = {}
    for person in (world.candidate, world.office):
        offered[person.id] = set(client_for(person).get(address).json["can"])
    assert ("submit" in offered[world.candidate.id]) == (after <= timedelta(0))
    assert "submit_late" in offered[world.office.id], "before the deadline too, with a reason"
    acts = {"submit": (world.candidate, {}), "submit_late": (world.office, {"reason": REASON})}
    for action, (person, body) in acts.items():
        if action not in offered[person.id] or world.portfolio.state != "open":
            continue
        revision = {"If-Match": f'"{world.portfolio.revision}"'}
        done = client_for(person).post(f"{address}/{action.replace('_', '-')}", json=body, headers=revision)
        assert done.status_code == 200, done.json
    assert world.portfolio.state == "submitted"
    assert not {"submit", "submit_late"} & set(client_for(world.office).get(address).json["can"])


def test_the_office_leaves_a_late_piece_aside_by_api(
    world: World, pieces: tuple[Evidence, Evidence], client_for: Clients
) -> None:
    office, address = client_for(world.office), f"/api/v1/portfolios/{world.candidacy.id}"
    listed = office.get(f"{address}/late-pieces").json["items"]
    assert [(piece["id"], piece["rank"], set(piece)) for piece in listed] == [
        (str(pieces[1].id), 2, {"id", "rank", "since"})
    ]
    body = {"reason": REASON, "left_aside": [listed[0]["id"]]}
    done = office.post(f"{address}/submit-late", json=body, headers={"If-Match": f'"{world.portfolio.revision}"'})
    assert done.status_code == 200, done.json
    assert len(json.loads(Submission.objects.get().content)["left_aside"]) == 1


def test_the_office_reads_which_are_late_and_the_candidate_what_was_left_aside(
    world: World, pieces: tuple[Evidence, Evidence], client_for: Clients
) -> None:
    office, page = client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}"
    listed = shown(office, page)
    assert "Preuve n° 2, déposée le 7 mai 2027" in listed.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Tardive" not in listed
    fill(office, page, f"late-{world.candidacy.id}", reason=REASON, left_aside=str(pieces[1].id))
    receipt = shown(client_for(world.candidate), f"/portfolio/remise/{Submission.objects.get().id}")
    assert "Laissées de côté par le secrétariat" in receipt and "Tardive" in receipt and MARK in receipt
    paper = acknowledgement(world.actor(world.candidate), Submission.objects.get())
    assert paper.content["left_aside"] == [{"title": "Tardive", "since": (DEADLINE + timedelta(hours=1)).isoformat()}]
    assert pdf(paper).startswith(b"%PDF")


def test_the_mark_is_read_by_those_who_know_the_deadline_of_the_candidate(
    world: World, pieces: tuple[Evidence, Evidence], client_for: Clients
) -> None:
    late = pieces[1]
    ask(world, "teacher")
    candidate, teacher = client_for(world.candidate), client_for(world.follower)
    assert shown(candidate, f"/portfolio/{world.candidacy.id}/preuves").count(MARK) == 1
    assert MARK in shown(candidate, f"/portfolio/preuve/{late.id}")
    assert MARK not in shown(candidate, f"/portfolio/preuve/{pieces[0].id}")
    assert shown(teacher, f"/confirmations/{world.activity.id}").count(MARK) == 1
    ask(world)
    assert MARK not in shown(client_for(world.tutor), "/s")


def test_the_commission_reads_the_mark_of_a_piece_and_of_a_file(
    world: World, pieces: tuple[Evidence, Evidence], clock: Clock, client_for: Clients
) -> None:
    upload_ending.finish(world.actor(world.candidate), world.send(pieces[0]), clock())
    submit.submit_late(world.actor(world.office), world.portfolio, REASON, clock())
    commission = convened(world)
    page = shown(client_for(world.follower), f"/commissions/{commission.id}/grille")
    assert page.count("déposée après la date limite") == 2
    assert page.count("déposé après la date limite") == 1
