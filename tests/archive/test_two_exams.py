"""What is kept, and slips of elimination, where a school has two exams: each by its own rule and its own jury."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portfolio.archive import slips
from portfolio.archive.elimination_papers import annex_csv, slip_content
from portfolio.archive.retention import register, register_csv
from portfolio.archive.slips import NothingReached
from portfolio.errors import Invalid, NotFound
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.eliminations import published
from tests.support.worlds.two_exams import Z9, offering_both, second_exam
from tests.support.worlds.world import World


@pytest.fixture
def both(world: World, clock: Clock) -> Iterator[World]:
    """A candidate of each exam; the one of E5 is published, and so is the next session of E5."""
    with second_exam():
        world = offering_both(world)
        world.new_candidacy(exam=Z9)
        published(world, clock, world.candidacy)
        yield world


def test_each_exam_is_kept_by_its_own_rule_and_a_slip_is_of_one(both: World) -> None:
    by = both.actor(both.office)
    kept = register(by, both.school, "2027", both.clock())
    assert {line.candidacy.exam: line.state for line in kept.lines} == {
        BTS_ASSURANCE_E5: "reached",
        Z9: "not_published",
    }
    assert [(rule.exam, rule.reached) for rule in kept.rules] == [(BTS_ASSURANCE_E5, 1), (Z9, 0)]
    with pytest.raises(Invalid) as refusal:
        slips.draw_up(by, both.school, "2027", both.clock())
    assert "E5, BTS Assurance ; Z9" in refusal.value.errors["exam"][0]
    with pytest.raises(NothingReached):
        slips.draw_up(by, both.school, "2027", both.clock(), Z9)
    slip = slips.draw_up(by, both.school, "2027", both.clock(), BTS_ASSURANCE_E5)
    assert (slip.exam, [line.candidacy for line in slip.lines]) == (BTS_ASSURANCE_E5, [both.candidacy.id])
    assert slip.rule == kept.rules[0].text


def test_the_papers_of_a_slip_name_its_exam_beside_each_number(both: World, client_for: Clients) -> None:
    by, client = both.actor(both.office), client_for(both.office)
    kept = shown(client, f"/etablissement/{both.school.id}/conservation?session=2027")
    assert ">E5</span>" in kept and ">Z9</span>" in kept
    form = f"slip-{both.school.id}-{BTS_ASSURANCE_E5}"
    told = followed(client, fill(client, f"/etablissement/{both.school.id}/conservation?session=2027", form))
    assert ">E5</span>" in told
    lines = register_csv(register(by, both.school, "2027", both.clock()).lines, "Europe/Paris").decode("utf-8-sig")
    assert {line.split(";")[1] for line in lines.splitlines()[1:]} == {
        '"E5, BTS Assurance"',
        '"Z9, Diplôme fictif d\'astronautique"',
    }
    (slip,) = slips.EliminationSlip.objects
    assert "E5, BTS Assurance" in annex_csv(by, slip).decode("utf-8-sig")
    where = {"academy": both.academy.code, "session": both.session}
    of_z9 = both.actor(both.person("Inspection", both.grant("inspector", exam=Z9, **where)))
    with pytest.raises(NotFound):
        slip_content(of_z9, slip)
    assert slip_content(both.actor(both.inspector), slip)["number"] == slip.number
