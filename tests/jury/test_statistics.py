"""What a jury reads to harmonise: exact, by school and by commission, and quick for a whole academy."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128
from hypothesis import given
from hypothesis import strategies as st

from portfolio.documents import Sheet
from portfolio.errors import Forbidden, NotFound
from portfolio.ids import new_id
from portfolio.jury.statistics import Harmonised, SheetLine, Statistics, of_jury, spread, statistics
from portfolio.store.connections import Connections
from tests.support.queries import counted
from tests.support.worlds.juries import confirm, decide, sheet_of
from tests.support.worlds.world import World

HALVES = st.integers(0, 40).map(lambda halves: Decimal(halves) / 2)
PAIR = (("a", "Anne Roy"), ("b", "Bruno Petit"))


def line(mark: Any = None, **changed: Any) -> SheetLine:
    values = {
        "school": "s1",
        "school_name": "Lycée Ampère",
        "members": PAIR,
        "proposed": None if mark is None else Decimal(mark),
        "outcome": None,
        "decided": False,
        "published": False,
        "final": None,
        **changed,
    }
    return SheetLine(**values)


def lines(marks: Iterable[Any], **changed: Any) -> list[SheetLine]:
    return [line(mark, **changed) for mark in marks]


def decimals(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


# --- spread ---------------------------------------------------------------------------------------


def test_mean_and_quartiles_are_those_of_a_spreadsheet() -> None:
    found = spread(decimals("8", "10", "12.5", "14", "17"))
    assert found is not None
    assert (found.count, found.mean, found.lowest, found.highest) == (5, *decimals("12.30", "8", "17"))
    assert (found.first_quartile, found.median, found.third_quartile) == decimals("10", "12.5", "14")


def test_quartiles_fall_between_two_marks_in_proportion() -> None:
    found = spread(decimals("10", "11", "12", "14"))
    assert found is not None
    assert (found.first_quartile, found.median, found.third_quartile) == decimals("10.75", "11.5", "12.5")


def test_a_mean_is_rounded_half_up_to_the_hundredth() -> None:
    found = spread(decimals("10", "10", "10.5"))
    assert found is not None
    assert found.mean == Decimal("10.17")
    exactly_half = spread(decimals(*["10"] * 3, *["10.5"] * 1, *["10"] * 36))
    assert exactly_half is not None
    assert exactly_half.mean == Decimal("10.01")


def test_one_mark_is_its_own_quartiles() -> None:
    found = spread([Decimal("13.5")])
    assert found is not None
    assert {found.mean, found.lowest, found.first_quartile, found.median, found.third_quartile, found.highest} == {
        Decimal("13.50")
    }


def test_without_marks_there_is_no_spread() -> None:
    assert spread([]) is None


@given(st.lists(HALVES, min_size=1, max_size=60))
def test_a_spread_is_in_order_and_does_not_depend_on_the_order_of_marks(marks: list[Decimal]) -> None:
    found = spread(marks)
    assert found is not None
    ordered = (found.lowest, found.first_quartile, found.median, found.third_quartile, found.highest)
    assert list(ordered) == sorted(ordered)
    assert found.lowest <= found.mean <= found.highest
    assert spread(marks[::-1]) == found
    assert abs(found.mean * len(marks) - sum(marks)) <= Decimal("0.005") * len(marks)


# --- groups ---------------------------------------------------------------------------------------


def test_marks_are_counted_from_the_lowest() -> None:
    found = statistics(lines(["12", "9.5", "12", "15"])).everyone
    assert found.distribution == ((Decimal("9.5"), 1), (Decimal(12), 2), (Decimal(15), 1))


def test_outcomes_are_counted_and_weigh_on_no_mark() -> None:
    found = statistics([*lines(["12", "14"]), line(outcome="no_portfolio"), line(outcome="no_portfolio")]).everyone
    assert (found.sheets, found.outcomes) == (4, {"no_portfolio": 2})
    assert found.proposed is not None
    assert (found.proposed.count, found.proposed.mean) == (2, Decimal(13))


def test_schools_and_commissions_are_told_apart() -> None:
    other = (("a", "Anne Roy"), ("c", "Chloé Blanc"))
    found = statistics(
        [
            *lines(["10", "12"]),
            *lines(["14"], members=other),
            *lines(["16"], school="s2", school_name="CFA du Rhône", members=other[::-1]),
        ]
    )
    assert [(group.label, group.sheets) for group in found.schools] == [("CFA du Rhône", 1), ("Lycée Ampère", 3)]
    assert [(group.label, group.sheets) for group in found.commissions] == [
        ("Anne Roy et Bruno Petit", 2),
        ("Anne Roy et Chloé Blanc", 2),
    ]


def test_namesakes_are_two_commissions() -> None:
    twins = [line("10"), line("12", members=(("a", "Anne Roy"), ("z", "Bruno Petit")))]
    assert len(statistics(twins).commissions) == 2


def test_decisions_are_counted_with_those_that_changed_the_proposal() -> None:
    found = statistics(
        [
            line("10", decided=True, final=Decimal(10)),
            line("10", decided=True, final=Decimal(11), published=True),
            line("10"),
            line(outcome="no_portfolio", decided=True),
        ]
    )
    assert (found.decided, found.changed, found.published) == (3, 1, 1)
    assert found.everyone.final is not None
    assert found.everyone.final.mean == Decimal("10.50")


def test_means_before_and_after_are_those_of_the_same_sheets() -> None:
    found = statistics([line("10", decided=True, final=Decimal(12)), line("4"), line(outcome="absent", decided=True)])
    assert found.everyone.harmonised == Harmonised(1, Decimal("10.00"), Decimal("12.00"))
    assert statistics([line("10")]).everyone.harmonised is None


def test_nothing_transmitted_gives_empty_statistics() -> None:
    found = statistics([])
    assert (found.everyone.sheets, found.everyone.proposed, found.schools, found.commissions) == (0, None, (), ())


# --- what departs ---------------------------------------------------------------------------------


def schools(**marks: list[Any]) -> Statistics:
    return statistics(
        [one for name, given_ in marks.items() for one in lines(given_, school=name, school_name=name)],
    )


def departing(found: Statistics) -> dict[str, str | None]:
    return {group.label: group.departs for group in found.schools}


def test_a_school_whose_median_leaves_the_middle_half_of_all_marks_departs() -> None:
    usual = [8, 9, 10, 11, 12, 13, 14]
    found = schools(a=usual, b=usual, c=usual, high=[16, 17, 17, 18, 18], low=[3, 4, 4, 5, 5])
    assert departing(found) == {"a": None, "b": None, "c": None, "high": "above", "low": "below"}


def test_a_school_of_four_candidates_says_nothing() -> None:
    assert departing(schools(a=[10, 11, 12, 13] * 5, high=[18, 18, 19, 19]))["high"] is None


def test_a_school_alone_departs_from_nothing() -> None:
    assert departing(schools(a=[1, 1, 20, 20, 20])) == {"a": None}


def test_outcomes_do_not_make_a_school_large_enough() -> None:
    high = [*lines(["18"] * 4, school="high", school_name="high"), *lines([None] * 9, school="high", outcome="absent")]
    found = statistics([*lines(["10", "11", "12", "13"] * 5), *high])
    assert not any(group.departs for group in found.schools)


# --- from the store -------------------------------------------------------------------------------


def test_the_jury_reads_its_own_transmitted_sheets(world: World) -> None:
    assert world.jury
    first, second = sheet_of(world, "14.5"), sheet_of(world, "9")
    sheet_of(world, None, "no_portfolio")
    absent = sheet_of(world, "0", "absent_force_majeure")
    for state in ("draft", "proposed"):
        sheet_of(world, "2", state=state)
    sheet_of(world, "3", state="voided", live=False)
    sheet_of(world, "4", session="2028")
    sheet_of(world, "5", academy="11")
    decide(world, first, "15", "Harmonisation")
    decide(world, second, "9")
    decide(world, absent, None, "Article D643-24")
    found = of_jury(world.actor(world.jury_member), world.jury)
    assert found.everyone.distribution == ((Decimal(9), 1), (Decimal("14.5"), 1))
    assert found.everyone.outcomes == {"absent_force_majeure": 1, "no_portfolio": 1}
    assert (found.decided, found.changed) == (3, 1)
    assert found.everyone.final.lowest == 9, "the zero of an absence is nobody's appraisal"
    assert [(group.label, group.sheets) for group in found.schools] == [("Lycée Ampère", 4)]
    assert [group.label for group in found.commissions] == ["Camille Professeur et Camille Professeur"]


@pytest.mark.parametrize(("who", "refused"), [("inspector", Forbidden), ("office", NotFound), ("follower", NotFound)])
def test_nobody_but_the_jury_reads_statistics(world: World, who: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        of_jury(world.actor(getattr(world, who)), world.jury)


def multiply(sheet: Sheet, times: int) -> None:
    """As many transmitted sheets more, in twenty schools, straight into the store."""
    collection = Sheet._get_collection()
    stored = collection.find_one({"_id": sheet.id})
    assert stored is not None
    schools_ = [new_id() for _ in range(20)]
    collection.database.schools.insert_many(
        [{"_id": school, "name": f"Lycée {n}", "uai": f"test-{school}"} for n, school in enumerate(schools_)]
    )
    collection.insert_many(
        [
            stored
            | {"_id": new_id(), "number": f"{n}-{schools_[0]}", "candidacy": new_id(), "school": schools_[n % 20]}
            | {"proposed_mark": Decimal128(Decimal(n % 41) / 2)}
            for n in range(times)
        ]
    )


def test_a_whole_academy_takes_as_many_commands_as_a_class(world: World, store: Connections) -> None:
    assert world.jury
    sheet = sheet_of(world, "14.5")
    by = world.actor(world.jury_member)
    with counted(store.database) as for_one:
        of_jury(by, world.jury)
    multiply(sheet, 2000)
    with counted(store.database) as for_all:
        found = of_jury(by, world.jury)
    assert for_one == for_all == [3]
    assert found.everyone.sheets == 2001
    assert sum(group.sheets for group in found.schools) == 2001


def test_confirmed_proposals_show_as_decided(world: World) -> None:
    assert world.jury
    sheet_of(world, "14.5")
    confirm(world)
    found = of_jury(world.actor(world.jury_member), world.jury)
    assert (found.decided, found.changed, found.published) == (1, 0, 0)
