"""The proposal is a secret from the candidate (arrêté, annexe II D, E5): three worlds that they cannot tell apart.

World B is world A with other degrees, another appreciation, another mark; world C has no commission at all. Clock,
identifiers and nonces are injected. The candidate asks everything there is to ask, and must hear the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portfolio import grids, jury
from portfolio.connections import Connections
from portfolio.documents import Grid, Jury, Result, Sheet
from portfolio.entropy import repeatable
from tests import commissions
from tests.conftest import Clock, empty
from tests.journeys.probe import Answer, answers, differences
from tests.world import World

Build = Callable[[World], None]
OURS = ("0" * 24,)


def _submitted(world: World) -> None:
    piece = world.new_piece()
    world.upload(piece)
    world.new_piece(title="Autre élément", nature="autre", type_code="OTH1", details={})
    world.sign_off()
    world.submit()


def _appraised(mark: str, degree: str, appreciation: str) -> Build:
    def build(world: World) -> None:
        _submitted(world)
        commission = commissions.convened(world)
        for person in (world.follower, world.tutor):
            seen = dict.fromkeys(commissions.ROWS, "Observation du membre, détaillée.")
            grid = commissions.grid_of(commission, person)
            grid = commissions.fill(world, person, grid, dict.fromkeys(commissions.ROWS, degree), **seen)
            grids.seal(world.actor(person), grid, world.clock())
        said = {"appreciation": appreciation, "proposed_mark": mark}
        commissions.appraise(world, world.follower, commission, **said)
        commissions.transmitted(world, commissions.signed(world, commissions.drafted(world, commission)))

    return build


def _published(mark: str, degree: str, appreciation: str, final: str) -> Build:
    def build(world: World) -> None:
        _appraised(mark, degree, appreciation)(world)
        member = world.actor(world.jury_member)
        sheet = Sheet.objects.get(live=True)
        jury.set_final_mark(member, sheet, final, "Harmonisation entre établissements", world.clock())
        jury.publish(member, Jury.objects.get(), None, world.clock())

    return build


WORLD_A = _appraised("14,5", "S", "Un portfolio solide et bien commenté.")
WORLD_B = _appraised("6", "TI", "Trop de lacunes.")


@pytest.fixture
def hear(app: Flask, store: Connections, clock: Clock) -> Callable[..., list[Answer]]:
    """Builds a world from nothing, always with the same identifiers and hours, and asks everything as its candidate."""

    def build_and_ask(build: Build, ids: dict[str, list[str]] | None = None, only: str | None = None) -> Any:
        empty(store)
        clock.reset()
        with repeatable("one world"):
            world = World(clock)
            assert world.jury
            build(world)
        known = ids or _ids(world)
        return answers(app, world.candidate, known, clock, only), known

    return build_and_ask


def _ids(world: World) -> dict[str, list[str]]:
    """For each path parameter: what is the candidate's own, what is the commission's, what does not exist."""
    sheet = Sheet.objects.first()
    result = Result.objects.first()
    evidence = store_ids("evidence")
    by_parameter = {
        "portfolio_id": [str(world.candidacy.id)],
        "candidacy_id": [str(world.candidacy.id)],
        "activity_id": store_ids("activities"),
        "evidence_id": evidence[:1],
        "file_id": store_ids("files"),
        "placement_id": store_ids("placements"),
        "attestation_id": store_ids("attestations")[:1],
        "evaluation_id": [],
        "submission_id": store_ids("submissions"),
        "commission_id": store_ids("commissions"),
        "grid_id": [str(grid.id) for grid in Grid.objects],
        "sheet_id": [str(sheet.id)] if sheet else [],
        "result_id": [str(result.id)] if result else [],
        "jury_id": store_ids("juries"),
        "school_id": [str(world.school.id)],
        "academy_id": [str(world.academy.id)],
        "person_id": [str(world.candidate.id), str(world.follower.id)],
        "sign_in_id": [],
        "scan_id": [],
        "feedback_id": [],
        "roster_id": [],
    }
    known = {name: [*values, *OURS] for name, values in by_parameter.items()}
    return known | {"digest": ["0" * 64], "number": ["1"], "token": ["inconnue"], "filename": ["site.css"]}


def store_ids(collection: str) -> list[str]:
    rows = Grid._get_collection().database[collection].find({}, {"_id": 1}).sort("_id", 1)
    return [str(row["_id"]) for row in rows]


def test_before_publication_the_candidate_hears_the_same_whatever_the_commission_does(hear: Any) -> None:
    in_a, ids = hear(WORLD_A)
    in_b, _ = hear(WORLD_B, ids)
    in_c, _ = hear(_submitted, ids)
    assert len(in_a) > 200
    statuses = {status for _, status, *_ in in_a}
    assert statuses >= {200, 201, 403, 404, 409, 412, 422}
    assert 500 not in statuses
    assert not differences(in_a, in_b)
    assert not differences(in_a, in_c)


def test_after_publication_the_final_mark_alone_is_told(hear: Any) -> None:
    in_a, ids = hear(_published("14,5", "S", "Un portfolio solide.", "15"))
    in_b, _ = hear(_published("6", "TI", "Trop de lacunes.", "11"), ids)
    told = differences(in_a, in_b)
    assert told, "the final mark is told"
    hidden = [_without_final_mark(answer, b"15.00") for answer in in_a]
    assert not differences(hidden, [_without_final_mark(answer, b"11.00") for answer in in_b])
    assert not any(b"14.50" in answer[3] for answer in in_a)


def _without_final_mark(answer: Answer, mark: bytes) -> Answer:
    asked, status, headers, body = answer
    return asked, status, headers, body.replace(b'"final_mark":"' + mark + b'"', b"")


def test_the_probe_notices_a_difference(hear: Any) -> None:
    """Two worlds that a candidate may tell apart do differ: the comparison is able to fail."""
    in_a, ids = hear(WORLD_A, only="GET")
    in_open, _ = hear(lambda world: world.new_piece(), ids, only="GET")
    assert differences(in_a, in_open)
