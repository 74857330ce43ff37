"""A school on the evening of a deadline: candidates with a portfolio begun, commissions at work, teachers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from portfolio.sign_offs.answering import content
from tests.support.clock import now
from tests.support.worlds import commissions
from tests.support.worlds.signing import fresh
from tests.support.worlds.world import World

SHARED = ("administrator", "academy", "school", "office", "company", "second_teacher")
TO_SIGN = 20


@dataclass
class Crowd:
    """What each kind of user of the load needs: a token, and the things they work on."""

    candidates: list[dict[str, str]] = field(default_factory=list)
    members: list[dict[str, str]] = field(default_factory=list)
    teachers: list[dict[str, str]] = field(default_factory=list)
    signers: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def gathered(candidates: int, members: int, teachers: int, signers: int = 0) -> Crowd:
    """Made by the acts of the trade, at the time of the server that will receive them. Each signer has TO_SIGN answers
    to give.
    """
    world, crowd = World(now), Crowd()
    staff = [world.new_teacher(world.school) for _ in range(teachers)]
    crowd.teachers = [{"token": World.token_for(person, now())} for person in staff]
    for rank in range(candidates + members):
        one = _sibling(world, rank, staff[rank % teachers])
        one.new_piece()
        if rank < candidates:
            token = World.token_for(one.candidate, now())
            crowd.candidates.append(
                {"token": token, "portfolio": str(one.portfolio.id), "activity": str(one.activity.id)}
            )
        else:
            one.sign_off()
            one.submit()
            commission = commissions.convened(one)
            crowd.members.append(
                {"token": World.token_for(one.follower, now()), "commission": str(commission.id)}
                | {"candidacy": str(one.candidacy.id)}
            )
    for rank in range(candidates + members, candidates + members + signers):
        crowd.signers.append(_signer(_sibling(world, rank, staff[rank % teachers])))
    return crowd


def _signer(one: World) -> dict[str, Any]:
    answers = []
    for activity in [one.new_activity() for _ in range(TO_SIGN)]:
        one.new_piece(activity)
        seen = content.content_for(one.actor(one.follower), fresh(activity), "teacher")
        said = {"activity": str(activity.id), "seat": "teacher", "answer": "confirmed"}
        answers.append(said | {"shown_digest": seen.digest, "comment": "Vu ensemble."})
    return {"token": World.token_for(one.follower, now()), "answers": answers}


def _sibling(world: World, rank: int, follower: Any) -> World:
    """Another candidate of the same school, with everything of their own."""
    other = World(now)
    for name in SHARED:
        setattr(other, name, getattr(world, name))
    other.follower = follower
    other.count = 1000 * (rank + 1)
    return other
