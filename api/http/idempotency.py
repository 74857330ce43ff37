"""A repeated creation is one creation: the key of an intention is committed with what it makes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from api.http.session import now
from portfolio.documents import KINDS
from portfolio.errors import Invalid, NotFound
from portfolio.policy.permissions import require
from portfolio.policy.reading import READ
from portfolio.policy.relations import Actor
from portfolio.store import request_keys


class KeyReused(Invalid):
    code = "idempotency_key_reused"
    detail = "Cette clé d'idempotence a déjà servi à une autre demande : tirez-en une nouvelle."


def create_once(by: Actor, key: str, demand: bytes, create: Callable[[], Any]) -> Any:
    """Returns what `create` makes, or the thing that the same key already made for this person in the last two days.
    demand: all that was asked with the key. Raises KeyReused (the same key, another demand), NotFound (the thing is
    gone), Forbidden (it may no longer be read), and what `create` raises.
    """
    key = hashlib.sha256(f"{by.journal_name}:{key}".encode()).hexdigest()
    fingerprint = hashlib.sha256(demand).hexdigest()
    earlier = request_keys.done_before(key, now())
    if earlier is None:
        try:
            with request_keys.once(key, fingerprint):
                return create()
        except request_keys.AlreadyDone as done:
            earlier = done
    if earlier.fingerprint != fingerprint:
        raise KeyReused()
    thing = KINDS[earlier.kind].objects(pk=earlier.thing).first()
    if thing is None:
        raise NotFound()
    require(by, READ[type(thing)], thing)
    return thing
