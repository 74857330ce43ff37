"""What an inspector watches: dates and how far portfolios are; no mark, no piece."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from portfolio.commission.calendar import MeetingDay, PortfolioLine, calendar, school_conformity
from portfolio.documents import Candidacy, Commission
from portfolio.documents.commissions import Seat
from portfolio.documents.fields import place_of
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.ids import new_id
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sign_offs import reality
from portfolio.store.connections import Connections
from tests.support.queries import counted
from tests.support.worlds import commissions
from tests.support.worlds.world import World

NOON = datetime(2027, 4, 12, 10, 0, tzinfo=UTC)


def meeting(world: World, at: datetime = NOON, quality: str = "tutor", **changed: Any) -> Commission:
    """A live commission of a new candidate, as stored."""
    candidacy = world.new_candidacy()
    second = Seat(person=new_id(), name="…", quality=quality, since=at)
    replaced = Seat(person=new_id(), name="…", quality="tutor", since=at, left_at=at, left_reason="malade")
    commission = Commission(
        id=new_id(),
        created_at=at,
        **place_of(candidacy) | {"candidacy": candidacy.id} | changed,
        meets_at=at,
        place="Salle B12",
        mode="sealed",
        seats=[Seat(person=world.follower.id, name="…", quality="follower", since=at), second, replaced],
        members=[world.follower.id, second.person],
        convened_by="system",
    )
    commission.save()
    return commission


def line(**changed: Any) -> PortfolioLine:
    plain = {
        "exam": BTS_ASSURANCE_E5,
        "circular": "1",
        "state": "open",
        "submissions": 0,
        "submitted_at": None,
        "placements": 0,
        "reality_missing": 0,
    }
    return PortfolioLine(**{**plain, "convened": False, **changed})


# --- calendar -------------------------------------------------------------------------------------


def test_commissions_are_counted_by_day_and_school(world: World) -> None:
    meeting(world)
    meeting(world, NOON.replace(hour=13), quality="second_professor")
    meeting(world, NOON.replace(day=13))
    found = calendar(world.actor(world.inspector), "2027")
    assert found[0] == MeetingDay(
        day="2027-04-12",
        academy="10",
        exam=BTS_ASSURANCE_E5,
        school=str(world.school.id),
        school_name="Lycée Ampère",
        city="Lyon",
        commissions=2,
        with_tutor=1,
        first_at=NOON,
        last_at=NOON.replace(hour=13),
    )
    assert [(one.day, one.commissions) for one in found] == [("2027-04-12", 2), ("2027-04-13", 1)]


def test_a_day_is_the_academy_s_own(world: World) -> None:
    """Lyon is two hours ahead of UTC in April."""
    meeting(world, datetime(2027, 4, 12, 22, 30, tzinfo=UTC))
    assert [one.day for one in calendar(world.actor(world.inspector), "2027")] == ["2027-04-13"]


def test_cancelled_commissions_and_other_sessions_are_not_in_the_calendar(world: World) -> None:
    meeting(world, session="2028")
    cancelled = meeting(world)
    Commission.objects(pk=cancelled.id).update(set__state="cancelled")
    assert calendar(world.actor(world.inspector), "2027") == []


def test_an_inspector_sees_the_academy_and_an_office_its_school(world: World) -> None:
    elsewhere = world.new_school("0690132U")
    meeting(world)
    meeting(world, school=elsewhere.id)
    meeting(world, academy="11", school=elsewhere.id)
    assert len(calendar(world.actor(world.inspector), "2027")) == 2
    assert [one.school for one in calendar(world.actor(world.office), "2027")] == [str(world.school.id)]
    stranger = world.person("Voisin", world.grant("inspector", academy="11", session="2027"))
    assert [one.academy for one in calendar(world.actor(stranger), "2027")] == ["11"]


@pytest.mark.parametrize("who", ["candidate", "follower", "jury_member", "administrator"])
def test_the_calendar_of_others_is_empty(world: World, who: str) -> None:
    meeting(world)
    assert calendar(world.actor(getattr(world, who)), "2027") == []


def test_a_malformed_session_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        calendar(world.actor(world.inspector), "27")


# --- conformity -----------------------------------------------------------------------------------


def test_each_portfolio_says_how_far_it_is_in_the_order_of_names(world: World) -> None:
    submitted = world.candidacy
    world.placement  # noqa: B018 (made when first asked for)
    at = world.submit().submitted_at
    idle = world.new_candidacy(birth_name="Abel")
    found = school_conformity(world.actor(world.inspector), world.school, "2027")
    assert found.lines == (
        line(candidacy=str(idle.id), name="Zoé Abel"),
        line(
            candidacy=str(submitted.id),
            name=submitted.display_name,
            state="submitted",
            submissions=1,
            submitted_at=at,
            placements=1,
            reality_missing=1,
        ),
    )
    assert found.counts == {
        "portfolios": 2,
        "submitted": 1,
        "never_submitted": 1,
        "without_placement": 1,
        "reality_missing": 1,
        "convened": 0,
    }


def test_an_evaluation_counts_once_it_is_concluded(world: World) -> None:
    def missing() -> int:
        return school_conformity(world.actor(world.office), world.school, "2027").lines[0].reality_missing

    placement = world.placement
    evaluation = reality.write(world.actor(world.follower), placement, "Missions réelles, observées.", world.clock())
    assert missing() == 1
    reality.concur(world.actor(world.tutor), evaluation, evaluation.digest, world.clock())
    assert missing() == 0


def test_candidates_of_the_ponctuelle_have_no_portfolio_to_watch(world: World) -> None:
    Candidacy.objects(pk=world.candidacy.id).update(set__ccf__form="ponctuelle")
    assert school_conformity(world.actor(world.office), world.school, "2027").lines == ()


def test_whoever_is_convened_shows_without_date_or_result(world: World) -> None:
    commissions.transmitted(world)
    found = school_conformity(world.actor(world.inspector), world.school, "2027").lines[0]
    assert found.convened
    assert not {"mark", "degrees", "appreciation"} & {field.name for field in dataclasses.fields(found)}


@pytest.mark.parametrize(
    ("who", "refused"),
    [("candidate", NotFound), ("follower", NotFound), ("tutor", NotFound), ("jury_member", Forbidden)],
)
def test_others_do_not_read_a_school_s_conformity(world: World, who: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        school_conformity(world.actor(getattr(world, who)), world.school, "2027")


def test_an_inspector_of_another_session_sees_nothing(world: World) -> None:
    with pytest.raises(NotFound):
        school_conformity(world.actor(world.inspector), world.school, "2028")


def test_a_hundred_candidates_take_as_many_commands_as_one(world: World, store: Connections) -> None:
    world.placement  # noqa: B018 (made when first asked for)
    commissions.convened(world)
    by = world.actor(world.inspector)

    def watched() -> tuple[int, int]:
        return (
            sum(day.commissions for day in calendar(by, "2027")),
            len(school_conformity(by, world.school, "2027").lines),
        )

    with counted(store.database) as for_one:
        assert watched() == (1, 1)
    _multiply(store, world.candidacy.id, 100)
    with counted(store.database) as for_many:
        assert watched() == (101, 101)
    assert for_many == for_one == [2]


def _multiply(store: Connections, candidacy: Any, times: int) -> None:
    """The same candidate many times over, under other identifiers, straight into the store."""
    kept = {
        name: store.database[name].find_one() for name in ("candidacies", "portfolios", "placements", "commissions")
    }
    for number in range(times):
        other = new_id()
        for name, stored in kept.items():
            assert stored is not None
            copy = stored | {"_id": other if stored["_id"] == candidacy else new_id(), "candidacy": other}
            own = {"person": other, "candidate_number": str(number)} if name == "candidacies" else {}
            store.database[name].insert_one(copy | own)
