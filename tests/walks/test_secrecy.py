"""The proposal is a secret from the candidate (arrêté, annexe II D, E5): three worlds that they cannot tell apart.

World B is world A with other degrees, another appreciation, another mark, and no suspicion of fraud; world C has no
commission at all. Clock, identifiers and nonces are injected. The candidate asks everything there is to ask, and must
hear the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portfolio.commission import grids, office_outcomes
from portfolio.documents import Grid, Jury, OfficeOutcome, Result, Sheet
from portfolio.ids import repeatable
from portfolio.jury import jury, outcome_corrections, outcomes, releases, reserves
from portfolio.store.connections import Connections
from portfolio.submission import submit
from tests.conftest import Clock, empty
from tests.support.worlds import commissions
from tests.support.worlds.world import World
from tests.walks.probe import Answer, Known, Probe, differences
from tests.walks.shown import Form

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
        jury.set_final_mark(member, sheet, final, f"Harmonisation : {appreciation}", world.clock())
        jury.publish(member, Jury.objects.get(), None, world.clock())

    return build


def _suspected(build: Build) -> Build:
    """The same world; fraud is suspected, and written down, which the other worlds do not have."""

    def build_and_reserve(world: World) -> None:
        build(world)
        said = {"reason": "Dossier recopié d'un autre candidat", "reference": "Procès-verbal 12"}
        reserves.place(world.actor(world.follower), world.candidacy, said, world.clock())

    return build_and_reserve


WORLD_A = _suspected(_appraised("14,5", "S", "Un portfolio solide et bien commenté."))
WORLD_B = _appraised("6", "TI", "Trop de lacunes.")


def _reopened(world: World) -> None:
    _submitted(world)
    submit.reopen(world.actor(world.follower), world.portfolio, "Une pièce à compléter", world.clock())


def _reopened_then_convened(world: World) -> None:
    """A member has begun to score what was handed in earlier."""
    _reopened(world)
    grid = commissions.grid_of(commissions.convened(world), world.tutor)
    commissions.fill(world, world.tutor, grid, {"C1": "S"}, C1="Observation du membre, détaillée.")


def _recorded_without_appraisal(world: World) -> None:
    """The office recorded a kept mark instead of a commission, and the jury decided on it."""
    _submitted(world)
    kept = {"outcome": "mark_kept", "kept_mark": "14", "kept_session": "2025", "reference": "Relevé de notes"}
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, kept, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())


def _taken_back(world: World) -> None:
    """An absence that was published, which the jury took back."""
    _submitted(world)
    office, member = world.actor(world.office), world.actor(world.jury_member)
    absent = office_outcomes.record_outcome(office, world.candidacy, {"outcome": "absent"}, world.clock())
    outcomes.decide_outcome(member, world.jury, absent, None, None, world.clock())
    jury.publish(member, Jury.objects.get(), None, world.clock())
    outcome_corrections.take_back(member, OfficeOutcome.objects.get(), "Le candidat est venu", world.clock())


def _taken_back_then_decided_anew(world: World) -> None:
    _taken_back(world)
    kept = {"outcome": "mark_kept", "kept_mark": "14", "kept_session": "2025", "reference": "Relevé de notes"}
    outcome = office_outcomes.record_outcome(world.actor(world.office), world.candidacy, kept, world.clock())
    outcomes.decide_outcome(world.actor(world.jury_member), world.jury, outcome, None, None, world.clock())


@pytest.fixture
def hear(app: Flask, store: Connections, clock: Clock) -> Callable[..., Any]:
    """Builds a world from nothing, always with the same identifiers and hours, and asks everything as its candidate.

    Gives the answers and what the candidate may know: to be told of it again in the other worlds.
    """

    def build_and_ask(build: Build, known: Known | None = None, *, looking: bool = False) -> Any:
        empty(store)
        clock.reset()
        with repeatable("one world"):
            world = World(clock)
            assert world.jury
            build(world)
        known = known or Known(_ids(world), _revisions(store))
        known.forms = known.forms or ([] if looking else _shown_to_others(app, world, known))
        probe = Probe(app, world.candidate, known, clock)
        return (probe.look() if looking else probe.ask_everything()), known

    return build_and_ask


def _revisions(store: Connections) -> dict[str, int]:
    rows = (row for name in store.database.list_collection_names() for row in store.database[name].find())
    return {str(row["_id"]): row["revision"] for row in rows if "revision" in row}


def _shown_to_others(app: Flask, world: World, known: Known) -> list[Form]:
    """The forms of everybody who works on this candidacy: the candidate will send them too."""
    ids = {name: [one for one in values if one not in OURS] for name, values in known.ids.items()}
    forms: dict[str, Form] = {}
    for person in (
        world.follower,
        world.tutor,
        world.office,
        world.jury_member,
        world.inspector,
        world.support,
        world.exam_service,
        world.administrator,
    ):
        probe = Probe(app, person, Known(ids), world.clock)
        probe.look_at_pages()
        forms |= probe.forms
    return list(forms.values())


def _ids(world: World) -> dict[str, list[str]]:
    """For each path parameter: what is the candidate's own, what is the commission's, what does not exist."""
    sheet = Sheet.objects.first()
    result = Result.objects.first()
    evidence = store_ids("evidence")
    by_parameter = {
        "portfolio_id": [str(world.candidacy.id)],
        "candidacy_id": [str(world.candidacy.id)],
        "account_change_id": store_ids("account_changes"),
        "activity_id": store_ids("activities"),
        "evidence_id": evidence[:1],
        "file_id": store_ids("files"),
        "placement_id": store_ids("placements"),
        "proposed_id": store_ids("proposed_placements"),
        "attestation_id": store_ids("attestations")[:1],
        "evaluation_id": [],
        "submission_id": store_ids("submissions"),
        "commission_id": store_ids("commissions"),
        "grid_id": [str(grid.id) for grid in Grid.objects],
        "sheet_id": [str(sheet.id)] if sheet else [],
        "result_id": [str(result.id)] if result else [],
        "outcome_id": store_ids("office_outcomes"),
        "reserve_id": store_ids("reserves"),
        "circular_id": [],
        "jury_id": store_ids("juries"),
        "school_id": [str(world.school.id)],
        "academy_id": [str(world.academy.id)],
        "person_id": [str(world.candidate.id), str(world.follower.id)],
        "sign_in_id": [],
        "scan_id": [],
        "certificate_id": store_ids("certificate_files"),
        "transfer_id": store_ids("transfers"),
        "list_id": store_ids("list_imports"),
        "feedback_id": [],
        "roster_id": [],
        "slip_id": [],
    }
    known = {name: [*values, *OURS] for name, values in by_parameter.items()}
    numbers = {"number": ["1"], "page_number": ["1"]}
    return known | numbers | {"digest": ["0" * 64], "token": ["inconnue"], "filename": ["site.css"]}


def store_ids(collection: str) -> list[str]:
    rows = Grid._get_collection().database[collection].find({}, {"_id": 1}).sort("_id", 1)
    return [str(row["_id"]) for row in rows]


@pytest.mark.long
def test_before_publication_the_candidate_hears_the_same_whatever_the_commission_does(hear: Any) -> None:
    in_a, known = hear(WORLD_A)
    in_b, _ = hear(WORLD_B, known)
    in_c, _ = hear(_submitted, known)
    assert len(in_a) > 200
    statuses = {status for _, status, *_ in in_a}
    assert statuses >= {200, 201, 403, 404, 409, 412, 422}
    assert 500 not in statuses
    assert not differences(in_a, in_b)
    assert not differences(in_a, in_c)


@pytest.mark.long
def test_a_portfolio_still_open_says_nothing_of_the_commission_that_is_convened(hear: Any) -> None:
    """The commission is at work on an earlier hand-in, and every act of the candidate's is possible again."""
    in_e, known = hear(_reopened_then_convened)
    in_f, _ = hear(_reopened, known)
    assert {status for _, status, *_ in in_e} >= {200, 201, 303, 403, 404, 409, 412, 422}
    assert not differences(in_e, in_f)


