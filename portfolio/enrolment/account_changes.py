"""What waits on somebody's rights or way in: confirmed at once by a second person, refused, or done when its day comes.

`dual_control` says what waits, and who may confirm it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portfolio.documents import AccountChange, Person
from portfolio.enrolment.email_corrections import moved_to
from portfolio.errors import NotNow
from portfolio.identity.accounts import invitation_again
from portfolio.identity.bounces import address_digest
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, Change, ChangeAll, Errand, commit
from portfolio.store.outbox import Outcome, Row

DONE = {
    "address": EventName.ADDRESS_CORRECTED,
    "grant": EventName.GRANT_COUNTED,
    "invitation": EventName.PERSON_INVITED_AGAIN,
}


class SecondPersonNeeded(NotNow):
    code = "second_person_needed"
    detail = (
        "Ni la personne qui a demandé ce changement ni celle qu'il concerne ne le confirment : "
        "une autre personne doit le faire."
    )


class ChangeSettled(NotNow):
    code = "change_settled"
    detail = "Ce changement compte déjà, ou a été refusé : il n'attend plus rien."


def waits(change: Any, at: datetime) -> bool:
    """change: a document or a row. A right whose day has come counts, though the worker is late."""
    came = change.what == "grant" and change.counts_from is not None and change.counts_from <= at
    return bool(change.state == "waiting" and not came)


def confirm(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """A second person vouches for it: it counts at once. Raises SecondPersonNeeded, ChangeSettled."""
    require(by, Action.CONFIRM_ACCOUNT_CHANGE, change)
    if by.journal_name == change.by or by.id == change.person:
        raise SecondPersonNeeded()
    if not waits(change, at):
        raise ChangeSettled()
    return _do(by, change, at)


def refuse(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """By a second person, by whoever it is about, or taken back by who asked for it: it will not count.

    Raises ChangeSettled.
    """
    require(by, Action.REFUSE_ACCOUNT_CHANGE, change)
    if not waits(change, at):
        raise ChangeSettled()
    return _drop(by, change, at)


def due(row: Row, at: datetime) -> Outcome:
    """Nobody confirmed and nobody refused: it counts. payload: change."""
    change = AccountChange.objects.get(pk=row["payload"]["change"])
    if change.state != "waiting":
        return Outcome("settled")
    if change.counts_from is None or change.counts_from > at:  # the errand is not sealed, the change is
        return Outcome("too_early")
    try:
        _do(SYSTEM, change, at)
    # Not where somebody was at work on the same person (Stale, MovedMeanwhile): the row is taken up again in a moment.
    except (AlreadyExists, ChangeSettled):  # the address is somebody's since, the right was revoked
        _drop(SYSTEM, AccountChange.objects.get(pk=change.id), at)
        return Outcome("refused")
    return Outcome("done")


def _do(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    person = Person.objects.get(pk=change.person)
    changes, errands, data = _effect(by, change, person, at)
    event = event_by(by, at, f"person:{person.id}", DONE[change.what], person, data | _asked(change))
    commit([_settled(by, change, "done", at), *changes], event, errands)
    return change


def _effect(by: Actor, change: AccountChange, person: Person, at: datetime) -> tuple[list[Any], list[Errand], Row]:
    """What it comes to today. Raises ChangeSettled where nothing is left of it."""
    if change.what == "grant":
        grant = next((one for one in person.live_grants if one.id == change.grant), None)
        if grant is None:
            raise ChangeSettled()
        grant.waits = False
        grant.confirmed_by = None if by is SYSTEM else by.journal_name
        return [Change(person, {"grants": person.grants})], [], {"grant": str(grant.id), "role": grant.role}
    if person.state == "suspended":
        raise ChangeSettled()
    if change.what == "address":
        changes, errands = moved_to(person, change.email, at)
        return changes, errands, {"address": address_digest(change.email)}
    changes, errands = invitation_again(person, at)
    return [Change(person), *changes], errands, {}


def _drop(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """A right that will not count is revoked."""
    person = Person.objects.get(pk=change.person)
    live = {"id": change.grant, "revoked_at": None}
    revoked = {"grants.$.revoked_at": at}
    held = {"_id": person.id, "grants": {"$elemMatch": live}}
    changes = [ChangeAll(Person, held, revoked)] if change.what == "grant" else []
    event = event_by(by, at, f"person:{person.id}", EventName.ACCOUNT_CHANGE_REFUSED, person, _asked(change))
    commit([_settled(by, change, "refused", at), *changes], event)
    return change


def _settled(by: Actor, change: AccountChange, state: str, at: datetime) -> Change:
    values = {"state": state, "settled_by": by.journal_name, "settled_at": at}
    return Change(change, values, expected={"state": "waiting"})


def _asked(change: AccountChange) -> dict[str, str]:
    return {"change": str(change.id), "what": change.what, "asked_by": change.by}
