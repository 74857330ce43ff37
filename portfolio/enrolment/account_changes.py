"""Settles pending changes of a person's rights or sign-in: confirmed by a second person, refused, or due by their date.

`dual_control` decides which changes wait, and who may confirm them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bson import ObjectId

from portfolio.documents import AccountChange, Person, rows
from portfolio.documents.account_changes import ChangeKind, ChangeState, Resemblance
from portfolio.documents.people import PersonState
from portfolio.enrolment.email_corrections import moved_to
from portfolio.errors import NotNow, RuleSource
from portfolio.identity.accounts import invitation_again
from portfolio.identity.bounces import address_digest
from portfolio.identity.dual_control import letters, who_may_confirm
from portfolio.policy.actions import Action
from portfolio.policy.deciding import as_decided
from portfolio.policy.permissions import require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.rules.alike import HeldAccount, may_be_the_same
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import AlreadyExists, AnyChange, Change, ChangeAll, Errand, Hold, commit
from portfolio.store.outbox import ErrandOutcome, ErrandRow

DONE = {
    ChangeKind.ADDRESS: EventName.ADDRESS_CORRECTED,
    ChangeKind.GRANT: EventName.GRANT_COUNTED,
    ChangeKind.INVITATION: EventName.PERSON_INVITED_AGAIN,
}


class SecondPersonNeeded(NotNow):
    code = "second_person_needed"
    source = RuleSource.INTEGRITY
    detail = (
        "Ni la personne qui a demandé ce changement ni celle qu'il concerne ne le confirment : "
        "une autre personne doit le faire."
    )


class ChangeSettled(NotNow):
    code = "change_settled"
    source = RuleSource.INTEGRITY
    detail = "Ce changement compte déjà, ou a été refusé : il n'attend plus rien."


def waits(change: AccountChange | rows.Row, at: datetime) -> bool:
    """Returns True if a change is pending at that instant; a right whose date has come is not, even if the worker is
    late.
    """
    came = change.what == ChangeKind.GRANT and change.counts_from is not None and change.counts_from <= at
    return bool(change.state == ChangeState.WAITING and not came)


def confirm(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """Confirms a change by a second person, so that it counts at once; returns it. Where two of those concerned may be
    one person with two accounts, it is kept, and mailed to the others who could have confirmed. Raises
    SecondPersonNeeded to its author and the person concerned, ChangeSettled if it no longer waits.
    """
    require(by, Action.CONFIRM_ACCOUNT_CHANGE, change)
    if by.journal_name == change.by or by.id == change.person:
        raise SecondPersonNeeded()
    if not waits(change, at):
        raise ChangeSettled()
    assert by.person is not None
    alike = alike_in(change, accounts_of([change]), by.person)
    return _do(by, change, at, alike, [reader for reader in who_may_confirm(change, at) if reader.id != by.id])


def alike_in(change: AccountChange | rows.Row, accounts: Mapping[str, Person], second: Person | None) -> list[str]:
    """Returns which two of the author, the person concerned and the second person may be one person (Resemblance
    codes); [] where nothing says so. accounts: by journal name; the command line has none. second: None to compare the
    first two alone. Of an address that changes, the person concerned is compared by the new one too.
    """
    author, person = accounts.get(change.by), accounts.get(str(change.person))
    pairs = {
        Resemblance.AUTHOR_PERSON: (author, person),
        Resemblance.AUTHOR_SECOND: (author, second),
        Resemblance.PERSON_SECOND: (person, second),
    }
    return [
        code
        for code, (first, other) in pairs.items()
        if first and other and first.id != other.id and _alike(change, first, other)
    ]


def _alike(change: AccountChange | rows.Row, first: Person, other: Person) -> bool:
    held, others = _held(change, first), _held(change, other)
    return any(may_be_the_same(account, another) for account in held for another in others)


def _held(change: AccountChange | rows.Row, person: Person) -> list[HeldAccount]:
    """Returns the account as it is and, of the person whose address changes, as it would be."""
    moved = change.what == ChangeKind.ADDRESS and person.id == change.person and change.email
    return [HeldAccount(person.name, address) for address in [person.email, *([change.email] if moved else [])]]


def accounts_of(changes: Iterable[AccountChange | rows.Row]) -> dict[str, Person]:
    """Returns {journal name: person, with names and address alone} of all people that the changes name; one query."""
    journal_names = {name for change in changes for name in (str(change.person), change.by, change.settled_by)}
    journal_names |= {str(change.titular) for change in changes if change.titular is not None}
    ids = [ObjectId(name) for name in journal_names if name and name != SYSTEM.journal_name]
    if not ids:
        return {}
    known = Person.objects(pk__in=ids).only("given_names", "family_name", "email")
    return {str(person.id): person for person in known}


def refuse(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """Refuses a change, by a second person or the person it is about, and returns it; its author may withdraw it so.
    Raises ChangeSettled if it no longer waits.
    """
    require(by, Action.REFUSE_ACCOUNT_CHANGE, change)
    if not waits(change, at):
        raise ChangeSettled()
    return _drop(by, change, at)


def due(row: ErrandRow, at: datetime) -> ErrandOutcome:
    """Runs the errand of a change neither confirmed nor refused by its date (payload: change): it counts. Returns the
    outcome: settled, too_early, done, or refused (the address was taken, or the right revoked, since). Raises Stale or
    MovedMeanwhile on a concurrent act: the row is tried again.
    """
    change = AccountChange.objects.get(pk=row["payload"]["change"])
    if change.state != ChangeState.WAITING:
        return ErrandOutcome("settled")
    if change.counts_from is None or change.counts_from > at:  # the errand is not sealed, the change is
        return ErrandOutcome("too_early")
    try:
        _do(SYSTEM, change, at)
    # Stale and MovedMeanwhile (a concurrent act on the same person) pass: the row is taken up again in a moment.
    except (AlreadyExists, ChangeSettled):  # the address was taken, or the right revoked, since
        _drop(SYSTEM, AccountChange.objects.get(pk=change.id), at)
        return ErrandOutcome("refused")
    return ErrandOutcome("done")


def _do(
    by: Actor, change: AccountChange, at: datetime, alike: Sequence[str] = (), readers: Sequence[Person] = ()
) -> AccountChange:
    """Applies a change, and returns it. alike: see `alike_in`; readers: who is written to where there are any. Raises
    ChangeSettled if nothing is left to do.
    """
    person = Person.objects.get(pk=change.person)
    changes, errands, data = _effect(by, change, person, at)
    settled = _settled(by, change, ChangeState.DONE, at)
    if alike:
        settled.values["alike"] = list(alike)
        data = data | {"alike": ",".join(alike)}
        errands += letters(change, readers)
    event = event_by(by, at, f"person:{person.id}", DONE[change.what], person, data | _asked(change))
    # Nobody is seated for them in their juries meanwhile: a titular who is replaced confirms nothing.
    still = [Hold(jury, as_decided(by, jury)) for jury in by.juries]
    commit([*still, settled, *changes], event, errands)
    return change


def _effect(
    by: Actor, change: AccountChange, person: Person, at: datetime
) -> tuple[list[AnyChange], list[Errand], dict[str, str]]:
    """Returns the changes, errands and event data of a change, not yet written. Raises ChangeSettled if nothing is left
    to do.
    """
    if change.what == ChangeKind.GRANT:
        grant = next((live for live in person.live_grants if live.id == change.grant), None)
        if grant is None:
            raise ChangeSettled()
        grant.waits = False
        grant.confirmed_by = None if by is SYSTEM else by.journal_name
        return [Change(person, {"grants": person.grants})], [], {"grant": str(grant.id), "role": grant.role}
    if person.state == PersonState.SUSPENDED:
        raise ChangeSettled()
    if change.what == ChangeKind.ADDRESS:
        changes, errands = moved_to(person, change.email, at)
        return changes, errands, {"address": address_digest(change.email)}
    changes, errands = invitation_again(person, at)
    return [Change(person), *changes], errands, {}


def _drop(by: Actor, change: AccountChange, at: datetime) -> AccountChange:
    """Refuses a change, and returns it; a right that will not count is revoked."""
    person = Person.objects.get(pk=change.person)
    live = {"id": change.grant, "revoked_at": None}
    revoked = {"grants.$.revoked_at": at}
    held = {"_id": person.id, "grants": {"$elemMatch": live}}
    changes = [ChangeAll(Person, held, revoked)] if change.what == ChangeKind.GRANT else []
    event = event_by(by, at, f"person:{person.id}", EventName.ACCOUNT_CHANGE_REFUSED, person, _asked(change))
    commit([_settled(by, change, ChangeState.REFUSED, at), *changes], event)
    return change


def _settled(by: Actor, change: AccountChange, state: ChangeState, at: datetime) -> Change:
    values = {"state": state, "settled_by": by.journal_name, "settled_at": at}
    return Change(change, values, expected={"state": ChangeState.WAITING})


def _asked(change: AccountChange) -> dict[str, str]:
    return {"change": str(change.id), "what": change.what, "asked_by": change.by}
