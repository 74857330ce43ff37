"""Slips of elimination: who is on them, what the archives say, what a hold keeps off; on paper."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from portfolio.archive import eliminate, holds, slips
from portfolio.archive.elimination_papers import (
    NotEliminatedYet,
    annex_csv,
    certificate_content,
    certificate_pdf,
    slip_pdf,
)
from portfolio.archive.retention import register
from portfolio.archive.slips import NothingReached, SlipDecided, SlipUnderWay
from portfolio.documents import Candidacy, EliminationSlip
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.policy.permissions import may
from portfolio.store.journal import MovedMeanwhile
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.worlds.eliminations import (
    LONG_AFTER,
    VISA,
    again,
    approved,
    drawn_up,
    eliminated,
    full,
    portfolio_of,
    published,
)
from tests.support.worlds.world import World


@pytest.fixture
def two(world: World, clock: Clock) -> list[Candidacy]:
    """Two candidates whose time of keeping is over, one who was never published."""
    made = [full(world), world.new_candidacy()]
    world.new_candidacy()
    published(world, clock, *made)
    return made


def states(world: World) -> dict[str, int]:
    counts = register(world.actor(world.office), world.school, "2027", world.clock()).counts
    return {state: count for state, count in counts.items() if count}


# --- who is on it ---------------------------------------------------------------------------------


def test_a_slip_holds_exactly_what_may_go(world: World, two: list[Candidacy]) -> None:
    slip = drawn_up(world)
    assert [line.candidacy for line in slip.lines] == [one.id for one in two]
    assert (slip.number, slip.state, slip.files) == ("0690026D-2027-E01", "drawn_up", 1)
    assert (slip.first_day, slip.last_day) == ("2027-01-12", "2027-01-12")
    assert slip.rule.startswith("Conservation un an au moins")
    assert slip.circular == "modèle provisoire de la circulaire 2027, version 1"
    assert states(world) == {"on_slip": 2, "not_published": 1}
    with pytest.raises(NothingReached):
        drawn_up(world)


def test_before_the_date_nothing_is_drawn_up(world: World, clock: Clock, two: list[Candidacy]) -> None:
    clock.now = LONG_AFTER.replace(year=2028, month=7, day=5)
    with pytest.raises(NothingReached):
        drawn_up(world)


def test_of_two_offices_at_once_one_draws_it_up(world: World, two: list[Candidacy]) -> None:
    office, colleague = world.actor(world.office), world.actor(world.new_office(world.school))
    acts = [lambda by=by: slips.draw_up(by, world.school, "2027", LONG_AFTER) for by in (office, colleague)]
    outcomes = together(*acts)
    made = [one for one in outcomes if isinstance(one, EliminationSlip)]
    assert len(made) == 1
    assert all(isinstance(one, (EliminationSlip, MovedMeanwhile, NothingReached)) for one in outcomes)
    assert [portfolio_of(one).slip for one in two] == [made[0].id] * 2
    assert EliminationSlip.objects.count() == 1


def test_what_is_held_is_never_on_a_slip(world: World, two: list[Candidacy]) -> None:
    by = world.actor(world.office)
    held = holds.hold(by, portfolio_of(two[0]), " Recours gracieux ", world.clock())
    assert held.standing_hold.reason == "Recours gracieux"
    assert states(world) == {"reached": 1, "held": 1, "not_published": 1}
    with pytest.raises(holds.AlreadyHeld):
        holds.hold(by, portfolio_of(two[0]), "Encore", world.clock())
    assert [line.candidacy for line in drawn_up(world).lines] == [two[1].id]
    lifted = holds.lift(by, portfolio_of(two[0]), "Recours rejeté", world.clock())
    assert (lifted.standing_hold, again(lifted).holds[0].lifted_because) == (None, "Recours rejeté")
    assert states(world)["reached"] == 1
    with pytest.raises(holds.NotHeld):
        holds.lift(by, portfolio_of(two[0]), "Encore", world.clock())
    assert drawn_up(world).number == "0690026D-2027-E02"


def test_before_publication_nothing_is_held(world: World, two: list[Candidacy]) -> None:
    """The candidate sees that their portfolio moved: nobody may tell them so because of what a commission found."""
    waiting = portfolio_of(world.new_candidacy())
    with pytest.raises(holds.NotPublishedYet):
        holds.hold(world.actor(world.office), waiting, "Fraude présumée", world.clock())


def test_a_hold_is_the_office_s(world: World, two: list[Candidacy]) -> None:
    held = portfolio_of(two[0])
    for person, refusal in ((world.follower, Forbidden), (world.candidate, Forbidden), (world.inspector, NotFound)):
        with pytest.raises(refusal):
            holds.hold(world.actor(person), held, "Recours", world.clock())


# --- what is decided ------------------------------------------------------------------------------


def test_a_visa_says_who_when_and_by_which_reference(world: World, clock: Clock, two: list[Candidacy]) -> None:
    slip = drawn_up(world)
    for given_on in ("2029-01-10", "2029-01-08", "hier"):
        with pytest.raises(Invalid) as refusal:
            slips.record_visa(world.actor(world.office), slip, VISA | {"given_on": given_on}, clock())
        assert list(refusal.value.errors) == ["given_on"]
    done = approved(world, slip)
    assert (done.state, done.visa_reference, done.visa_on) == ("approved", "AD69-2029-14", "2029-01-09")
    for act in (slips.record_visa, slips.record_refusal):
        with pytest.raises(SlipDecided):
            act(world.actor(world.office), again(slip), "Refus", clock())  # type: ignore[arg-type]


@pytest.mark.parametrize("act, state", [(slips.record_refusal, "refused"), (slips.abandon, "abandoned")])
def test_a_slip_that_comes_to_nothing_frees_its_portfolios(
    world: World, two: list[Candidacy], act: Callable[..., Any], state: str
) -> None:
    slip = drawn_up(world)
    closed = act(world.actor(world.office), slip, "Échantillon à prélever", world.clock())
    assert (closed.state, closed.reason) == (state, "Échantillon à prélever")
    assert states(world) == {"reached": 2, "not_published": 1}
    with pytest.raises((SlipDecided, SlipUnderWay)):
        act(world.actor(world.office), again(slip), "Encore", world.clock())
    assert drawn_up(world).number == "0690026D-2027-E02"


def test_abandoned_or_carried_out_never_both(world: World, two: list[Candidacy]) -> None:
    slip, by = approved(world, drawn_up(world)), world.actor(world.office)
    outcomes = together(
        lambda: slips.abandon(by, again(slip), "Doute", LONG_AFTER),
        lambda: eliminate.eliminate(by, again(slip), slip.number, LONG_AFTER),
    )
    assert sum(isinstance(one, EliminationSlip) for one in outcomes) == 1
    assert all(isinstance(one, (EliminationSlip, SlipUnderWay, eliminate.NoVisa, Stale)) for one in outcomes)


def test_the_inspector_reads_it_and_the_administrator_knows_nothing_of_it(world: World, two: list[Candidacy]) -> None:
    slip = drawn_up(world)
    open_to = {
        who: [may(world.actor(person), action, slip) for action in ("read_slip", "decide_slip", "eliminate")]
        for who, person in (
            ("office", world.office),
            ("inspector", world.inspector),
            ("follower", world.follower),
            ("administrator", world.administrator),
        )
    }
    assert open_to == {
        "office": [True, True, True],
        "inspector": [True, False, False],
        "follower": [False, False, False],
        "administrator": [False, False, False],
    }


# --- on paper -------------------------------------------------------------------------------------


def test_the_slip_names_nobody_but_its_annex_does(world: World, two: list[Candidacy]) -> None:
    slip, by = drawn_up(world), world.actor(world.office)
    with pikepdf.open(io.BytesIO(slip_pdf(by, slip))) as pdf:
        attached = json.loads(pdf.attachments["elimination.json"].get_file().read_bytes())
    assert attached["candidates"] == [one.candidate_number for one in two]
    assert attached["school"]["uai"] == "0690026D" and "L212-2" not in attached["category"]
    assert two[0].birth_name not in json.dumps(attached, ensure_ascii=False)
    rows = list(csv.reader(io.StringIO(annex_csv(by, slip).decode("utf-8-sig")), delimiter=";"))
    assert rows[1][:5] == ["2027", "E5, BTS Assurance", two[0].candidate_number, two[0].birth_name, "Zoé"]
    assert rows[1][5:8] == ["06/07/2027", "06/07/2028", "1"]
    with pytest.raises(Forbidden):
        annex_csv(world.actor(world.inspector), slip)
    with pytest.raises(NotEliminatedYet):
        certificate_pdf(by, slip)
    assert slip_pdf(by, slip) == slip_pdf(by, approved(world, slip))


def test_the_certificate_lists_numbers_and_digests_and_what_was_spared(
    world: World, clock: Clock, two: list[Candidacy]
) -> None:
    by = world.actor(world.office)
    holds.hold(by, portfolio_of(two[1]), "Recours", clock())
    holds.lift(by, portfolio_of(two[1]), "Rejeté", clock())
    slip = eliminated(world, clock)
    said = certificate_content(by, slip)
    digest = portfolio_of(two[0]).elimination.digest
    assert said["eliminated"] == [
        {"number": two[0].candidate_number, "on": "2029-01-09", "digest": digest},
        {"number": two[1].candidate_number, "on": "2029-01-09", "digest": None},
    ]
    assert said["visa"] == {"reference": VISA["reference"], "on": VISA["given_on"], "by": VISA["given_by"]}
    assert (said["files"], said["spared"]) == (1, [])
    assert certificate_pdf(world.actor(world.inspector), slip).startswith(b"%PDF")
    assert states(world) == {"eliminated": 2, "not_published": 1}
