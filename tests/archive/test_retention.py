"""The register of what is kept: since when, and what forbids to let it go."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from portfolio.archive.retention import Register, earliest_day, next_session, register, register_csv
from portfolio.documents import Candidacy, Jury
from portfolio.errors import Forbidden, NotFound
from portfolio.ids import new_id
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.acts.enrolling import give_up
from tests.support.queries import counted
from tests.support.worlds.eliminations import PUBLISHED as KEPT_FROM
from tests.support.worlds.eliminations import published
from tests.support.worlds.juries import confirm, publish, sheet_of
from tests.support.worlds.world import World

PUBLISHED = datetime(2027, 7, 6, 10, 0, tzinfo=UTC)


def of(world: World) -> Register:
    return register(world.actor(world.office), world.school, "2027", world.clock())


def published_next(world: World, at: datetime) -> None:
    of_2028 = {
        "academy": world.academy.code,
        "academies": [world.academy.code],
        "exam": BTS_ASSURANCE_E5,
        "session": "2028",
        "name": "Jury de Lyon",
        "published_at": at,
    }
    Jury(id=new_id(), created_at=at, **of_2028).save()


@pytest.mark.parametrize(
    "published, months, waits_for, expected",
    [
        (PUBLISHED, 12, datetime(2028, 7, 4, tzinfo=UTC), datetime(2028, 7, 6, 10, 0, tzinfo=UTC)),
        (PUBLISHED, 12, datetime(2028, 9, 4, tzinfo=UTC), datetime(2028, 9, 4, tzinfo=UTC)),
        (datetime(2028, 2, 29, tzinfo=UTC), 12, PUBLISHED, datetime(2029, 2, 28, tzinfo=UTC)),
        (PUBLISHED, 12, None, None),
        (None, 12, PUBLISHED, None),
    ],
)
def test_the_later_of_the_two_delays_counts(
    published: datetime | None, months: int, waits_for: datetime | None, expected: datetime | None
) -> None:
    assert earliest_day(published, months, waits_for) == expected


def test_a_rehearsal_waits_for_a_rehearsal() -> None:
    assert (next_session("2027"), next_session("2027R")) == ("2028", "2028R")


def test_a_portfolio_is_kept_until_a_year_has_passed_and_the_next_session_is_out(world: World, clock: Clock) -> None:
    _ = world.jury
    sheet_of(world)
    assert of(world).counts["not_published"] == 1
    clock.now = PUBLISHED
    confirm(world)
    publish(world)
    clock.now = datetime(2029, 1, 1, tzinfo=UTC)
    assert [(line.state, line.earliest) for line in of(world).lines] == [("waits", None)]
    published_next(world, datetime(2028, 7, 4, tzinfo=UTC))
    assert [(line.state, line.earliest) for line in of(world).lines] == [("reached", PUBLISHED.replace(year=2028))]


def test_a_procedure_keeps_everything(world: World) -> None:
    _ = world.jury
    sheet_of(world, None, "fraud_hold")
    sheet_of(world)
    confirm(world)
    assert {state: count for state, count in of(world).counts.items() if count} == {"reserved": 1, "not_published": 1}


def test_the_list_for_the_visa_weighs_what_is_kept(world: World) -> None:
    piece = world.new_piece()
    file = world.upload(piece)
    listed = register_csv(of(world).lines, "Europe/Paris").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(listed), delimiter=";"))
    assert rows[1][1:3] == ["E5, BTS Assurance", world.candidacy.candidate_number]
    assert rows[1][7:] == ["Résultat non publié", "1", str(file.size)]


def test_it_costs_the_same_for_many_and_is_the_office_s(world: World, store: Connections) -> None:
    costs = []
    for _ in range(2):
        sheet_of(world)
        sheet_of(world)
        with counted(store.database) as count:
            of(world)
        costs.append(count[0])
    assert costs[0] == costs[1]
    for person, refusal in ((world.follower, Forbidden), (world.candidate, NotFound)):
        with pytest.raises(refusal):
            register(world.actor(person), world.school, "2027", world.clock())


def test_who_gave_up_is_kept_from_the_publication_of_the_others(world: World, clock: Clock) -> None:
    gone = world.candidacy
    give_up(world, gone)
    published(world, clock, world.new_candidacy())
    lines = {line.candidacy.id: line for line in of(world).lines}
    assert {(line.state, line.published_at) for line in lines.values()} == {("reached", KEPT_FROM)}
    assert lines[gone.id].earliest == KEPT_FROM.replace(year=2028)


def test_who_gave_up_with_a_sheet_waits_for_its_result(world: World, clock: Clock) -> None:
    gone = Candidacy.objects.get(pk=sheet_of(world, state="proposed").candidacy)
    give_up(world, gone)
    published(world, clock, world.new_candidacy())
    assert [line.state for line in of(world).lines if line.candidacy.id == gone.id] == ["not_published"]