@pytest.mark.long
def test_an_outcome_recorded_by_the_office_is_not_heard_before_publication(hear: Any) -> None:
    recorded, known = hear(_recorded_without_appraisal)
    nothing, _ = hear(_submitted, known)
    assert not differences(recorded, nothing)


@pytest.mark.long
def test_a_result_taken_back_is_told_and_nothing_of_what_follows_before_another_publication(hear: Any) -> None:
    anew, known = hear(_taken_back_then_decided_anew, looking=True)
    back, _ = hear(_taken_back, known, looking=True)
    never, _ = hear(_submitted, known, looking=True)
    assert differences(back, never), "that it was taken back is told"
    assert not differences(anew, back)


def test_after_publication_the_final_mark_alone_is_told(hear: Any) -> None:
    in_a, known = hear(_published("14,5", "S", "Un portfolio solide.", "15"))
    in_b, _ = hear(_published("6", "TI", "Trop de lacunes.", "11"), known)
    told = differences(in_a, in_b)
    assert told, "the final mark is told"
    hidden = [_without_final_mark(answer, "15") for answer in in_a]
    assert not differences(hidden, [_without_final_mark(answer, "11") for answer in in_b])
    assert not any(b"14.50" in answer[3] or b"14,5" in answer[3] for answer in in_a)


@pytest.mark.long
def test_a_released_sheet_tells_nothing_of_the_proposal(hear: Any) -> None:
    """The candidate has the whole sheet before them, in every form it has, of two worlds that differ by the mark."""
    in_a, known = hear(_released("14,5"), looking=True)
    in_b, _ = hear(_released("6"), known, looking=True)
    assert any(b"communiqu" in answer[3] for answer in in_a)
    assert not differences(in_a, in_b)


def _released(mark: str) -> Build:
    def build(world: World) -> None:
        _published(mark, "S", f"Nous proposons {mark} sur 20.", "11")(world)
        releases.release_sheet(world.actor(world.jury_member), Sheet.objects.get(), "Courrier", world.clock())

    return build


def _without_final_mark(answer: Answer, mark: str) -> Answer:
    """But for the mark itself, in the results of the API and on the page of one's result."""
    asked, status, headers, body = answer
    for told in (f'"final_mark":"{mark}.00"', f'<strong class="mark">{mark} / 20</strong>'):
        body = body.replace(told.encode(), b"")
    return asked, status, headers, body


def test_the_probe_notices_a_difference(hear: Any) -> None:
    """Two worlds that a candidate may tell apart do differ: the comparison is able to fail."""
    in_a, known = hear(WORLD_A, looking=True)
    in_open, _ = hear(lambda world: world.new_piece(), known, looking=True)
    assert differences(in_a, in_open)
