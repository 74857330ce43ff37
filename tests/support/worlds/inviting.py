"""Invites Ana, and reads what is asked to be mailed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from portfolio.documents import Invitation, Person
from portfolio.errors import Refusal
from portfolio.store.connections import Connections

PHRASE = "Sept mots font une bonne phrase secrète"
ANA = {"email": "ana.durand@exemple.fr", "family_name": "Durand", "given_names": "Ana", "role": "teacher"}


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act answered or was refused with."""
    barrier = Barrier(len(acts))

    def act(one: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return one()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(act, acts))


def invitation_of(person: Person) -> Invitation:
    return Invitation.objects(person=person.id).order_by("-id").first()


def mails_asked(store: Connections) -> int:
    """Mails asked for."""
    return store.database["outbox"].count_documents({"kind": "invitation"})
