"""Who reaches the judging of a candidate: those who sit, while they sit, and never the candidate."""

from __future__ import annotations

import pytest

from portfolio.documents import (
    Assessment,
    Candidacy,
    Commission,
    Grid,
    Person,
    Portfolio,
    Result,
    Sheet,
)
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may
from portfolio.policy.relations import Actor
from tests.policy.test_permissions import COMMISSION_SIDE, everything, has
from tests.support.worlds.policy_people import (
    REPLACED,
    Cast,
)


def test_a_replaced_member_reaches_nothing_more_of_that_commission(cast: Cast) -> None:
    for name, who in REPLACED.items():
        of_commission = [thing for thing in cast.things if isinstance(thing, COMMISSION_SIDE)]
        theirs = [thing for thing in of_commission if cast.label(thing, "candidacy") == name]
        assert not any(allowed(cast.actors[who], thing) for thing in theirs)


@pytest.mark.parametrize(("who", "name"), [("moved teacher", "lea"), ("left tutor", "ana")])
def test_whose_ground_to_sit_was_withdrawn_sits_no_more(cast: Cast, who: str, name: str) -> None:
    """Still written on the commission, and still a teacher or a tutor elsewhere."""
    assert (
        cast.people[who].id in next(one for one in cast.of(Commission) if cast.label(one, "candidacy") == name).members
    )
    below = [thing for thing in cast.things if has(thing, "candidacy") and cast.label(thing, "candidacy") == name]
    assert not any(allowed(cast.actors[who], thing) for thing in below)


def test_nobody_reaches_a_cancelled_commission_s_grids_and_sheets_by_sitting(cast: Cast) -> None:
    cancelled = [
        one for one in cast.of(Grid) + cast.of(Assessment) if "cancelled" in (cast.label(one, "commission") or "")
    ]
    assert cancelled
    assert not [thing for _, by, thing in everything(cast) if thing in cancelled and allowed(by, thing)]


def test_a_sealed_grid_is_its_author_s_alone_until_both_are_sealed(cast: Cast) -> None:
    for grid in cast.of(Grid):
        if grid.member is not None and not (grid.opened and grid.live):
            readers = {who for who, by in cast.actors.items() if may(by, Action.READ_GRID, grid)}
            assert readers <= {cast.label(grid, "member")}


def test_no_other_role_opens_the_judging_of_one_s_own_candidacy(cast: Cast) -> None:
    """Secretary of the school, following themselves, of the jury and inspector: a candidate still."""
    others = ("follower of zoe", "office of ampere", "jury 10 2027", "inspector 10 2027", "tutor of zoe")
    zoe = cast.people["zoe"]
    grants = [*zoe.grants, *(grant for who in others for grant in cast.people[who].grants)]
    busy, plain = Actor(Person(id=cast.people["follower of zoe"].id, grants=grants)), cast.actors["zoe"]
    for kind in (*COMMISSION_SIDE, Result):
        for thing in cast.of(kind):
            if cast.label(thing, "candidacy") == "zoe":
                assert allowed(busy, thing) == allowed(plain, thing)
    (own,) = (one for one in cast.of(Candidacy) if cast.label(one, "candidacy") == "zoe")
    (portfolio,) = (one for one in cast.of(Portfolio) if cast.label(one, "candidacy") == "zoe")
    assert not {"convene", "amend_candidacy", "adapt"} & set(allowed(busy, own))
    assert not {"reopen", "submit_late"} & set(allowed(busy, portfolio))
    classmate = [one for one in cast.of(Sheet) if cast.label(one, "candidacy") == "karim" and one.state == "final"]
    assert all(may(busy, Action.READ_SHEET, one) for one in classmate)
