"""Acts on the rights and accounts of those who may open a mark, and who is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portfolio.documents import AccountChange, Person
from portfolio.identity import accounts
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.connections import current
from tests.conftest import Clock
from tests.support.mails.mailbox import files, words_of
from tests.support.worlds.world import World

NAMES = {"email": "nouvelle@exemple.fr", "family_name": "Nouvelle", "given_names": "Lou"}
DAY = timedelta(days=1)


def actor_at(person: Person, clock: Clock) -> Actor:
    return Actor(Person.objects.get(pk=person.id), at=clock())


def give(world: World, role: str = "jury", **values: Any) -> Person:
    of_exam = {"session": world.session, "exam": BTS_ASSURANCE_E5}
    scope = {"jury": of_exam, "office": {"school": world.school.id}}.get(role, {})
    said = NAMES | {"role": role} | scope | values
    return accounts.invite_staff(world.actor(world.administrator), world.academy, said, world.clock())


def waiting(what: str = "grant") -> AccountChange:
    return AccountChange.objects.get(what=what, state="waiting")


def sent_to(address: str) -> list[str]:
    """What was mailed there about rights and accounts."""
    mails = [mail for mail in files(current()) if "/droits-et-comptes" in words_of(mail)]
    return [f"{mail['Subject']}\n{' '.join(words_of(mail).split())}" for mail in mails if mail["To"] == address]
