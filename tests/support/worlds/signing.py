"""Reading, asking and answering, as the tests of sign-offs do it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from portfolio.documents import Activity, Attestation, Evidence, Person
from portfolio.errors import Refusal
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.asking import requests
from tests.support.worlds.world import World


def fresh(activity: Activity) -> Activity:
    return Activity.objects.get(pk=activity.id)


def ask(world: World, seat: str = "tutor", person: Any = None, activity: Activity | None = None) -> Attestation:
    by = world.actor(world.candidate)
    return requests.request(by, fresh(activity or world.activity), seat, person, world.clock())


def answer(world: World, person: Person, seat: str, said: str = "confirmed", **changed: Any) -> Attestation:
    """Reads what is shown, then answers it."""
    by, activity = world.actor(person), fresh(changed.pop("activity", world.activity))
    values = {"shown_digest": content.content_for(by, activity, seat).digest, "comment": None}
    values |= {"signer_name": None, "signer_function": None, **changed}
    return answers.answer(by, activity, seat, said, **values, at=world.clock())


def edit(world: World, piece: Evidence, title: str = "Lettre corrigée") -> None:
    now = Evidence.objects.get(pk=piece.id)
    deposit.amend_piece(world.actor(world.candidate), now, {"title": title}, world.clock())


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each returned or the refusal it met, all started together."""
    outcomes: list[Any] = [None] * len(acts)
    gate = threading.Barrier(len(acts))

    def run(index: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[index] = act()
        except Refusal as refusal:
            outcomes[index] = refusal

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
